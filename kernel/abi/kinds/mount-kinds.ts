// Kinds of the calls about mounts: their flags and attributes, what they are asked for, and what they answer.
import {
  AT_EMPTY_PATH,
  AT_FDCWD,
  AT_NO_AUTOMOUNT,
  AT_RECURSIVE,
  AT_SYMLINK_NOFOLLOW,
  O_CLOEXEC,
} from '../fcntl.ts';
import type { Kind } from '../kind.ts';
import * as abi from '../mount.ts';
import * as mountFlags from '../mount-flags.ts';
import { CString, flags, kind, oneOf, outKind, Path } from './basic.ts';
import { printFd } from './fd-text.ts';
import { flagText, hex, type NameTable, nameOf, names, pointer, withPrefix } from './format.ts';
import { arrayText, braces, bufferText, peekNumber, peekStruct, structText, trailingText } from './peek.ts';

const CONSTANTS = Object.entries(abi);
const FLAGS = Object.entries(mountFlags);
/** The mask of the access times has no name for a trace. */
const ATTRIBUTES = withPrefix(CONSTANTS, 'MOUNT_ATTR_').filter(([name]) => name !== 'MOUNT_ATTR__ATIME');
const PROPAGATION = names({
  MS_UNBINDABLE: mountFlags.MS_UNBINDABLE,
  MS_PRIVATE: mountFlags.MS_PRIVATE,
  MS_SLAVE: mountFlags.MS_SLAVE,
  MS_SHARED: mountFlags.MS_SHARED,
});
const PARTS = withPrefix(CONSTANTS, 'STATMOUNT_');

export const MountFlags: Kind = flags('MS_???', withPrefix(FLAGS, 'MS_'), 'u64');
export const UmountFlags: Kind = flags('MNT_???', [
  ...withPrefix(FLAGS, 'MNT_'),
  ...withPrefix(FLAGS, 'UMOUNT_'),
]);

/** Flags of 64 bits, of which only the lower half has names. */
function flagText64(value: bigint, table: NameTable, unknown: string): string {
  return value > 0xffff_ffffn ? hex(value) : flagText(Number(value), table, unknown);
}

export const MountAttrIn: Kind = kind('struct mount_attr', 'u64', (value, context) => {
  const { usize = 0 } = context.args;
  const attr = usize < abi.MountAttr.size ? undefined : peekStruct(context, value, abi.MountAttr);
  if (attr === undefined) return pointer(value);
  return braces([
    `attr_set=${flagText64(attr.attr_set, ATTRIBUTES, 'MOUNT_ATTR_???')}`,
    `attr_clr=${flagText64(attr.attr_clr, ATTRIBUTES, 'MOUNT_ATTR_???')}`,
    `propagation=${attr.propagation === 0n ? 0 : nameOf(Number(attr.propagation), PROPAGATION, 'MS_???')}`,
    `userns_fd=${attr.userns_fd}`,
    trailingText(context, value, abi.MountAttr.size, usize),
  ]);
});

/** `param` is a mask of what is wanted, or the mount after which a list goes on. */
function requestKind(paramText: (param: bigint) => string): Kind {
  return kind('struct mnt_id_req', 'u64', (value, context) =>
    structText(context, value, abi.MntIdReq, ({ size, mnt_id, param, mnt_ns_id }) =>
      braces([
        `size=${size}`,
        `mnt_id=${mnt_id === abi.LSMT_ROOT ? 'LSMT_ROOT' : hex(mnt_id)}`,
        `param=${paramText(param)}`,
        size > abi.MNT_ID_REQ_SIZE_VER0 ? `mnt_ns_id=${hex(mnt_ns_id)}` : undefined,
      ]),
    ),
  );
}

export const StatmountRequest = requestKind((param) => flagText64(param, PARTS, 'STATMOUNT_???'));
export const ListmountRequest = requestKind(hex);
export const ListmountFlags: Kind = flags('LISTMOUNT_???', withPrefix(CONSTANTS, 'LISTMOUNT_'));

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
    abi.Statmount,
    ({ size, mask, mnt_id }) =>
      `{size=${size}, mask=${flagText64(BigInt(mask), PARTS, 'STATMOUNT_???')}, mnt_id=${hex(mnt_id)}, ...}`,
    context.result >= 0,
  ),
);

export const OpenTreeFlags: Kind = flags('OPEN_TREE_???', {
  OPEN_TREE_CLONE: abi.OPEN_TREE_CLONE,
  OPEN_TREE_CLOEXEC: O_CLOEXEC,
  AT_SYMLINK_NOFOLLOW,
  AT_NO_AUTOMOUNT,
  AT_EMPTY_PATH,
  AT_RECURSIVE,
});

export const MoveMountFlags: Kind = flags('MOVE_MOUNT_???', withPrefix(CONSTANTS, 'MOVE_MOUNT_'));
export const FsopenFlags: Kind = flags('FSOPEN_???', withPrefix(CONSTANTS, 'FSOPEN_'));
export const FsmountFlags: Kind = flags('FSMOUNT_???', withPrefix(CONSTANTS, 'FSMOUNT_'));
export const MountAttributes: Kind = flags('MOUNT_ATTR_???', ATTRIBUTES);
export const FspickFlags: Kind = flags('FSPICK_???', withPrefix(CONSTANTS, 'FSPICK_'));
export const FsconfigCommand: Kind = oneOf('FSCONFIG_???', withPrefix(CONSTANTS, 'FSCONFIG_'));

/** Commands that are about no parameter have neither key nor value. */
export const FsconfigKey: Kind = kind('fsconfig key', 'u64', (value, context) =>
  (context.args.cmd ?? 0) > abi.FSCONFIG_SET_FD ? pointer(value) : CString.print(value, context),
);

export const FsconfigValue: Kind = kind('fsconfig value', 'u64', (value, context) => {
  switch (context.args.cmd) {
    case abi.FSCONFIG_SET_STRING:
      return CString.print(value, context);
    case abi.FSCONFIG_SET_BINARY:
      return bufferText(context, value, context.args.aux ?? 0);
    case abi.FSCONFIG_SET_PATH:
    case abi.FSCONFIG_SET_PATH_EMPTY:
      return Path.print(value, context);
    default:
      return pointer(value);
  }
});

/** A descriptor, or a length. */
export const FsconfigAux: Kind = kind('fsconfig aux', 'i32', (value, context) => {
  const { cmd } = context.args;
  if (cmd === abi.FSCONFIG_SET_FD) return printFd(value, context);
  const isPath = cmd === abi.FSCONFIG_SET_PATH || cmd === abi.FSCONFIG_SET_PATH_EMPTY;
  if (!isPath) return String(value);
  return value === AT_FDCWD ? 'AT_FDCWD' : printFd(value, context);
});
