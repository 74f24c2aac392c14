// The open description of a directory: a listing taken at its start, handed out piece by piece.
// getdents64 reads it; offsets are places in that listing, so they stay valid while the directory changes.
// Entries removed after the listing was taken are left out, entries made later appear after a rewind.
import { S_IFDIR } from '../abi/stat.ts';
import { EINVAL, EISDIR, fail } from '../errno.ts';
import { FileDescriptor } from '../file/file-descriptor.ts';
import type { OpenFile } from '../file/open-file.ts';
import type { Thread } from '../task/thread.ts';
import { DirectoryNotices } from './directory-notices.ts';
import { fileIoctl } from './file-ioctl.ts';
import type { DirectoryEntry, Inode } from './inode.ts';
import type { Path } from './path.ts';

/** fs/libfs.c: the position behind the last entry of tmpfs. */
const DIR_OFFSET_EOD = 0x7fff_ffff;

export class DirectoryFile extends FileDescriptor {
  readonly kind = 'directory';
  override get takesFlags(): boolean {
    return false;
  }

  override readonly inode: Inode;
  readonly path: Path;
  #listing: DirectoryEntry[] | undefined;
  #notices: DirectoryNotices | undefined;

  constructor(inode: Inode, path: Path) {
    super();
    this.inode = inode;
    this.path = path;
  }

  /** F_NOTIFY. */
  get notices(): DirectoryNotices {
    this.#notices ??= new DirectoryNotices(this.inode);
    return this.#notices;
  }

  override flush({ files }: Thread): void {
    this.#notices?.drop(files);
  }

  override get seekable(): boolean {
    return true;
  }

  /** tmpfs has no end to seek to (fs/libfs.c, offset_dir_llseek). */
  override seek(file: OpenFile, offset: number, whence: number): number {
    if (whence === 2 && this.inode.fs.type === 'tmpfs') fail(EINVAL, 'no SEEK_END in this directory');
    return super.seek(file, offset, whence);
  }

  override tryRead(): never {
    fail(EISDIR, 'a directory is read with getdents64');
  }

  /** The entry at `offset` and the offset behind it, skipping what is gone; undefined at the end. */
  entryAt(offset: number): { readonly entry: DirectoryEntry; readonly next: number } | undefined {
    if (offset === 0 || this.#listing === undefined) this.#listing = this.#list();
    const listing = this.#listing;
    for (let at = offset; at < listing.length; at++) {
      const entry = listing[at] as DirectoryEntry;
      if (at < 2 || this.inode.hasEntry(entry.name)) return { entry, next: at + 1 };
    }
    return undefined;
  }

  /** Where the position is when all was read; `last` is behind the last entry. */
  endPosition(last: number): number {
    return this.inode.fs.type === 'tmpfs' ? DIR_OFFSET_EOD : last;
  }

  #list(): DirectoryEntry[] {
    const { dentry } = this.path;
    const parent = dentry.parent?.inode ?? this.inode;
    if (this.inode.nlink === 0) return [];
    return [
      { name: '.', ino: this.inode.ino, type: S_IFDIR },
      { name: '..', ino: parent.ino, type: S_IFDIR },
      ...this.inode.readdir(),
    ];
  }

  override ioctl(thread: Thread, file: OpenFile, request: number, argument: number): number {
    return fileIoctl(thread, file, request, argument);
  }
}
