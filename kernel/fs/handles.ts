// Handles of files (open_by_handle_at(2)): number and generation of an inode, which name it for as long as it lives.
// name_to_handle_at and fanotify's reports give them; the file system remembers whose it gave.
import { struct, u32, u64 } from '../abi/struct.ts';
import type { Kernel } from '../kernel.ts';
import { NamespaceInode } from '../namespaces/namespace-file.ts';
import { PidInode } from '../task/pid-fd.ts';
import type { Inode } from './inode.ts';
import type { Dentry } from './path.ts';
import { MemoryFileSystem } from './tmpfs/memory-fs.ts';

export const Fid = struct('fid', { generation: u32, ino: u32, ino_high: u32 });
/** Of a pidfd: the number. */
export const PidFid = struct('pid_fid', { ino: u64 });
/** Of a namespace: its number among all, CLONE_NEW* of its kind, and its file's (include/uapi/linux/nsfs.h, nsfs_file_handle). */
export const NamespaceFid = struct('nsfs_file_handle', { ns_id: u64, ns_type: u32, ns_inum: u32 });
/** Type 1 has no meaning but to shmem; the other is what file systems without handles give as an identity. */
export const FILEID_SHMEM = 1;
export const FILEID_INO64_GEN = 0x81;
export const FILEID_NSFS = 0xf1;
export const FILEID_KERNFS = 0xfe;

/** Tell an inode from those before and after it with the same number. */
const generations = new WeakMap<Inode, number>();

export interface EncodedHandle {
  readonly type: number;
  readonly bytes: Uint8Array;
}

/** The inode's file system finds files by their handles. */
export function hasHandles(inode: Inode): boolean {
  const { fs } = inode;
  const isNumbered = inode instanceof PidInode || inode instanceof NamespaceInode;
  return isNumbered || (fs instanceof MemoryFileSystem && fs.hasHandles);
}

/** A handle, or a mere identity where the file system has none. `dentry` is where the handle will lead. */
export function encodeHandle(kernel: Kernel, inode: Inode, dentry: Dentry | undefined): EncodedHandle {
  const { fs, ino } = inode;
  if (inode instanceof PidInode) return { type: FILEID_KERNFS, bytes: PidFid.encode({ ino }) };
  if (inode instanceof NamespaceInode) {
    const { id, flag } = inode.namespace;
    return { type: FILEID_NSFS, bytes: NamespaceFid.encode({ ns_id: id, ns_type: flag, ns_inum: ino }) };
  }
  const low = ino >>> 0;
  const high = Math.floor(ino / 2 ** 32);
  if (!(fs instanceof MemoryFileSystem && fs.hasHandles))
    return {
      type: FILEID_INO64_GEN,
      bytes: Fid.encode({ generation: low, ino: high, ino_high: 0 }),
    };
  const generation = generationOf(kernel, fs, inode, dentry);
  return { type: FILEID_SHMEM, bytes: Fid.encode({ generation, ino: low, ino_high: high }) };
}

/** Remembers where the inode was found, while a name leads there. */
function generationOf(
  kernel: Kernel,
  { handles }: MemoryFileSystem,
  inode: Inode,
  dentry: Dentry | undefined,
): number {
  const generation = generations.get(inode) ?? kernel.random.below(2 ** 32);
  generations.set(inode, generation);
  const known = handles.get(inode.ino)?.dentry;
  const isLost = known === undefined || known.isDeleted;
  if (isLost && dentry !== undefined && inode.nlink > 0) handles.set(inode.ino, { dentry, generation });
  return generation;
}
