// Leaving what is shared with others: unshare and setns (namespaces(7)).
// Rows for table.ts. clone makes namespaces too; what they are is in kernel/namespaces.
import { Fd } from '../abi/kinds/basic.ts';
import { CloneFlagsOnly, NamespaceTypes } from '../abi/kinds/process-kinds.ts';
import { EINVAL, fail } from '../errno.ts';
import { placeFor } from '../task/clone.ts';
import {
  CLONE_FILES,
  CLONE_FS,
  CLONE_NAMESPACES,
  CLONE_NEWIPC,
  CLONE_NEWNS,
  CLONE_NEWTIME,
  CLONE_NEWUSER,
  CLONE_SIGHAND,
  CLONE_SYSVSEM,
  CLONE_THREAD,
  CLONE_VM,
} from '../task/clone-flags.ts';
import type { Thread } from '../task/thread.ts';
import { setns } from './setns.ts';
import { syscall } from './syscall.ts';

const UNSHARABLE =
  CLONE_THREAD |
  CLONE_SIGHAND |
  CLONE_VM |
  CLONE_FS |
  CLONE_FILES |
  CLONE_SYSVSEM |
  CLONE_NAMESPACES |
  CLONE_NEWUSER |
  CLONE_NEWTIME;

/** A user namespace is the whole process's, and where a thread's root is counts there; a mount namespace implies the latter. */
function unshare(thread: Thread, { flags: given }: { flags: number }): number {
  let flags = given;
  if ((flags & CLONE_NEWUSER) !== 0) flags |= CLONE_THREAD | CLONE_FS;
  if ((flags & CLONE_NEWNS) !== 0) flags |= CLONE_FS;
  if ((flags & ~UNSHARABLE) !== 0) fail(EINVAL, 'unknown flags');
  if ((flags & (CLONE_THREAD | CLONE_SIGHAND | CLONE_VM)) !== 0 && thread.process.threads.size > 1) {
    fail(EINVAL, 'a thread cannot leave its process');
  }
  const { credentials, namespaces } = placeFor(thread, flags);
  if ((flags & CLONE_FS) !== 0 && thread.fs.users > 1) {
    thread.fs.users--;
    thread.fs = thread.fs.clone();
  }
  if ((flags & CLONE_FILES) !== 0 && thread.files.users > 1) {
    const own = thread.files.clone();
    thread.files.users--;
    thread.files = own;
  }
  if ((flags & CLONE_NEWIPC) !== 0) thread.namespaces.ipc.semaphores.processEnded(thread); // exit_sem
  const left = thread.ownNamespaces?.mnt;
  thread.ownNamespaces = namespaces;
  if ((flags & CLONE_NEWNS) !== 0) {
    namespaces?.mnt.adopt(thread.fs);
    left?.endIfLeft(thread.kernel);
  }
  thread.credentials = credentials;
  return 0;
}

export const NAMESPACE_SYSCALLS = {
  97: syscall('unshare', { flags: CloneFlagsOnly }, unshare),
  268: syscall('setns', { fd: Fd, nstype: NamespaceTypes }, setns),
};
