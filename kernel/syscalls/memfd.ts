// memfd_create(2), memfd_secret(2). Rows for table.ts; kernel/fs/memfd.ts and secret-file.ts make the files.

import { O_CLOEXEC } from '../abi/fcntl.ts';
import { CString, Fd } from '../abi/kinds/basic.ts';
import { MemfdFlags, MemfdSecretFlags } from '../abi/kinds/file-kinds.ts';
import { EINVAL, ENAMETOOLONG, ENOSYS, fail, isFailure } from '../errno.ts';
import type { OpenFile } from '../file/open-file.ts';
import {
  createMemfd,
  MFD_ALLOW_SEALING,
  MFD_CLOEXEC,
  MFD_EXEC,
  MFD_HUGETLB,
  MFD_NOEXEC_SEAL,
} from '../fs/memfd.ts';
import { createSecretFile } from '../fs/secret-file.ts';
import { bytesToText } from '../mm/user-memory.ts';
import type { Thread } from '../task/thread.ts';
import { fileLimit } from './open-close.ts';
import { syscall } from './syscall.ts';

const NAME_LIMIT = 249;
const KNOWN = MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_HUGETLB | MFD_NOEXEC_SEAL | MFD_EXEC;

/** EFAULT, and EINVAL where a path would be ENAMETOOLONG. */
function readName(thread: Thread, address: number): string {
  try {
    return bytesToText(thread.user.readCString(address, NAME_LIMIT + 1));
  } catch (thrown) {
    if (isFailure(thrown) && thrown.errno === ENAMETOOLONG) fail(EINVAL, 'a name of more than 249 bytes');
    throw thrown;
  }
}

/** EINVAL for unknown flags or a name over 249 bytes, EFAULT, EMFILE, ENOSPC. */
function memfdCreate(thread: Thread, nameAddress: number, flags: number): number {
  if ((flags & ~KNOWN) !== 0) fail(EINVAL, 'unknown flags');
  if ((flags & MFD_EXEC) !== 0 && (flags & MFD_NOEXEC_SEAL) !== 0)
    fail(EINVAL, 'MFD_EXEC and MFD_NOEXEC_SEAL');
  if ((flags & MFD_HUGETLB) !== 0) fail(ENOSYS, 'there are no huge pages');
  const name = readName(thread, nameAddress);
  return install(thread, createMemfd(thread, name, flags), (flags & MFD_CLOEXEC) !== 0);
}

/** EMFILE. */
function install(thread: Thread, file: OpenFile, closesOnExec: boolean): number {
  try {
    return thread.files.install(file, fileLimit(thread), closesOnExec);
  } catch (failure) {
    file.release();
    throw failure;
  }
}

/** EINVAL, EMFILE. */
function memfdSecret(thread: Thread, flags: number): number {
  if ((flags & ~O_CLOEXEC) !== 0) fail(EINVAL, 'unknown flags');
  return install(thread, createSecretFile(thread), (flags & O_CLOEXEC) !== 0);
}

export const MEMFD_CALLS = {
  447: syscall(
    'memfd_secret',
    { flags: MemfdSecretFlags },
    (thread, { flags }) => memfdSecret(thread, flags),
    {
      returns: Fd,
    },
  ),
  279: syscall(
    'memfd_create',
    { name: CString, flags: MemfdFlags },
    (thread, { name, flags }) => memfdCreate(thread, name, flags),
    { returns: Fd, partial: 'MFD_HUGETLB is ENOSYS' },
  ),
};
