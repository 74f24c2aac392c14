// Files without a name in memory: memfd_create(2) and its seals (mm/memfd.c).
// The call and shared memory come here; all of a machine's memfds are on one hidden tmpfs.
import { O_LARGEFILE, O_RDWR } from '../abi/fcntl.ts';
import { S_IFREG } from '../abi/stat.ts';
import { OpenFile } from '../file/open-file.ts';
import type { Thread } from '../task/thread.ts';
import { Dentry, Path } from './path.ts';
import { RegularFile } from './regular-file.ts';
import { F_SEAL_EXEC, F_SEAL_SEAL, type RegularInode } from './regular-inode.ts';
import { MemoryFileSystem } from './tmpfs/memory-fs.ts';

export const MFD_CLOEXEC = 0x1;
export const MFD_ALLOW_SEALING = 0x2;
export const MFD_HUGETLB = 0x4;
export const MFD_NOEXEC_SEAL = 0x8;
export const MFD_EXEC = 0x10;

/** A new memfd, open for reading and writing. `flags` are MFD_*. ENOSPC. */
export function createMemfd(thread: Thread, name: string, flags: number): OpenFile {
  const { kernel } = thread;
  const mount = kernel.vfs.hiddenMount(() => new MemoryFileSystem(kernel, { isPseudo: true }));
  const fs = mount.fs as MemoryFileSystem;
  const isSealedAgainstExec = (flags & MFD_NOEXEC_SEAL) !== 0;
  const { fsuid, fsgid } = thread.credentials;
  const mode = S_IFREG | (isSealedAgainstExec ? 0o666 : 0o777);
  const inode = fs.make({ mode, uid: fsuid, gid: fsgid }) as RegularInode;
  inode.nlink = 0;
  if (isSealedAgainstExec) inode.seals = F_SEAL_EXEC;
  else inode.seals = (flags & MFD_ALLOW_SEALING) !== 0 ? 0 : F_SEAL_SEAL;
  const dentry = new Dentry(`/memfd:${name}`, undefined, inode);
  dentry.isDeleted = true;
  const path = new Path(mount, dentry);
  return new OpenFile(new RegularFile(inode, path, O_RDWR, true), O_RDWR | O_LARGEFILE, path);
}
