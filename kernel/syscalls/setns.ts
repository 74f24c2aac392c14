// setns(2): entering a namespace by a descriptor of /proc/PID/ns or of a process. There is one of each kind, so a thread
// that may enter stays where it is; only its root and working directory become those of the mount namespace.
// process.ts has the row. Checked in the order of kernel/nsproxy.c and of each kind's install.
import { EINVAL, EPERM, ESRCH, EUSERS, fail } from '../errno.ts';
import { NamespaceFile } from '../fs/procfs/namespaces.ts';
import { CLONE_NAMESPACES, CLONE_NEWNS, CLONE_NEWTIME, CLONE_NEWUSER } from '../task/clone-flags.ts';
import { CAP_SYS_ADMIN, CAP_SYS_CHROOT, CAP_SYS_PTRACE, capable } from '../task/credentials.ts';
import { mayInspect } from '../task/permission.ts';
import { PidFd } from '../task/pid-fd.ts';
import type { Thread } from '../task/thread.ts';

const KINDS = CLONE_NAMESPACES | CLONE_NEWUSER | CLONE_NEWTIME;

/** EINVAL: another kind of namespace than `nstype`, or the own user namespace. EPERM: a capability is missing. */
export function setns(thread: Thread, { fd, nstype }: { fd: number; nstype: number }): number {
  const kinds = kindsOf(thread, fd, nstype);
  if ((kinds & CLONE_NEWUSER) !== 0) fail(EINVAL, 'the user namespace the thread is in');
  const { credentials, fs, process } = thread;
  if (!capable(credentials, CAP_SYS_ADMIN)) fail(EPERM, 'entering a namespace needs CAP_SYS_ADMIN');
  if ((kinds & CLONE_NEWNS) !== 0) {
    if (!capable(credentials, CAP_SYS_CHROOT)) fail(EPERM, 'another root needs CAP_SYS_CHROOT');
    if (fs.users > 1) fail(EINVAL, 'the working directory is shared with other threads');
  }
  if ((kinds & CLONE_NEWTIME) !== 0 && process.threads.size > 1) fail(EUSERS, 'several threads share a time');
  if ((kinds & CLONE_NEWNS) !== 0) fs.root = fs.cwd = thread.kernel.vfs.root;
  return 0;
}

/** What is to be entered, as CLONE_NEW* bits. */
function kindsOf(thread: Thread, fd: number, nstype: number): number {
  const { descriptor } = thread.files.get(fd);
  if (descriptor instanceof NamespaceFile) {
    if (nstype !== 0 && nstype !== descriptor.flag) fail(EINVAL, 'a namespace of another kind');
    return descriptor.flag;
  }
  if (!(descriptor instanceof PidFd)) fail(EINVAL, 'neither a namespace nor a process');
  if (nstype === 0 || (nstype & ~KINDS) !== 0) fail(EINVAL, 'no kinds of namespaces');
  const { isInit, leader } = descriptor.process; // init has no thread
  if (!isInit && leader === undefined) fail(ESRCH, 'the process has ended');
  const may = leader === undefined ? capable(thread.credentials, CAP_SYS_PTRACE) : mayInspect(thread, leader);
  if (!may) fail(EPERM, "not this user's process");
  return nstype;
}
