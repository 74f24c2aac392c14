// ioctl(2): the requests that every descriptor knows, then the file's own.
// Rows for table.ts; terminals, sockets, pipes and files answer in FileDescriptor.ioctl.

import { O_NONBLOCK } from '../abi/fcntl.ts';
import { FIGETBSZ, FIOASYNC, FIOCLEX, FIONBIO, FIONCLEX, FIOQSIZE } from '../abi/ioctl.ts';
import { Fd } from '../abi/kinds/basic.ts';
import { IoctlArgument, IoctlRequest, IoctlResult } from '../abi/kinds/ioctl-kinds.ts';
import { S_IFREG } from '../abi/stat.ts';
import { ENOTTY, fail } from '../errno.ts';
import { setAsync } from '../file/async-owner.ts';
import { AnonymousInode } from '../fs/anonymous.ts';
import type { Inode } from '../fs/inode.ts';
import { late } from '../late.ts';
import type { Thread } from '../task/thread.ts';
import { type Answer, syscall } from './syscall.ts';

/** ENOTTY for files without a name of their own, and devices (do_vfs_ioctl). */
function bytesOnDisk(inode: Inode): number {
  if (inode instanceof AnonymousInode || (!inode.isDirectory && inode.type !== S_IFREG))
    fail(ENOTTY, 'the file takes no room on a disk');
  return inode.blocks * 512;
}

function ioctl(thread: Thread, fd: number, request: number, argument: number): Answer {
  const file = thread.files.get(fd);
  if (file.deniedAccess !== 0) late.landlock.demandIoctl(file.deniedAccess, request);
  switch (request) {
    case FIOCLEX:
    case FIONCLEX:
      thread.files.setCloseOnExec(fd, request === FIOCLEX);
      return 0;
    case FIONBIO:
      if (thread.user.readI32(argument) === 0) file.flags &= ~O_NONBLOCK;
      else file.flags |= O_NONBLOCK;
      return 0;
    case FIOASYNC:
      if (!setAsync(file, fd, thread.user.readI32(argument) !== 0)) fail(ENOTTY, 'the file signals nobody');
      return 0;
    case FIOQSIZE:
      thread.user.writeU64(argument, bytesOnDisk(file.descriptor.inode));
      return 0;
    case FIGETBSZ:
      thread.user.writeU32(argument, file.descriptor.inode.blockSize);
      return 0;
    default:
      return file.descriptor.ioctl(thread, file, request, argument);
  }
}

export const IOCTL_CALLS = {
  29: syscall(
    'ioctl',
    { fd: Fd, request: IoctlRequest, arg: IoctlArgument },
    (thread, { fd, request, arg }) => ioctl(thread, fd, request, arg),
    { returns: IoctlResult },
  ),
};
