// A host directory behind a read-only or read-write mount.
// Looking is an lstat on the host; making, removing and renaming happen there at once.
import { S_IFDIR, S_IFMT, S_IFREG } from '../../abi/stat.ts';
import { EINVAL, EPERM, EXDEV, fail } from '../../errno.ts';
import type { FileDescriptor } from '../../file/file-descriptor.ts';
import type { HostStat } from '../../host.ts';
import type { Thread } from '../../task/thread.ts';
import { DirectoryFile } from '../directory-file.ts';
import { type AttributeChange, type DirectoryEntry, Inode, type NewInode } from '../inode.ts';
import type { Path } from '../path.ts';
import { RENAME_EXCHANGE, RENAME_WHITEOUT } from '../rename-flags.ts';
import { hostCall, hostTry } from './host-call.ts';
import type { AnyHostInode } from './host-fs.ts';
import type { HostLink } from './host-link.ts';
import { HostRegular } from './host-regular.ts';

export class HostDirectory extends Inode {
  readonly onHost: HostLink;

  constructor(link: HostLink, ino: number, stat: HostStat) {
    super(link.fs, ino, stat.mode, stat.uid, stat.gid);
    this.onHost = link;
  }

  override get size(): number {
    return this.onHost.size;
  }

  override refresh(): void {
    this.onHost.refresh(this);
  }

  override setAttributes(change: AttributeChange): void {
    this.onHost.set(this, change);
  }

  override open(_thread: Thread, path: Path): FileDescriptor {
    return new DirectoryFile(this, path);
  }

  override lookup(name: string): AnyHostInode | undefined {
    return this.onHost.fs.find(this, name);
  }

  override hasEntry(name: string): boolean {
    return hostTry(() => this.onHost.fs.host.lstat(this.#path(name))) !== undefined;
  }

  override readdir(): DirectoryEntry[] {
    const list: DirectoryEntry[] = [];
    for (const name of hostCall(() => this.onHost.fs.host.readdir(this.onHost.path))) {
      const inode = this.lookup(name);
      if (inode !== undefined) list.push({ name, ino: inode.ino, type: inode.type });
    }
    return list;
  }

  #path(name: string): string {
    return this.onHost.fs.pathOf(this, name);
  }

  #found(name: string): AnyHostInode {
    return this.lookup(name) ?? fail(EPERM, 'the host did not keep the new file');
  }

  /** New files belong to the host's user; root on the host gives them to the guest's. EPERM for devices and FIFOs. */
  override create(name: string, what: NewInode): Inode {
    const { host } = this.onHost.fs;
    const path = this.#path(name);
    const kind = what.mode & S_IFMT;
    if (kind !== S_IFREG && kind !== S_IFDIR)
      fail(EPERM, 'only files, directories and links are made on the host');
    hostCall(() => {
      if (kind === S_IFDIR) host.mkdir(path, what.mode & 0o7777);
      else host.open(path, true, { mode: what.mode & 0o7777, exclusive: true }).close();
    });
    hostTry(() => host.chown(path, what.uid, what.gid));
    hostTry(() => host.chmod(path, what.mode & 0o7777)); // the host's umask does not count
    return this.#found(name);
  }

  override symlink(name: string, target: string, what: NewInode): Inode {
    const { host } = this.onHost.fs;
    hostCall(() => host.symlink(target, this.#path(name)));
    hostTry(() => host.chown(this.#path(name), what.uid, what.gid));
    return this.#found(name);
  }

  override link(name: string, inode: Inode): void {
    const { onHost } = inode as AnyHostInode; // of this file system: the caller has checked
    hostCall(() => this.onHost.fs.host.link(onHost.path, this.#path(name)));
    inode.refresh();
  }

  override unlink(name: string): void {
    const inode = this.lookup(name);
    if (inode instanceof HostRegular) inode.keepOpen();
    hostCall(() => this.onHost.fs.host.unlink(this.#path(name)));
    if (inode !== undefined) this.#dropName(inode);
  }

  #dropName(inode: AnyHostInode): void {
    inode.nlink = inode.isDirectory ? 0 : Math.max(0, inode.nlink - 1);
    if (inode.nlink === 0) this.onHost.fs.forget(inode);
  }

  override rmdir(name: string): void {
    const inode = this.lookup(name);
    hostCall(() => this.onHost.fs.host.rmdir(this.#path(name)));
    if (inode !== undefined) this.#dropName(inode);
  }

  override rename(name: string, newParent: Inode, newName: string, flags: number): void {
    if (!(newParent instanceof HostDirectory)) fail(EXDEV, 'the new name is on another file system');
    if ((flags & (RENAME_EXCHANGE | RENAME_WHITEOUT)) !== 0)
      fail(EINVAL, 'host files cannot be exchanged, nor leave a whiteout');
    const moved = this.lookup(name);
    const replaced = newParent.lookup(newName);
    if (replaced instanceof HostRegular) replaced.keepOpen();
    hostCall(() => this.onHost.fs.host.rename(this.#path(name), newParent.#path(newName)));
    if (moved !== undefined) moved.onHost.place = { parent: newParent, name: newName };
    if (replaced !== undefined && replaced !== moved) this.#dropName(replaced);
  }
}
