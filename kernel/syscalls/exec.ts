// execve and execveat: arguments from the guest, then kernel/exec/.
// Strings and pointers are read under the limits of execve(2), so that no guest makes the host hold more.

import { AT_EMPTY_PATH, AT_FDCWD, AT_SYMLINK_NOFOLLOW } from '../abi/fcntl.ts';
import { DirFd, Path, Path as PathKind } from '../abi/kinds/basic.ts';
import { EnvironmentIn, ExecFlags, StringsIn } from '../abi/kinds/process-kinds.ts';
import { S_IFLNK } from '../abi/stat.ts';
import { E2BIG, EFAULT, EINVAL, ELOOP, ENOENT, fail, isFailure } from '../errno.ts';
import { MAX_ARG_STRLEN, stringSpace } from '../exec/arguments.ts';
import { execve } from '../exec/exec.ts';
import { resolve } from '../fs/resolve.ts';
import { bytesToText, type UserMemory } from '../mm/user-memory.ts';
import { RLIMIT_STACK } from '../task/rlimits.ts';
import type { Thread } from '../task/thread.ts';
import type { Wait } from '../wait.ts';
import { type Answer, type Syscall, syscall } from './syscall.ts';

export const EXEC_SYSCALLS: Readonly<Record<number, Syscall>> = {
  221: syscall(
    'execve',
    { pathname: PathKind, argv: StringsIn, envp: EnvironmentIn },
    (thread, { pathname, argv, envp }) => answered(() => execveAt(thread, AT_FDCWD, pathname, argv, envp, 0)),
    { replacesContext: true },
  ),
  281: syscall(
    'execveat',
    { dirfd: DirFd, pathname: Path, argv: StringsIn, envp: EnvironmentIn, flags: ExecFlags },
    (thread, { dirfd, pathname, argv, envp, flags }) =>
      answered(() => execveAt(thread, dirfd, pathname, argv, envp, flags)),
    { replacesContext: true },
  ),
};

/** A file of the new program waits for the answer of a watcher, or tracers for other threads, deep below: a Wait that is thrown. */
function answered(run: () => never): Answer {
  try {
    return run();
  } catch (thrown) {
    if (typeof thrown === 'object' && thrown !== null && 'queues' in thrown) return thrown as Wait;
    throw thrown;
  }
}

function execveAt(
  thread: Thread,
  dirfd: number,
  pathname: number,
  argvAddress: number,
  envpAddress: number,
  flags: number,
): never {
  const text = thread.user.readPath(pathname);
  if ((flags & ~(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW)) !== 0) fail(EINVAL, 'unknown flags');
  const allowEmpty = (flags & AT_EMPTY_PATH) !== 0;
  if (text === '' && !allowEmpty) fail(ENOENT, 'an empty path');
  const follow = (flags & AT_SYMLINK_NOFOLLOW) === 0;
  const path = resolve(thread, dirfd, text, { follow, allowEmpty });
  if (!follow && path.inode.type === S_IFLNK) fail(ELOOP, 'a symbolic link, and AT_SYMLINK_NOFOLLOW');
  const [argv, envp] = readStrings(thread, argvAddress, envpAddress);
  if (dirfd === AT_FDCWD || text.startsWith('/')) return execve(thread, path, argv, envp, { filename: text });
  // Relative to a descriptor: Linux names the file /dev/fd/N/text.
  const filename = text === '' ? `/dev/fd/${dirfd}` : `/dev/fd/${dirfd}/${text}`;
  return execve(thread, path, argv, envp, { filename, nameIsGone: thread.files.closeOnExec(dirfd) });
}

/** argv and envp. EFAULT, E2BIG. */
function readStrings(
  thread: Thread,
  argvAddress: number,
  envpAddress: number,
): [argv: string[], envp: string[]] {
  const { user } = thread;
  const stackLimit = thread.process.limits.get(RLIMIT_STACK).soft;
  const argvPointers = readPointers(user, argvAddress, stackLimit);
  const envpPointers = readPointers(user, envpAddress, stackLimit);
  let space = stringSpace(stackLimit, argvPointers.length, envpPointers.length);
  const read = (pointer: number): string => {
    const bytes = readString(user, pointer);
    space -= bytes.length + 1;
    if (space < 0) fail(E2BIG, 'arguments and environment are larger than a quarter of the stack');
    return bytesToText(bytes);
  };
  const envp = envpPointers.map(read);
  return [argvPointers.map(read), envp];
}

/** The pointers before the NULL one; a NULL array is an empty one. */
function readPointers(user: UserMemory, address: number, stackLimit: number): number[] {
  const pointers: number[] = [];
  if (address === 0) return pointers;
  for (let at = address; ; at += 8) {
    const pointer = user.readU64(at);
    if (pointer === 0) return pointers;
    pointers.push(pointer);
    if ((pointers.length & 0xfff) === 0) stringSpace(stackLimit, pointers.length, 0);
  }
}

function readString(user: UserMemory, pointer: number): Uint8Array {
  try {
    return user.readCString(pointer, MAX_ARG_STRLEN);
  } catch (thrown) {
    if (!isFailure(thrown) || thrown.errno === EFAULT) throw thrown;
    return fail(E2BIG, 'an argument of 128 KiB or more');
  }
}
