// setns(2): entering namespaces, by a descriptor of one or by that of a process whose namespaces are meant.
// process.ts has the row. Checked in the order of kernel/nsproxy.c and of each kind's install; all is entered or nothing.
import { EINVAL, EPERM, ESRCH, EUSERS, fail } from '../errno.ts';
import { NAMESPACE_KINDS, type Namespace } from '../namespaces/namespace.ts';
import { NamespaceFile } from '../namespaces/namespace-file.ts';
import type { NamespaceSet } from '../namespaces/set.ts';
import { NetNamespace } from '../net/net-namespace.ts';
import { CLONE_NAMESPACES, CLONE_NEWTIME, CLONE_NEWUSER } from '../task/clone-flags.ts';
import { CAP_SYS_ADMIN, CAP_SYS_CHROOT, CAP_SYS_PTRACE, capable } from '../task/credentials.ts';
import { mayInspect } from '../task/permission.ts';
import { PidFd } from '../task/pid-fd.ts';
import type { Thread } from '../task/thread.ts';

const KINDS = CLONE_NAMESPACES | CLONE_NEWUSER | CLONE_NEWTIME;

/** EINVAL: another kind of namespace than `nstype`, or the own user namespace. EPERM: a capability is missing. */
export function setns(thread: Thread, { fd, nstype }: { fd: number; nstype: number }): number {
  const entered = namespacesOf(thread, fd, nstype);
  let { namespaces } = thread;
  for (const namespace of entered) namespaces = withEntered(thread, namespaces, namespace);
  thread.ownNamespaces = namespaces;
  if (entered.some(({ kind }) => kind === 'mnt')) thread.fs.root = thread.fs.cwd = thread.kernel.vfs.root;
  return 0;
}

/** `current` with another namespace of one kind. */
function withEntered(thread: Thread, current: NamespaceSet, namespace: Namespace): NamespaceSet {
  const { credentials, fs, process } = thread;
  if (namespace.kind === 'user') fail(EINVAL, 'the user namespace the thread is in');
  if (namespace.kind === 'time' && process.threads.size > 1) fail(EUSERS, 'several threads share a time');
  if (!capable(credentials, CAP_SYS_ADMIN)) fail(EPERM, 'entering a namespace needs CAP_SYS_ADMIN');
  if (namespace.kind === 'mnt') {
    if (!capable(credentials, CAP_SYS_CHROOT)) fail(EPERM, 'another root needs CAP_SYS_CHROOT');
    if (fs.users > 1) fail(EINVAL, 'the working directory is shared with other threads');
  }
  return namespace instanceof NetNamespace ? { ...current, net: namespace } : current;
}

/** What is to be entered. */
function namespacesOf(thread: Thread, fd: number, nstype: number): Namespace[] {
  const { descriptor } = thread.files.get(fd);
  if (descriptor instanceof NamespaceFile) {
    const { namespace } = descriptor;
    if (nstype !== 0 && nstype !== namespace.flag) fail(EINVAL, 'a namespace of another kind');
    return [namespace];
  }
  if (!(descriptor instanceof PidFd)) fail(EINVAL, 'neither a namespace nor a process');
  if (nstype === 0 || (nstype & ~KINDS) !== 0) fail(EINVAL, 'no kinds of namespaces');
  const { isInit, leader } = descriptor.process; // init has no thread
  if (!isInit && leader === undefined) fail(ESRCH, 'the process has ended');
  const may = leader === undefined ? capable(thread.credentials, CAP_SYS_PTRACE) : mayInspect(thread, leader);
  if (!may) fail(EPERM, "not this user's process");
  const { first, pid, user } = thread.kernel.namespaces;
  const { cgroup, ipc, mnt, net, time, uts } = leader?.namespaces ?? first;
  const all = [user, mnt, uts, ipc, pid, cgroup, net, time];
  return all.filter(({ kind }) => (nstype & NAMESPACE_KINDS[kind].flag) !== 0);
}
