// Rights on files (security/landlock/fs.c): a right is there when every layer that handles it has a rule which gives it, at
// the file or at a directory above it. The calls that open, make, remove and move names ask here, by kernel/late.ts.
// Only threads in a domain come here.
import { O_ACCMODE } from '../abi/fcntl.ts';
import { ALL_ACCESS_FS, LANDLOCK_ACCESS_FS as FS } from '../abi/landlock.ts';
import { S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFSOCK } from '../abi/stat.ts';
import { EACCES, EPERM, EXDEV, fail } from '../errno.ts';
import type { Inode } from '../fs/inode.ts';
import { Path } from '../fs/path.ts';
import type { Thread } from '../task/thread.ts';
import type { Domain } from './domain.ts';
import { LayerMasks } from './layer-masks.ts';

/** Rights that mean something for what is no directory. */
export const ACCESS_FILE = FS.EXECUTE | FS.WRITE_FILE | FS.READ_FILE | FS.TRUNCATE | FS.IOCTL_DEV;

/** The caller's domain when it has to do with files at all. */
function domainOf({ credentials }: Thread): Domain | undefined {
  const { domain } = credentials;
  return domain !== undefined && domain.united.fs !== 0 ? domain : undefined;
}

/** From `path` to the root of all mounts; what is mounted over is passed by. */
function* upward(path: Path): Generator<Inode> {
  let { mount, dentry } = path;
  for (;;) {
    yield dentry.inode;
    while (dentry === mount.root) {
      if (mount.at === undefined) return;
      ({ mount, dentry } = mount.at);
    }
    dentry = dentry.parent ?? mount.root; // a directory that was moved out of its bind mount is as if at the mount's root
  }
}

/** Nobody can name what is on it: pipes, sockets, memfds, namespaces. */
function isHidden({ inode }: Path): boolean {
  return inode.fs.isPseudo === true;
}

function applyRules(domain: Domain, inode: Inode, masks: LayerMasks): void {
  for (const { rules, depth } of domain.layers()) {
    const allowed = rules.inodes.get(inode);
    if (allowed !== undefined) masks.allow(allowed, depth);
  }
}

/** Those of the `wanted` rights that `path` does not have (is_access_to_paths_allowed, for one path). */
function missing(domain: Domain, path: Path, wanted: number): number {
  if (isHidden(path)) return 0;
  const masks = new LayerMasks(domain, wanted, 'fs');
  if (masks.handled === 0) return 0;
  for (const inode of upward(path)) {
    applyRules(domain, inode, masks);
    if (masks.denied(wanted) === 0) return 0;
  }
  return masks.denied(wanted);
}

/** EACCES. */
function demand(thread: Thread, path: Path, wanted: number): void {
  const domain = domainOf(thread);
  if (domain !== undefined && missing(domain, path, wanted) !== 0) fail(EACCES, 'Landlock denies it');
}

/** get_required_file_open_access. */
function accessToOpen(inode: Inode, flags: number): number {
  const mode = (flags + 1) & O_ACCMODE; // FMODE_READ and FMODE_WRITE; the fourth way to open has neither
  if ((mode & 1) !== 0 && inode.isDirectory) return FS.READ_DIR;
  return ((mode & 1) === 0 ? 0 : FS.READ_FILE) | ((mode & 2) === 0 ? 0 : FS.WRITE_FILE);
}

/**
 * May `path` be opened? Returns the rights among TRUNCATE and IOCTL_DEV that the open file does not have, which count for
 * as long as it lives (hook_file_open). EACCES.
 */
function demandOpen(thread: Thread, path: Path, flags: number, isProgram = false): number {
  const domain = domainOf(thread);
  if (domain === undefined) return 0;
  const { inode } = path;
  const needed = accessToOpen(inode, flags) | (isProgram ? FS.EXECUTE : 0);
  const denied = missing(domain, path, needed | FS.TRUNCATE | (isDevice(inode) ? FS.IOCTL_DEV : 0));
  if ((denied & needed) !== 0) fail(EACCES, 'Landlock does not let it be opened');
  return denied;
}

function isDevice({ type }: Inode): boolean {
  return type === S_IFCHR || type === S_IFBLK;
}

/** get_mode_access. */
function accessToMake(mode: number): number {
  switch (mode & S_IFMT) {
    case S_IFLNK:
      return FS.MAKE_SYM;
    case S_IFDIR:
      return FS.MAKE_DIR;
    case S_IFCHR:
      return FS.MAKE_CHAR;
    case S_IFBLK:
      return FS.MAKE_BLOCK;
    case S_IFIFO:
      return FS.MAKE_FIFO;
    case S_IFSOCK:
      return FS.MAKE_SOCK;
    default:
      return FS.MAKE_REG;
  }
}

function accessToRemove({ isDirectory }: Inode): number {
  return isDirectory ? FS.REMOVE_DIR : FS.REMOVE_FILE;
}

/** mknod, mkdir, symlink, bind and open(O_CREAT): EACCES. */
function demandMake(thread: Thread, directory: Path, mode: number): void {
  demand(thread, directory, accessToMake(mode));
}

/** unlink and rmdir: EACCES. */
function demandRemove(thread: Thread, directory: Path, isDirectory: boolean): void {
  demand(thread, directory, isDirectory ? FS.REMOVE_DIR : FS.REMOVE_FILE);
}

/** truncate(2): EACCES. */
function demandTruncate(thread: Thread, path: Path): void {
  demand(thread, path, FS.TRUNCATE);
}

/** mount, umount, pivot_root and their kin are not for those whose files are confined: EPERM. */
function demandMounting(thread: Thread): void {
  if (domainOf(thread) !== undefined) fail(EPERM, 'Landlock denies all changes of mounts');
}

/** A name that comes to stand in another place. */
export interface Reference {
  /** What has the name now, and where; `from` is undefined for what has no directory. */
  readonly moved: Inode;
  readonly from: Path;
  readonly to: Path;
  /** What has the new name: it goes, or takes the old one (`isExchange`). */
  readonly replaced: Inode | undefined;
  readonly isExchange: boolean;
  /** The old name goes: rename, not link. */
  readonly isRename: boolean;
}

/** link and rename (current_check_refer_path). EACCES; EXDEV: it would get rights by that, or REFER is missing. */
function demandRefer(thread: Thread, reference: Reference): void {
  const domain = domainOf(thread);
  if (domain === undefined) return;
  const { moved, from, to, replaced, isExchange, isRename } = reference;
  let source = isExchange && replaced !== undefined ? accessToMake(replaced.mode) : 0;
  let target = accessToMake(moved.mode);
  if (isRename) {
    source |= accessToRemove(moved);
    if (replaced !== undefined) target |= accessToRemove(replaced);
  }
  if (from.dentry === to.dentry) {
    if (missing(domain, to, source | target) !== 0) fail(EACCES, 'Landlock denies it in this directory');
    return;
  }
  const sides = [sideOf(domain, from, source | FS.REFER), sideOf(domain, to, target | FS.REFER)] as const;
  const exchanged = isExchange ? replaced : undefined;
  if (mayRefer(domain, new Path(to.mount, to.mount.root), sides, moved, exchanged)) return;
  if (sides.some(({ masks, wanted }) => masks.denied(wanted & ~FS.REFER) !== 0))
    fail(EACCES, 'Landlock denies it in one of the directories');
  fail(EXDEV, 'Landlock does not let it come from there to here');
}

interface Side {
  readonly wanted: number;
  readonly masks: LayerMasks;
  isAllowed: boolean;
}

/** All that is allowed from a directory up to the root of its mount (collect_domain_accesses). */
function sideOf(domain: Domain, directory: Path, wanted: number): Side {
  const masks = new LayerMasks(domain, ALL_ACCESS_FS, 'fs');
  if (isHidden(directory)) masks.narrowTo(0);
  const { root } = directory.mount;
  for (let { dentry } = directory; ; dentry = dentry.parent) {
    applyRules(domain, dentry.inode, masks);
    if (dentry === root || dentry.parent === undefined) break;
  }
  return { wanted, masks, isAllowed: masks.denied(ALL_ACCESS_FS) === 0 };
}

/** is_access_to_paths_allowed, for two: goes up from the root of the mount that both are on. */
function mayRefer(
  domain: Domain,
  top: Path,
  [source, target]: readonly [Side, Side],
  moved: Inode,
  exchanged: Inode | undefined,
): boolean {
  if (source.isAllowed && target.isAllowed) return true;
  const movedMasks = masksAt(domain, moved);
  const exchangedMasks = exchanged === undefined ? undefined : masksAt(domain, exchanged);
  let comparesDomains = true;
  for (const inode of upward(top)) {
    const gainsNothing =
      isAsRestricted(source.masks, movedMasks, target.masks, moved.isDirectory) &&
      (exchanged === undefined ||
        exchangedMasks === undefined ||
        isAsRestricted(target.masks, exchangedMasks, source.masks, exchanged.isDirectory));
    if (comparesDomains && gainsNothing) {
      comparesDomains = false;
      for (const side of [source, target]) if (!side.isAllowed) narrow(side);
      if (source.isAllowed && target.isAllowed) return true;
    }
    for (const side of [source, target]) {
      if (side.isAllowed) continue;
      applyRules(domain, inode, side.masks);
      side.isAllowed = side.masks.denied(comparesDomains ? domain.united.fs : side.wanted) === 0;
    }
    if (source.isAllowed && target.isAllowed) return true;
  }
  return false;
}

function narrow(side: Side): void {
  side.masks.narrowTo(side.wanted);
  side.isAllowed = side.masks.denied(ALL_ACCESS_FS) === 0;
}

function masksAt(domain: Domain, inode: Inode): LayerMasks {
  const masks = new LayerMasks(domain, ALL_ACCESS_FS, 'fs');
  applyRules(domain, inode, masks);
  return masks;
}

/** Does what `child` is denied below `parent` stay denied below `other` (no_more_access)? */
function isAsRestricted(
  parent: LayerMasks,
  child: LayerMasks,
  other: LayerMasks,
  isDirectory: boolean,
): boolean {
  for (let right = 0; right < 16; right++) {
    if (!isDirectory && ((ACCESS_FILE >> right) & 1) === 0) continue;
    const denied = (parent.bits[right] as number) & (child.bits[right] as number);
    if ((denied & ~(other.bits[right] as number)) !== 0) return false;
  }
  return true;
}

export const PATH_HOOKS = {
  demandOpen,
  demandMake,
  demandRemove,
  demandTruncate,
  demandMounting,
  demandRefer,
} as const;
