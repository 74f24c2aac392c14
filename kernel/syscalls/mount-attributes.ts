// mount_setattr(2): options and propagation of a mount, or of a whole tree of them, at once.
// Row for table.ts. No file system here takes id-mapped mounts.
import { AT_EMPTY_PATH, AT_NO_AUTOMOUNT, AT_RECURSIVE, AT_SYMLINK_NOFOLLOW } from '../abi/fcntl.ts';
import { DirFd, Path as PathKind, Size } from '../abi/kinds/basic.ts';
import { AtFlags } from '../abi/kinds/file-kinds.ts';
import { MountAttrIn } from '../abi/kinds/mount-kinds.ts';
import * as abi from '../abi/mount.ts';
import {
  MS_NOATIME,
  MS_NODEV,
  MS_NODIRATIME,
  MS_NOEXEC,
  MS_NOSUID,
  MS_NOSYMFOLLOW,
  MS_RDONLY,
  MS_RELATIME,
} from '../abi/mount-flags.ts';
import { EINVAL, EPERM, fail } from '../errno.ts';
import type { Path } from '../fs/path.ts';
import type { Propagation } from '../fs/peers.ts';
import { resolveAt } from '../fs/resolve.ts';
import type { Thread } from '../task/thread.ts';
import { demandSize, readExtensible } from './extensible-struct.ts';
import { demandAdmin, demandNoWriters, demandOwn, demandOwner, rootOfMount } from './mount-checks.ts';
import { PROPAGATIONS } from './mounts.ts';
import { syscall } from './syscall.ts';

/** Those that are one bit in both. */
const PLAIN: readonly (readonly [attribute: number, flag: number])[] = [
  [abi.MOUNT_ATTR_RDONLY, MS_RDONLY],
  [abi.MOUNT_ATTR_NOSUID, MS_NOSUID],
  [abi.MOUNT_ATTR_NODEV, MS_NODEV],
  [abi.MOUNT_ATTR_NOEXEC, MS_NOEXEC],
  [abi.MOUNT_ATTR_NODIRATIME, MS_NODIRATIME],
  [abi.MOUNT_ATTR_NOSYMFOLLOW, MS_NOSYMFOLLOW],
];
const KNOWN = PLAIN.reduce(
  (all, [attribute]) => all | attribute,
  abi.MOUNT_ATTR__ATIME | abi.MOUNT_ATTR_IDMAP,
);

const TIMES: ReadonlyMap<number, number> = new Map([
  [0, MS_RELATIME],
  [abi.MOUNT_ATTR_NOATIME, MS_NOATIME],
  [abi.MOUNT_ATTR_STRICTATIME, 0],
]);

function flagsOf(attributes: number): number {
  return PLAIN.reduce((all, [attribute, flag]) => ((attributes & attribute) === 0 ? all : all | flag), 0);
}

/** As statmount gives them. */
export function attributesOf(flags: number): number {
  const plain = PLAIN.reduce((all, [attribute, flag]) => ((flags & flag) === 0 ? all : all | attribute), 0);
  if ((flags & MS_NOATIME) !== 0) return plain | abi.MOUNT_ATTR_NOATIME;
  return (flags & MS_RELATIME) !== 0 ? plain : plain | abi.MOUNT_ATTR_STRICTATIME;
}

interface SetattrArguments {
  readonly dfd: number;
  readonly path: number;
  readonly flags: number;
  readonly uattr: number;
  readonly usize: number;
}

/** EINVAL, E2BIG, EPERM, EFAULT and what a path walk fails with; all mounts are changed or none (do_mount_setattr). */
function mountSetattr(thread: Thread, { dfd, path, flags, uattr, usize }: SetattrArguments): number {
  if ((flags & ~(AT_EMPTY_PATH | AT_RECURSIVE | AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT)) !== 0)
    fail(EINVAL, 'unknown flags');
  const wanted = readChange(thread, uattr, usize);
  if (wanted === undefined) return 0;
  changeMounts(thread, resolveAt(thread, dfd, path, flags), (flags & AT_RECURSIVE) !== 0, wanted);
  return 0;
}

/** EINVAL, EPERM. All mounts are changed or none. */
export function changeMounts(thread: Thread, place: Path, isRecursive: boolean, wanted: MountChange): void {
  const top = rootOfMount(place);
  if (top.tree?.isDetached !== true || top.tree.root !== top) demandOwn(thread, top);
  const mounts = isRecursive ? [...top.family()] : [top];
  if (wanted.unmapsIds) for (const mount of mounts) demandOwner(thread, mount); // can_idmap_mount
  const changed = mounts.map((mount) => (mount.flags & ~wanted.clears) | wanted.sets);
  for (const [i, mount] of mounts.entries())
    if (!mount.mayChangeTo(changed[i] as number)) fail(EPERM, 'a flag is locked');
  const frozen = mounts.filter(({ flags }) => (wanted.sets & ~flags & MS_RDONLY) !== 0);
  if (frozen.length > 0) demandNoWriters(thread, (mount) => frozen.includes(mount));
  const { vfs } = thread.kernel;
  for (const [i, mount] of mounts.entries()) {
    mount.flags = changed[i] as number;
    if (wanted.propagation !== undefined) vfs.mounting.peerGroups.change(mount, wanted.propagation);
  }
  vfs.mountChanges.happened();
}

export interface MountChange {
  readonly sets: number;
  readonly clears: number;
  readonly propagation: Propagation | undefined;
  /** Ids are to be those of the file system, as they are everywhere. */
  readonly unmapsIds: boolean;
}

/** Mount flags of attributes without access times. EINVAL where those are no one of them. */
export function flagsOfAttributes(attributes: number): number {
  const atime = attributes & abi.MOUNT_ATTR__ATIME;
  const times = TIMES.get(atime) ?? fail(EINVAL, 'one kind of access times');
  return flagsOf(attributes) | times;
}

/**
 * wants_mount_setattr; undefined when nothing is asked for. E2BIG, EINVAL, EPERM, EFAULT. `isCopy`: nobody has seen the mount yet, so
 * its map of ids may be taken away, which none has.
 */
export function readChange(
  thread: Thread,
  address: number,
  size: number,
  isCopy = false,
): MountChange | undefined {
  demandSize(size, abi.MountAttr);
  demandAdmin(thread);
  const { attr_set, attr_clr, propagation } = readExtensible(thread, address, size, abi.MountAttr);
  if (attr_set === 0n && attr_clr === 0n && propagation === 0n) return undefined;
  const kind = propagation === 0n ? undefined : PROPAGATIONS.get(Number(propagation));
  if (propagation !== 0n && kind === undefined) fail(EINVAL, 'no one kind of propagation');
  if (((attr_set | attr_clr) & ~BigInt(KNOWN)) !== 0n) fail(EINVAL, 'unknown attributes');
  const [set, clear] = [Number(attr_set), Number(attr_clr)];
  const atime = set & abi.MOUNT_ATTR__ATIME;
  const changesAtime = (clear & abi.MOUNT_ATTR__ATIME) !== 0;
  const isWhole = (clear & abi.MOUNT_ATTR__ATIME) === abi.MOUNT_ATTR__ATIME;
  if (changesAtime ? !isWhole || !TIMES.has(atime) : atime !== 0)
    fail(EINVAL, 'access times are set as a whole');
  if (((isCopy ? set : set | clear) & abi.MOUNT_ATTR_IDMAP) !== 0)
    fail(EINVAL, 'the file system has no id-mapped mounts');
  return {
    sets: flagsOf(set) | (changesAtime ? (TIMES.get(atime) ?? 0) : 0),
    clears: flagsOf(clear) | (changesAtime ? MS_RELATIME | MS_NOATIME : 0),
    propagation: kind,
    unmapsIds: (clear & abi.MOUNT_ATTR_IDMAP) !== 0,
  };
}

export const MOUNT_ATTRIBUTE_CALLS = {
  442: syscall(
    'mount_setattr',
    { dfd: DirFd, path: PathKind, flags: AtFlags, uattr: MountAttrIn, usize: Size },
    mountSetattr,
    { partial: 'no id-mapped mounts: EINVAL' },
  ),
};
