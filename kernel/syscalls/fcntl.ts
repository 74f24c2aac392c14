// fcntl(2): one call, a table of commands.
// Rows for table.ts; locks are in kernel/fs/locks/, the owner of signals in kernel/file/async-owner.ts.

import {
  F_GETPIPE_SZ,
  F_SETPIPE_SZ,
  O_APPEND,
  O_ASYNC,
  O_DIRECT,
  O_NOATIME,
  O_NONBLOCK,
  O_PATH,
  OwnerEx,
} from '../abi/fcntl.ts';
import { Fd } from '../abi/kinds/basic.ts';
import { FcntlArgument, FcntlCommand, FcntlResult } from '../abi/kinds/fcntl-kinds.ts';
import { FlockOperation } from '../abi/kinds/file-kinds.ts';
import { S_IFIFO, S_IFREG } from '../abi/stat.ts';
import { EBADF, EBUSY, EINVAL, ENOTDIR, EPERM, ESRCH, fail } from '../errno.ts';
import { ownerOf, setAsync, setOwner } from '../file/async-owner.ts';
import type { OpenFile } from '../file/open-file.ts';
import { DirectoryFile } from '../fs/directory-file.ts';
import { DN_MULTISHOT } from '../fs/directory-notices.ts';
import { getLease, setLease } from '../fs/locks/leases.ts';
import { flock, getLock, setLock } from '../fs/locks/lock-calls.ts';
import { opensForWriting } from '../fs/open-flags.ts';
import { ownsInode } from '../fs/permission.ts';
import {
  F_SEAL_EXEC,
  F_SEAL_FUTURE_WRITE,
  F_SEAL_GROW,
  F_SEAL_SEAL,
  F_SEAL_SHRINK,
  F_SEAL_WRITE,
  RegularInode,
} from '../fs/regular-inode.ts';
import { shownUid } from '../task/credentials.ts';
import type { Thread } from '../task/thread.ts';
import { fileLimit } from './open-close.ts';
import { type Answer, syscall } from './syscall.ts';

const F_DUPFD = 0;
const F_GETFD = 1;
const F_SETFD = 2;
const F_GETFL = 3;
const F_SETFL = 4;
const F_GETLK = 5;
const F_SETLK = 6;
const F_SETLKW = 7;
const F_SETOWN = 8;
const F_GETOWN = 9;
const F_SETSIG = 10;
const F_GETSIG = 11;
const F_SETOWN_EX = 15;
const F_GETOWN_EX = 16;
const F_GETOWNER_UIDS = 17;
const F_OFD_GETLK = 36;
const F_OFD_SETLK = 37;
const F_OFD_SETLKW = 38;
const F_SETLEASE = 1024;
const F_GETLEASE = 1025;
const F_NOTIFY = 1026;
const F_DUPFD_QUERY = 1027;
const F_CREATED_QUERY = 1028;
const F_DUPFD_CLOEXEC = 1030;
const F_ADD_SEALS = 1033;
const F_GET_SEALS = 1034;
const F_GET_RW_HINT = 1035;
const F_SET_RW_HINT = 1036;

const FD_CLOEXEC = 1;
/** Regular files, and pipes, for which O_DIRECT means packets (fs/fcntl.c, setfl). */
const MAY_BE_DIRECT: ReadonlySet<number> = new Set([S_IFREG, S_IFIFO]);
const SETFL_MASK = O_APPEND | O_NONBLOCK | O_DIRECT | O_NOATIME;
const ALL_SEALS = 0x3f;
const WRITE_SEALS = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_FUTURE_WRITE;

const OWNER_TYPES = ['tid', 'pid', 'pgrp'] as const;

/** What one command gets: the description, its number, and the argument as 32 bits and as an address. */
interface Request {
  readonly thread: Thread;
  readonly file: OpenFile;
  readonly fd: number;
  readonly number: number;
  readonly address: number;
}

type Command = (request: Request) => Answer;

function duplicate({ thread, file, number }: Request, closeOnExec: boolean): number {
  const limit = fileLimit(thread);
  if (number >= limit) fail(EINVAL, 'the lowest number asked for is past RLIMIT_NOFILE');
  const copy = thread.files.install(file, limit, closeOnExec, number);
  file.retain();
  return copy;
}

function setFlags({ thread, file, fd, number }: Request): number {
  if ((number & O_NOATIME) !== 0 && (file.flags & O_NOATIME) === 0) {
    if (!ownsInode(thread.credentials, file.descriptor.inode)) fail(EPERM, 'O_NOATIME, and not the owner');
  }
  if ((number & O_DIRECT) !== 0 && !MAY_BE_DIRECT.has(file.descriptor.inode.type))
    fail(EINVAL, 'no direct I/O on this kind of file');
  setAsync(file, fd, (number & O_ASYNC) !== 0);
  file.flags = (file.flags & ~SETFL_MASK) | (number & SETFL_MASK);
  return 0;
}

function setOwnerEx({ thread, file, address }: Request): number {
  const { type, pid } = thread.user.readStruct(address, OwnerEx);
  const id = thread.process.kernelPid(pid);
  const kind = OWNER_TYPES[type] ?? fail(EINVAL, 'unknown owner type');
  const { pids } = thread.kernel;
  const isThere =
    kind === 'pgrp'
      ? pids.group(id) !== undefined
      : (kind === 'tid' ? pids.thread(id) : pids.process(id)) !== undefined;
  if (pid !== 0 && !isThere) fail(ESRCH, 'no such owner');
  const { ruid, euid } = thread.credentials;
  file.owner = pid === 0 ? { type: kind, id: 0, uid: 0, euid: 0 } : { type: kind, id, uid: ruid, euid };
  return 0;
}

function getOwnerEx({ thread, file, address }: Request): number {
  // who has never been set is a thread, 0: f_owner is not there yet (fs/fcntl.c, f_getown_ex)
  const type = file.owner === undefined ? 0 : OWNER_TYPES.indexOf(file.owner.type);
  thread.user.writeStruct(address, OwnerEx, { type, pid: thread.process.shownPid(file.owner?.id ?? 0) });
  return 0;
}

function addSeals({ file, number }: Request): number {
  const { inode } = file.descriptor;
  if (!opensForWriting(file.flags)) fail(EPERM, 'sealing needs a writable descriptor');
  if ((number & ~ALL_SEALS) !== 0) fail(EINVAL, 'unknown seal');
  if (!(inode instanceof RegularInode)) fail(EINVAL, 'this file cannot be sealed');
  const { seals } = inode;
  if (seals === undefined) fail(EINVAL, 'this file cannot be sealed');
  if ((seals & F_SEAL_SEAL) !== 0) fail(EPERM, 'the file is sealed against further seals');
  // an executable file that stays so must not change either (mm/memfd.c, memfd_add_seals)
  const isExecutable = (number & F_SEAL_EXEC) !== 0 && (inode.mode & 0o111) !== 0;
  const added = isExecutable ? number | WRITE_SEALS : number;
  if (
    (added & F_SEAL_WRITE) !== 0 &&
    (seals & F_SEAL_WRITE) === 0 &&
    inode.sharedPages?.hasWritableMapping === true
  ) {
    fail(EBUSY, 'a process has the file mapped writable');
  }
  inode.seals = seals | added;
  return 0;
}

function getSeals({ file }: Request): number {
  const { inode } = file.descriptor;
  return (
    (inode instanceof RegularInode ? inode.seals : undefined) ?? fail(EINVAL, 'this file cannot be sealed')
  );
}

/** Nothing asked for takes back what was, which is no error when there was nothing. ENOTDIR. */
function directoryNotify({ thread, file, fd, number }: Request): number {
  const { descriptor } = file;
  if ((number & ~DN_MULTISHOT) === 0) descriptor.flush(thread, file);
  else if (descriptor instanceof DirectoryFile) descriptor.notices.ask(thread, file, fd, number);
  else fail(ENOTDIR, 'not a directory');
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
  [F_GETLK]: ({ thread, file, address }) => getLock(thread, file, address, 'posix'),
  [F_SETLK]: ({ thread, file, address }) => setLock(thread, file, address, { scope: 'posix', blocks: false }),
  [F_SETLKW]: ({ thread, file, address }) => setLock(thread, file, address, { scope: 'posix', blocks: true }),
  [F_OFD_GETLK]: ({ thread, file, address }) => getLock(thread, file, address, 'ofd'),
  [F_OFD_SETLK]: ({ thread, file, address }) =>
    setLock(thread, file, address, { scope: 'ofd', blocks: false }),
  [F_OFD_SETLKW]: ({ thread, file, address }) =>
    setLock(thread, file, address, { scope: 'ofd', blocks: true }),
  [F_SETOWN]: ({ thread, file, number }) => {
    setOwner(thread, file, number | 0);
    return 0;
  },
  [F_GETOWN]: ({ thread, file }) => ownerOf(thread, file),
  [F_SETSIG]: ({ file, number }) => {
    if (number > 64) fail(EINVAL, 'no such signal');
    file.ownerSignal = number;
    return 0;
  },
  [F_GETSIG]: ({ file }) => file.ownerSignal,
  [F_SETOWN_EX]: setOwnerEx,
  [F_GETOWN_EX]: getOwnerEx,
  [F_GETOWNER_UIDS]: ({ thread, file, address }) => {
    thread.user.writeU32(address, shownUid(thread.credentials, file.owner?.uid ?? 0));
    thread.user.writeU32(address + 4, shownUid(thread.credentials, file.owner?.euid ?? 0));
    return 0;
  },
  [F_SETLEASE]: ({ thread, file, fd, number }) => setLease(thread, file, fd, number),
  [F_GETLEASE]: ({ thread, file }) => getLease(thread, file),
  [F_DUPFD_QUERY]: ({ thread, file, number }) => (thread.files.any(number | 0) === file ? 1 : 0),
  [F_CREATED_QUERY]: ({ file }) => (file.isCreator ? 1 : 0),
  [F_NOTIFY]: directoryNotify,
  [F_SETPIPE_SZ]: ({ thread, file, number }) => file.descriptor.fcntl(thread, file, F_SETPIPE_SZ, number),
  [F_GETPIPE_SZ]: ({ thread, file, number }) => file.descriptor.fcntl(thread, file, F_GETPIPE_SZ, number),
  [F_ADD_SEALS]: addSeals,
  [F_GET_SEALS]: getSeals,
  [F_GET_RW_HINT]: ({ thread, address }) => {
    thread.user.writeU64(address, 0); // RWH_WRITE_LIFE_NOT_SET
    return 0;
  },
  [F_SET_RW_HINT]: ({ thread, address }) => {
    if (thread.user.readU64(address) > 5) fail(EINVAL, 'unknown write life hint');
    return 0;
  },
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
  const command = COMMANDS[cmd] ?? fail(EINVAL, 'unknown fcntl command');
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
  32: syscall('flock', { fd: Fd, operation: FlockOperation }, (thread, { fd, operation }) =>
    flock(thread, fd, operation),
  ),
};
