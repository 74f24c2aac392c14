// statmount and listmount: the mounts of the caller's namespace by their unique numbers (fs/namespace.c).
// Rows for table.ts.

import { majorOf, minorOf } from '../abi/device-number.ts';
import { Size, U32 } from '../abi/kinds/basic.ts';
import {
  ListmountFlags,
  ListmountOut,
  ListmountRequest,
  StatmountOut,
  StatmountRequest,
} from '../abi/kinds/mount-kinds.ts';
import * as abi from '../abi/mount.ts';
import { MS_PRIVATE, MS_SHARED, MS_SLAVE, MS_UNBINDABLE } from '../abi/mount-flags.ts';
import { EFAULT, EINVAL, ENOENT, EOVERFLOW, EPERM, fail } from '../errno.ts';
import { FIRST_UNIQUE_MOUNT, type Mount, rootWithin, treeOf } from '../fs/mount.ts';
import { dominatingGroup } from '../fs/propagation.ts';
import { absolutePath } from '../fs/resolve.ts';
import { textToBytes } from '../mm/user-memory.ts';
import { CAP_SYS_ADMIN, capableIn } from '../task/credentials.ts';
import type { Thread } from '../task/thread.ts';
import { readExtensible } from './extensible-struct.ts';
import { attributesOf } from './mount-attributes.ts';
import { isReachable } from './mounts.ts';
import { syscall } from './syscall.ts';

const MOST_IDS = 1_000_000;
const SUPPORTED =
  abi.STATMOUNT_SB_BASIC |
  abi.STATMOUNT_MNT_BASIC |
  abi.STATMOUNT_PROPAGATE_FROM |
  abi.STATMOUNT_MNT_ROOT |
  abi.STATMOUNT_MNT_POINT |
  abi.STATMOUNT_FS_TYPE |
  abi.STATMOUNT_MNT_NS_ID |
  abi.STATMOUNT_SB_SOURCE |
  abi.STATMOUNT_SUPPORTED_MASK;

/** copy_mnt_id_req. EFAULT, E2BIG, EINVAL; ENOENT: another mount namespace. */
function readRequest(thread: Thread, address: number): { id: bigint; param: bigint } {
  const { user, namespaces } = thread;
  const size = user.readU32(address);
  const request = readExtensible(thread, address, size, abi.MntIdReq, abi.MNT_ID_REQ_SIZE_VER0);
  const { spare, mnt_id, param, mnt_ns_id } = request;
  if (spare !== 0 || mnt_id <= BigInt(FIRST_UNIQUE_MOUNT)) fail(EINVAL, 'not a number of a mount');
  if (mnt_ns_id !== 0n && mnt_ns_id !== BigInt(namespaces.mnt.ino)) fail(ENOENT, 'no such mount namespace');
  return { id: mnt_id, param };
}

/** ENOENT; EPERM: out of sight. */
function mountAt(thread: Thread, id: bigint): Mount {
  const found = treeOf(thread).mounts.find((mount) => BigInt(mount.uniqueId) === id);
  if (found === undefined) return fail(ENOENT, 'no such mount');
  const isAdmin = capableIn(thread.credentials, CAP_SYS_ADMIN, thread.namespaces.mnt.owner);
  if (!isAdmin && !isReachable(found.rootPath, thread.fs.root)) fail(EPERM, 'out of sight');
  return found;
}

interface StatmountArguments {
  readonly req: number;
  readonly buf: number;
  readonly bufsize: number;
  readonly flags: number;
}

function statmount(thread: Thread, { req, buf, bufsize, flags }: StatmountArguments): number {
  if (flags !== 0) fail(EINVAL, 'unknown flags');
  const { id, param } = readRequest(thread, req);
  const mount = mountAt(thread, id);
  const wanted = Number(param & BigInt(SUPPORTED));
  const facts = factsOf(thread, mount);
  const head = new Uint8Array(abi.SIZEOF_STATMOUNT);
  const strings: Uint8Array[] = [Uint8Array.of(0)];
  let length = 1;
  const place = (bit: number, text: string): number => {
    if ((wanted & bit) === 0) return 0;
    const at = length;
    const bytes = textToBytes(`${text}\0`);
    strings.push(bytes);
    length += bytes.length;
    return at;
  };
  const fs_type = place(abi.STATMOUNT_FS_TYPE, mount.fs.type);
  const mnt_root = place(abi.STATMOUNT_MNT_ROOT, rootWithin(mount));
  const mnt_point = place(abi.STATMOUNT_MNT_POINT, absolutePath(thread, mount.rootPath));
  const sb_source = place(abi.STATMOUNT_SB_SOURCE, mount.source);
  const has = (bit: number): boolean => (wanted & bit) !== 0;
  const size = length > 1 ? abi.SIZEOF_STATMOUNT + length : Math.min(bufsize, abi.SIZEOF_STATMOUNT);
  if (size > abi.SIZEOF_STATMOUNT && size > bufsize) fail(EOVERFLOW, 'the strings do not fit');
  abi.Statmount.write(new DataView(head.buffer), 0, {
    ...NOTHING,
    ...(has(abi.STATMOUNT_SB_BASIC) ? facts.superblock : {}),
    ...(has(abi.STATMOUNT_MNT_BASIC) ? facts.basic : {}),
    ...(has(abi.STATMOUNT_PROPAGATE_FROM) ? facts.source : {}),
    ...(has(abi.STATMOUNT_MNT_NS_ID) ? { mnt_ns_id: thread.namespaces.mnt.ino } : {}),
    ...(has(abi.STATMOUNT_SUPPORTED_MASK) ? { supported_mask: SUPPORTED } : {}),
    ...{ size, mask: wanted, fs_type, mnt_root, mnt_point, sb_source },
  });
  const { user } = thread;
  if (user.accessible(buf, bufsize, true) < bufsize) fail(EFAULT, 'the buffer cannot be written');
  user.write(buf, head.subarray(0, bufsize));
  let at = buf + abi.SIZEOF_STATMOUNT;
  for (const bytes of size > abi.SIZEOF_STATMOUNT ? strings : []) {
    user.write(at, bytes);
    at += bytes.length;
  }
  return 0;
}

const NOTHING = abi.Statmount.decode(new Uint8Array(abi.Statmount.size));

function factsOf(thread: Thread, mount: Mount) {
  const { fs, flags, peers, master, isUnbindable } = mount;
  const parent = mount.at?.mount ?? mount;
  const propagation =
    (peers === undefined ? 0 : MS_SHARED) |
    (master === undefined ? 0 : MS_SLAVE) |
    (isUnbindable ? MS_UNBINDABLE : 0);
  const isSeen = (other: Mount): boolean =>
    other.tree === treeOf(thread) && isReachable(other.rootPath, thread.fs.root);
  return {
    superblock: {
      sb_dev_major: majorOf(fs.dev),
      sb_dev_minor: minorOf(fs.dev),
      sb_magic: fs.magic ?? 0,
      sb_flags: fs.readOnly ? 1 : 0,
    },
    basic: {
      mnt_id: mount.uniqueId,
      mnt_parent_id: parent.uniqueId,
      mnt_id_old: mount.id,
      mnt_parent_id_old: parent.id,
      mnt_attr: attributesOf(flags),
      mnt_propagation: propagation === 0 ? MS_PRIVATE : propagation,
      mnt_peer_group: peers?.id ?? 0,
      mnt_master: master?.id ?? 0,
    },
    source: { propagate_from: dominatingGroup(mount, isSeen)?.id ?? 0 },
  };
}

interface ListmountArguments {
  readonly req: number;
  readonly mnt_ids: number;
  readonly nr_mnt_ids: number;
  readonly flags: number;
}

/** Numbers of what is mounted below, in order, from behind the one that `param` names. EINVAL, EOVERFLOW, ENOENT, EPERM, EFAULT. */
function listmount(thread: Thread, { req, mnt_ids, nr_mnt_ids, flags }: ListmountArguments): number {
  if ((flags & ~abi.LISTMOUNT_REVERSE) !== 0) fail(EINVAL, 'unknown flags');
  if (nr_mnt_ids > MOST_IDS) fail(EOVERFLOW, 'too many numbers');
  const { user, fs } = thread;
  if (user.accessible(mnt_ids, nr_mnt_ids * 8, true) < nr_mnt_ids * 8) fail(EFAULT, 'no room');
  const { id, param } = readRequest(thread, req);
  if (param !== 0n && param <= BigInt(FIRST_UNIQUE_MOUNT)) fail(EINVAL, 'not a number of a mount');
  const top = id === abi.LSMT_ROOT ? undefined : mountAt(thread, id);
  const from = top?.rootPath ?? fs.root;
  thread.kernel.cgroups.show();
  const isReversed = (flags & abi.LISTMOUNT_REVERSE) !== 0;
  const isBehind = ({ uniqueId }: Mount): boolean =>
    param === 0n || (isReversed ? BigInt(uniqueId) < param : BigInt(uniqueId) > param);
  const found = treeOf(thread)
    .mounts.filter((mount) => mount !== top && isBehind(mount) && isReachable(mount.rootPath, from))
    .sort((a, b) => (isReversed ? b.id - a.id : a.id - b.id))
    .slice(0, nr_mnt_ids);
  for (const [i, { uniqueId }] of found.entries()) user.writeU64(mnt_ids + 8 * i, uniqueId);
  return found.length;
}

export const MOUNT_INFO_CALLS = {
  457: syscall(
    'statmount',
    { req: StatmountRequest, buf: StatmountOut, bufsize: Size, flags: U32 },
    statmount,
    {
      partial: "of the caller's mount namespace; no options and id maps",
    },
  ),
  458: syscall(
    'listmount',
    { req: ListmountRequest, mnt_ids: ListmountOut, nr_mnt_ids: Size, flags: ListmountFlags },
    listmount,
    {
      partial: "of the caller's mount namespace",
    },
  ),
};
