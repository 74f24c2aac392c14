// The commands of fcntl(2) besides those on descriptors and their flags, and flock(2).
// fcntl.ts asks for them through kernel/late.ts; locks are in kernel/fs/locks/, the owner of signals in kernel/file/async-owner.ts.

import { F_GETPIPE_SZ, F_SETPIPE_SZ, OwnerEx } from '../abi/fcntl.ts';
import { Fd } from '../abi/kinds/basic.ts';
import { FlockOperation } from '../abi/kinds/file-kinds.ts';
import { EBUSY, EINVAL, ENOTDIR, EPERM, ESRCH, fail } from '../errno.ts';
import { NOBODY, ownedBy, ownerOf, setOwner } from '../file/async-owner.ts';
import { DirectoryFile } from '../fs/directory-file.ts';
import { DN_MULTISHOT } from '../fs/directory-notices.ts';
import { getLease, setLease } from '../fs/locks/leases.ts';
import { flock, getLock, setLock } from '../fs/locks/lock-calls.ts';
import { opensForWriting } from '../fs/open-flags.ts';
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
import type { Command, Request } from './fcntl.ts';
import { syscall } from './syscall.ts';

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
const F_ADD_SEALS = 1033;
const F_GET_SEALS = 1034;
const F_GET_RW_HINT = 1035;
const F_SET_RW_HINT = 1036;

const ALL_SEALS = 0x3f;
const WRITE_SEALS = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_FUTURE_WRITE;

const OWNER_TYPES = ['tid', 'pid', 'pgrp'] as const;

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
  file.owner = pid === 0 ? { ...NOBODY, type: kind } : ownedBy(thread, kind, id);
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

export const FCNTL_COMMANDS: Readonly<Record<number, Command>> = {
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

export const FLOCK_CALLS = {
  32: syscall('flock', { fd: Fd, operation: FlockOperation }, (thread, { fd, operation }) =>
    flock(thread, fd, operation),
  ),
};
