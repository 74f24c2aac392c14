// futex_wake, futex_wait, futex_requeue: futex(2)'s operations with flags for each word (kernel/futex/syscalls.c).
// Rows for table.ts; futex.ts has the operations themselves, futex-waitv.ts the fourth of the family.

import { FutexWaitv } from '../abi/futex.ts';
import { Hex, I32, Ptr, U64 } from '../abi/kinds/basic.ts';
import { Futex2Flags, FutexPair } from '../abi/kinds/futex-kinds.ts';
import { ClockId, TimespecIn } from '../abi/kinds/time-kinds.ts';
import { isValidTimespec, Timespec } from '../abi/time.ts';
import { EINVAL, fail } from '../errno.ts';
import { wakeQueue } from '../task/futex.ts';
import type { Thread } from '../task/thread.ts';
import { CLOCK_MONOTONIC, CLOCK_REALTIME } from '../time/clocks.ts';
import { absoluteDeadline } from '../time/deadlines.ts';
import { machineTime } from '../time/time-offsets.ts';
import { futexWait, moveWaiters } from './futex.ts';
import { checkWord, currentCall, FUTEX_PRIVATE_FLAG, queueAt } from './futex-word.ts';
import { type Answer, syscall } from './syscall.ts';

const FUTEX2_SIZE_U32 = 2;
const FUTEX2_MPOL = 8;
const WORD_RANGE = 2 ** 32;

/**
 * futex2_to_flags, futex_flags_valid: EINVAL unless 32-bit words, private or not. Returns FUTEX_PRIVATE_FLAG or 0.
 * On a machine of one node it makes no difference whose memory policy holds for the table.
 */
function privacyOf(flags: number): number {
  if ((flags & ~(FUTEX_PRIVATE_FLAG | FUTEX2_MPOL)) !== FUTEX2_SIZE_U32)
    fail(EINVAL, 'unknown flags of a futex');
  return flags & FUTEX_PRIVATE_FLAG;
}

/** EINVAL unless `value` fits into the word (futex_validate_input). */
function demandWord(value: number): number {
  return value < WORD_RANGE ? value : fail(EINVAL, 'wider than the futex');
}

/** A timeout of the futex2 calls as a deadline, absolute on its clock (futex2_setup_timeout). EINVAL, EFAULT. */
export function futex2Deadline(thread: Thread, timeout: number, clockid: number): number | undefined {
  const call = currentCall(thread);
  if (timeout === 0 || call.deadlineNs !== undefined) return call.deadlineNs;
  const { clock } = thread.kernel;
  if (clockid !== CLOCK_MONOTONIC && clockid !== CLOCK_REALTIME) fail(EINVAL, 'no such clock here');
  const value = thread.user.readStruct(timeout, Timespec);
  if (!isValidTimespec(value)) fail(EINVAL, 'not a valid timespec');
  call.deadlineNs = absoluteDeadline(clock, machineTime(thread, clockid, value), clockid === CLOCK_REALTIME);
  call.timedOut = call.deadlineNs <= clock.monotonicNs();
  return call.deadlineNs;
}

interface WakeArguments {
  readonly uaddr: number;
  readonly mask: number;
  readonly nr: number;
  readonly flags: number;
}

function futexWakeCall(thread: Thread, { uaddr, mask, nr, flags }: WakeArguments): number {
  const op = privacyOf(flags);
  if (demandWord(mask) === 0) fail(EINVAL, 'an empty bitset');
  checkWord(thread, uaddr, op);
  return nr === 0 ? 0 : wakeQueue(thread.kernel.futexes, queueAt(thread, uaddr, op), nr, mask);
}

interface WaitArguments {
  readonly uaddr: number;
  readonly val: number;
  readonly mask: number;
  readonly flags: number;
  readonly timeout: number;
  readonly clockid: number;
}

function futexWaitCall(thread: Thread, args: WaitArguments): Answer {
  const op = privacyOf(args.flags);
  const word = { uaddr: args.uaddr, op, val: demandWord(args.val) };
  const mask = demandWord(args.mask);
  return futexWait(thread, word, mask, futex2Deadline(thread, args.timeout, args.clockid), 'restart');
}

interface RequeueArguments {
  readonly waiters: number;
  readonly flags: number;
  readonly nr_wake: number;
  readonly nr_requeue: number;
}

function futexRequeueCall(thread: Thread, args: RequeueArguments): number {
  if (args.flags !== 0 || args.waiters === 0) fail(EINVAL, 'unknown flags, or no futexes');
  const [from, to] = [0, 1].map((index) => readWaitv(thread, args.waiters, index)) as [NamedWord, NamedWord];
  if (from.flags !== to.flags) fail(EINVAL, 'the flags of the two differ');
  const counts = { wakeCount: args.nr_wake, moveCount: args.nr_requeue };
  return moveWaiters(thread, from, to, { ...counts, expected: from.val });
}

interface NamedWord {
  readonly uaddr: number;
  /** FUTEX_PRIVATE_FLAG of `flags`. */
  readonly op: number;
  readonly flags: number;
  readonly val: number;
}

/** One entry of struct futex_waitv (futex_parse_waitv). EFAULT, EINVAL. */
export function readWaitv(thread: Thread, address: number, index: number): NamedWord {
  const { val, uaddr, flags, reserved } = thread.user.readStruct(
    address + index * FutexWaitv.size,
    FutexWaitv,
  );
  if (reserved !== 0) fail(EINVAL, 'a reserved field is set');
  return { uaddr, flags, op: privacyOf(flags), val: demandWord(Number(val)) };
}

export const FUTEX2_SYSCALLS = {
  454: syscall('futex_wake', { uaddr: Ptr, mask: Hex, nr: I32, flags: Futex2Flags }, futexWakeCall),
  455: syscall(
    'futex_wait',
    { uaddr: Ptr, val: U64, mask: Hex, flags: Futex2Flags, timeout: TimespecIn, clockid: ClockId },
    futexWaitCall,
  ),
  456: syscall(
    'futex_requeue',
    { waiters: FutexPair, flags: Futex2Flags, nr_wake: I32, nr_requeue: I32 },
    futexRequeueCall,
  ),
};
