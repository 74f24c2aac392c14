// A host directory as it is, read-only or read-write: every look and every change goes to the host.
// Mounts with `:ro` and `:rw` are such file systems; nothing is remembered but which inode is which.
// Paths are built from names that were looked up one by one without following links, so they stay inside.
import { S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from '../../abi/stat.ts';
import { EINVAL, ENOTDIR, fail } from '../../errno.ts';
import type { HostFiles, HostStat } from '../../host.ts';
import type { Kernel } from '../../kernel.ts';
import type { FileSystem } from '../inode.ts';
import { hostCall, hostTry } from './host-call.ts';
import { HostDirectory } from './host-directory.ts';
import { HostLink, HostNode, HostSymlink } from './host-link.ts';
import { HostRegular } from './host-regular.ts';

const V9FS_MAGIC = 0x01021997;

/** An inode of this file system. */
export type AnyHostInode = HostDirectory | HostRegular | HostSymlink | HostNode;

export class HostFileSystem implements FileSystem {
  readonly type = '9p';
  readonly magic = V9FS_MAGIC;
  readonly dev: number;
  readonly readOnly: boolean;
  readonly kernel: Kernel;
  readonly host: HostFiles;
  readonly root: HostDirectory;
  readonly #rootPath: string;
  readonly #inodes = new Map<string, AnyHostInode>();
  #nextIno = 1;

  /** ENOENT, ENOTDIR … when `hostPath` is no directory; EINVAL where the host has no files. */
  constructor(kernel: Kernel, hostPath: string, writable: boolean) {
    this.kernel = kernel;
    this.host = kernel.host.files ?? fail(EINVAL, 'this host has no files to mount');
    this.dev = kernel.vfs.allocateDev();
    this.readOnly = !writable;
    this.#rootPath = hostPath;
    const stat = hostCall(() => this.host.lstat(hostPath));
    if ((stat.mode & S_IFMT) !== S_IFDIR) fail(ENOTDIR, 'only a directory can be mounted');
    this.root = this.#adopt(stat, undefined, '') as HostDirectory;
  }

  /** The inode of `name` in `parent` as it is now; undefined when there is none. */
  find(parent: HostDirectory, name: string): AnyHostInode | undefined {
    const stat = hostTry(() => this.host.lstat(this.pathOf(parent, name)));
    return stat === undefined ? undefined : this.#adopt(stat, parent, name);
  }

  /** The host path of `name` in `parent`. */
  pathOf(parent: HostDirectory | undefined, name: string): string {
    if (parent === undefined) return this.#rootPath;
    const above = parent.onHost.path;
    return above === '/' ? `/${name}` : `${above}/${name}`;
  }

  #adopt(stat: HostStat, parent: HostDirectory | undefined, name: string): AnyHostInode {
    const key = `${stat.dev}:${stat.ino}`;
    const known = this.#inodes.get(key);
    if (known !== undefined && known.type === (stat.mode & S_IFMT)) {
      known.onHost.place = { parent, name };
      known.onHost.take(known, stat);
      return known;
    }
    const inode = this.#construct(stat, new HostLink(this, key, { parent, name }));
    inode.onHost.take(inode, stat);
    this.#inodes.set(key, inode);
    return inode;
  }

  #construct(stat: HostStat, link: HostLink): AnyHostInode {
    const ino = this.#nextIno++;
    switch (stat.mode & S_IFMT) {
      case S_IFREG:
        return new HostRegular(link, ino, stat);
      case S_IFDIR:
        return new HostDirectory(link, ino, stat);
      case S_IFLNK:
        return new HostSymlink(link, ino, stat);
      default:
        return new HostNode(link, ino, stat);
    }
  }

  /** The last name of an inode is gone: another file may get its number on the host. */
  forget(inode: AnyHostInode): void {
    if (this.#inodes.get(inode.onHost.key) === inode) this.#inodes.delete(inode.onHost.key);
  }

  statfs(): ReturnType<FileSystem['statfs']> {
    return { ...hostCall(() => this.host.statfs(this.#rootPath)), nameMax: 255 };
  }
}
