// Options of `mount -t tmpfs -o …` (tmpfs(5)): size, mode, owner, number of inodes.
// The Vfs makes the tmpfs of mount(2) through here.
import { EINVAL, fail } from '../../errno.ts';
import { kernelGid, kernelUid, NO_ID } from '../../task/credentials.ts';
import type { Thread } from '../../task/thread.ts';
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

/** A tmpfs for mount(2), by default of who mounts it. EINVAL for options it does not know. */
export function makeTmpfs({ kernel, credentials }: Thread, options: string): MemoryFileSystem {
  const whole = kernel.vfs.storage.limit;
  let parsed: MemoryFsOptions = { uid: credentials.fsuid, gid: credentials.fsgid };
  for (const option of options.split(',').filter((part) => part !== '')) {
    const [key = '', value = ''] = option.split('=', 2);
    switch (key) {
      case 'size':
        parsed = { ...parsed, limit: parseSize(value, whole) };
        break;
      case 'nr_blocks':
        parsed = { ...parsed, limit: parseSize(value, whole) * 4096 };
        break;
      case 'mode':
        parsed = { ...parsed, rootMode: parseNumber(value, 8) & 0o7777 };
        break;
      case 'uid':
        parsed = { ...parsed, uid: demandId(kernelUid(credentials, parseNumber(value, 10))) };
        break;
      case 'gid':
        parsed = { ...parsed, gid: demandId(kernelGid(credentials, parseNumber(value, 10))) };
        break;
      case 'nr_inodes':
      case 'huge':
      case 'noswap':
      case 'mpol':
      case 'inode32':
      case 'inode64':
        break;
      default:
        fail(EINVAL, 'unknown tmpfs option');
    }
  }
  return new MemoryFileSystem(kernel, parsed);
}
