// Files of namespaces (Linux: nsfs): what /proc/PID/ns leads to, and how one asks for related ones (ioctl_nsfs(2)).
// An open one, or a mount of one, keeps its namespace. setns takes the descriptor.
import { O_RDONLY } from '../abi/fcntl.ts';
import {
  NS_GET_NSTYPE,
  NS_GET_OWNER_UID,
  NS_GET_PARENT,
  NS_GET_PID_FROM_PIDNS,
  NS_GET_PID_IN_PIDNS,
  NS_GET_TGID_FROM_PIDNS,
  NS_GET_TGID_IN_PIDNS,
  NS_GET_USERNS,
} from '../abi/ioctl.ts';
import { S_IFREG } from '../abi/stat.ts';
import { EINVAL, ENOTTY, EPERM, ESRCH, fail } from '../errno.ts';
import { FileDescriptor } from '../file/file-descriptor.ts';
import { OpenFile } from '../file/open-file.ts';
import { type FileSystem, Inode } from '../fs/inode.ts';
import { Dentry, Path } from '../fs/path.ts';
import type { Kernel } from '../kernel.ts';
import { shownUid } from '../task/credentials.ts';
import { RLIMIT_NOFILE } from '../task/rlimits.ts';
import type { Thread } from '../task/thread.ts';
import type { Namespace } from './namespace.ts';
import { PidNamespace, pidNamespaceOf } from './pid-namespace.ts';
import { UserNamespace, userNamespaceOf } from './user-namespace.ts';

export class NamespaceFile extends FileDescriptor {
  readonly kind = 'namespace';
  override readonly inode: Inode;
  readonly namespace: Namespace;

  constructor(inode: Inode, namespace: Namespace) {
    super();
    this.inode = inode;
    this.namespace = namespace;
  }

  /** EPERM: what is outside of the caller's own user namespace. EINVAL: a question of another kind of namespace. ENOTTY. */
  override ioctl(thread: Thread, _file: OpenFile, request: number, argument: number): number {
    const { namespace } = this;
    const { credentials } = thread;
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
      default:
        return fail(ENOTTY, 'no such ioctl for namespaces');
    }
  }
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

/** A descriptor of a namespace, close-on-exec (open_related_ns). EMFILE. */
export function openNamespace(thread: Thread, namespace: Namespace): number {
  const path = namespacePath(thread.kernel, namespace);
  const file = new OpenFile(new NamespaceFile(path.inode, namespace), O_RDONLY, path);
  return thread.files.install(file, thread.process.limits.get(RLIMIT_NOFILE).soft, true);
}

export class NamespaceInode extends Inode {
  readonly namespace: Namespace;

  constructor(fs: FileSystem, namespace: Namespace) {
    super(fs, namespace.ino, S_IFREG | 0o444, 0, 0);
    this.namespace = namespace;
  }

  override get isImmutable(): boolean {
    return true;
  }

  override open(): FileDescriptor {
    return new NamespaceFile(this, this.namespace);
  }
}

export function namespacePath(kernel: Kernel, namespace: Namespace): Path {
  const mount = kernel.vfs.namespaceMount;
  const inode = new NamespaceInode(mount.fs, namespace);
  return new Path(mount, new Dentry(namespace.label, undefined, inode));
}
