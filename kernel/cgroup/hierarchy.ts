// The cgroups of a machine (cgroups(7)): the root of the one hierarchy, its file system, and where that is mounted.
// kernel.ts makes it when something first needs it. /sys/fs/cgroup is mounted when somebody first looks there or at the mounts.

import { MS_NODEV, MS_NOEXEC, MS_NOSUID, MS_RELATIME } from '../abi/mount-flags.ts';
import { EBADF, EINVAL, ENOENT, EPERM, fail } from '../errno.ts';
import { Tree } from '../fs/tree.ts';
import type { FileSystemType } from '../fs/vfs.ts';
import type { Kernel } from '../kernel.ts';
import type { Thread } from '../task/thread.ts';
import { Cgroup, CONTROLLERS } from './cgroup.ts';
import { CgroupDirectory, CgroupFileSystem } from './cgroup-fs.ts';
import type { ControlRow } from './control-files.ts';
import { demandEntry, type Opener } from './membership.ts';

export class Cgroups {
  readonly kernel: Kernel;
  readonly root = new Cgroup('', undefined);
  readonly fs: CgroupFileSystem;
  /** Removed, with zombies that are not reaped yet. */
  readonly dying = new Set<Cgroup>();
  /** The mount option nsdelegate. */
  isDelegatedToNamespaces = false;
  #isShown = false;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
    this.fs = new CgroupFileSystem(kernel, this);
  }

  /** Mounts it in the first mount namespace, as the init of a distribution would have, where there is a /sys of the machine's own. */
  show(): void {
    if (this.#isShown) return;
    this.#isShown = true;
    const { vfs } = this.kernel;
    const sys = vfs.tree.mounts.find(({ fs }) => fs.type === 'sysfs');
    if (sys === undefined) return;
    const place = new Tree(sys.rootPath).find('/fs/cgroup');
    const flags = MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RELATIME;
    vfs.mount(place, this.fs, this.fs.root, 'cgroup2', flags);
  }

  /** EPERM: nsdelegate, and a file of a namespace's root that belongs to the group above. */
  demandOutside({ namespace }: Opener, cgroup: Cgroup, { isDelegatable }: ControlRow): void {
    if (!this.isDelegatedToNamespaces || isDelegatable === true) return;
    if (namespace.root === cgroup && namespace !== this.kernel.namespaces.first.cgroup)
      fail(EPERM, 'nsdelegate: the limits of the namespace are not its own');
  }
}

/** Of no effect but nsdelegate: what the others change is not here. */
const OPTIONS = [
  'nsdelegate',
  'favordynmods',
  'memory_localevents',
  'memory_recursiveprot',
  'memory_hugetlb_accounting',
  'pids_localevents',
];

export const CGROUP2 = {
  /** Options count for all mounts, and are set from the first cgroup namespace (apply_cgroup_root_flags). EINVAL. */
  make: ({ kernel, namespaces }: Thread, text: string) => {
    const { cgroups } = kernel;
    const options = text.split(',').filter((option) => option !== '');
    if (options.some((option) => !OPTIONS.includes(option))) fail(EINVAL, 'unknown cgroup2 option');
    if (namespaces.cgroup === kernel.namespaces.first.cgroup)
      cgroups.isDelegatedToNamespaces = options.includes('nsdelegate');
    return cgroups.fs;
  },
  accepts: (_thread: Thread, key: string) => OPTIONS.includes(key),
} satisfies FileSystemType;

/** /proc/cgroups. */
export function controllersTable({ cgroups }: Kernel): string {
  const count = (name: (typeof CONTROLLERS)[number]): number =>
    [...cgroups.root.family()].filter((each) => each.has(name)).length;
  const rows = CONTROLLERS.map((name) => `${name}\t0\t${count(name)}\t1\n`);
  return `#subsys_name\thierarchy\tnum_cgroups\tenabled\n${rows.join('')}`;
}

/** The group that a directory of the cgroup file system is, for CLONE_INTO_CGROUP. EBADF; ENOENT when it was removed; as demandEntry. */
export function cgroupBehind(thread: Thread, fd: number, isThread: boolean): Cgroup {
  const { path } = thread.files.any(fd);
  if (!(path?.inode instanceof CgroupDirectory)) return fail(EBADF, 'no directory of a cgroup');
  const { cgroup } = path.inode;
  if (cgroup.isDead) fail(ENOENT, 'the cgroup was removed');
  demandEntry(thread, cgroup, !isThread);
  return cgroup;
}
