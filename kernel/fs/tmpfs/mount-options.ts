// Options of `mount -t tmpfs -o …` (tmpfs(5)): size, mode, owner, number of inodes.
// The Vfs makes the tmpfs of mount(2) through here.
import { EINVAL, fail } from '../../errno.ts';
import { kernelGid, kernelUid, NO_ID } from '../../task/credentials.ts';
import type { Thread } from '../../task/thread.ts';
import type { FileSystemType } from '../vfs.ts';
import { MemoryFileSystem, type MemoryFsOptions } from './memory-fs.ts';

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 };

/** Bytes of `10m`, `50%` (of `whole`), `4096`. EINVAL. */
function parseSize(text: string, whole: number): number {
  const [, digits = '', unit = ''] =
    /^(\d+)([kmgt%]?)$/i.exec(text) ?? fail(EINVAL, 'a size is digits and k, m, g or %');
  if (unit === '%') return Math.floor((whole * Number(digits)) / 100);
  return Number(digits) * (UNITS[unit.toLowerCase()] ?? 1);
}

function parseNumber(text: string, radix: number): number {
  const value = Number.parseInt(text, radix);
  if (!(value >= 0)) fail(EINVAL, 'not a number');
  return value;
}

function demandId(id: number): number {
  return id === NO_ID ? fail(EINVAL, 'the user namespace does not have this id') : id;
}

/** `known` with one option more; undefined: there is no such option. EINVAL: a bad value. */
function withOption(
  { kernel, credentials }: Thread,
  known: MemoryFsOptions,
  key: string,
  value: string,
): MemoryFsOptions | undefined {
  const whole = kernel.vfs.storage.limit;
  switch (key) {
    case 'size':
      return { ...known, limit: parseSize(value, whole) };
    case 'nr_blocks':
      return { ...known, limit: parseSize(value, whole) * 4096 };
    case 'mode':
      return { ...known, rootMode: parseNumber(value, 8) & 0o7777 };
    case 'uid':
      return { ...known, uid: demandId(kernelUid(credentials, parseNumber(value, 10))) };
    case 'gid':
      return { ...known, gid: demandId(kernelGid(credentials, parseNumber(value, 10))) };
    case 'nr_inodes':
    case 'huge':
    case 'noswap':
    case 'mpol':
    case 'inode32':
    case 'inode64':
      return known;
    default:
      return undefined;
  }
}

export const TMPFS = {
  /** A tmpfs, by default of who mounts it. EINVAL for options it does not know. */
  make: (thread: Thread, options: string) => {
    const { fsuid: uid, fsgid: gid } = thread.credentials;
    let parsed: MemoryFsOptions = { uid, gid };
    for (const option of options.split(',').filter((part) => part !== '')) {
      const [key = '', value = ''] = option.split('=', 2);
      parsed = withOption(thread, parsed, key, value) ?? fail(EINVAL, 'unknown tmpfs option');
    }
    return new MemoryFileSystem(thread.kernel, parsed);
  },
  accepts: (thread: Thread, key: string, value: string) => withOption(thread, {}, key, value) !== undefined,
} satisfies FileSystemType;
