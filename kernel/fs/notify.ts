// Telling watchers what happens to files (fs/notify/fsnotify.c): inotify(7), dnotify for directories, and fanotify(7).
// The file calls report here after they succeeded; an inode without watches, and a directory without, cost one test.
// An event at a file is told to the file's watches, and with its name to those of the directory it was reached through.
import type { Thread } from '../task/thread.ts';
import type { Wait } from '../wait.ts';
import type { Inode } from './inode.ts';
import type { Mount } from './mount.ts';
import type { Dentry, Path } from './path.ts';

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
/** Opened to be executed: for fanotify alone, as the questions that follow. */
export const FS_OPEN_EXEC = 0x1000;
export const FS_OPEN_PERM = 0x1_0000;
export const FS_ACCESS_PERM = 0x2_0000;
export const FS_OPEN_EXEC_PERM = 0x4_0000;
/** The name changed: for fanotify, and within one directory for dnotify. */
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

/** What fanotify hears: one happening, once for each group, whatever places the group has marked. */
export interface Happening {
  /** As in FileEvent, or a question (FS_*_PERM). */
  readonly mask: number;
  readonly inode: Inode;
  readonly dentry: Dentry | undefined;
  /** Where it is, for events that are about an open file. */
  readonly path: Path | undefined;
  /** Its directory, and its name there. */
  readonly directory: Dentry | undefined;
  readonly name: string | undefined;
  /** FS_RENAME: where it is now. */
  readonly moved?: EntryPlace;
}

/** The marks that there are in the places of a happening. */
export interface MarkedPlaces {
  readonly inode: Marks | undefined;
  /** Of the directory, where the happening is not one of directories' entries. */
  readonly parent: Marks | undefined;
  /** FS_RENAME: of the directory it is in now. */
  readonly target?: Marks | undefined;
  readonly mount: Marks | undefined;
  readonly fs: Marks | undefined;
}

/** fanotify's marks on one inode, mount or file system (kernel/fanotify/marks.ts). */
export interface Marks {
  /** Tells all groups with marks in these places, this one among them. */
  announce(happening: Happening, places: MarkedPlaces): void;
  /** Asks those that want to be asked: a Wait while one has not answered. EPERM when one denies. */
  ask(thread: Thread, happening: Happening, places: MarkedPlaces): Wait | undefined;
  /** The inode is gone for good. */
  ended(): void;
}

/** Tells the watches of `inode` itself. */
export function notifyInode(inode: Inode, mask: number): void {
  if (inode.watches !== undefined)
    tell(inode, { mask: withKind(mask, inode), name: undefined, cookie: 0, isUnlinked: false });
  announceSelf(inode, mask);
}

const NOWHERE = { dentry: undefined, path: undefined, directory: undefined, name: undefined };

/** Something happened to an entry of `directory`: made, removed, moved. `child` is what the name leads or led to. */
export function notifyEntry(directory: Dentry, name: string, child: Inode, mask: number, cookie = 0): void {
  const { inode } = directory;
  if (inode.watches !== undefined)
    tell(inode, { mask: withKind(mask, child), name, cookie, isUnlinked: false });
  const any = inode.marks ?? inode.fs.marks;
  if (any === undefined) return;
  const dentry = directory.knownChild(name);
  const happening = { mask: withKind(mask, child), inode: child, dentry, path: undefined, directory, name };
  any.announce(happening, { inode: inode.marks, parent: undefined, mount: undefined, fs: inode.fs.marks });
}

/** Something happened to the open file at `path`: its directory's watches and its own are told. */
export function notifyPath(path: Path, mask: number): void {
  notifyAt(path, mask, path.mount);
}

/** The attributes of the file at `path` changed, or its size by them: nobody hears through which mount. */
export function notifyChange(path: Path, mask: number): void {
  notifyAt(path, mask, undefined);
}

function notifyAt(path: Path, mask: number, mount: Mount | undefined): void {
  const { dentry } = path;
  const { inode, parent } = dentry;
  if (parent !== undefined && parent.inode.watches !== undefined) {
    const event = { mask: withKind(mask, inode), name: dentry.name, cookie: 0, isUnlinked: dentry.isDeleted };
    tell(parent.inode, event);
  }
  if (inode.watches !== undefined)
    tell(inode, { mask: withKind(mask, inode), name: undefined, cookie: 0, isUnlinked: false });
  const any = inode.marks ?? parent?.inode.marks ?? mount?.marks ?? inode.fs.marks;
  if (any === undefined) return;
  any.announce(happeningAt(path, mask, mount), placesOf(path, mount));
}

/** Asks whether the file at `path` may be opened, executed or read: a Wait until all have answered. EPERM. */
export function askWatchers(thread: Thread, path: Path, mask: number): Wait | undefined {
  const { inode, parent } = path.dentry;
  const any = inode.marks ?? parent?.inode.marks ?? path.mount.marks ?? inode.fs.marks;
  return any?.ask(thread, happeningAt(path, mask, path.mount), placesOf(path, path.mount));
}

function happeningAt(path: Path, mask: number, mount: Mount | undefined): Happening {
  const { dentry } = path;
  return {
    mask: withKind(mask, dentry.inode),
    inode: dentry.inode,
    dentry,
    path: mount === undefined ? undefined : path,
    directory: dentry.parent,
    name: dentry.name,
  };
}

function placesOf({ dentry }: Path, mount: Mount | undefined): MarkedPlaces {
  const { inode, parent } = dentry;
  return { inode: inode.marks, parent: parent?.inode.marks, mount: mount?.marks, fs: inode.fs.marks };
}

/** A name in a directory. */
export interface EntryPlace {
  readonly directory: Dentry;
  readonly name: string;
}

/** Both halves of a rename, and the moved file's own event (fsnotify_move). */
export function notifyMove(
  from: EntryPlace,
  to: EntryPlace,
  moved: Inode,
  replaced: Inode | undefined,
  cookie: number,
): void {
  announceRename(from, to, moved);
  notifyEntry(from.directory, from.name, moved, IN_MOVED_FROM, cookie);
  notifyEntry(to.directory, to.name, moved, IN_MOVED_TO, cookie);
  if (replaced !== undefined) notifyInode(replaced, IN_ATTRIB); // it has a name less
  const { inode } = to.directory;
  if (from.directory === to.directory && inode.watches !== undefined)
    tell(inode, { mask: withKind(FS_RENAME, moved), name: to.name, cookie: 0, isUnlinked: false });
  // inotify hears of a directory's own move without a word that it is one
  tell(moved, { mask: IN_MOVE_SELF, name: undefined, cookie: 0, isUnlinked: false });
  announceSelf(moved, IN_MOVE_SELF);
}

function announceRename(from: EntryPlace, to: EntryPlace, moved: Inode): void {
  const old = from.directory.inode.marks;
  const target = to.directory.inode.marks;
  const { marks: fs } = moved.fs;
  const any = old ?? target ?? fs;
  if (any === undefined) return;
  const dentry = to.directory.knownChild(to.name);
  const mask = withKind(FS_RENAME, moved);
  const happening = { mask, inode: moved, dentry, path: undefined, ...from, moved: to };
  any.announce(happening, { inode: old, parent: undefined, target, mount: undefined, fs });
}

/** The last name and the last open description of `inode` are gone. */
export function notifyGone(inode: Inode): void {
  announceSelf(inode, IN_DELETE_SELF);
  inode.marks?.ended();
  if (inode.watches === undefined) return;
  tell(inode, { mask: IN_DELETE_SELF, name: undefined, cookie: 0, isUnlinked: false });
  for (const watch of [...(inode.watches ?? [])]) watch.ended();
  inode.watches = undefined;
}

function announceSelf(inode: Inode, mask: number): void {
  const { marks: fs } = inode.fs;
  const any = inode.marks ?? fs;
  if (any === undefined) return;
  const happening = { mask: withKind(mask, inode), inode, ...NOWHERE };
  any.announce(happening, { inode: inode.marks, parent: undefined, mount: undefined, fs });
}

function withKind(mask: number, inode: Inode): number {
  return inode.isDirectory ? mask | IN_ISDIR : mask;
}

function tell(inode: Inode, event: FileEvent): void {
  for (const watch of [...(inode.watches ?? [])]) watch.notify(event);
}
