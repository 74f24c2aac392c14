// statmount and listmount: mounts of the caller's namespace, or of another one, by their unique numbers (fs/namespace.c).
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
import { FIRST_UNIQUE_MOUNT, type Mount, rootWithin } from '../fs/mount.ts';
import { MountNamespace } from '../fs/mount-namespace.ts';
import type { Path } from '../fs/path.ts';
import { masterGroup } from '../fs/peers.ts';
import { dominatingGroup } from '../fs/propagation.ts';
import { mountPlace } from '../fs/resolve.ts';
import { textToBytes } from '../mm/user-memory.ts';
import { liveNamespaces } from '../namespaces/live-namespaces.ts';
import { NamespaceFile } from '../namespaces/namespace-file.ts';
import { CAP_SYS_ADMIN, capableIn } from '../task/credentials.ts';
import type { Thread } from '../task/thread.ts';
import { readExtensible } from './extensible-struct.ts';
import { attributesOf } from './mount-attributes.ts';
import { isReachable } from './mount-checks.ts';
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
  abi.STATMOUNT_MNT_OPTS |
  abi.STATMOUNT_FS_SUBTYPE |
  abi.STATMOUNT_SB_SOURCE |
  abi.STATMOUNT_OPT_ARRAY |
  abi.STATMOUNT_OPT_SEC_ARRAY |
  abi.STATMOUNT_SUPPORTED_MASK |
  abi.STATMOUNT_MNT_UIDMAP |
  abi.STATMOUNT_MNT_GIDMAP;

interface MountRequest {
  readonly id: bigint;
  readonly param: bigint;
  readonly namespace: MountNamespace;
  /** What can be seen is below it. */
  readonly root: Path;
}

/** copy_mnt_id_req. EFAULT, E2BIG, EINVAL, EBADF; ENOENT: no such mount namespace; `unseen`: one of others. */
function readRequest(thread: Thread, address: number, unseen: number): MountRequest {
  const size = thread.user.readU32(address);
  const request = readExtensible(thread, address, size, abi.MntIdReq, abi.MNT_ID_REQ_SIZE_VER0);
  const { mnt_ns_fd, mnt_id: id, param, mnt_ns_id } = request;
  if (mnt_ns_fd !== 0 && mnt_ns_id !== 0n) fail(EINVAL, 'two mount namespaces');
  if (id <= BigInt(FIRST_UNIQUE_MOUNT)) fail(EINVAL, 'not a number of a mount');
  const own = thread.namespaces.mnt;
  const namespace = namespaceAsked(thread, mnt_ns_fd, mnt_ns_id, unseen) ?? own;
  const root = namespace === own ? thread.fs.root : namespace.tree.topPath;
  return { id, param, namespace, root };
}

/** grab_requested_mnt_ns. */
function namespaceAsked(thread: Thread, fd: number, id: bigint, unseen: number): MountNamespace | undefined {
  if (id !== 0n) {
    for (const each of liveNamespaces(thread.kernel)) {
      if (!(each instanceof MountNamespace) || BigInt(each.id) !== id) continue;
      const isSeen = each === thread.namespaces.mnt || isAdminOf(thread, each);
      return isSeen ? each : fail(unseen, "another user's mount namespace");
    }
    return fail(ENOENT, 'no such mount namespace');
  }
  if (fd === 0) return undefined;
  const { descriptor } = thread.files.get(fd);
  const namespace = descriptor instanceof NamespaceFile ? descriptor.namespace : undefined;
  return namespace instanceof MountNamespace ? namespace : fail(EINVAL, 'not a mount namespace');
}

function isAdminOf({ credentials }: Thread, { owner }: MountNamespace): boolean {
  return capableIn(credentials, CAP_SYS_ADMIN, owner);
}

/** ENOENT; EPERM: out of sight. */
function mountAt(thread: Thread, { id, namespace, root }: MountRequest): Mount {
  const found = namespace.tree.mounts.find((mount) => BigInt(mount.uniqueId) === id);
  if (found === undefined) return fail(ENOENT, 'no such mount');
  if (!isAdminOf(thread, namespace) && !isReachable(found.rootPath, root)) fail(EPERM, 'out of sight');
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
  const request = readRequest(thread, req, EPERM);
  const { namespace, root } = request;
  const mount = mountAt(thread, request);
  const wanted = Number(request.param & BigInt(SUPPORTED));
  const facts = factsOf(mount, request);
  const head = new Uint8Array(abi.SIZEOF_STATMOUNT);
  const strings: Uint8Array[] = [Uint8Array.of(0)];
  let length = 1;
  let mask = wanted & ~NEVER_THERE;
  /** Nothing is said of what is empty. */
  const place = (bit: number, text: string): number => {
    if ((wanted & bit) === 0) return 0;
    if (text === '') {
      mask &= ~bit;
      return 0;
    }
    const at = length;
    const bytes = textToBytes(`${text}\0`);
    strings.push(bytes);
    length += bytes.length;
    return at;
  };
  const options = mount.fs.shownOptions?.() ?? [];
  const fs_type = place(abi.STATMOUNT_FS_TYPE, mount.fs.type);
  const mnt_root = place(
    abi.STATMOUNT_MNT_ROOT,
    mount.fs.rootText?.(thread, mount.root) ?? rootWithin(mount),
  );
  const mnt_point = place(abi.STATMOUNT_MNT_POINT, mountPlace(root, mount));
  const mnt_opts = place(abi.STATMOUNT_MNT_OPTS, options.join(','));
  const opt_array = place(abi.STATMOUNT_OPT_ARRAY, options.join('\0'));
  const opt_num = opt_array === 0 ? 0 : options.length;
  const sb_source = place(abi.STATMOUNT_SB_SOURCE, mount.source);
  const has = (bit: number): boolean => (wanted & bit) !== 0;
  const size = length > 1 ? abi.SIZEOF_STATMOUNT + length : Math.min(bufsize, abi.SIZEOF_STATMOUNT);
  if (size > abi.SIZEOF_STATMOUNT && size > bufsize) fail(EOVERFLOW, 'the strings do not fit');
  abi.Statmount.write(new DataView(head.buffer), 0, {
    ...NOTHING,
    ...(has(abi.STATMOUNT_SB_BASIC) ? facts.superblock : {}),
    ...(has(abi.STATMOUNT_MNT_BASIC) ? facts.basic : {}),
    ...(has(abi.STATMOUNT_PROPAGATE_FROM) ? facts.source : {}),
    ...(has(abi.STATMOUNT_MNT_NS_ID) ? { mnt_ns_id: namespace.id } : {}),
    ...(has(abi.STATMOUNT_SUPPORTED_MASK) ? { supported_mask: SUPPORTED } : {}),
    ...{ size, mask, fs_type, mnt_root, mnt_point, mnt_opts, opt_num, opt_array, sb_source },
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

/** No file system is a kind of another, none has options of a security module, and no mount maps ids. */
const NEVER_THERE =
  abi.STATMOUNT_FS_SUBTYPE |
  abi.STATMOUNT_OPT_SEC_ARRAY |
  abi.STATMOUNT_MNT_UIDMAP |
  abi.STATMOUNT_MNT_GIDMAP;
const NOTHING = abi.Statmount.decode(new Uint8Array(abi.Statmount.size));

function factsOf(mount: Mount, { namespace, root }: MountRequest) {
  const { fs, flags, peers, isUnbindable } = mount;
  const master = masterGroup(mount);
  const parent = mount.at?.mount ?? mount;
  const propagation =
    (peers === undefined ? 0 : MS_SHARED) |
    (master === undefined ? 0 : MS_SLAVE) |
    (isUnbindable ? MS_UNBINDABLE : 0);
  const isSeen = (other: Mount): boolean =>
    other.tree === namespace.tree && isReachable(other.rootPath, root);
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
  const { user } = thread;
  if (user.accessible(mnt_ids, nr_mnt_ids * 8, true) < nr_mnt_ids * 8) fail(EFAULT, 'no room');
  const request = readRequest(thread, req, ENOENT);
  const { id, param, namespace, root } = request;
  if (param !== 0n && param <= BigInt(FIRST_UNIQUE_MOUNT)) fail(EINVAL, 'not a number of a mount');
  const top = id === abi.LSMT_ROOT ? undefined : mountAt(thread, request);
  const from = top?.rootPath ?? root;
  thread.kernel.cgroups.show();
  const isReversed = (flags & abi.LISTMOUNT_REVERSE) !== 0;
  const isBehind = ({ uniqueId }: Mount): boolean =>
    param === 0n || (isReversed ? BigInt(uniqueId) < param : BigInt(uniqueId) > param);
  const found = namespace.tree.mounts.filter(
    (mount) => mount !== top && isBehind(mount) && isReachable(mount.rootPath, from),
  );
  if (isReversed) found.reverse();
  found.length = Math.min(found.length, nr_mnt_ids);
  for (const [i, { uniqueId }] of found.entries()) user.writeU64(mnt_ids + 8 * i, uniqueId);
  return found.length;
}

export const MOUNT_INFO_CALLS = {
  457: syscall(
    'statmount',
    { req: StatmountRequest, buf: StatmountOut, bufsize: Size, flags: U32 },
    statmount,
  ),
  458: syscall(
    'listmount',
    { req: ListmountRequest, mnt_ids: ListmountOut, nr_mnt_ids: Size, flags: ListmountFlags },
    listmount,
  ),
};
