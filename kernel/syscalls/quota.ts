// quotactl and quotactl_fd (quotactl(2); fs/quota/quota.c): no file system here has quotas, and none is on a block device.
// Rows for table.ts; what remains is what Linux answers then.
import { AT_FDCWD } from '../abi/fcntl.ts';
import { Fd, Path as PathKind } from '../abi/kinds/basic.ts';
import { QuotaAddress, QuotaCommand, QuotaId } from '../abi/kinds/quota-kinds.ts';
import { MS_NODEV } from '../abi/mount-flags.ts';
import { Q_SYNC, QUOTA_TYPES } from '../abi/quota.ts';
import { S_IFBLK } from '../abi/stat.ts';
import { EACCES, EINVAL, ENODEV, ENOSYS, ENOTBLK, fail } from '../errno.ts';
import { resolve } from '../fs/resolve.ts';
import type { Thread } from '../task/thread.ts';
import { syscall } from './syscall.ts';

function demandType(command: number): void {
  if ((command & 0xff) >= QUOTA_TYPES) fail(EINVAL, 'no such kind of quota');
}

/** EINVAL, ENODEV, what a path walk fails with, ENOTBLK, EACCES. */
function quotactl(thread: Thread, { cmd, special }: { cmd: number; special: number }): number {
  demandType(cmd);
  if (special === 0) return cmd >>> 8 === Q_SYNC ? 0 : fail(ENODEV, 'no device');
  const { inode, mount } = resolve(thread, AT_FDCWD, thread.user.readPath(special), { follow: true });
  if (inode.type !== S_IFBLK) fail(ENOTBLK, 'not a block device');
  if ((mount.flags & MS_NODEV) !== 0) fail(EACCES, 'mounted with nodev');
  return fail(ENODEV, 'no file system is on it');
}

/** EBADF, EINVAL; ENOSYS: the file system has no quotas. */
function quotactlFd(thread: Thread, { fd, cmd }: { fd: number; cmd: number }): number {
  thread.files.any(fd);
  demandType(cmd);
  return fail(ENOSYS, 'a file system without quotas');
}

export const QUOTA_CALLS = {
  60: syscall(
    'quotactl',
    { cmd: QuotaCommand, special: PathKind, id: QuotaId, addr: QuotaAddress },
    quotactl,
  ),
  443: syscall('quotactl_fd', { fd: Fd, cmd: QuotaCommand, id: QuotaId, addr: QuotaAddress }, quotactlFd),
};
