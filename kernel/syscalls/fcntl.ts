// fcntl(2): one call, a table of commands.
// Rows for table.ts; the commands that no program starts with are in fcntl-commands.ts.

import { O_APPEND, O_ASYNC, O_DIRECT, O_NOATIME, O_NONBLOCK, O_PATH } from '../abi/fcntl.ts';
import { Fd } from '../abi/kinds/basic.ts';
import { FcntlArgument, FcntlCommand, FcntlResult } from '../abi/kinds/fcntl-kinds.ts';
import { S_IFIFO } from '../abi/stat.ts';
import { EBADF, EINVAL, EPERM, fail } from '../errno.ts';
import { setAsync } from '../file/async-owner.ts';
import type { OpenFile } from '../file/open-file.ts';
import type { Inode } from '../fs/inode.ts';
import { ownsInode } from '../fs/permission.ts';
import { RegularInode } from '../fs/regular-inode.ts';
import { late } from '../late.ts';
import type { Thread } from '../task/thread.ts';
import { fileLimit } from './open-close.ts';
import { type Answer, syscall } from './syscall.ts';

const F_DUPFD = 0;
const F_GETFD = 1;
const F_SETFD = 2;
const F_GETFL = 3;
const F_SETFL = 4;
const F_DUPFD_QUERY = 1027;
const F_CREATED_QUERY = 1028;
const F_DUPFD_CLOEXEC = 1030;

const FD_CLOEXEC = 1;
const SETFL_MASK = O_APPEND | O_NONBLOCK | O_DIRECT | O_NOATIME;

/** What one command gets: the description, its number, and the argument as 32 bits and as an address. */
export interface Request {
  readonly thread: Thread;
  readonly file: OpenFile;
  readonly fd: number;
  readonly number: number;
  readonly address: number;
}

export type Command = (request: Request) => Answer;

function duplicate({ thread, file, number }: Request, closeOnExec: boolean): number {
  const limit = fileLimit(thread);
  if (number >= limit) fail(EINVAL, 'the lowest number asked for is past RLIMIT_NOFILE');
  const copy = thread.files.install(file, limit, closeOnExec, number);
  file.retain();
  return copy;
}

/** Regular files, and pipes, for which O_DIRECT means packets (fs/fcntl.c, setfl). */
function mayBeDirect(inode: Inode): boolean {
  return inode instanceof RegularInode || inode.type === S_IFIFO;
}

function setFlags({ thread, file, fd, number }: Request): number {
  if (((number ^ file.flags) & O_APPEND) !== 0 && file.descriptor.inode.isAppendOnly)
    fail(EPERM, 'the file is only appended to');
  if ((number & O_NOATIME) !== 0 && (file.flags & O_NOATIME) === 0) {
    if (!ownsInode(thread.credentials, file.descriptor.inode)) fail(EPERM, 'O_NOATIME, and not the owner');
  }
  if ((number & O_DIRECT) !== 0 && !mayBeDirect(file.descriptor.inode))
    fail(EINVAL, 'no direct I/O on this kind of file');
  setAsync(file, fd, (number & O_ASYNC) !== 0);
  file.flags = (file.flags & ~SETFL_MASK) | (number & SETFL_MASK);
  return 0;
}

const COMMANDS: Readonly<Record<number, Command>> = {
  [F_DUPFD]: (request) => duplicate(request, false),
  [F_DUPFD_CLOEXEC]: (request) => duplicate(request, true),
  [F_GETFD]: ({ thread, fd }) => (thread.files.closeOnExec(fd) ? FD_CLOEXEC : 0),
  [F_SETFD]: ({ thread, fd, number }) => {
    thread.files.setCloseOnExec(fd, (number & FD_CLOEXEC) !== 0);
    return 0;
  },
  [F_GETFL]: ({ file }) => file.flags,
  [F_SETFL]: setFlags,
  [F_DUPFD_QUERY]: ({ thread, file, number }) => (thread.files.any(number | 0) === file ? 1 : 0),
  [F_CREATED_QUERY]: ({ file }) => (file.isCreator ? 1 : 0),
};

/** What O_PATH descriptors know (fs/fcntl.c, check_fcntl_cmd). */
const PATH_COMMANDS = new Set([
  F_CREATED_QUERY,
  F_DUPFD,
  F_DUPFD_CLOEXEC,
  F_DUPFD_QUERY,
  F_GETFD,
  F_SETFD,
  F_GETFL,
]);

function fcntl(thread: Thread, fd: number, cmd: number, arg: number): Answer {
  const file = thread.files.any(fd);
  if ((file.flags & O_PATH) !== 0 && !PATH_COMMANDS.has(cmd))
    fail(EBADF, 'descriptor was opened with O_PATH');
  const command = COMMANDS[cmd] ?? late.fcntlCommands[cmd] ?? fail(EINVAL, 'unknown fcntl command');
  const number = arg >>> 0; // the low word: negative ints are huge, as in the kernel's unsigned long
  return command({ thread, file, fd, number, address: arg });
}

export const FCNTL_CALLS = {
  25: syscall(
    'fcntl',
    { fd: Fd, cmd: FcntlCommand, arg: FcntlArgument },
    (thread, { fd, cmd, arg }) => fcntl(thread, fd, cmd, arg),
    { returns: FcntlResult },
  ),
};
