// Files of namespaces (Linux: nsfs): what /proc/PID/ns leads to, and how one asks for related ones (ioctl_nsfs(2)).
// An open one, or a mount of one, keeps its namespace. setns takes the descriptor.
import { O_RDONLY } from '../abi/fcntl.ts';
import { NS_GET_NSTYPE, NS_GET_OWNER_UID, NS_GET_PARENT, NS_GET_USERNS } from '../abi/ioctl.ts';
import { S_IFREG } from '../abi/stat.ts';
import { EINVAL, ENOTTY, EPERM, fail } from '../errno.ts';
import { FileDescriptor } from '../file/file-descriptor.ts';
import { OpenFile } from '../file/open-file.ts';
import { type FileSystem, Inode } from '../fs/inode.ts';
import { Dentry, Path } from '../fs/path.ts';
import type { Kernel } from '../kernel.ts';
import { shownUid } from '../task/credentials.ts';
import { RLIMIT_NOFILE } from '../task/rlimits.ts';
import type { Thread } from '../task/thread.ts';
import type { Namespace } from './namespace.ts';
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
        if (namespace.kind !== 'pid') fail(EINVAL, 'not hierarchical');
        return fail(EPERM, 'the first namespace has no parent');
      case NS_GET_NSTYPE:
        return namespace.flag;
      case NS_GET_OWNER_UID:
        if (!(namespace instanceof UserNamespace)) return fail(EINVAL, 'not a user namespace');
        thread.user.writeU32(argument, shownUid(credentials, namespace.ownerUid));
        return 0;
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

  override open(): FileDescriptor {
    return new NamespaceFile(this, this.namespace);
  }
}

export function namespacePath(kernel: Kernel, namespace: Namespace): Path {
  const mount = kernel.vfs.namespaceMount;
  const inode = new NamespaceInode(mount.fs, namespace);
  return new Path(mount, new Dentry(namespace.label, undefined, inode));
}
