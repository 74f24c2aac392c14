// What ties an inode to a host file: where it is, and how its attributes are read and set there.
// The four kinds of host inodes hold one each; host paths exist nowhere else.
import { S_IFBLK, S_IFCHR, S_IFIFO } from '../../abi/stat.ts';
import { ELOOP, ENXIO, fail } from '../../errno.ts';
import type { FileDescriptor } from '../../file/file-descriptor.ts';
import type { HostStat } from '../../host.ts';
import { openFifo } from '../../pipe/fifo.ts';
import type { Thread } from '../../task/thread.ts';
import type { Wait } from '../../wait.ts';
import { type AttributeChange, Inode } from '../inode.ts';
import type { Path } from '../path.ts';
import { hostCall, hostTry } from './host-call.ts';
import type { HostDirectory } from './host-directory.ts';
import type { HostFileSystem } from './host-fs.ts';

export interface Place {
  /** Undefined for the mount's root. */
  readonly parent: HostDirectory | undefined;
  readonly name: string;
}

export class HostLink {
  readonly fs: HostFileSystem;
  /** Device and inode number on the host. */
  readonly key: string;
  /** The name it was last found by. */
  place: Place;
  size = 0;

  constructor(fs: HostFileSystem, key: string, place: Place) {
    this.fs = fs;
    this.key = key;
    this.place = place;
  }

  get path(): string {
    return this.fs.pathOf(this.place.parent, this.place.name);
  }

  /** Copies what the host says into the inode. */
  take(inode: Inode, stat: HostStat): void {
    inode.mode = stat.mode;
    inode.uid = stat.uid;
    inode.gid = stat.gid;
    inode.nlink = stat.nlink;
    inode.rdev = stat.rdev;
    inode.atimeNs = stat.atimeNs;
    inode.mtimeNs = stat.mtimeNs;
    inode.ctimeNs = stat.ctimeNs;
    inode.btimeNs = stat.mtimeNs;
    this.size = stat.size;
  }

  /** Looks again; a file that has gone keeps what was known of it. */
  refresh(inode: Inode): void {
    if (inode.nlink === 0) return;
    const stat = hostTry(() => this.fs.host.lstat(this.path));
    if (stat !== undefined && `${stat.dev}:${stat.ino}` === this.key) this.take(inode, stat);
  }

  set(inode: Inode, change: AttributeChange): void {
    const { host } = this.fs;
    hostCall(() => {
      if (change.uid !== undefined || change.gid !== undefined) {
        host.chown(this.path, change.uid ?? inode.uid, change.gid ?? inode.gid);
      }
      if (change.mode !== undefined) host.chmod(this.path, change.mode & 0o7777);
      if (change.atimeNs !== undefined || change.mtimeNs !== undefined) {
        host.utimes(this.path, change.atimeNs ?? inode.atimeNs, change.mtimeNs ?? inode.mtimeNs);
      }
    });
    this.refresh(inode);
  }
}

export class HostSymlink extends Inode {
  readonly onHost: HostLink;

  constructor(link: HostLink, ino: number, stat: HostStat) {
    super(link.fs, ino, stat.mode, stat.uid, stat.gid);
    this.onHost = link;
  }

  override get size(): number {
    return this.onHost.size;
  }

  override get linkTarget(): string {
    return hostCall(() => this.onHost.fs.host.readlink(this.onHost.path));
  }

  override refresh(): void {
    this.onHost.refresh(this);
  }

  override setAttributes(change: AttributeChange): void {
    this.onHost.set(this, change);
  }

  override open(): never {
    fail(ELOOP, 'a symbolic link, and O_NOFOLLOW');
  }
}

/** Sockets, devices and FIFOs of the host: their names are shared, what is behind them is the guest's own. */
export class HostNode extends Inode {
  readonly onHost: HostLink;

  constructor(link: HostLink, ino: number, stat: HostStat) {
    super(link.fs, ino, stat.mode, stat.uid, stat.gid);
    this.onHost = link;
  }

  override refresh(): void {
    this.onHost.refresh(this);
  }

  override setAttributes(change: AttributeChange): void {
    this.onHost.set(this, change);
  }

  override open(thread: Thread, path: Path, flags: number): FileDescriptor | Wait {
    if (this.type === S_IFIFO) return openFifo(thread, this, flags);
    if (this.type === S_IFCHR) return this.onHost.fs.kernel.vfs.openDevice(thread, path, flags);
    fail(ENXIO, this.type === S_IFBLK ? 'there are no block devices' : 'a socket cannot be opened');
  }
}
