// Telling watchers what happens to files (fs/notify/fsnotify.c): inotify(7), and dnotify for directories.
// The file calls report here after they succeeded; an inode without watches, and a directory without, cost one test.
// An event at a file is told to the file's watches, and with its name to those of the directory it was reached through.
import type { Inode } from './inode.ts';
import type { Path } from './path.ts';

export const IN_ACCESS = 0x1;
export const IN_MODIFY = 0x2;
export const IN_ATTRIB = 0x4;
export const IN_CLOSE_WRITE = 0x8;
export const IN_CLOSE_NOWRITE = 0x10;
export const IN_OPEN = 0x20;
export const IN_MOVED_FROM = 0x40;
export const IN_MOVED_TO = 0x80;
export const IN_CREATE = 0x100;
export const IN_DELETE = 0x200;
export const IN_DELETE_SELF = 0x400;
export const IN_MOVE_SELF = 0x800;
/** The name changed within one directory: for dnotify alone. */
export const FS_RENAME = 0x1000_0000;
export const IN_ISDIR = 0x4000_0000;

/** One thing that happened. */
export interface FileEvent {
  /** One IN_* event, with IN_ISDIR when a directory is concerned. */
  readonly mask: number;
  /** In the directory that is watched; undefined for the watched file itself. */
  readonly name: string | undefined;
  /** Joins the two halves of a rename; 0 otherwise. */
  readonly cookie: number;
  /** The name was removed before (IN_EXCL_UNLINK). */
  readonly isUnlinked: boolean;
}

/** A watch on one inode. */
export interface InodeWatch {
  notify(event: FileEvent): void;
  /** The inode is gone for good, or its file system was unmounted: the watch ends. */
  ended(): void;
}

/** Tells the watches of `inode` itself. */
export function notifyInode(inode: Inode, mask: number): void {
  if (inode.watches === undefined) return;
  tell(inode, { mask: withKind(mask, inode), name: undefined, cookie: 0, isUnlinked: false });
}

/** Something happened to an entry of `directory`: made, removed, moved. `child` is what the name leads or led to. */
export function notifyEntry(directory: Inode, name: string, child: Inode, mask: number, cookie = 0): void {
  if (directory.watches === undefined) return;
  tell(directory, { mask: withKind(mask, child), name, cookie, isUnlinked: false });
}

/** Something happened to the file at `path`: its directory's watches and its own are told. */
export function notifyPath({ dentry }: Path, mask: number): void {
  const { inode, parent } = dentry;
  if (parent !== undefined && parent.inode.watches !== undefined) {
    const event = { mask: withKind(mask, inode), name: dentry.name, cookie: 0, isUnlinked: dentry.isDeleted };
    tell(parent.inode, event);
  }
  notifyInode(inode, mask);
}

/** A name in a directory. */
export interface EntryPlace {
  readonly directory: Inode;
  readonly name: string;
}

/** Both halves of a rename, and the moved file's own event (fsnotify_move). */
export function notifyMove(from: EntryPlace, to: EntryPlace, moved: Inode, cookie: number): void {
  notifyEntry(from.directory, from.name, moved, IN_MOVED_FROM, cookie);
  notifyEntry(to.directory, to.name, moved, IN_MOVED_TO, cookie);
  if (from.directory === to.directory) notifyEntry(to.directory, to.name, moved, FS_RENAME);
  tell(moved, { mask: IN_MOVE_SELF, name: undefined, cookie: 0, isUnlinked: false });
}

/** The last name and the last open description of `inode` are gone. */
export function notifyGone(inode: Inode): void {
  if (inode.watches === undefined) return;
  tell(inode, { mask: IN_DELETE_SELF, name: undefined, cookie: 0, isUnlinked: false });
  for (const watch of [...(inode.watches ?? [])]) watch.ended();
  inode.watches = undefined;
}

function withKind(mask: number, inode: Inode): number {
  return inode.isDirectory ? mask | IN_ISDIR : mask;
}

function tell(inode: Inode, event: FileEvent): void {
  for (const watch of [...(inode.watches ?? [])]) watch.notify(event);
}
