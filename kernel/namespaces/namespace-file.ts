// Files of namespaces (Linux: nsfs): what /proc/PID/ns leads to, and how one asks for related ones (ioctl_nsfs(2)).
// An open one, or a mount of one, keeps its namespace. setns takes the descriptor.
import { O_RDONLY } from '../abi/fcntl.ts';
import { S_IFREG } from '../abi/stat.ts';
import { FileDescriptor } from '../file/file-descriptor.ts';
import { OpenFile } from '../file/open-file.ts';
import { type FileSystem, Inode } from '../fs/inode.ts';
import { Dentry, Path } from '../fs/path.ts';
import type { Kernel } from '../kernel.ts';
import { late } from '../late.ts';
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

  override ioctl(thread: Thread, _file: OpenFile, request: number, argument: number): number {
    return late.namespaceIoctl(thread, this.namespace, request, argument);
  }
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
