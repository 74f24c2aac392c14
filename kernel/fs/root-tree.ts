// The trees a machine can start with: an in-memory root, or an overlay of a host directory; then /dev, /tmp, /run.
// The Machine calls these before the first process; procfs, ptys and terminals are mounted by their own subsystems.
import { MS_NODEV, MS_NOSUID, MS_RDONLY, MS_RELATIME } from '../abi/mount-flags.ts';
import type { Kernel } from '../kernel.ts';
import { late } from '../late.ts';
import { KMSG_NUMBER, MEMORY_DEVICES, USERFAULTFD_NUMBER } from './devices/memory-devices.ts';
import { HostFileSystem } from './host/host-fs.ts';
import { OverlayFileSystem } from './host/overlay-fs.ts';
import type { Mount } from './mount.ts';
import { MemoryFileSystem } from './tmpfs/memory-fs.ts';
import { Tree } from './tree.ts';

/** What of a root directory programs without one of their own expect. */
const DIRECTORIES: readonly (readonly [string, number])[] = [
  ['/bin', 0o755],
  ['/dev', 0o755],
  ['/etc', 0o755],
  ['/home', 0o755],
  ['/lib', 0o755],
  ['/mnt', 0o755],
  ['/opt', 0o755],
  ['/proc', 0o555],
  ['/root', 0o700],
  ['/run', 0o755],
  ['/sbin', 0o755],
  ['/sys', 0o555],
  ['/tmp', 0o1777],
  ['/usr/bin', 0o755],
  ['/usr/lib', 0o755],
  ['/var/log', 0o755],
  ['/var/tmp', 0o1777],
];

const ETC: Readonly<Record<string, string>> = {
  passwd: [
    'root:x:0:0:root:/root:/bin/sh',
    'daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin',
    'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin',
    '',
  ].join('\n'),
  group: ['root:x:0:', 'daemon:x:1:', 'tty:x:5:', 'nogroup:x:65534:', ''].join('\n'),
  hosts: '127.0.0.1\tlocalhost guest\n::1\tlocalhost ip6-localhost ip6-loopback\n',
  'nsswitch.conf':
    'passwd: files\ngroup: files\nshadow: files\nhosts: files\nservices: files\nprotocols: files\n',
  hostname: 'guest\n',
  'resolv.conf': '',
  services:
    'echo\t7/tcp\necho\t7/udp\nssh\t22/tcp\ndomain\t53/tcp\ndomain\t53/udp\nhttp\t80/tcp\nhttps\t443/tcp\n',
  protocols: 'ip\t0\tIP\nicmp\t1\tICMP\ntcp\t6\tTCP\nudp\t17\tUDP\n',
  'os-release': 'NAME=Rivulet\nID=rivulet\nPRETTY_NAME="Rivulet"\n',
};

/** A root in memory with the directories and /etc that C libraries look for. */
export function mountMemoryRoot(kernel: Kernel): Tree {
  const fs = new MemoryFileSystem(kernel, { rootMode: 0o755 });
  const tree = new Tree(kernel.vfs.mountRoot(fs, fs.root, 'rootfs').rootPath);
  for (const [path, mode] of DIRECTORIES) tree.directory(path, mode);
  tree.symlink('/var/run', '/run');
  for (const [name, text] of Object.entries(ETC)) tree.file(`/etc/${name}`, text);
  tree.symlink('/etc/mtab', '/proc/self/mounts');
  return tree;
}

/**
 * The host directory `hostPath` as root, copy on write. Throws an errno when it is not there. A name that links to
 * itself, as the `proc -> /proc` that debootstrap leaves where it may not mount, gives way to the directory.
 */
export function mountOverlayRoot(kernel: Kernel, hostPath: string): Tree {
  const fs = new OverlayFileSystem(kernel, hostPath);
  const tree = new Tree(kernel.vfs.mountRoot(fs, fs.root, 'overlay').rootPath);
  for (const [path, mode] of [
    ['/dev', 0o755],
    ['/proc', 0o555],
    ['/sys', 0o555],
    ['/tmp', 0o1777],
  ] as const) {
    if (fs.root.lookup(path.slice(1))?.linkTarget === path) fs.root.unlink(path.slice(1));
    tree.directory(path, mode);
  }
  return tree;
}

/** /dev with the devices of this kernel's fs, and /dev/shm. Terminals add their own nodes. */
export function mountDevices(kernel: Kernel, tree: Tree): void {
  const { vfs } = kernel;
  for (const type of ['tmpfs', 'ramfs'])
    vfs.registerFileSystem(type, {
      make: (thread, options) => late.tmpfs.make(thread, options),
      accepts: (thread, key, value) => late.tmpfs.accepts(thread, key, value),
    });
  vfs.registerFileSystem('mqueue', {
    make: ({ namespaces }) => namespaces.ipc.posixQueues,
    shows: ({ ipc }) => ipc,
    isShared: true,
  });
  const dev = new MemoryFileSystem(kernel, { type: 'devtmpfs', rootMode: 0o755 });
  vfs.mount(tree.find('/dev'), dev, dev.root, 'devtmpfs', MS_NOSUID | MS_RELATIME);
  for (const { name, mode, rdev, open } of MEMORY_DEVICES) {
    vfs.registerDevice(rdev, open);
    tree.device(`/dev/${name}`, mode, rdev);
  }
  vfs.registerDevice(KMSG_NUMBER, (thread, path, flags) => late.openKmsg(thread, path, flags));
  tree.device('/dev/kmsg', 0o644, KMSG_NUMBER);
  vfs.registerDevice(USERFAULTFD_NUMBER, (_thread, path) => late.openUserfaultDevice(path));
  tree.device('/dev/userfaultfd', 0o600, USERFAULTFD_NUMBER);
  tree.symlink('/dev/fd', '/proc/self/fd');
  for (const [fd, name] of ['stdin', 'stdout', 'stderr'].entries())
    tree.symlink(`/dev/${name}`, `/proc/self/fd/${fd}`);
  const shm = new MemoryFileSystem(kernel, { rootMode: 0o1777 });
  vfs.mount(tree.directory('/dev/shm'), shm, shm.root, 'tmpfs', MS_NOSUID | MS_NODEV | MS_RELATIME);
  tree.directory('/dev/pts');
}

/** How a host directory is mounted: copied on write (the host never changes), read-only, or read-write. */
export type HostMountMode = 'overlay' | 'read-only' | 'read-write';

/** Mounts the host directory `hostPath` at `guestPath`, making the directories above it. Throws an errno. */
export function mountHostDirectory(
  kernel: Kernel,
  tree: Tree,
  hostPath: string,
  guestPath: string,
  mode: HostMountMode = 'overlay',
): Mount {
  const fs =
    mode === 'overlay'
      ? new OverlayFileSystem(kernel, hostPath)
      : new HostFileSystem(kernel, hostPath, mode === 'read-write');
  const flags = MS_RELATIME | (mode === 'read-only' ? MS_RDONLY : 0);
  return kernel.vfs.mount(tree.directory(guestPath), fs, fs.root, hostPath, flags);
}
