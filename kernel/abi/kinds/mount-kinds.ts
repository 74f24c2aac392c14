// Kinds of mount_setattr, statmount and listmount: what they are asked for, and what they answer.
import {
  AT_EMPTY_PATH,
  AT_FDCWD,
  AT_NO_AUTOMOUNT,
  AT_RECURSIVE,
  AT_SYMLINK_NOFOLLOW,
  O_CLOEXEC,
} from '../fcntl.ts';
import type { Kind } from '../kind.ts';
import {
  FSCONFIG_CMD_CREATE,
  FSCONFIG_CMD_CREATE_EXCL,
  FSCONFIG_CMD_RECONFIGURE,
  FSCONFIG_SET_BINARY,
  FSCONFIG_SET_FD,
  FSCONFIG_SET_FLAG,
  FSCONFIG_SET_PATH,
  FSCONFIG_SET_PATH_EMPTY,
  FSCONFIG_SET_STRING,
  FSMOUNT_CLOEXEC,
  FSOPEN_CLOEXEC,
  FSPICK_CLOEXEC,
  FSPICK_EMPTY_PATH,
  FSPICK_NO_AUTOMOUNT,
  FSPICK_SYMLINK_NOFOLLOW,
  LISTMOUNT_REVERSE,
  LSMT_ROOT,
  MNT_ID_REQ_SIZE_VER0,
  MntIdReq,
  MOUNT_ATTR_IDMAP,
  MOUNT_ATTR_NOATIME,
  MOUNT_ATTR_NODEV,
  MOUNT_ATTR_NODIRATIME,
  MOUNT_ATTR_NOEXEC,
  MOUNT_ATTR_NOSUID,
  MOUNT_ATTR_NOSYMFOLLOW,
  MOUNT_ATTR_RDONLY,
  MOUNT_ATTR_STRICTATIME,
  MOVE_MOUNT_BENEATH,
  MOVE_MOUNT_F_AUTOMOUNTS,
  MOVE_MOUNT_F_EMPTY_PATH,
  MOVE_MOUNT_F_SYMLINKS,
  MOVE_MOUNT_SET_GROUP,
  MOVE_MOUNT_T_AUTOMOUNTS,
  MOVE_MOUNT_T_EMPTY_PATH,
  MOVE_MOUNT_T_SYMLINKS,
  MountAttr,
  OPEN_TREE_CLONE,
  STATMOUNT_FS_TYPE,
  STATMOUNT_MNT_BASIC,
  STATMOUNT_MNT_NS_ID,
  STATMOUNT_MNT_POINT,
  STATMOUNT_MNT_ROOT,
  STATMOUNT_PROPAGATE_FROM,
  STATMOUNT_SB_BASIC,
  STATMOUNT_SB_SOURCE,
  STATMOUNT_SUPPORTED_MASK,
  Statmount,
} from '../mount.ts';
import { CString, flags, kind, oneOf, outKind, Path } from './basic.ts';
import { printFd } from './fd-text.ts';
import { PROPAGATION_FLAGS } from './file-kinds.ts';
import { flagText, hex, names, pointer } from './format.ts';
import { arrayText, braces, bufferText, peekNumber, peekStruct, structText, trailingText } from './peek.ts';

const ATTRIBUTES = names({
  MOUNT_ATTR_RDONLY,
  MOUNT_ATTR_NOSUID,
  MOUNT_ATTR_NODEV,
  MOUNT_ATTR_NOEXEC,
  MOUNT_ATTR_NOATIME,
  MOUNT_ATTR_STRICTATIME,
  MOUNT_ATTR_NODIRATIME,
  MOUNT_ATTR_IDMAP,
  MOUNT_ATTR_NOSYMFOLLOW,
});
const PROPAGATION = names(PROPAGATION_FLAGS);
const PARTS = names({
  STATMOUNT_SB_BASIC,
  STATMOUNT_MNT_BASIC,
  STATMOUNT_PROPAGATE_FROM,
  STATMOUNT_MNT_ROOT,
  STATMOUNT_MNT_POINT,
  STATMOUNT_FS_TYPE,
  STATMOUNT_MNT_NS_ID,
  STATMOUNT_SB_SOURCE,
  STATMOUNT_SUPPORTED_MASK,
});

/** Flags of 64 bits, of which only the lower half has names. */
function flagText64(value: bigint, table: ReturnType<typeof names>, unknown: string): string {
  return value > 0xffff_ffffn ? hex(value) : flagText(Number(value), table, unknown);
}

export const MountAttrIn: Kind = kind('struct mount_attr', 'u64', (value, context) => {
  const { usize = 0 } = context.args;
  const attr = usize < MountAttr.size ? undefined : peekStruct(context, value, MountAttr);
  if (attr === undefined) return pointer(value);
  return braces([
    `attr_set=${flagText64(attr.attr_set, ATTRIBUTES, 'MOUNT_ATTR_???')}`,
    `attr_clr=${flagText64(attr.attr_clr, ATTRIBUTES, 'MOUNT_ATTR_???')}`,
    `propagation=${flagText64(attr.propagation, PROPAGATION, 'MS_???')}`,
    `userns_fd=${attr.userns_fd}`,
    trailingText(context, value, MountAttr.size, usize),
  ]);
});

/** `param` is a mask of what is wanted, or the mount after which a list goes on. */
function requestKind(paramText: (param: bigint) => string): Kind {
  return kind('struct mnt_id_req', 'u64', (value, context) =>
    structText(context, value, MntIdReq, ({ size, mnt_id, param, mnt_ns_id }) =>
      braces([
        `size=${size}`,
        `mnt_id=${mnt_id === LSMT_ROOT ? 'LSMT_ROOT' : hex(mnt_id)}`,
        `param=${paramText(param)}`,
        size > MNT_ID_REQ_SIZE_VER0 ? `mnt_ns_id=${hex(mnt_ns_id)}` : undefined,
      ]),
    ),
  );
}

export const StatmountRequest = requestKind((param) => flagText64(param, PARTS, 'STATMOUNT_???'));
export const ListmountRequest = requestKind(hex);
export const ListmountFlags: Kind = flags('LISTMOUNT_???', { LISTMOUNT_REVERSE });

export const ListmountOut: Kind = outKind('mount ids', 'u64', (value, context) =>
  context.result < 0
    ? pointer(value)
    : arrayText(context, value, context.result, 8, (at) => {
        const id = peekNumber(context, at, 'u64');
        return id === undefined ? undefined : hex(id);
      }),
);

export const StatmountOut: Kind = outKind('struct statmount', 'u64', (value, context) =>
  structText(
    context,
    value,
    Statmount,
    ({ size, mask, mnt_id }) =>
      `{size=${size}, mask=${flagText64(BigInt(mask), PARTS, 'STATMOUNT_???')}, mnt_id=${hex(mnt_id)}, ...}`,
    context.result >= 0,
  ),
);

export const OpenTreeFlags: Kind = flags('OPEN_TREE_???', {
  OPEN_TREE_CLONE,
  OPEN_TREE_CLOEXEC: O_CLOEXEC,
  AT_SYMLINK_NOFOLLOW,
  AT_NO_AUTOMOUNT,
  AT_EMPTY_PATH,
  AT_RECURSIVE,
});

export const MoveMountFlags: Kind = flags('MOVE_MOUNT_???', {
  MOVE_MOUNT_F_SYMLINKS,
  MOVE_MOUNT_F_AUTOMOUNTS,
  MOVE_MOUNT_F_EMPTY_PATH,
  MOVE_MOUNT_T_SYMLINKS,
  MOVE_MOUNT_T_AUTOMOUNTS,
  MOVE_MOUNT_T_EMPTY_PATH,
  MOVE_MOUNT_SET_GROUP,
  MOVE_MOUNT_BENEATH,
});

export const FsopenFlags: Kind = flags('FSOPEN_???', { FSOPEN_CLOEXEC });
export const FsmountFlags: Kind = flags('FSMOUNT_???', { FSMOUNT_CLOEXEC });
export const MountAttributes: Kind = flags('MOUNT_ATTR_???', ATTRIBUTES);
export const FspickFlags: Kind = flags('FSPICK_???', {
  FSPICK_CLOEXEC,
  FSPICK_SYMLINK_NOFOLLOW,
  FSPICK_NO_AUTOMOUNT,
  FSPICK_EMPTY_PATH,
});
export const FsconfigCommand: Kind = oneOf('FSCONFIG_???', {
  FSCONFIG_SET_FLAG,
  FSCONFIG_SET_STRING,
  FSCONFIG_SET_BINARY,
  FSCONFIG_SET_PATH,
  FSCONFIG_SET_PATH_EMPTY,
  FSCONFIG_SET_FD,
  FSCONFIG_CMD_CREATE,
  FSCONFIG_CMD_RECONFIGURE,
  FSCONFIG_CMD_CREATE_EXCL,
});

/** Commands that are about no parameter have neither key nor value. */
export const FsconfigKey: Kind = kind('fsconfig key', 'u64', (value, context) =>
  (context.args.cmd ?? 0) > FSCONFIG_SET_FD ? pointer(value) : CString.print(value, context),
);

export const FsconfigValue: Kind = kind('fsconfig value', 'u64', (value, context) => {
  switch (context.args.cmd) {
    case FSCONFIG_SET_STRING:
      return CString.print(value, context);
    case FSCONFIG_SET_BINARY:
      return bufferText(context, value, context.args.aux ?? 0);
    case FSCONFIG_SET_PATH:
    case FSCONFIG_SET_PATH_EMPTY:
      return Path.print(value, context);
    default:
      return pointer(value);
  }
});

/** A descriptor, or a length. */
export const FsconfigAux: Kind = kind('fsconfig aux', 'i32', (value, context) => {
  const { cmd } = context.args;
  if (cmd === FSCONFIG_SET_FD) return printFd(value, context);
  const isPath = cmd === FSCONFIG_SET_PATH || cmd === FSCONFIG_SET_PATH_EMPTY;
  if (!isPath) return String(value);
  return value === AT_FDCWD ? 'AT_FDCWD' : printFd(value, context);
});
