// ioctl(2): the requests that every descriptor knows, then the file's own.
// Rows for table.ts; terminals, sockets, pipes and files answer in FileDescriptor.ioctl.

import { FIOASYNC, FIOCLEX, FIONBIO, FIONCLEX } from '../abi/ioctl.ts';
import { Fd } from '../abi/kinds/basic.ts';
import { IoctlArgument, IoctlRequest } from '../abi/kinds/ioctl-kinds.ts';
import type { OpenFile } from '../file/open-file.ts';
import { O_ASYNC, O_NONBLOCK } from '../fs/open-flags.ts';
import type { Thread } from '../task/thread.ts';
import { type Answer, syscall } from './syscall.ts';

function setFlag(file: OpenFile, flag: number, isOn: boolean): void {
  file.flags = isOn ? file.flags | flag : file.flags & ~flag;
}

function ioctl(thread: Thread, fd: number, request: number, argument: number): Answer {
  const file = thread.files.get(fd);
  switch (request) {
    case FIOCLEX:
    case FIONCLEX:
      thread.files.setCloseOnExec(fd, request === FIOCLEX);
      return 0;
    case FIONBIO:
      setFlag(file, O_NONBLOCK, thread.user.readI32(argument) !== 0);
      return 0;
    case FIOASYNC: {
      const isOn = thread.user.readI32(argument) !== 0;
      if (isOn && (file.flags & O_ASYNC) === 0) file.asyncFd = fd;
      setFlag(file, O_ASYNC, isOn);
      return 0;
    }
    default:
      return file.descriptor.ioctl(thread, file, request, argument);
  }
}

export const IOCTL_CALLS = {
  29: syscall(
    'ioctl',
    { fd: Fd, request: IoctlRequest, arg: IoctlArgument },
    (thread, { fd, request, arg }) => ioctl(thread, fd, request, arg),
  ),
};
