// Structs and numbers of fanotify (include/uapi/linux/fanotify.h).
// kernel/fanotify/ and the two calls read and write them; events below 0x1000 are inotify's.
import { i32, struct, u8, u16, u32, u64 } from './struct.ts';

export const FanotifyEventMetadata = struct('fanotify_event_metadata', {
  event_len: u32,
  vers: u8,
  reserved: u8,
  metadata_len: u16,
  mask: u64,
  fd: i32,
  pid: i32,
});
export const FanotifyEventInfoHeader = struct('fanotify_event_info_header', {
  info_type: u8,
  pad: u8,
  len: u16,
});
export const FanotifyResponse = struct('fanotify_response', { fd: i32, response: u32 });

export const FAN_EVENT_INFO_TYPE_FID = 1;
export const FAN_EVENT_INFO_TYPE_DFID_NAME = 2;
export const FAN_EVENT_INFO_TYPE_DFID = 3;
export const FAN_EVENT_INFO_TYPE_PIDFD = 4;
export const FAN_EVENT_INFO_TYPE_OLD_DFID_NAME = 10;
export const FAN_EVENT_INFO_TYPE_NEW_DFID_NAME = 12;

export const FAN_ACCESS = 0x1;
export const FAN_MODIFY = 0x2;
export const FAN_ATTRIB = 0x4;
export const FAN_CLOSE_WRITE = 0x8;
export const FAN_CLOSE_NOWRITE = 0x10;
export const FAN_OPEN = 0x20;
export const FAN_MOVED_FROM = 0x40;
export const FAN_MOVED_TO = 0x80;
export const FAN_CREATE = 0x100;
export const FAN_DELETE = 0x200;
export const FAN_DELETE_SELF = 0x400;
export const FAN_MOVE_SELF = 0x800;
export const FAN_OPEN_EXEC = 0x1000;
export const FAN_Q_OVERFLOW = 0x4000;
export const FAN_FS_ERROR = 0x8000;
export const FAN_OPEN_PERM = 0x1_0000;
export const FAN_ACCESS_PERM = 0x2_0000;
export const FAN_OPEN_EXEC_PERM = 0x4_0000;
export const FAN_PRE_ACCESS = 0x10_0000;
export const FAN_EVENT_ON_CHILD = 0x0800_0000;
export const FAN_RENAME = 0x1000_0000;
export const FAN_ONDIR = 0x4000_0000;

export const FAN_CLOEXEC = 0x1;
export const FAN_NONBLOCK = 0x2;
export const FAN_CLASS_NOTIF = 0x0;
export const FAN_CLASS_CONTENT = 0x4;
export const FAN_CLASS_PRE_CONTENT = 0x8;
export const FAN_UNLIMITED_QUEUE = 0x10;
export const FAN_UNLIMITED_MARKS = 0x20;
export const FAN_ENABLE_AUDIT = 0x40;
export const FAN_REPORT_PIDFD = 0x80;
export const FAN_REPORT_TID = 0x100;
export const FAN_REPORT_FID = 0x200;
export const FAN_REPORT_DIR_FID = 0x400;
export const FAN_REPORT_NAME = 0x800;
export const FAN_REPORT_TARGET_FID = 0x1000;
export const FAN_REPORT_FD_ERROR = 0x2000;

export const FAN_MARK_ADD = 0x1;
export const FAN_MARK_REMOVE = 0x2;
export const FAN_MARK_DONT_FOLLOW = 0x4;
export const FAN_MARK_ONLYDIR = 0x8;
export const FAN_MARK_MOUNT = 0x10;
export const FAN_MARK_IGNORED_MASK = 0x20;
export const FAN_MARK_IGNORED_SURV_MODIFY = 0x40;
export const FAN_MARK_FLUSH = 0x80;
export const FAN_MARK_FILESYSTEM = 0x100;
export const FAN_MARK_EVICTABLE = 0x200;
export const FAN_MARK_IGNORE = 0x400;

export const FAN_ALLOW = 1;
export const FAN_DENY = 2;
export const FAN_AUDIT = 0x10;

/** What happens to entries of directories. */
export const DIRENT_EVENTS = FAN_MOVED_FROM | FAN_MOVED_TO | FAN_CREATE | FAN_DELETE | FAN_RENAME;
export const FID_BITS = FAN_REPORT_FID | FAN_REPORT_DIR_FID | FAN_REPORT_NAME | FAN_REPORT_TARGET_FID;
export const PERMISSION_EVENTS = FAN_OPEN_PERM | FAN_ACCESS_PERM | FAN_OPEN_EXEC_PERM;
