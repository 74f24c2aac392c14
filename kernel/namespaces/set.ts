// In which namespaces a thread is (Linux: struct nsproxy), and how it comes into new ones (kernel/nsproxy.c).
// clone and unshare make new ones, setns exchanges some. A set never changes: a thread gets another one.
// The user namespace is not here: credentials have it.
import { CgroupNamespace } from '../cgroup/cgroup-namespace.ts';
import { EINVAL, ENOSPC, EPERM, fail } from '../errno.ts';
import { MountNamespace } from '../fs/mount-namespace.ts';
import { Identity } from '../identity.ts';
import { IpcNamespace } from '../ipc/ipc-namespace.ts';
import type { Kernel } from '../kernel.ts';
import { NetNamespace } from '../net/net-namespace.ts';
import {
  CLONE_NEWCGROUP,
  CLONE_NEWIPC,
  CLONE_NEWNET,
  CLONE_NEWNS,
  CLONE_NEWPID,
  CLONE_NEWTIME,
  CLONE_NEWUTS,
} from '../task/clone-flags.ts';
import { CAP_SYS_ADMIN, type Credentials, hasCapability } from '../task/credentials.ts';
import type { Thread } from '../task/thread.ts';
import { FIRST_DYNAMIC_INO, NAMESPACE_KINDS } from './namespace.ts';
import { DEEPEST_PID_NAMESPACE, PidNamespace, pidNamespaceOf } from './pid-namespace.ts';
import { TimeNamespace } from './time-namespace.ts';
import { UserNamespace } from './user-namespace.ts';
import { UtsNamespace } from './uts-namespace.ts';

export interface NamespaceSet {
  readonly cgroup: CgroupNamespace;
  readonly ipc: IpcNamespace;
  readonly mnt: MountNamespace;
  readonly net: NetNamespace;
  /** Where children are made; a process itself stays where it is. */
  readonly pidForChildren: PidNamespace;
  readonly time: TimeNamespace;
  readonly timeForChildren: TimeNamespace;
  readonly uts: UtsNamespace;
}

/** The namespaces that the machine begins with, and the numbers of further ones. */
export class Namespaces {
  readonly user = new UserNamespace();
  readonly pid: PidNamespace;
  readonly first: NamespaceSet;
  #nextIno = FIRST_DYNAMIC_INO;

  constructor(kernel: Kernel) {
    this.pid = new PidNamespace(NAMESPACE_KINDS.pid.firstIno, this.user);
    const time = new TimeNamespace(NAMESPACE_KINDS.time.firstIno, this.user);
    time.isFrozen = true;
    this.first = {
      cgroup: new CgroupNamespace(NAMESPACE_KINDS.cgroup.firstIno, this.user, kernel.cgroups.root),
      ipc: new IpcNamespace(kernel, NAMESPACE_KINDS.ipc.firstIno, this.user),
      mnt: new MountNamespace(NAMESPACE_KINDS.mnt.firstIno, this.user, kernel.vfs.tree),
      net: new NetNamespace(kernel, NAMESPACE_KINDS.net.firstIno, this.user, true),
      pidForChildren: this.pid,
      time,
      timeForChildren: time,
      uts: new UtsNamespace(NAMESPACE_KINDS.uts.firstIno, this.user, kernel.identity),
    };
  }

  takeIno(): number {
    return this.#nextIno++;
  }
}

/**
 * The thread's own with new ones, which the user namespace of `credentials` owns, of the kinds in `flags` (copy_namespaces, unshare_nsproxy_namespaces). EPERM, EINVAL, ENOSPC.
 */
export function withNew(
  { kernel, namespaces, ownCgroup, process }: Thread,
  flags: number,
  credentials: Credentials,
): NamespaceSet {
  if (!hasCapability(credentials, CAP_SYS_ADMIN)) fail(EPERM, 'a new namespace needs CAP_SYS_ADMIN');
  const owner = credentials.userNamespace ?? kernel.namespaces.user;
  const takeIno = (): number => kernel.namespaces.takeIno();
  const { cgroup, ipc, mnt, net, pidForChildren, timeForChildren, uts } = namespaces;
  const has = (flag: number): boolean => (flags & flag) !== 0;
  return {
    ...namespaces,
    cgroup: has(CLONE_NEWCGROUP)
      ? new CgroupNamespace(takeIno(), owner, ownCgroup ?? kernel.cgroups.root)
      : cgroup,
    mnt: has(CLONE_NEWNS) ? mnt.copy(kernel.vfs, takeIno(), owner) : mnt,
    timeForChildren: has(CLONE_NEWTIME)
      ? new TimeNamespace(takeIno(), owner, timeForChildren)
      : timeForChildren,
    uts: has(CLONE_NEWUTS) ? new UtsNamespace(takeIno(), owner, new Identity(uts.names)) : uts,
    ipc: has(CLONE_NEWIPC) ? new IpcNamespace(kernel, takeIno(), owner) : ipc,
    pidForChildren: has(CLONE_NEWPID)
      ? newPidNamespace(pidNamespaceOf(kernel, process), pidForChildren, takeIno, owner)
      : pidForChildren,
    net: has(CLONE_NEWNET) ? new NetNamespace(kernel, takeIno(), owner) : net,
  };
}

/** copy_pid_ns. EINVAL: the last one made has no process yet, or the parent is of a foreign user namespace. ENOSPC: nested too deep. */
function newPidNamespace(
  own: PidNamespace,
  forChildren: PidNamespace,
  takeIno: () => number,
  owner: UserNamespace,
): PidNamespace {
  if (forChildren !== own) fail(EINVAL, 'children have another pid namespace already');
  if (!owner.isWithin(own.owner)) fail(EINVAL, 'the user namespace does not own the pid namespace');
  if (own.level >= DEEPEST_PID_NAMESPACE) fail(ENOSPC, 'pid namespaces nest too deep');
  return new PidNamespace(takeIno(), owner, own);
}

/** The same, and in the time namespace that its children get: after a fork or execve (timens_on_fork). */
export function inTimeForChildren(namespaces: NamespaceSet): NamespaceSet {
  const { time, timeForChildren } = namespaces;
  timeForChildren.isFrozen = true;
  return time === timeForChildren ? namespaces : { ...namespaces, time: timeForChildren };
}
