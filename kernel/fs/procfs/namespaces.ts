// /proc/PID/ns: the namespaces a process is in (namespaces(7)). There is one of each; their numbers are Linux's first ones.
// process-node.ts puts the directory into a process's own. Following a link gives a file that identifies the namespace.
import { FileDescriptor } from '../../file/file-descriptor.ts';
import type { Kernel } from '../../kernel.ts';
import { type FileSystem, Inode, S_IFREG } from '../inode.ts';
import { Dentry, Path } from '../path.ts';
import { directory, type LinkNode, type ProcNode } from './nodes.ts';
import { demandLook, type Target } from './target.ts';

/** PROC_CGROUP_INIT_INO … (include/linux/proc_ns.h). */
const NAMESPACES: Readonly<Record<string, readonly [type: string, ino: number]>> = {
  cgroup: ['cgroup', 4_026_531_835],
  ipc: ['ipc', 4_026_531_839],
  mnt: ['mnt', 4_026_531_832],
  net: ['net', 4_026_531_833],
  pid: ['pid', 4_026_531_836],
  pid_for_children: ['pid', 4_026_531_836],
  time: ['time', 4_026_531_834],
  time_for_children: ['time', 4_026_531_834],
  user: ['user', 4_026_531_837],
  uts: ['uts', 4_026_531_838],
};

class NamespaceFile extends FileDescriptor {
  readonly kind = 'namespace';
  override readonly inode: Inode;

  constructor(inode: Inode) {
    super();
    this.inode = inode;
  }
}

class NamespaceInode extends Inode {
  constructor(fs: FileSystem, ino: number) {
    super(fs, ino, S_IFREG | 0o444, 0, 0);
  }

  override open(): FileDescriptor {
    return new NamespaceFile(this);
  }
}

function namespacePath(kernel: Kernel, type: string, ino: number): Path {
  const mount = kernel.vfs.pseudoMount;
  return new Path(mount, new Dentry(`${type}:[${ino}]`, undefined, new NamespaceInode(mount.fs, ino)));
}

export function namespaceDirectory(target: Target): ProcNode {
  const entries: Record<string, LinkNode> = {};
  for (const [name, [type, ino]] of Object.entries(NAMESPACES)) {
    entries[name] = {
      kind: 'link',
      target: (reader) => {
        demandLook(reader, target);
        return `${type}:[${ino}]`;
      },
      follow: (reader) => {
        demandLook(reader, target);
        return namespacePath(target.kernel, type, ino);
      },
    };
  }
  return directory(entries, 0o511);
}
