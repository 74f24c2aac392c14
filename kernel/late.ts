// The parts of the kernel that a program does not need to start. The early parts reach them through here, so that the
// build of the command line can leave them in a bundle of their own that is loaded at the first use.
// Both bundles share the early modules, so anything may pass: objects, classes, tables.
import { openKmsg } from './fs/devices/kmsg.ts';
import { processRows, taskRows } from './fs/procfs/process-rows.ts';
import { sysRootNode } from './fs/procfs/sys-root.ts';
import { systemFiles } from './fs/procfs/system-files.ts';
import { makeLog } from './log/kernel-log.ts';
import { allocateIn, endPidNamespace } from './namespaces/pid-namespace.ts';
import { inTimeForChildren, Namespaces, withNew } from './namespaces/set.ts';
import { inNewUserNamespace } from './namespaces/user-namespace.ts';
import { LATE_FAMILIES } from './syscalls/late-families.ts';
import { makeDevpts } from './tty/devpts-mount.ts';

// getters, since the modules that are imported here import those that import this one
export const late = {
  get makeDevpts() {
    return makeDevpts;
  },
  get openKmsg() {
    return openKmsg;
  },
  get makeLog() {
    return makeLog;
  },
  get syscallFamilies() {
    return LATE_FAMILIES;
  },
  /** Of /proc/PID and /proc/PID/task/TID. */
  get processRows() {
    return processRows;
  },
  get taskRows() {
    return taskRows;
  },
  /** Of /proc. */
  get systemFiles() {
    return systemFiles;
  },
  get sysRootNode() {
    return sysRootNode;
  },
  get Namespaces() {
    return Namespaces;
  },
  /** For clone and unshare. */
  get withNew() {
    return withNew;
  },
  get inTimeForChildren() {
    return inTimeForChildren;
  },
  get allocateIn() {
    return allocateIn;
  },
  /** For the end of its process 1. */
  get endPidNamespace() {
    return endPidNamespace;
  },
  get inNewUserNamespace() {
    return inNewUserNamespace;
  },
} as const;
