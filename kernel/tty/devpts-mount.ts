// devpts for mount(2): an instance of its own, with its own numbers (Documentation/filesystems/devpts.rst).
// terminals.ts registers it. The machine's first instance is at /dev/pts, and the device /dev/ptmx is of that one.
import { EINVAL, fail } from '../errno.ts';
import type { FileSystemType } from '../fs/vfs.ts';
import { kernelGid, kernelUid, NO_ID, rootOf } from '../task/credentials.ts';
import type { Thread } from '../task/thread.ts';
import { Devpts, type DevptsSettings } from './devpts.ts';

/** What an instance is made with; `maximum` absent: the usual. */
interface Instance {
  readonly settings: DevptsSettings;
  readonly maximum: number | undefined;
}

/** `known` with one option more; undefined: there is no such option. EINVAL: a bad value. */
function withOption(
  { credentials }: Thread,
  known: Instance,
  key: string,
  value: string,
): Instance | undefined {
  const having = (more: Partial<DevptsSettings>): Instance => ({
    ...known,
    settings: { ...known.settings, ...more },
  });
  switch (key) {
    case 'newinstance':
      return known;
    case 'uid':
      return having({ slaveUid: demand(kernelUid(credentials, parse(value, 10))) });
    case 'gid':
      return having({ slaveGid: demand(kernelGid(credentials, parse(value, 10))) });
    case 'mode':
      return having({ slaveMode: parse(value, 8) & 0o7777 });
    case 'ptmxmode':
      return having({ ptmxMode: parse(value, 8) & 0o7777 });
    case 'max':
      return { ...known, maximum: parse(value, 10) };
    default:
      return undefined;
  }
}

const USUAL: Instance = { settings: { slaveMode: 0o600, ptmxMode: 0, owner: 0 }, maximum: undefined };

/** More terminals than that nobody asks for (kernel.pty.max). */
const USUAL_MAXIMUM = 4096;

export const DEVPTS = {
  /** EINVAL: an unknown option or value, or no root in the user namespace. */
  make: (thread: Thread, options: string) => {
    const owner = rootOf(thread.credentials);
    if (owner === NO_ID) fail(EINVAL, 'the user namespace has no root');
    let made: Instance = { ...USUAL, settings: { ...USUAL.settings, owner } };
    for (const option of options.split(',').filter((part) => part !== '')) {
      const [key = '', value = ''] = option.split('=', 2);
      made = withOption(thread, made, key, value) ?? fail(EINVAL, 'unknown devpts option');
    }
    const devpts = new Devpts(thread.kernel, made.settings);
    if (made.maximum !== undefined) devpts.maximum = made.maximum;
    return devpts;
  },
  accepts: (thread: Thread, key: string, value: string) =>
    withOption(thread, USUAL, key, value) !== undefined,
  /** devpts_show_options. */
  shown: ({ settings, maximum }: Devpts): readonly string[] => {
    const { slaveUid, slaveGid, slaveMode, ptmxMode } = settings;
    const octal = (mode: number): string => mode.toString(8).padStart(3, '0');
    return [
      ...(slaveUid === undefined ? [] : [`uid=${slaveUid}`]),
      ...(slaveGid === undefined ? [] : [`gid=${slaveGid}`]),
      `mode=${octal(slaveMode)}`,
      `ptmxmode=${octal(ptmxMode)}`,
      ...(maximum < USUAL_MAXIMUM ? [`max=${maximum}`] : []),
    ];
  },
} satisfies FileSystemType & { shown: unknown };

function parse(text: string, radix: number): number {
  const digits = radix === 8 ? /^[0-7]{1,10}$/ : /^\d{1,10}$/;
  return digits.test(text) ? Number.parseInt(text, radix) : fail(EINVAL, 'not a number');
}

function demand(id: number): number {
  return id === NO_ID ? fail(EINVAL, 'the user namespace does not have this id') : id;
}
