// The parts of the kernel that a program does not need to start. The early parts reach them through here, so that the
// build of the command line can leave them in a bundle of their own that is loaded at the first use.
// Both bundles share the early modules, so anything may pass: objects, classes, tables.

import { demandDevice, demandDeviceNode } from './cgroup/device-programs.ts';
import { enterFreezer } from './cgroup/freezer.ts';
import { CGROUP2, Cgroups, cgroupBehind } from './cgroup/hierarchy.ts';
import { processReaped, threadEnded, threadStarted } from './cgroup/membership.ts';
import { demandRoom } from './cgroup/pids.ts';
import { setCorePattern, setSuidDumpable } from './coredump/core-name.ts';
import { continueDump, dumpCore, endDump } from './coredump/dump.ts';
import { Programs } from './ebpf/programs.ts';
import { openKmsg } from './fs/devices/kmsg.ts';
import { randomIoctl } from './fs/devices/random-ioctl.ts';
import { breakLeases } from './fs/locks/leases.ts';
import { Mounting } from './fs/mounting.ts';
import { processRows, taskRows } from './fs/procfs/process-rows.ts';
import { sysRootNode } from './fs/procfs/sys-root.ts';
import { systemFiles } from './fs/procfs/system-files.ts';
import { TMPFS } from './fs/tmpfs/mount-options.ts';
import { Keys } from './keys/keys.ts';
import { LANDLOCK } from './landlock/hooks.ts';
import { makeLog } from './log/kernel-log.ts';
import { tellUnhandled } from './log/unhandled-signal.ts';
import { PAGE_WAITS } from './mm/page-waits.ts';
import { liveNamespaces } from './namespaces/live-namespaces.ts';
import { namespaceIoctl } from './namespaces/namespace-ioctls.ts';
import { allocateIn, endPidNamespace, rebootPidNamespace } from './namespaces/pid-namespace.ts';
import { inTimeForChildren, Namespaces, withNew } from './namespaces/set.ts';
import { inNewUserNamespace } from './namespaces/user-namespace.ts';
import { TRACING } from './ptrace/tracing.ts';
import { confinedThreadEnded } from './seccomp/notifier.ts';
import { FCNTL_COMMANDS } from './syscalls/fcntl-commands.ts';
import { FUTEX_PI } from './syscalls/futex-pi.ts';
import { changeWord } from './syscalls/futex-wake-op.ts';
import { LATE_FAMILIES } from './syscalls/late-families.ts';
import { openUserfaultDevice } from './syscalls/userfault.ts';
import { recordEnd } from './task/accounting.ts';
import { PID_FDS } from './task/pid-fd-details.ts';
import { alarmTaken, disarmInterval } from './time/interval-timers.ts';
import { dropPosix } from './time/posix-timers.ts';
import { DEVPTS } from './tty/devpts-mount.ts';
import { PtyMaster } from './tty/pty.ts';

const CORE_DUMPS = { dumpCore, continueDump, endDump, setCorePattern, setSuidDumpable } as const;
const CGROUP_MEMBERS = {
  cgroupBehind,
  demandRoom,
  threadStarted,
  threadEnded,
  processReaped,
  enterFreezer,
  demandDevice,
  demandDeviceNode,
} as const;
const TIMERS = { alarmTaken, disarmInterval, dropPosix } as const;

// getters, since the modules that are imported here import those that import this one
export const late = {
  /** For processes that die of a signal, and the settings of that. */
  get coreDumps() {
    return CORE_DUMPS;
  },
  get Cgroups() {
    return Cgroups;
  },
  /** For threads that are not in the root cgroup, and devices that a program of one may forbid. */
  get cgroupMembers() {
    return CGROUP_MEMBERS;
  },
  get cgroup2() {
    return CGROUP2;
  },
  get PtyMaster() {
    return PtyMaster;
  },
  get devpts() {
    return DEVPTS;
  },
  get tmpfs() {
    return TMPFS;
  },
  get openKmsg() {
    return openKmsg;
  },
  get namespaceIoctl() {
    return namespaceIoctl;
  },
  get liveNamespaces() {
    return liveNamespaces;
  },
  get pageWaits() {
    return PAGE_WAITS;
  },
  get openUserfaultDevice() {
    return openUserfaultDevice;
  },
  /** Of /dev/random and urandom. */
  get randomIoctl() {
    return randomIoctl;
  },
  get Mounting() {
    return Mounting;
  },
  get Keys() {
    return Keys;
  },
  /** Of bpf(2). */
  get Programs() {
    return Programs;
  },
  get tracing() {
    return TRACING;
  },
  /** Of a thread with filters. */
  get confinedThreadEnded() {
    return confinedThreadEnded;
  },
  /** acct(2). */
  get recordEnd() {
    return recordEnd;
  },
  /** Operations of futex on priority-inheriting locks. */
  get futexPi() {
    return FUTEX_PI;
  },
  /** FUTEX_WAKE_OP. */
  get changeWord() {
    return changeWord;
  },
  /** Commands of fcntl that no C library starts with. */
  get fcntlCommands() {
    return FCNTL_COMMANDS;
  },
  /** What pidfds tell. */
  get pidFds() {
    return PID_FDS;
  },
  get breakLeases() {
    return breakLeases;
  },
  /** For threads in a domain. */
  get landlock() {
    return LANDLOCK;
  },
  /** Of setitimer and timer_create. */
  get timers() {
    return TIMERS;
  },
  get makeLog() {
    return makeLog;
  },
  /** For faults that nobody handles. */
  get tellUnhandled() {
    return tellUnhandled;
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
  get rebootPidNamespace() {
    return rebootPidNamespace;
  },
  get endPidNamespace() {
    return endPidNamespace;
  },
  get inNewUserNamespace() {
    return inNewUserNamespace;
  },
} as const;
