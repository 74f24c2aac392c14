// /proc/PID/ns: the namespaces a process is in (namespaces(7)). There is one of each; their numbers are Linux's first ones.
// process-node.ts puts the directory into a process's own. Following a link gives a file that identifies the namespace.
import { O_RDONLY } from '../../abi/fcntl.ts';
import { NS_GET_NSTYPE, NS_GET_OWNER_UID, NS_GET_PARENT, NS_GET_USERNS } from '../../abi/ioctl.ts';
import { S_IFREG } from '../../abi/stat.ts';
import { EINVAL, ENOTTY, EPERM, fail } from '../../errno.ts';
import { FileDescriptor } from '../../file/file-descriptor.ts';
import { OpenFile } from '../../file/open-file.ts';
import type { Kernel } from '../../kernel.ts';
import { RLIMIT_NOFILE } from '../../task/rlimits.ts';
import type { Thread } from '../../task/thread.ts';
import { type FileSystem, Inode } from '../inode.ts';
import { Dentry, Path } from '../path.ts';
import { directory, type LinkNode, type ProcNode } from './nodes.ts';
import { demandLook, type Target } from './target.ts';

interface Namespace {
  readonly type: string;
  /** PROC_CGROUP_INIT_INO … (include/linux/proc_ns.h). */
  readonly ino: number;
  /** CLONE_NEW*. */
  readonly flag: number;
}

const USER: Namespace = { type: 'user', ino: 4_026_531_837, flag: 0x1000_0000 };
const PID: Namespace = { type: 'pid', ino: 4_026_531_836, flag: 0x2000_0000 };
const TIME: Namespace = { type: 'time', ino: 4_026_531_834, flag: 0x80 };
const NAMESPACES: Readonly<Record<string, Namespace>> = {
  cgroup: { type: 'cgroup', ino: 4_026_531_835, flag: 0x0200_0000 },
  ipc: { type: 'ipc', ino: 4_026_531_839, flag: 0x0800_0000 },
  mnt: { type: 'mnt', ino: 4_026_531_832, flag: 0x0002_0000 },
  net: { type: 'net', ino: 4_026_531_833, flag: 0x4000_0000 },
  pid: PID,
  pid_for_children: PID,
  time: TIME,
  time_for_children: TIME,
  user: USER,
  uts: { type: 'uts', ino: 4_026_531_838, flag: 0x0400_0000 },
};

/** An open namespace answers what it is and to whom it belongs (ioctl_nsfs(2), fs/nsfs.c). */
export class NamespaceFile extends FileDescriptor {
  readonly kind = 'namespace';
  override readonly inode: Inode;
  readonly #namespace: Namespace;

  constructor(inode: Inode, namespace: Namespace) {
    super();
    this.inode = inode;
    this.#namespace = namespace;
  }

  /** CLONE_NEW* of its kind. */
  get flag(): number {
    return this.#namespace.flag;
  }

  /** EPERM: what a first namespace came from. EINVAL: a question of another kind of namespace. ENOTTY. */
  override ioctl(thread: Thread, _file: OpenFile, request: number, argument: number): number {
    switch (request) {
      case NS_GET_USERNS:
        if (this.#namespace === USER) fail(EPERM, 'the first user namespace is of no other');
        return openNamespace(thread, USER);
      case NS_GET_PARENT:
        if (this.#namespace !== USER && this.#namespace !== PID) fail(EINVAL, 'not hierarchical');
        return fail(EPERM, 'the first namespace has no parent');
      case NS_GET_NSTYPE:
        return this.flag;
      case NS_GET_OWNER_UID:
        if (this.#namespace !== USER) fail(EINVAL, 'not a user namespace');
        thread.user.writeU32(argument, 0);
        return 0;
      default:
        return fail(ENOTTY, 'no such ioctl for namespaces');
    }
  }
}

function openNamespace(thread: Thread, namespace: Namespace): number {
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

function namespacePath(kernel: Kernel, namespace: Namespace): Path {
  const mount = kernel.vfs.namespaceMount;
  const inode = new NamespaceInode(mount.fs, namespace);
  return new Path(mount, new Dentry(`${namespace.type}:[${namespace.ino}]`, undefined, inode));
}

export function namespaceDirectory(target: Target): ProcNode {
  const entries: Record<string, LinkNode> = {};
  for (const [name, namespace] of Object.entries(NAMESPACES)) {
    entries[name] = {
      kind: 'link',
      target: (reader) => {
        demandLook(reader, target);
        return `${namespace.type}:[${namespace.ino}]`;
      },
      follow: (reader) => {
        demandLook(reader, target);
        return namespacePath(target.kernel, namespace);
      },
    };
  }
  return directory(entries, 0o511);
}
