// Kinds of the fanotify calls: classes, flags of groups and marks, events by name.
// Rows of kernel/syscalls/fanotify.ts name them.
import * as abi from '../fanotify.ts';
import type { Kind } from '../kind.ts';
import { DirFd, flags, kind } from './basic.ts';
import { OpenFlags } from './file-kinds.ts';
import { flagText, hex, names } from './format.ts';

const CLASS_BITS = abi.FAN_CLASS_CONTENT | abi.FAN_CLASS_PRE_CONTENT;
const CLASSES = names({
  FAN_CLASS_NOTIF: abi.FAN_CLASS_NOTIF,
  FAN_CLASS_CONTENT: abi.FAN_CLASS_CONTENT,
  FAN_CLASS_PRE_CONTENT: abi.FAN_CLASS_PRE_CONTENT,
});
const INIT_FLAGS = names({
  FAN_CLOEXEC: abi.FAN_CLOEXEC,
  FAN_NONBLOCK: abi.FAN_NONBLOCK,
  FAN_UNLIMITED_QUEUE: abi.FAN_UNLIMITED_QUEUE,
  FAN_UNLIMITED_MARKS: abi.FAN_UNLIMITED_MARKS,
  FAN_ENABLE_AUDIT: abi.FAN_ENABLE_AUDIT,
  FAN_REPORT_PIDFD: abi.FAN_REPORT_PIDFD,
  FAN_REPORT_TID: abi.FAN_REPORT_TID,
  FAN_REPORT_FID: abi.FAN_REPORT_FID,
  FAN_REPORT_DIR_FID: abi.FAN_REPORT_DIR_FID,
  FAN_REPORT_NAME: abi.FAN_REPORT_NAME,
  FAN_REPORT_TARGET_FID: abi.FAN_REPORT_TARGET_FID,
});
/** The class first, of which one is no bit. */
export const FanotifyInitFlags: Kind = kind('fanotify flags', 'u32', (value) => {
  const found = CLASSES.find(([, bits]) => bits === (value & CLASS_BITS));
  const name = found?.[0] ?? `${hex(value & CLASS_BITS)} /* FAN_CLASS_??? */`;
  const rest = value & ~CLASS_BITS;
  return rest === 0 ? name : `${name}|${flagText(rest, INIT_FLAGS, 'FAN_???')}`;
});
export const FanotifyEventFlags: Kind = OpenFlags;
export const FanotifyMarkFlags: Kind = flags('FAN_MARK_???', {
  FAN_MARK_ADD: abi.FAN_MARK_ADD,
  FAN_MARK_REMOVE: abi.FAN_MARK_REMOVE,
  FAN_MARK_DONT_FOLLOW: abi.FAN_MARK_DONT_FOLLOW,
  FAN_MARK_ONLYDIR: abi.FAN_MARK_ONLYDIR,
  FAN_MARK_MOUNT: abi.FAN_MARK_MOUNT,
  FAN_MARK_IGNORED_MASK: abi.FAN_MARK_IGNORED_MASK,
  FAN_MARK_IGNORED_SURV_MODIFY: abi.FAN_MARK_IGNORED_SURV_MODIFY,
  FAN_MARK_FLUSH: abi.FAN_MARK_FLUSH,
  FAN_MARK_FILESYSTEM: abi.FAN_MARK_FILESYSTEM,
  FAN_MARK_EVICTABLE: abi.FAN_MARK_EVICTABLE,
  FAN_MARK_IGNORE: abi.FAN_MARK_IGNORE,
});
const EVENTS = names({
  FAN_ACCESS: abi.FAN_ACCESS,
  FAN_MODIFY: abi.FAN_MODIFY,
  FAN_ATTRIB: abi.FAN_ATTRIB,
  FAN_CLOSE_WRITE: abi.FAN_CLOSE_WRITE,
  FAN_CLOSE_NOWRITE: abi.FAN_CLOSE_NOWRITE,
  FAN_OPEN: abi.FAN_OPEN,
  FAN_MOVED_FROM: abi.FAN_MOVED_FROM,
  FAN_MOVED_TO: abi.FAN_MOVED_TO,
  FAN_CREATE: abi.FAN_CREATE,
  FAN_DELETE: abi.FAN_DELETE,
  FAN_DELETE_SELF: abi.FAN_DELETE_SELF,
  FAN_MOVE_SELF: abi.FAN_MOVE_SELF,
  FAN_OPEN_EXEC: abi.FAN_OPEN_EXEC,
  FAN_Q_OVERFLOW: abi.FAN_Q_OVERFLOW,
  FAN_FS_ERROR: abi.FAN_FS_ERROR,
  FAN_OPEN_PERM: abi.FAN_OPEN_PERM,
  FAN_ACCESS_PERM: abi.FAN_ACCESS_PERM,
  FAN_OPEN_EXEC_PERM: abi.FAN_OPEN_EXEC_PERM,
  FAN_DIR_MODIFY: 0x8_0000,
  FAN_EVENT_ON_CHILD: abi.FAN_EVENT_ON_CHILD,
  FAN_RENAME: abi.FAN_RENAME,
  FAN_ONDIR: abi.FAN_ONDIR,
});
export const FanotifyMask: Kind = kind('fanotify events', 'u64', (value) =>
  value > 0xffff_ffff ? `${hex(value)} /* FAN_??? */` : flagText(value, EVENTS, 'FAN_???'),
);
/** A directory descriptor, or FAN_NOFD. */
export const FanotifyDirFd: Kind = kind('dirfd', 'i32', (value, context) =>
  value === -1 ? 'FAN_NOFD' : DirFd.print(value, context),
);
