// io_uring_setup and io_uring_enter (io_uring(7); io_uring/io_uring.c): making a ring, submitting entries, waiting.
// Rows for table.ts; io_uring_register is io-uring-register.ts, the rings are kernel/uring/.
import { O_RDWR } from '../abi/fcntl.ts';
import {
  IORING_ENTER_ABS_TIMER,
  IORING_ENTER_EXT_ARG,
  IORING_ENTER_GETEVENTS,
  IORING_ENTER_NO_IOWAIT,
  IORING_ENTER_REGISTERED_RING,
  IORING_ENTER_SQ_WAIT,
  IORING_ENTER_SQ_WAKEUP,
  IORING_SETUP_ATTACH_WQ,
  IORING_SETUP_CLAMP,
  IORING_SETUP_COOP_TASKRUN,
  IORING_SETUP_CQE32,
  IORING_SETUP_CQSIZE,
  IORING_SETUP_DEFER_TASKRUN,
  IORING_SETUP_NO_SQARRAY,
  IORING_SETUP_R_DISABLED,
  IORING_SETUP_SINGLE_ISSUER,
  IORING_SETUP_SQ_AFF,
  IORING_SETUP_SQE128,
  IORING_SETUP_SQPOLL,
  IORING_SETUP_SUBMIT_ALL,
  IORING_SETUP_TASKRUN_FLAG,
  IoUringGeteventsArg,
  IoUringParams,
} from '../abi/io-uring.ts';
import { Fd, Size, U32 } from '../abi/kinds/basic.ts';
import { UringEnterFlags, UringParams } from '../abi/kinds/uring-kinds.ts';
import { UringEnterArgument } from '../abi/kinds/uring-register-kinds.ts';
import { Timespec, timespecToNs } from '../abi/time.ts';
import { EBADF, EBADFD, EEXIST, EINVAL, EOPNOTSUPP, ETIME, fail } from '../errno.ts';
import { installNew } from '../event/install.ts';
import { anonymousInode } from '../fs/anonymous.ts';
import { waitWithMask } from '../poll/temporary-mask.ts';
import type { Call, Thread } from '../task/thread.ts';
import { IoUring, RINGS } from '../uring/io-uring.ts';
import { prepareRequest } from '../uring/prepare.ts';
import { wait } from '../wait.ts';
import { type Answer, syscall } from './syscall.ts';

const MOST_ENTRIES = 32_768;
const MOST_COMPLETIONS = 2 * MOST_ENTRIES;
/** SINGLE_MMAP … MIN_TIMEOUT and NO_IOWAIT; not RW_ATTR. */
const FEATURES = 0x2_ffff;
const SETUP_FLAGS =
  IORING_SETUP_SQPOLL |
  IORING_SETUP_SQ_AFF |
  IORING_SETUP_CQSIZE |
  IORING_SETUP_CLAMP |
  IORING_SETUP_ATTACH_WQ |
  IORING_SETUP_R_DISABLED |
  IORING_SETUP_SUBMIT_ALL |
  IORING_SETUP_COOP_TASKRUN |
  IORING_SETUP_TASKRUN_FLAG |
  IORING_SETUP_SQE128 |
  IORING_SETUP_CQE32 |
  IORING_SETUP_SINGLE_ISSUER |
  IORING_SETUP_DEFER_TASKRUN |
  IORING_SETUP_NO_SQARRAY;
const ENTER_FLAGS =
  IORING_ENTER_GETEVENTS |
  IORING_ENTER_SQ_WAKEUP |
  IORING_ENTER_SQ_WAIT |
  IORING_ENTER_EXT_ARG |
  IORING_ENTER_REGISTERED_RING |
  IORING_ENTER_ABS_TIMER |
  IORING_ENTER_NO_IOWAIT;

function demandSetupFlags(flags: number): void {
  if ((flags & ~SETUP_FLAGS) !== 0) fail(EINVAL, 'flags that are not supported');
  const runs = IORING_SETUP_COOP_TASKRUN | IORING_SETUP_DEFER_TASKRUN;
  if ((flags & IORING_SETUP_TASKRUN_FLAG) !== 0 && (flags & runs) === 0)
    fail(EINVAL, 'a flag for work that is not put off');
  const isPolled = (flags & IORING_SETUP_SQPOLL) !== 0;
  if ((flags & IORING_SETUP_SQ_AFF) !== 0 && !isPolled) fail(EINVAL, 'a processor for no thread');
  if (isPolled && (flags & (runs | IORING_SETUP_TASKRUN_FLAG)) !== 0)
    fail(EINVAL, 'work that no thread waits for');
  if ((flags & IORING_SETUP_DEFER_TASKRUN) !== 0 && (flags & IORING_SETUP_SINGLE_ISSUER) === 0)
    fail(EINVAL, 'work put off for more than one thread');
}

function powerOfTwo(count: number): number {
  return 2 ** Math.ceil(Math.log2(count));
}

/** EINVAL: more than there can be, unless IORING_SETUP_CLAMP cuts it; none. */
function entries(wanted: number, most: number, isClamped: boolean): number {
  if (wanted === 0) fail(EINVAL, 'no entries');
  if (wanted > most && !isClamped) fail(EINVAL, 'too many entries');
  return powerOfTwo(Math.min(wanted, most));
}

function setup(
  thread: Thread,
  { entries: wanted, params: address }: { entries: number; params: number },
): number {
  const { user, kernel } = thread;
  const params = user.readStruct(address, IoUringParams);
  if (params.resv0 !== 0 || params.resv1 !== 0 || params.resv2 !== 0) fail(EINVAL, 'reserved fields');
  const { flags } = params;
  demandSetupFlags(flags);
  const isClamped = (flags & IORING_SETUP_CLAMP) !== 0;
  const sqEntries = entries(wanted, MOST_ENTRIES, isClamped);
  const ownSize = (flags & IORING_SETUP_CQSIZE) !== 0;
  const cqEntries = ownSize ? entries(params.cq_entries, MOST_COMPLETIONS, isClamped) : 2 * sqEntries;
  if (cqEntries < sqEntries) fail(EINVAL, 'fewer completions than entries');
  if ((flags & IORING_SETUP_ATTACH_WQ) !== 0) ringOf(thread, params.wq_fd, EINVAL);
  const inode = anonymousInode(kernel, '[io_uring]', 0o600, true);
  const ring = new IoUring(kernel, inode, { flags, sqEntries, cqEntries }, prepareRequest);
  ring.isDisabled = (flags & IORING_SETUP_R_DISABLED) !== 0;
  if ((flags & IORING_SETUP_SINGLE_ISSUER) !== 0 && !ring.isDisabled) ring.issuer = thread;
  kernel.rings.open.add(ring);
  const hasArray = (flags & IORING_SETUP_NO_SQARRAY) === 0;
  try {
    user.writeStruct(address, IoUringParams, {
      ...params,
      sq_entries: sqEntries,
      cq_entries: cqEntries,
      features: FEATURES,
      sq_off: {
        head: RINGS.sqHead,
        tail: RINGS.sqTail,
        ring_mask: RINGS.sqMask,
        ring_entries: RINGS.sqEntries,
        flags: RINGS.sqFlags,
        dropped: RINGS.sqDropped,
        array: hasArray ? ring.arrayOffset : 0,
        resv1: 0,
        user_addr: 0,
      },
      cq_off: {
        head: RINGS.cqHead,
        tail: RINGS.cqTail,
        ring_mask: RINGS.cqMask,
        ring_entries: RINGS.cqEntries,
        overflow: RINGS.cqOverflow,
        cqes: RINGS.cqes,
        flags: RINGS.cqFlags,
        resv1: 0,
        user_addr: 0,
      },
    });
  } catch (failure) {
    ring.close();
    throw failure;
  }
  return installNew(thread, ring, O_RDWR, true);
}

/** The ring behind a descriptor. EBADF; `errno` for another kind of file. */
export function ringOf(thread: Thread, fd: number, errno = EOPNOTSUPP): IoUring {
  const { descriptor } = thread.files.get(fd);
  return descriptor instanceof IoUring ? descriptor : fail(errno, 'not an io_uring');
}

/** The ring that the thread has registered under an index. EINVAL, EBADF. */
export function registeredRing(thread: Thread, index: number): IoUring {
  const files = thread.kernel.rings.registered.get(thread) ?? fail(EINVAL, 'no registered rings');
  if (index >= files.length) fail(EINVAL, 'no such index');
  const descriptor = (files[index] ?? fail(EBADF, 'no ring at this index')).descriptor;
  return descriptor instanceof IoUring ? descriptor : fail(EOPNOTSUPP, 'not an io_uring');
}

interface EnterArguments {
  readonly fd: number;
  readonly to_submit: number;
  readonly min_complete: number;
  readonly flags: number;
  readonly argp: number;
  readonly argsz: number;
}

/** What an enter that waits remembers. */
interface Progress {
  readonly submitted: number;
  readonly timeoutCount: number;
  /** When it no longer waits, and when one completion is enough for it (min_wait_usec). */
  endNs: number | undefined;
  leastNs: number | undefined;
  isModest: boolean;
}

function enter(thread: Thread, args: EnterArguments): Answer {
  const { flags } = args;
  if ((flags & ~ENTER_FLAGS) !== 0) fail(EINVAL, 'unknown flags');
  const ring =
    (flags & IORING_ENTER_REGISTERED_RING) === 0 ? ringOf(thread, args.fd) : registeredRing(thread, args.fd);
  if (ring.isDisabled) fail(EBADFD, 'the ring is disabled');
  const call = thread.call as Call;
  let progress = call.data as Progress | undefined;
  if (progress === undefined) {
    const submitted = submit(thread, ring, args);
    if (submitted < 0) fail(-submitted, 'no memory for requests');
    const { timeoutCount } = ring;
    progress = { submitted, timeoutCount, endNs: undefined, leastNs: undefined, isModest: false };
    const isShort = !ring.polls && submitted !== args.to_submit;
    if (isShort || (flags & IORING_ENTER_GETEVENTS) === 0) return submitted;
    call.data = progress;
  }
  return waitForCompletions(thread, ring, args, progress);
}

function submit(thread: Thread, ring: IoUring, { to_submit: count }: EnterArguments): number {
  if (ring.polls) {
    ring.submit(thread, ring.shape.sqEntries);
    return count;
  }
  if (count === 0) return 0;
  if (ring.issuer !== undefined && ring.issuer !== thread) fail(EEXIST, 'another thread submits here');
  return ring.submit(thread, count);
}

/** ETIME, EINTR: only where nothing was submitted and nothing has come. */
function waitForCompletions(thread: Thread, ring: IoUring, args: EnterArguments, progress: Progress): Answer {
  const { submitted, timeoutCount } = progress;
  const call = thread.call as Call;
  try {
    readWaitArgument(thread, args, progress);
    ring.runWork();
    ring.flushBacklog();
    const { leastNs, endNs } = progress;
    if (
      call.timedOut &&
      !progress.isModest &&
      leastNs !== undefined &&
      endNs !== undefined &&
      leastNs < endNs
    ) {
      progress.isModest = true;
      call.timedOut = false;
    }
    const wanted = progress.isModest ? 1 : Math.min(args.min_complete, ring.shape.cqEntries);
    const { readyCount } = ring;
    if (readyCount >= wanted || (ring.timeoutCount !== timeoutCount && readyCount > 0)) return submitted;
    if ((call.timedOut || call.interrupted) && (readyCount > 0 || submitted > 0)) return submitted;
    if (call.timedOut) fail(ETIME, 'nothing came in time');
    return wait(ring.changed, 'interrupt', progress.isModest ? endNs : (leastNs ?? endNs));
  } catch (failure) {
    if (submitted > 0) return submitted;
    throw failure;
  }
}

/** A signal mask, or a struct with one and limits of time. EFAULT, EINVAL. */
function readWaitArgument(thread: Thread, { argp, argsz, flags }: EnterArguments, progress: Progress): void {
  if ((flags & IORING_ENTER_EXT_ARG) === 0) {
    waitWithMask(thread, argp, argsz);
    return;
  }
  if (argsz !== IoUringGeteventsArg.size) fail(EINVAL, 'another size of the struct');
  const argument = thread.user.readStruct(argp, IoUringGeteventsArg);
  waitWithMask(thread, argument.sigmask, argument.sigmask_sz);
  if (progress.endNs !== undefined || progress.leastNs !== undefined) return;
  const nowNs = thread.kernel.clock.monotonicNs();
  if (argument.min_wait_usec !== 0) progress.leastNs = nowNs + argument.min_wait_usec * 1000;
  if (argument.ts === 0) return;
  const spanNs = timespecToNs(thread.user.readStruct(argument.ts, Timespec));
  progress.endNs = (flags & IORING_ENTER_ABS_TIMER) !== 0 ? spanNs : nowNs + spanNs;
}

export const IO_URING_CALLS = {
  425: syscall('io_uring_setup', { entries: U32, params: UringParams }, setup, {
    returns: Fd,
    partial: "no polled devices, no rings in the program's own memory",
  }),
  426: syscall(
    'io_uring_enter',
    {
      fd: Fd,
      to_submit: U32,
      min_complete: U32,
      flags: UringEnterFlags,
      argp: UringEnterArgument,
      argsz: Size,
    },
    enter,
  ),
};
