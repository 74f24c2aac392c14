// The flags of inotify's calls (include/uapi/linux/inotify.h).
// syscalls/inotify.ts names these.
import type { Kind } from '../kind.ts';
import { flags } from './basic.ts';

export const InotifyInitFlags: Kind = flags('IN_???', { IN_NONBLOCK: 0o4000, IN_CLOEXEC: 0o2000000 });

export const WatchMask: Kind = flags('IN_???', {
  IN_ACCESS: 1,
  IN_MODIFY: 2,
  IN_ATTRIB: 4,
  IN_CLOSE_WRITE: 8,
  IN_CLOSE_NOWRITE: 0x10,
  IN_OPEN: 0x20,
  IN_MOVED_FROM: 0x40,
  IN_MOVED_TO: 0x80,
  IN_CREATE: 0x100,
  IN_DELETE: 0x200,
  IN_DELETE_SELF: 0x400,
  IN_MOVE_SELF: 0x800,
  IN_ONLYDIR: 0x0100_0000,
  IN_DONT_FOLLOW: 0x0200_0000,
  IN_EXCL_UNLINK: 0x0400_0000,
  IN_MASK_CREATE: 0x1000_0000,
  IN_MASK_ADD: 0x2000_0000,
  IN_ONESHOT: 0x8000_0000,
});
