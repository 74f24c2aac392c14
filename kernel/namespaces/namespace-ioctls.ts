// What files of namespaces are asked (ioctl_nsfs(2), fs/nsfs.c): for related ones, for numbers, and, of mount namespaces, for
// those before and after.
import {
  NS_GET_ID,
  NS_GET_MNTNS_ID,
  NS_GET_NSTYPE,
  NS_GET_OWNER_UID,
  NS_GET_PARENT,
  NS_GET_PID_FROM_PIDNS,
  NS_GET_PID_IN_PIDNS,
  NS_GET_TGID_FROM_PIDNS,
  NS_GET_TGID_IN_PIDNS,
  NS_GET_USERNS,
  NS_MNT_GET_INFO,
  NS_MNT_GET_NEXT,
  NS_MNT_GET_PREV,
} from '../abi/ioctl.ts';
import { bytesOf, struct, u32, u64 } from '../abi/struct.ts';
import { EINVAL, ENOENT, ENOTTY, EPERM, ESRCH, fail } from '../errno.ts';
import { MountNamespace } from '../fs/mount-namespace.ts';
import { CAP_SYS_ADMIN, capableIn, shownUid } from '../task/credentials.ts';
import type { Thread } from '../task/thread.ts';
import { liveNamespaces } from './live-namespaces.ts';
import type { Namespace } from './namespace.ts';
import { openNamespace } from './namespace-file.ts';
import { PidNamespace, pidNamespaceOf } from './pid-namespace.ts';
import { UserNamespace, userNamespaceOf } from './user-namespace.ts';

const MountNamespaceInfo = struct('mnt_ns_info', { size: u32, nr_mounts: u32, mnt_ns_id: u64 });
/** The size of the argument in the number of a request. */
const SIZE_SHIFT = 16;
const SIZE_MASK = 0x3fff;
/** Requests whose argument may grow, without the size. */
const GROWING = new Set([NS_MNT_GET_INFO, NS_MNT_GET_NEXT, NS_MNT_GET_PREV].map(withoutSize));

function withoutSize(request: number): number {
  return (request & ~(SIZE_MASK << SIZE_SHIFT)) >>> 0;
}

/** EPERM: what is outside of the caller's own user namespace. EINVAL: a question of another kind of namespace. ENOTTY. */
export function namespaceIoctl(
  thread: Thread,
  namespace: Namespace,
  request: number,
  argument: number,
): number {
  const { credentials } = thread;
  const size = (request >>> SIZE_SHIFT) & SIZE_MASK;
  if (GROWING.has(withoutSize(request)) && size >= MountNamespaceInfo.size)
    return askMounts(thread, namespace, withoutSize(request), argument);
  switch (request) {
    case NS_GET_USERNS:
      return openNamespace(thread, ownerSeenBy(thread, namespace));
    case NS_GET_PARENT:
      if (namespace instanceof UserNamespace) return openNamespace(thread, ownerSeenBy(thread, namespace));
      if (!(namespace instanceof PidNamespace)) return fail(EINVAL, 'not hierarchical');
      return openNamespace(thread, parentSeenBy(thread, namespace));
    case NS_GET_NSTYPE:
      return namespace.flag;
    case NS_GET_OWNER_UID:
      if (!(namespace instanceof UserNamespace)) return fail(EINVAL, 'not a user namespace');
      thread.user.writeU32(argument, shownUid(credentials, namespace.ownerUid));
      return 0;
    case NS_GET_PID_FROM_PIDNS:
    case NS_GET_TGID_FROM_PIDNS:
    case NS_GET_PID_IN_PIDNS:
    case NS_GET_TGID_IN_PIDNS:
      if (!(namespace instanceof PidNamespace)) return fail(EINVAL, 'not a pid namespace');
      return translatedPid(thread, namespace, request, argument);
    case NS_GET_MNTNS_ID:
      if (!(namespace instanceof MountNamespace)) return fail(EINVAL, 'not a mount namespace');
      thread.user.writeU64(argument, namespace.id);
      return 0;
    case NS_GET_ID:
      thread.user.writeU64(argument, namespace.id);
      return 0;
    default:
      return fail(ENOTTY, 'no such ioctl for namespaces');
  }
}

/** What a mount namespace is, or a descriptor of the one before or after it that the caller may see. EINVAL, ENOENT, EMFILE. */
function askMounts(thread: Thread, namespace: Namespace, request: number, argument: number): number {
  if (!(namespace instanceof MountNamespace)) return fail(EINVAL, 'not a mount namespace');
  if (request === withoutSize(NS_MNT_GET_INFO)) {
    if (argument === 0) return fail(EINVAL, 'where to?');
    writeInfo(thread, namespace, argument);
    return 0;
  }
  const isForward = request === withoutSize(NS_MNT_GET_NEXT);
  const near = neighbour(thread, namespace, isForward) ?? fail(ENOENT, 'the last one');
  if (argument !== 0) writeInfo(thread, near, argument);
  return openNamespace(thread, near);
}

function writeInfo({ user, kernel }: Thread, { id, tree }: MountNamespace, address: number): void {
  kernel.cgroups.show();
  const info = { size: MountNamespaceInfo.size, nr_mounts: tree.mounts.length, mnt_ns_id: id };
  user.write(address, bytesOf(MountNamespaceInfo, info));
}

/** get_sequential_mnt_ns. */
function neighbour(thread: Thread, from: MountNamespace, isForward: boolean): MountNamespace | undefined {
  let nearest: MountNamespace | undefined;
  for (const each of liveNamespaces(thread.kernel)) {
    if (!(each instanceof MountNamespace) || !capableIn(thread.credentials, CAP_SYS_ADMIN, each.owner))
      continue;
    const isBehind = isForward ? each.id > from.id : each.id < from.id;
    const isNearer = nearest === undefined || (isForward ? each.id < nearest.id : each.id > nearest.id);
    if (isBehind && isNearer) nearest = each;
  }
  return nearest;
}

/** The owner, or of a user namespace the parent. EPERM unless it is the caller's or inside of it (ns_get_owner). */
function ownerSeenBy(thread: Thread, namespace: Namespace): UserNamespace {
  const own = userNamespaceOf(thread);
  if (namespace instanceof UserNamespace && namespace.isFirst) fail(EPERM, 'the first one is of no other');
  for (let at = namespace.owner; at !== own; at = at.owner)
    if (at.isFirst) fail(EPERM, "outside of the caller's user namespace");
  return namespace.owner;
}

/** EPERM unless the parent is the caller's or inside of it (pidns_get_parent). */
function parentSeenBy({ kernel, process }: Thread, { parent }: PidNamespace): PidNamespace {
  if (parent?.isWithin(pidNamespaceOf(kernel, process))) return parent;
  return fail(EPERM, "outside of the caller's pid namespace");
}

/** What a process of the namespace is called by the caller (FROM), or one of the caller's in the namespace (IN). ESRCH. */
function translatedPid(
  { kernel, process }: Thread,
  namespace: PidNamespace,
  request: number,
  number: number,
): number {
  const own = pidNamespaceOf(kernel, process);
  const isFrom = request === NS_GET_PID_FROM_PIDNS || request === NS_GET_TGID_FROM_PIDNS;
  const id = (isFrom ? namespace : own).toKernel(number | 0);
  const found = kernel.pids.thread(id)?.process ?? kernel.pids.process(id) ?? fail(ESRCH, 'no such thread');
  const isThread = request === NS_GET_PID_FROM_PIDNS || request === NS_GET_PID_IN_PIDNS;
  const answer = (isFrom ? own : namespace).shown(isThread ? id : found.pid);
  return answer === 0 ? fail(ESRCH, 'it has no number there') : answer;
}
