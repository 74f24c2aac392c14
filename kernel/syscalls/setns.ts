// setns(2): entering namespaces, by a descriptor of one or by that of a process whose namespaces are meant.
// process.ts has the row. Checked in the order of kernel/nsproxy.c and of each kind's install; all is entered or nothing.
import { CgroupNamespace } from '../cgroup/cgroup-namespace.ts';
import { EINVAL, EPERM, ESRCH, EUSERS, fail } from '../errno.ts';
import { MountNamespace } from '../fs/mount-namespace.ts';
import { IpcNamespace } from '../ipc/ipc-namespace.ts';
import { NAMESPACE_KINDS, type Namespace } from '../namespaces/namespace.ts';
import { NamespaceFile } from '../namespaces/namespace-file.ts';
import { PidNamespace, pidNamespaceOf } from '../namespaces/pid-namespace.ts';
import type { NamespaceSet } from '../namespaces/set.ts';
import { TimeNamespace } from '../namespaces/time-namespace.ts';
import { credentialsIn, UserNamespace, userNamespaceOf } from '../namespaces/user-namespace.ts';
import { UtsNamespace } from '../namespaces/uts-namespace.ts';
import { NetNamespace } from '../net/net-namespace.ts';
import { CLONE_NAMESPACES, CLONE_NEWTIME, CLONE_NEWUSER } from '../task/clone-flags.ts';
import {
  CAP_SYS_ADMIN,
  CAP_SYS_CHROOT,
  CAP_SYS_PTRACE,
  type Credentials,
  capable,
  capableIn,
  capableOver,
} from '../task/credentials.ts';
import { mayInspect } from '../task/permission.ts';
import { PidFd } from '../task/pid-fd.ts';
import type { Thread } from '../task/thread.ts';

const KINDS = CLONE_NAMESPACES | CLONE_NEWUSER | CLONE_NEWTIME;

/** Where the thread is going: what was checked so far (struct nsset). */
interface Goal {
  readonly namespaces: NamespaceSet;
  readonly credentials: Credentials;
}

/** EINVAL: another kind of namespace than `nstype`, or the own user namespace. EPERM: a capability is missing. */
export function setns(thread: Thread, { fd, nstype }: { fd: number; nstype: number }): number {
  const entered = namespacesOf(thread, fd, nstype);
  let goal: Goal = { namespaces: thread.namespaces, credentials: thread.credentials };
  for (const namespace of entered) goal = withEntered(thread, goal, namespace);
  const left = thread.ownNamespaces?.mnt;
  thread.ownNamespaces = goal.namespaces;
  if (left !== goal.namespaces.mnt) left?.endIfLeft(thread.kernel);
  goal.namespaces.time.isFrozen = true;
  thread.credentials = goal.credentials;
  if (entered.some(({ kind }) => kind === 'mnt'))
    thread.fs.root = thread.fs.cwd = goal.namespaces.mnt.tree.topPath;
  return 0;
}

/** `goal` with another namespace of one kind. */
function withEntered(thread: Thread, goal: Goal, namespace: Namespace): Goal {
  const { credentials, fs, process } = thread;
  const { namespaces } = goal;
  if (namespace instanceof UserNamespace) {
    if (namespace === userNamespaceOf(thread)) fail(EINVAL, 'the user namespace the thread is in');
    if (process.threads.size > 1) fail(EINVAL, 'several threads share a user namespace');
    if (fs.users > 1) fail(EINVAL, 'the working directory is shared with other threads');
    if (!capableIn(credentials, CAP_SYS_ADMIN, namespace)) fail(EPERM, 'needs CAP_SYS_ADMIN in it');
    return { ...goal, credentials: credentialsIn(credentials, namespace) };
  }
  if (namespace.kind === 'time' && process.threads.size > 1) fail(EUSERS, 'several threads share a time');
  const isAllowed =
    capableIn(credentials, CAP_SYS_ADMIN, namespace.owner) &&
    capableOver(credentials, CAP_SYS_ADMIN, goal.credentials);
  if (!isAllowed) fail(EPERM, 'entering a namespace needs CAP_SYS_ADMIN in it and where one is');
  if (namespace.kind === 'mnt') {
    if (!capableOver(credentials, CAP_SYS_CHROOT, goal.credentials))
      fail(EPERM, 'another root needs CAP_SYS_CHROOT');
    if (fs.users > 1) fail(EINVAL, 'the working directory is shared with other threads');
  }
  if (namespace instanceof NetNamespace) return { ...goal, namespaces: { ...namespaces, net: namespace } };
  if (namespace instanceof UtsNamespace) return { ...goal, namespaces: { ...namespaces, uts: namespace } };
  if (namespace instanceof MountNamespace) return { ...goal, namespaces: { ...namespaces, mnt: namespace } };
  if (namespace instanceof CgroupNamespace)
    return { ...goal, namespaces: { ...namespaces, cgroup: namespace } };
  if (namespace instanceof TimeNamespace)
    return { ...goal, namespaces: { ...namespaces, time: namespace, timeForChildren: namespace } };
  if (namespace instanceof PidNamespace) {
    if (!namespace.isWithin(pidNamespaceOf(thread.kernel, process)))
      fail(EINVAL, 'the pid namespace is not inside of the own');
    return { ...goal, namespaces: { ...namespaces, pidForChildren: namespace } };
  }
  if (!(namespace instanceof IpcNamespace)) return goal;
  if (namespace !== namespaces.ipc) namespaces.ipc.semaphores.processEnded(thread); // exit_sem
  return { ...goal, namespaces: { ...namespaces, ipc: namespace } };
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
  const { first } = thread.kernel.namespaces;
  const pid = pidNamespaceOf(thread.kernel, descriptor.process);
  const user = leader === undefined ? thread.kernel.namespaces.user : userNamespaceOf(leader);
  const { cgroup, ipc, mnt, net, time, uts } = leader?.namespaces ?? first;
  const all = [user, mnt, uts, ipc, pid, cgroup, net, time];
  return all.filter(({ kind }) => (nstype & NAMESPACE_KINDS[kind].flag) !== 0);
}
