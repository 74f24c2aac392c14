// prctl(2): one row per operation, as the man page lists them.
// table.ts has the call; unknown operations are EINVAL, as on Linux.
import { PrctlArgument, PrctlMore, PrctlOption, PrctlResult, PrctlThird } from '../abi/kinds/prctl-kinds.ts';

import { NSIG } from '../abi/signal.ts';
import { EFAULT, EINVAL, ENODEV, EPERM, fail } from '../errno.ts';
import { bytesToText, textToBytes } from '../mm/user-memory.ts';
import { commit } from '../task/change-ids.ts';
import { CAP_SETPCAP, CAP_SYS_RESOURCE, capable, hasCapability } from '../task/credentials.ts';
import { DEFAULT_TIMER_SLACK_NS, type Thread } from '../task/thread.ts';
import { setSeccompMode } from './seccomp.ts';
import { syscall } from './syscall.ts';

interface PrctlArguments {
  readonly option: number;
  readonly arg2: number;
  readonly arg3: number;
  readonly arg4: number;
  readonly arg5: number;
}

type Operation = (thread: Thread, args: PrctlArguments) => number;

const TASK_COMM_LEN = 16;
const CAP_LAST_CAP = 40;
const SECURE_ALL_BITS = 0xfff;
const SECURE_ALL_LOCKS = 0xaaa;
/** SECBIT_EXEC_RESTRICT_FILE and SECBIT_EXEC_DENY_INTERACTIVE with their locks: what programs do to themselves. */
const SECURE_UNPRIVILEGED = 0xf00;
const SECBIT_KEEP_CAPS = 1 << 4;
const SECBIT_KEEP_CAPS_LOCKED = 1 << 5;
const SECBIT_NO_CAP_AMBIENT_RAISE = 1 << 6;

function demandZero(...values: number[]): void {
  if (values.some((value) => value !== 0)) fail(EINVAL, 'unused arguments must be 0');
}

/** Signal that PR_SET_PDEATHSIG takes; 0 clears it. */
function setParentDeathSignal(thread: Thread, { arg2 }: PrctlArguments): number {
  if (arg2 > NSIG) fail(EINVAL, 'no such signal');
  thread.parentDeathSignal = arg2;
  return 0;
}

function getParentDeathSignal(thread: Thread, { arg2 }: PrctlArguments): number {
  thread.user.writeU32(arg2, thread.parentDeathSignal);
  return 0;
}

function setDumpable(thread: Thread, { arg2 }: PrctlArguments): number {
  if (arg2 !== 0 && arg2 !== 1) fail(EINVAL, 'only 0 and 1');
  thread.process.dumpable = arg2;
  return 0;
}

function setName(thread: Thread, { arg2 }: PrctlArguments): number {
  // strncpy_from_user: what is beyond 15 bytes is cut off
  const { user } = thread;
  const length = user.accessible(arg2, TASK_COMM_LEN - 1, false);
  const bytes = user.read(arg2, length);
  const end = bytes.indexOf(0);
  if (end < 0 && length < TASK_COMM_LEN - 1) fail(EFAULT, 'the name is not accessible');
  thread.name = bytesToText(end < 0 ? bytes : bytes.subarray(0, end));
  return 0;
}

function getName(thread: Thread, { arg2 }: PrctlArguments): number {
  const bytes = new Uint8Array(TASK_COMM_LEN);
  bytes.set(textToBytes(thread.name).subarray(0, TASK_COMM_LEN - 1));
  thread.user.write(arg2, bytes);
  return 0;
}

function setKeepCapabilities(thread: Thread, { arg2 }: PrctlArguments): number {
  if (arg2 > 1) fail(EINVAL, 'only 0 and 1');
  if ((thread.credentials.securebits & SECBIT_KEEP_CAPS_LOCKED) !== 0) fail(EPERM, 'locked by a secure bit');
  thread.keepCapabilities = arg2 === 1;
  return 0;
}

function demandCapability(number: number): bigint {
  if (number > CAP_LAST_CAP) fail(EINVAL, 'no such capability');
  return 1n << BigInt(number);
}

function dropBounding(thread: Thread, { arg2 }: PrctlArguments): number {
  if (!hasCapability(thread.credentials, CAP_SETPCAP)) fail(EPERM, 'needs CAP_SETPCAP');
  const bit = demandCapability(arg2);
  commit(thread, { ...thread.credentials, bounding: thread.credentials.bounding & ~bit });
  return 0;
}

function getSecurebits(thread: Thread): number {
  return (
    (thread.credentials.securebits & ~SECBIT_KEEP_CAPS) | (thread.keepCapabilities ? SECBIT_KEEP_CAPS : 0)
  );
}

function setSecurebits(thread: Thread, { arg2 }: PrctlArguments): number {
  const old = thread.credentials.securebits;
  const lockedChanges = ((old & SECURE_ALL_LOCKS) >> 1) & (old ^ arg2);
  const unlocks = old & SECURE_ALL_LOCKS & ~arg2;
  const isUnknown = arg2 >= 2 ** 32 || (arg2 & ~SECURE_ALL_BITS) !== 0;
  if (lockedChanges !== 0 || unlocks !== 0 || isUnknown) fail(EPERM, 'locked or unknown bits');
  const changed = old ^ arg2;
  const isFree = changed !== 0 && (changed & ~SECURE_UNPRIVILEGED) === 0;
  if (!isFree && !hasCapability(thread.credentials, CAP_SETPCAP)) fail(EPERM, 'needs CAP_SETPCAP');
  thread.keepCapabilities = (arg2 & SECBIT_KEEP_CAPS) !== 0;
  commit(thread, { ...thread.credentials, securebits: arg2 });
  return 0;
}

const PR_CAP_AMBIENT_IS_SET = 1;
const PR_CAP_AMBIENT_RAISE = 2;
const PR_CAP_AMBIENT_LOWER = 3;
const PR_CAP_AMBIENT_CLEAR_ALL = 4;

function ambient(thread: Thread, args: PrctlArguments): number {
  const own = thread.credentials;
  if (args.arg2 === PR_CAP_AMBIENT_CLEAR_ALL) {
    demandZero(args.arg3, args.arg4, args.arg5);
    commit(thread, { ...own, ambient: 0n });
    return 0;
  }
  const bit = demandCapability(args.arg3);
  demandZero(args.arg4, args.arg5);
  switch (args.arg2) {
    case PR_CAP_AMBIENT_IS_SET:
      return (own.ambient & bit) === 0n ? 0 : 1;
    case PR_CAP_AMBIENT_RAISE:
      if (
        (own.permitted & own.inheritable & bit) === 0n ||
        (own.securebits & SECBIT_NO_CAP_AMBIENT_RAISE) !== 0
      ) {
        fail(EPERM, 'not both permitted and inheritable');
      }
      commit(thread, { ...own, ambient: own.ambient | bit });
      return 0;
    case PR_CAP_AMBIENT_LOWER:
      commit(thread, { ...own, ambient: own.ambient & ~bit });
      return 0;
    default:
      return fail(EINVAL, 'no such operation on ambient capabilities');
  }
}

function setNoNewPrivileges(thread: Thread, args: PrctlArguments): number {
  if (args.arg2 !== 1) fail(EINVAL, 'can only be set');
  demandZero(args.arg3, args.arg4, args.arg5);
  thread.credentials = { ...thread.credentials, noNewPrivileges: true };
  return 0;
}

function setTimerSlack(thread: Thread, { arg2 }: PrctlArguments): number {
  thread.timerSlackNs = arg2 <= 0 ? DEFAULT_TIMER_SLACK_NS : arg2;
  return 0;
}

/** PR_GET_AUXV: how long the vector is, of which as much is stored as there is room for. */
function getAuxv({ user, mm }: Thread, { arg2, arg3, arg4, arg5 }: PrctlArguments): number {
  demandZero(arg4, arg5);
  const { auxv } = mm.image;
  user.write(arg2, auxv.subarray(0, Math.min(arg3, auxv.length)));
  return auxv.length;
}

const PR_MCE_KILL_CLEAR = 0;
const PR_MCE_KILL_SET = 1;
const PR_MCE_KILL_DEFAULT = 2;

/** What happens to it when memory breaks, which it never does: kept and shown. */
function setMachineCheckPolicy({ process }: Thread, { arg2, arg3, arg4, arg5 }: PrctlArguments): number {
  demandZero(arg4, arg5);
  if (arg2 === PR_MCE_KILL_CLEAR) {
    demandZero(arg3);
    process.machineCheckPolicy = PR_MCE_KILL_DEFAULT;
  } else if (arg2 === PR_MCE_KILL_SET && arg3 <= PR_MCE_KILL_DEFAULT) process.machineCheckPolicy = arg3;
  else fail(EINVAL, 'no such policy');
  return 0;
}

/** PR_SET_MM as without CONFIG_CHECKPOINT_RESTORE. */
function setMemoryMap(thread: Thread, { arg2, arg4, arg5 }: PrctlArguments): number {
  const takesFour = arg2 === PR_SET_MM_AUXV || arg2 === PR_SET_MM_MAP || arg2 === PR_SET_MM_MAP_SIZE;
  if (arg5 !== 0 || (arg4 !== 0 && !takesFour)) fail(EINVAL, 'unused arguments must be 0');
  if (!capable(thread.credentials, CAP_SYS_RESOURCE)) fail(EPERM, 'needs CAP_SYS_RESOURCE');
  return fail(EINVAL, 'the map cannot be changed');
}
const PR_SET_MM_AUXV = 12;
const PR_SET_MM_MAP = 14;
const PR_SET_MM_MAP_SIZE = 15;

const PR_MDWE_REFUSE_EXEC_GAIN = 1;
const PR_MDWE_NO_INHERIT = 2;

/** Memory that was written can no longer become executable. EPERM: that cannot be undone. */
function refuseWriteExec({ process }: Thread, { arg2, arg3, arg4, arg5 }: PrctlArguments): number {
  demandZero(arg3, arg4, arg5);
  if ((arg2 & ~(PR_MDWE_REFUSE_EXEC_GAIN | PR_MDWE_NO_INHERIT)) !== 0) fail(EINVAL, 'unknown bits');
  if (arg2 === PR_MDWE_NO_INHERIT) fail(EINVAL, 'nothing that could be inherited');
  if (process.writeExecRules !== 0 && process.writeExecRules !== arg2) fail(EPERM, 'cannot be undone');
  process.writeExecRules = arg2;
  return 0;
}

/** PR_SET_MEMORY_MERGE: equal pages may be one, which nobody can see. */
function setMergeAny({ process }: Thread, { arg2, arg3, arg4, arg5 }: PrctlArguments): number {
  demandZero(arg3, arg4, arg5);
  process.isMergeable = arg2 !== 0;
  return 0;
}

function demandIoFlusher(thread: Thread, ...unused: number[]): void {
  if (!capable(thread.credentials, CAP_SYS_RESOURCE)) fail(EPERM, 'needs CAP_SYS_RESOURCE');
  demandZero(...unused);
}

const OPERATIONS: Readonly<Record<number, Operation>> = {
  1: setParentDeathSignal,
  2: getParentDeathSignal,
  3: (thread) => thread.process.dumpable,
  4: setDumpable,
  7: (thread) => (thread.keepCapabilities ? 1 : 0),
  8: setKeepCapabilities,
  13: () => 0, // PR_GET_TIMING: PR_TIMING_STATISTICAL
  14: (_, { arg2 }) => (arg2 === 0 ? 0 : fail(EINVAL, 'only statistical timing')),
  15: setName,
  16: getName,
  21: (thread) => thread.confinement?.mode ?? 0, // strict mode kills who asks
  22: (thread, { arg2, arg3 }) => setSeccompMode(thread, arg2, arg3),
  23: (thread, { arg2 }) => ((thread.credentials.bounding & demandCapability(arg2)) === 0n ? 0 : 1),
  24: dropBounding,
  27: getSecurebits,
  28: setSecurebits,
  29: setTimerSlack,
  30: (thread) => thread.timerSlackNs,
  31: () => 0, // PR_TASK_PERF_EVENTS_DISABLE, _ENABLE: a task here has none
  32: () => 0,
  36: (thread, { arg2 }) => {
    thread.process.isSubreaper = arg2 !== 0;
    return 0;
  },
  37: (thread, { arg2 }) => {
    thread.user.writeU32(arg2, thread.process.isSubreaper ? 1 : 0);
    return 0;
  },
  33: setMachineCheckPolicy,
  34: ({ process }, { arg2, arg3, arg4, arg5 }) => {
    demandZero(arg2, arg3, arg4, arg5);
    return process.machineCheckPolicy;
  },
  35: setMemoryMap,
  38: setNoNewPrivileges,
  39: (thread, { arg2, arg3, arg4, arg5 }) => {
    demandZero(arg2, arg3, arg4, arg5);
    return thread.credentials.noNewPrivileges ? 1 : 0;
  },
  40: (thread, { arg2 }) => {
    thread.user.writeU64(arg2, thread.clearChildTid);
    return 0;
  },
  41: (thread, { arg2, arg3, arg4, arg5 }) => {
    demandZero(arg3, arg4, arg5);
    thread.process.isThpDisabled = arg2 !== 0;
    return 0;
  },
  42: (thread, { arg2, arg3, arg4, arg5 }) => {
    demandZero(arg2, arg3, arg4, arg5);
    return thread.process.isThpDisabled ? 1 : 0;
  },
  47: ambient,
  52: (_, { arg3, arg4, arg5 }) => {
    demandZero(arg3, arg4, arg5);
    return fail(ENODEV, 'no speculation to control');
  },
  53: (_, { arg4, arg5 }) => {
    demandZero(arg4, arg5);
    return fail(ENODEV, 'no speculation to control');
  },
  57: (thread, { arg2, arg3, arg4, arg5 }) => {
    demandIoFlusher(thread, arg3, arg4, arg5);
    if (arg2 > 1) fail(EINVAL, 'only 0 and 1');
    thread.isIoFlusher = arg2 === 1;
    return 0;
  },
  58: (thread, { arg2, arg3, arg4, arg5 }) => {
    demandIoFlusher(thread, arg2, arg3, arg4, arg5);
    return thread.isIoFlusher ? 1 : 0;
  },
  65: refuseWriteExec,
  66: ({ process }, { arg2, arg3, arg4, arg5 }) => {
    demandZero(arg2, arg3, arg4, arg5);
    return process.writeExecRules;
  },
  67: setMergeAny,
  68: ({ process }, { arg2, arg3, arg4, arg5 }) => {
    demandZero(arg2, arg3, arg4, arg5);
    return process.isMergeable ? 1 : 0;
  },
  1096112214: getAuxv,
  71: () => 0, // PR_RISCV_SET_ICACHE_FLUSH_CTX: fence.i is always exact here
};

function prctl(thread: Thread, args: PrctlArguments): number {
  const operation = OPERATIONS[args.option] ?? fail(EINVAL, 'no such prctl operation');
  return operation(thread, args);
}

export const PRCTL_SYSCALLS = {
  167: syscall(
    'prctl',
    { option: PrctlOption, arg2: PrctlArgument, arg3: PrctlThird, arg4: PrctlMore, arg5: PrctlMore },
    prctl,
    {
      returns: PrctlResult,
      partial:
        'no speculation and vector control, no syscall user dispatch; PR_SET_MM and PR_SET_VMA are refused',
    },
  ),
};
