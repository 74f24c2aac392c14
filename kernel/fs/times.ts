// When files get new times: access times by the mount's policy, change times on every write.
// Descriptors call it after they moved bytes; the rules are mount(8)'s relatime and strictatime.
import { O_NOATIME } from '../abi/fcntl.ts';
import { FS_NOATIME_FL } from '../abi/file-attr.ts';
import { MS_NOATIME, MS_NODIRATIME, MS_RELATIME } from '../abi/mount-flags.ts';
import type { Thread } from '../task/thread.ts';
import type { Inode } from './inode.ts';
import type { Path } from './path.ts';

const DAY_NS = 86_400_000_000_000n;

/** The file behind `path` was read (Linux: touch_atime). */
export function touchAccess(thread: Thread, path: Path, flags: number): void {
  const { mount, inode } = path;
  if ((flags & O_NOATIME) !== 0 || mount.isReadOnly || (mount.flags & MS_NOATIME) !== 0) return;
  if ((inode.attributeFlags & FS_NOATIME_FL) !== 0) return;
  if ((mount.flags & MS_NODIRATIME) !== 0 && inode.isDirectory) return;
  if ((mount.flags & MS_RELATIME) !== 0 && inode.atimeNs > inode.mtimeNs && inode.atimeNs > inode.ctimeNs) {
    // Relatime keeps an access time that is newer than the changes, for a day.
    if (thread.kernel.clock.realtimeNs() - inode.atimeNs < DAY_NS) return;
  }
  inode.atimeNs = thread.kernel.clock.realtimeNs();
}

/** The content of `inode` changed now. */
export function touchChange(thread: Thread, inode: Inode): void {
  const now = thread.kernel.clock.realtimeNs();
  inode.mtimeNs = now;
  inode.ctimeNs = now;
}
