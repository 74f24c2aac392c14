// Who is in which cgroup: children are where their parents are, writing a number to cgroup.procs or cgroup.threads moves.
// clone and exit come here for threads outside of the root only. A zombie stays in its group, and is counted until it is reaped.
import { EACCES, EBUSY, EINVAL, ENOENT, EOPNOTSUPP, ESRCH, fail } from '../errno.ts';
import { MAY_WRITE, mayAccess } from '../fs/permission.ts';
import type { Credentials } from '../task/credentials.ts';
import type { Process } from '../task/process.ts';
import type { Thread } from '../task/thread.ts';
import { type Cgroup, ownCgroupOf } from './cgroup.ts';
import type { CgroupNamespace } from './cgroup-namespace.ts';
import { revisit, setFreezing } from './freezer.ts';
import { charge } from './pids.ts';

/** With whose permissions a control file was opened: they count, not those of who writes. */
export interface Opener {
  readonly credentials: Credentials;
  readonly namespace: CgroupNamespace;
}

export function openerOf({ credentials, namespaces }: Thread): Opener {
  return { credentials, namespace: namespaces.cgroup };
}

/** A new thread begins in `cgroup`, which is not the root. */
export function threadStarted(thread: Thread, cgroup: Cgroup): void {
  thread.ownCgroup = cgroup;
  cgroup.join(thread);
  charge(cgroup, 1);
  if (cgroup.isFreezing) setFreezing(thread, true);
}

/** A thread ends that is not in the root; `isLast` of its process. */
export function threadEnded(thread: Thread, cgroup: Cgroup, isLast: boolean): void {
  cgroup.leave(thread);
  if (!isLast) charge(cgroup, -1);
  revisit(cgroup);
}

/** A zombie is gone. */
export function processReaped(process: Process): void {
  const cgroup = ownCgroupOf(process);
  charge(cgroup, -1);
  if (cgroup?.isDead === true && cgroup.charge === 0) cgroup.directory?.cgroups.dying.delete(cgroup);
}

/** Moves what `number` means to the writer: a process, or one thread of it. 0 is the writer itself. */
export function moveNumber(
  writer: Thread,
  to: Cgroup,
  number: number,
  isProcess: boolean,
  opener: Opener,
): void {
  const { kernel, process } = writer;
  const id = process.kernelPid(number);
  if (kernel.pids.process(id)?.isInit === true) fail(EINVAL, 'the reaper of orphans stays in the root');
  const thread = number === 0 ? writer : (kernel.pids.task(id) ?? fail(ESRCH, 'no such thread'));
  const { root } = kernel.cgroups;
  demandMove(opener, thread.ownCgroup ?? root, to, isProcess);
  for (const each of isProcess ? [...thread.process.threads.values()] : [thread]) moveThread(each, root, to);
}

function moveThread(thread: Thread, root: Cgroup, to: Cgroup): void {
  const from = thread.ownCgroup ?? root;
  if (thread.state === 'dead' || from === to) return;
  thread.ownCgroup = to === root ? undefined : to;
  to.join(thread);
  from.leave(thread);
  charge(to, 1);
  charge(from, -1);
  setFreezing(thread, to.isFreezing);
  revisit(from);
  revisit(to);
}

/** May `thread`, or one that it makes, be put in `to`? EACCES; as demandMove. */
export function demandEntry(thread: Thread, to: Cgroup, isProcess: boolean): void {
  const opener = openerOf(thread);
  if (!mayWrite(opener, to)) fail(EACCES, 'no permission to write its cgroup.procs');
  demandMove(opener, thread.ownCgroup ?? thread.kernel.cgroups.root, to, isProcess);
}

function mayWrite({ credentials }: Opener, { directory }: Cgroup): boolean {
  const inode = directory?.lookup('cgroup.procs');
  return inode !== undefined && mayAccess(credentials, inode, MAY_WRITE);
}

/** EACCES, ENOENT, EOPNOTSUPP, EBUSY (cgroup_attach_permissions). */
function demandMove(opener: Opener, from: Cgroup, to: Cgroup, isProcess: boolean): void {
  let common = from;
  while (!to.isWithin(common) && common.parent !== undefined) common = common.parent;
  if (!mayWrite(opener, common)) fail(EACCES, 'no permission to write cgroup.procs of the group above both');
  const { root } = opener.namespace;
  if (to.directory?.cgroups.isDelegatedToNamespaces === true && !(from.isWithin(root) && to.isWithin(root)))
    fail(ENOENT, 'nsdelegate: not both are in the cgroup namespace');
  if (!to.domain.isValidDomain) fail(EOPNOTSUPP, 'the group is no valid domain');
  if (!to.canBeThreadRoot && !to.isThreaded && to.subtreeControl.size > 0)
    fail(EBUSY, 'its groups below compete with processes');
  if (!isProcess && from.domain !== to.domain) fail(EOPNOTSUPP, 'a thread stays in its domain');
}
