// Kinds of mount_setattr, statmount and listmount: what they are asked for, and what they answer.
import type { Kind } from '../kind.ts';
import {
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
  MountAttr,
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
import { flags, kind, outKind } from './basic.ts';
import { PROPAGATION_FLAGS } from './file-kinds.ts';
import { flagText, hex, names, pointer } from './format.ts';
import { arrayText, braces, peekNumber, peekStruct, structText, trailingText } from './peek.ts';

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
