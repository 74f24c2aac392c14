// Options of `mount -t tmpfs -o …` (tmpfs(5)): size, mode, owner, number of inodes.
// The Vfs makes the tmpfs of mount(2) through here, and remounts change it.
import { PAGE_SIZE } from '../../../emulator/memory/layout.ts';
import { EINVAL, fail } from '../../errno.ts';
import { kernelGid, kernelUid, NO_ID } from '../../task/credentials.ts';
import type { Thread } from '../../task/thread.ts';
import type { FileSystem } from '../inode.ts';
import type { FileSystemType } from '../vfs.ts';
import { MemoryFileSystem, type MemoryFsOptions } from './memory-fs.ts';

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 };

const OCTAL = /^[0-7]{1,11}$/;
const DECIMAL = /^\d{1,10}$/;

/** Bytes of `10m`, `50%` (of `whole`), `4096`. EINVAL. */
function parseSize(text: string, whole: number): number {
  const [, digits = '', unit = ''] =
    /^(\d+)([kmgt%]?)$/i.exec(text) ?? fail(EINVAL, 'a size is digits and k, m, g or %');
  if (unit === '%') return Math.floor((whole * Number(digits)) / 100);
  return Number(digits) * (UNITS[unit.toLowerCase()] ?? 1);
}

/** `digits` are those of the radix (kstrtouint). EINVAL. */
function parseNumber(text: string, radix: number, digits: RegExp): number {
  if (!digits.test(text)) fail(EINVAL, 'not a number');
  return Number.parseInt(text, radix);
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
      return { ...known, limit: Math.ceil(parseSize(value, whole) / PAGE_SIZE) * PAGE_SIZE };
    case 'nr_blocks':
      return { ...known, limit: parseSize(value, whole) * PAGE_SIZE };
    case 'mode':
      return { ...known, rootMode: parseNumber(value, 8, OCTAL) & 0o7777 };
    case 'uid':
      return { ...known, uid: demandId(kernelUid(credentials, parseNumber(value, 10, DECIMAL))) };
    case 'gid':
      return { ...known, gid: demandId(kernelGid(credentials, parseNumber(value, 10, DECIMAL))) };
    case 'nr_inodes':
      return { ...known, inodeLimit: parseSize(value, whole) };
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

/** 0 is no limit. */
function exceeds(amount: number, limit: number): boolean {
  return limit !== 0 && amount > limit;
}

function isLate(wanted: number | undefined, known: number | undefined): boolean {
  return known === 0 && (wanted ?? 0) !== 0;
}

/** EINVAL: an unknown one, or a bad value. */
function parseOptions(thread: Thread, options: string, known: MemoryFsOptions): MemoryFsOptions {
  let parsed = known;
  for (const option of options.split(',').filter((part) => part !== '')) {
    const [key = '', value = ''] = option.split('=', 2);
    parsed = withOption(thread, parsed, key, value) ?? fail(EINVAL, 'unknown tmpfs option');
  }
  return parsed;
}

export const TMPFS = {
  /** A tmpfs, by default of who mounts it. EINVAL for options it does not know. */
  make: (thread: Thread, options: string) => {
    const { fsuid: uid, fsgid: gid, userNamespace: owner } = thread.credentials;
    return new MemoryFileSystem(thread.kernel, parseOptions(thread, options, { uid, gid, owner }));
  },
  accepts: (thread: Thread, key: string, value: string) => withOption(thread, {}, key, value) !== undefined,
  /** What is asked of `fs` by those options; undefined: it takes none. EINVAL. */
  parse: (thread: Thread, fs: FileSystem, options: string): MemoryFsOptions | undefined =>
    fs instanceof MemoryFileSystem && fs.type === 'tmpfs' ? parseOptions(thread, options, {}) : undefined,
  /** Of `fs`, when it is mounted anew (shmem_reconfigure); mode and owner of the root stay. EINVAL: it holds more already. */
  reconfigure: (fs: FileSystem, wanted: MemoryFsOptions | undefined) => {
    if (wanted === undefined || !(fs instanceof MemoryFileSystem)) return;
    const { limit, inodeLimit } = wanted;
    const { options: old, used, inodeCount } = fs;
    if (
      (limit !== undefined && exceeds(used, limit)) ||
      (inodeLimit !== undefined && exceeds(inodeCount, inodeLimit))
    )
      fail(EINVAL, 'the tmpfs holds more already');
    if (isLate(limit, old.limit) || isLate(inodeLimit, old.inodeLimit)) fail(EINVAL, 'too late to limit it');
    fs.options = { ...old, limit: limit ?? old.limit, inodeLimit: inodeLimit ?? old.inodeLimit };
  },
  /** shmem_statfs: nothing is told of what has no limit. */
  statfs: ({ options, limit, room, inodeLimit, inodeCount }: MemoryFileSystem) => {
    const isLimited = options.limit !== 0;
    return {
      blockSize: PAGE_SIZE,
      blocks: isLimited ? Math.floor(limit / PAGE_SIZE) : 0,
      blocksFree: isLimited ? Math.floor(Math.max(0, room) / PAGE_SIZE) : 0,
      files: inodeLimit,
      filesFree: Math.max(0, inodeLimit - inodeCount),
      nameMax: 255,
    };
  },
  /** shmem_show_options. */
  shown: ({
    limit,
    inodeLimit,
    rootMode = 0o1777,
    uid = 0,
    gid = 0,
    type,
  }: MemoryFsOptions): readonly string[] => {
    if (type !== undefined) return [];
    const all = [
      limit === undefined ? '' : `size=${limit / 1024}k`,
      inodeLimit === undefined ? '' : `nr_inodes=${inodeLimit}`,
      rootMode === 0o1777 ? '' : `mode=${rootMode.toString(8).padStart(3, '0')}`,
      uid === 0 ? '' : `uid=${uid}`,
      gid === 0 ? '' : `gid=${gid}`,
    ];
    return all.filter(Boolean);
  },
} satisfies FileSystemType & { parse: unknown; reconfigure: unknown; statfs: unknown; shown: unknown };
