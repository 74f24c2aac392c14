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
import { RLIMIT_NOFILE } from '../task/rlimits.ts';
import type { Thread } from '../task/thread.ts';
import type { Namespace } from './namespace.ts';

export class NamespaceFile extends FileDescriptor {
  readonly kind = 'namespace';
  override readonly inode: Inode;
  readonly namespace: Namespace;

  constructor(inode: Inode, namespace: Namespace) {
    super();
    this.inode = inode;
    this.namespace = namespace;
  }

  /** EPERM: what a first namespace came from. EINVAL: a question of another kind of namespace. ENOTTY. */
  override ioctl(thread: Thread, _file: OpenFile, request: number, argument: number): number {
    const { namespace } = this;
    const isUser = namespace === thread.kernel.namespaces.user;
    switch (request) {
      case NS_GET_USERNS:
        if (isUser) fail(EPERM, 'the first user namespace is of no other');
        return openNamespace(thread, namespace.owner);
      case NS_GET_PARENT:
        if (namespace.kind !== 'user' && namespace.kind !== 'pid') fail(EINVAL, 'not hierarchical');
        return fail(EPERM, 'the first namespace has no parent');
      case NS_GET_NSTYPE:
        return namespace.flag;
      case NS_GET_OWNER_UID:
        if (!isUser) fail(EINVAL, 'not a user namespace');
        thread.user.writeU32(argument, 0);
        return 0;
      default:
        return fail(ENOTTY, 'no such ioctl for namespaces');
    }
  }
}

/** A descriptor of a namespace, close-on-exec (open_related_ns). EMFILE. */
export function openNamespace(thread: Thread, namespace: Namespace): number {
  const path = namespacePath(thread.kernel, namespace);
  const file = new OpenFile(new NamespaceFile(path.inode, namespace), O_RDONLY, path);
  return thread.files.install(file, thread.process.limits.get(RLIMIT_NOFILE).soft, true);
}

class NamespaceInode extends Inode {
  readonly #namespace: Namespace;

  constructor(fs: FileSystem, namespace: Namespace) {
    super(fs, namespace.ino, S_IFREG | 0o444, 0, 0);
    this.#namespace = namespace;
  }

  override open(): FileDescriptor {
    return new NamespaceFile(this, this.#namespace);
  }
}

export function namespacePath(kernel: Kernel, namespace: Namespace): Path {
  const mount = kernel.vfs.namespaceMount;
  const inode = new NamespaceInode(mount.fs, namespace);
  return new Path(mount, new Dentry(namespace.label, undefined, inode));
}
