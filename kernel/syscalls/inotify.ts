// inotify_init1, inotify_add_watch and inotify_rm_watch (inotify(7)).
// Checks come in the order of fs/notify/inotify/inotify_user.c; the instance is kernel/event/inotify.ts.
import { AT_FDCWD, O_RDONLY } from '../abi/fcntl.ts';
import { Fd, I32, Path } from '../abi/kinds/basic.ts';
import { InotifyInitFlags, WatchMask } from '../abi/kinds/inotify-kinds.ts';
import { EEXIST, EINVAL, EMFILE, ENOSPC, fail } from '../errno.ts';
import {
  IN_ALL_EVENTS,
  IN_DONT_FOLLOW,
  IN_EXCL_UNLINK,
  IN_MASK_ADD,
  IN_MASK_CREATE,
  IN_ONESHOT,
  IN_ONLYDIR,
  Inotify,
} from '../event/inotify.ts';
import { installNew } from '../event/install.ts';
import { anonymousInode } from '../fs/anonymous.ts';
import { demandAccess, MAY_READ } from '../fs/permission.ts';
import { resolve } from '../fs/resolve.ts';
import type { Thread } from '../task/thread.ts';
import { syscall } from './syscall.ts';

const IN_NONBLOCK = 0o4000;
const IN_CLOEXEC = 0o2000000;
/** fs.inotify.max_user_instances and max_user_watches, here for each instance. */
const MAX_INSTANCES = 128;
const MAX_WATCHES = 65_536;
const KEPT = IN_ALL_EVENTS | IN_ONESHOT | IN_EXCL_UNLINK;
const KNOWN =
  KEPT | IN_ONLYDIR | IN_DONT_FOLLOW | IN_MASK_ADD | IN_MASK_CREATE | 0x4000_0000 | 0x2000 | 0x4000 | 0x8000;

function inotifyInit1(thread: Thread, { flags }: { flags: number }): number {
  if ((flags & ~(IN_CLOEXEC | IN_NONBLOCK)) !== 0) fail(EINVAL, 'unknown flags');
  let instances = 0;
  for (const [, file] of thread.files.entries()) if (file.descriptor instanceof Inotify) instances++;
  if (instances >= MAX_INSTANCES) fail(EMFILE, 'fs.inotify.max_user_instances are in use');
  const inotify = new Inotify(anonymousInode(thread.kernel, 'inotify', 0o600));
  return installNew(thread, inotify, O_RDONLY | (flags & IN_NONBLOCK), (flags & IN_CLOEXEC) !== 0);
}

interface AddArguments {
  readonly fd: number;
  readonly path: number;
  readonly mask: number;
}

function inotifyAddWatch(thread: Thread, { fd, path, mask }: AddArguments): number {
  if ((mask & ~KNOWN) !== 0 || (mask & KNOWN) === 0) fail(EINVAL, 'no event, or an unknown one');
  const { descriptor } = thread.files.get(fd);
  if ((mask & IN_MASK_ADD) !== 0 && (mask & IN_MASK_CREATE) !== 0)
    fail(EINVAL, 'IN_MASK_ADD and IN_MASK_CREATE');
  if (!(descriptor instanceof Inotify)) fail(EINVAL, 'the descriptor is no inotify instance');
  const { inode } = resolve(thread, AT_FDCWD, thread.user.readPath(path), {
    follow: (mask & IN_DONT_FOLLOW) === 0,
    directory: (mask & IN_ONLYDIR) !== 0,
  });
  demandAccess(thread.credentials, inode, MAY_READ, 'the file is not readable');
  const watch = descriptor.watchOf(inode);
  if (watch !== undefined) {
    if ((mask & IN_MASK_CREATE) !== 0) fail(EEXIST, 'the file is watched already');
    watch.mask = (mask & IN_MASK_ADD) !== 0 ? watch.mask | (mask & KEPT) : mask & KEPT;
    return watch.wd;
  }
  if (descriptor.watchCount >= MAX_WATCHES) fail(ENOSPC, 'fs.inotify.max_user_watches are in use');
  return descriptor.add(inode, mask & KEPT);
}

function inotifyRmWatch(thread: Thread, { fd, wd }: { fd: number; wd: number }): number {
  const { descriptor } = thread.files.get(fd);
  if (!(descriptor instanceof Inotify)) fail(EINVAL, 'the descriptor is no inotify instance');
  descriptor.removeNumber(wd);
  return 0;
}

export const INOTIFY_CALLS = {
  26: syscall('inotify_init1', { flags: InotifyInitFlags }, inotifyInit1, { returns: Fd }),
  27: syscall('inotify_add_watch', { fd: Fd, path: Path, mask: WatchMask }, inotifyAddWatch, {
    partial: 'files of host mounts report what the guest does, not what the host does',
  }),
  28: syscall('inotify_rm_watch', { fd: Fd, wd: I32 }, inotifyRmWatch),
};
