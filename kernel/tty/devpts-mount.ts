// devpts for mount(2): an instance of its own, with its own numbers (Documentation/filesystems/devpts.rst).
// terminals.ts registers it. The machine's first instance is at /dev/pts, and the device /dev/ptmx is of that one.
import { EINVAL, fail } from '../errno.ts';
import { kernelGid, kernelUid, NO_ID, rootOf } from '../task/credentials.ts';
import type { Thread } from '../task/thread.ts';
import { Devpts, type DevptsSettings } from './devpts.ts';

/** EINVAL: an unknown option or value, or no root in the user namespace. */
export function makeDevpts({ kernel, credentials }: Thread, options: string): Devpts {
  const owner = rootOf(credentials);
  if (owner === NO_ID) fail(EINVAL, 'the user namespace has no root');
  let settings: DevptsSettings = { slaveMode: 0o600, ptmxMode: 0, owner };
  let maximum: number | undefined;
  for (const option of options.split(',').filter((part) => part !== '' && part !== 'newinstance')) {
    const [key = '', value = ''] = option.split('=', 2);
    if (key === 'uid') settings = { ...settings, slaveUid: demand(kernelUid(credentials, parse(value, 10))) };
    else if (key === 'gid')
      settings = { ...settings, slaveGid: demand(kernelGid(credentials, parse(value, 10))) };
    else if (key === 'mode') settings = { ...settings, slaveMode: parse(value, 8) & 0o7777 };
    else if (key === 'ptmxmode') settings = { ...settings, ptmxMode: parse(value, 8) & 0o7777 };
    else if (key === 'max') maximum = parse(value, 10);
    else fail(EINVAL, 'unknown devpts option');
  }
  const devpts = new Devpts(kernel, settings);
  if (maximum !== undefined) devpts.maximum = maximum;
  return devpts;
}

function parse(text: string, radix: number): number {
  const digits = radix === 8 ? /^[0-7]{1,10}$/ : /^\d{1,10}$/;
  return digits.test(text) ? Number.parseInt(text, radix) : fail(EINVAL, 'not a number');
}

function demand(id: number): number {
  return id === NO_ID ? fail(EINVAL, 'the user namespace does not have this id') : id;
}
