// Landlock's structs and bits (include/uapi/linux/landlock.h), ABI 7.
// kernel/syscalls/landlock.ts reads them, kernel/landlock/ asks for rights by name.
import { b64, i32, struct, u64 } from './struct.ts';

export const LandlockRulesetAttr = struct('landlock_ruleset_attr', {
  handled_access_fs: b64,
  handled_access_net: b64,
  scoped: b64,
});
/** Packed: 12 bytes; `parent_fd` lies where it would anyway. */
export const LandlockPathBeneathAttr = struct('landlock_path_beneath_attr', {
  allowed_access: b64,
  parent_fd: i32,
});
export const PATH_BENEATH_SIZE = 12;
export const LandlockNetPortAttr = struct('landlock_net_port_attr', { allowed_access: b64, port: u64 });

export const LANDLOCK_CREATE_RULESET_VERSION = 1;
export const LANDLOCK_CREATE_RULESET_ERRATA = 2;

export const LANDLOCK_RULE_PATH_BENEATH = 1;
export const LANDLOCK_RULE_NET_PORT = 2;

export const LANDLOCK_ACCESS_FS = {
  EXECUTE: 1 << 0,
  WRITE_FILE: 1 << 1,
  READ_FILE: 1 << 2,
  READ_DIR: 1 << 3,
  REMOVE_DIR: 1 << 4,
  REMOVE_FILE: 1 << 5,
  MAKE_CHAR: 1 << 6,
  MAKE_DIR: 1 << 7,
  MAKE_REG: 1 << 8,
  MAKE_SOCK: 1 << 9,
  MAKE_FIFO: 1 << 10,
  MAKE_BLOCK: 1 << 11,
  MAKE_SYM: 1 << 12,
  REFER: 1 << 13,
  TRUNCATE: 1 << 14,
  IOCTL_DEV: 1 << 15,
} as const;
export const ALL_ACCESS_FS = 0xffff;

export const LANDLOCK_ACCESS_NET = { BIND_TCP: 1 << 0, CONNECT_TCP: 1 << 1 } as const;
export const ALL_ACCESS_NET = 3;

export const LANDLOCK_SCOPE = { ABSTRACT_UNIX_SOCKET: 1 << 0, SIGNAL: 1 << 1 } as const;
export const ALL_SCOPES = 3;

export const LANDLOCK_RESTRICT_SELF = {
  LOG_SAME_EXEC_OFF: 1 << 0,
  LOG_NEW_EXEC_ON: 1 << 1,
  LOG_SUBDOMAINS_OFF: 1 << 2,
} as const;
export const ALL_RESTRICT_SELF = 7;
