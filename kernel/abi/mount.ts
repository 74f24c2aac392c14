// Structs and bits of the calls about mounts (linux/mount.h): mount_setattr, statmount, listmount, and those that make them by steps.
// The bits of a family have one prefix, by which the trace finds their names (kinds/mount-kinds.ts); flags of mount(2) are mount-flags.ts.
import { b64, i32, struct, u32, u64 } from './struct.ts';

export const MountAttr = struct('mount_attr', {
  attr_set: b64,
  attr_clr: b64,
  propagation: b64,
  userns_fd: b64,
});
export const MOUNT_ATTR_RDONLY = 0x1;
export const MOUNT_ATTR_NOSUID = 0x2;
export const MOUNT_ATTR_NODEV = 0x4;
export const MOUNT_ATTR_NOEXEC = 0x8;
export const MOUNT_ATTR__ATIME = 0x70;
export const MOUNT_ATTR_NOATIME = 0x10;
export const MOUNT_ATTR_STRICTATIME = 0x20;
export const MOUNT_ATTR_NODIRATIME = 0x80;
export const MOUNT_ATTR_IDMAP = 0x10_0000;
export const MOUNT_ATTR_NOSYMFOLLOW = 0x20_0000;

/** What statmount and listmount are asked; the first version ends before the namespace. */
export const MntIdReq = struct('mnt_id_req', {
  size: u32,
  mnt_ns_fd: i32,
  mnt_id: b64,
  param: b64,
  mnt_ns_id: b64,
});
export const MNT_ID_REQ_SIZE_VER0 = 24;
export const LSMT_ROOT = 0xffff_ffff_ffff_ffffn;
export const LISTMOUNT_REVERSE = 1;

export const STATMOUNT_SB_BASIC = 0x1;
export const STATMOUNT_MNT_BASIC = 0x2;
export const STATMOUNT_PROPAGATE_FROM = 0x4;
export const STATMOUNT_MNT_ROOT = 0x8;
export const STATMOUNT_MNT_POINT = 0x10;
export const STATMOUNT_FS_TYPE = 0x20;
export const STATMOUNT_MNT_NS_ID = 0x40;
export const STATMOUNT_MNT_OPTS = 0x80;
export const STATMOUNT_FS_SUBTYPE = 0x100;
export const STATMOUNT_SB_SOURCE = 0x200;
export const STATMOUNT_OPT_ARRAY = 0x400;
export const STATMOUNT_OPT_SEC_ARRAY = 0x800;
export const STATMOUNT_SUPPORTED_MASK = 0x1000;
export const STATMOUNT_MNT_UIDMAP = 0x2000;
export const STATMOUNT_MNT_GIDMAP = 0x4000;

/** Its head; strings stand behind SIZEOF_STATMOUNT bytes. */
export const Statmount = struct('statmount', {
  size: u32,
  mnt_opts: u32,
  mask: u64,
  sb_dev_major: u32,
  sb_dev_minor: u32,
  sb_magic: u64,
  sb_flags: u32,
  fs_type: u32,
  mnt_id: u64,
  mnt_parent_id: u64,
  mnt_id_old: u32,
  mnt_parent_id_old: u32,
  mnt_attr: u64,
  mnt_propagation: u64,
  mnt_peer_group: u64,
  mnt_master: u64,
  propagate_from: u64,
  mnt_root: u32,
  mnt_point: u32,
  mnt_ns_id: u64,
  fs_subtype: u32,
  sb_source: u32,
  opt_num: u32,
  opt_array: u32,
  opt_sec_num: u32,
  opt_sec_array: u32,
  supported_mask: u64,
});
export const SIZEOF_STATMOUNT = 512;

export const OPEN_TREE_CLONE = 1;

export const MOVE_MOUNT_F_SYMLINKS = 0x1;
export const MOVE_MOUNT_F_AUTOMOUNTS = 0x2;
export const MOVE_MOUNT_F_EMPTY_PATH = 0x4;
export const MOVE_MOUNT_T_SYMLINKS = 0x10;
export const MOVE_MOUNT_T_AUTOMOUNTS = 0x20;
export const MOVE_MOUNT_T_EMPTY_PATH = 0x40;
export const MOVE_MOUNT_SET_GROUP = 0x100;
export const MOVE_MOUNT_BENEATH = 0x200;

export const FSOPEN_CLOEXEC = 1;
export const FSMOUNT_CLOEXEC = 1;
export const FSPICK_CLOEXEC = 1;
export const FSPICK_SYMLINK_NOFOLLOW = 2;
export const FSPICK_NO_AUTOMOUNT = 4;
export const FSPICK_EMPTY_PATH = 8;

export const FSCONFIG_SET_FLAG = 0;
export const FSCONFIG_SET_STRING = 1;
export const FSCONFIG_SET_BINARY = 2;
export const FSCONFIG_SET_PATH = 3;
export const FSCONFIG_SET_PATH_EMPTY = 4;
export const FSCONFIG_SET_FD = 5;
export const FSCONFIG_CMD_CREATE = 6;
export const FSCONFIG_CMD_RECONFIGURE = 7;
export const FSCONFIG_CMD_CREATE_EXCL = 8;
