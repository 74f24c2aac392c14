// The handlers of io_setup and its family (fs/aio.c), in Linux's order of checks. syscalls/aio.ts has their rows.
import { AioSigset } from '../abi/aio.ts';
import { Timespec } from '../abi/time.ts';
import { EINPROGRESS, EINVAL, fail, isFailure } from '../errno.ts';
import { waitWithMask } from '../poll/temporary-mask.ts';
import type { Answer } from '../syscalls/syscall.ts';
import type { Call, Thread } from '../task/thread.ts';
import { type SignalPolicy, wait } from '../wait.ts';
import { AioContext, AioContexts } from './context.ts';
import { accept, carryOn, type Job } from './submit.ts';

/** aio_key of an iocb that the kernel took. */
const KIOCB_KEY = 0;
const AIO_KEY_OFFSET = 8;

export function setup(thread: Thread, { nr_events, ctxp }: { nr_events: number; ctxp: number }): number {
  const { user, mm } = thread;
  if (user.readB64(ctxp) !== 0n || nr_events === 0) fail(EINVAL, 'a context already, or no events');
  const context = new AioContext(thread.kernel, nr_events);
  const contexts = AioContexts.of(mm);
  let address: number | undefined;
  try {
    address = context.map(mm);
    contexts.add(context);
    user.writeB64(ctxp, BigInt(address));
    return 0;
  } catch (failure) {
    if (address === undefined) context.end();
    else contexts.remove(mm, address, context);
    throw failure;
  }
}

export function destroy(thread: Thread, { ctx_id }: { ctx_id: number }): number {
  const contexts = AioContexts.of(thread.mm);
  contexts.remove(thread.mm, ctx_id, contexts.find(thread, ctx_id));
  return 0;
}

interface SubmitArguments {
  readonly ctx_id: number;
  readonly nr: number;
  readonly iocbpp: number;
}

/** What an io_submit that waits remembers. */
interface Progress {
  readonly context: AioContext;
  done: number;
  /** The one that waits. */
  job: Job | undefined;
}

/** How many were taken; an error only where the first was wrong. */
export function submit(thread: Thread, { ctx_id, nr, iocbpp }: SubmitArguments): Answer {
  if (nr < 0) fail(EINVAL, 'a negative count');
  const call = thread.call as Call;
  call.data ??= {
    context: AioContexts.of(thread.mm).find(thread, ctx_id),
    done: 0,
    job: undefined,
  } satisfies Progress;
  const progress = call.data as Progress;
  const { context } = progress;
  const count = Math.min(nr, context.capacity);
  try {
    for (; progress.done < count; progress.done++) {
      progress.job ??= accept(thread, context, thread.user.readU64(iocbpp + 8 * progress.done));
      const { job } = progress;
      const answer = job === undefined ? undefined : carryOn(thread, job);
      if (answer !== undefined) return { ...answer, signal: 'interrupt' };
      progress.job = undefined;
    }
  } catch (failure) {
    if (progress.done === 0 || !isFailure(failure)) throw failure;
  }
  return progress.done;
}

/** A poll gets its event without any event in it; nothing else waits (io_cancel(2)). EINVAL when it is over. */
export function cancel(thread: Thread, { ctx_id, iocb }: { ctx_id: number; iocb: number }): number {
  if (thread.user.readU32(iocb + AIO_KEY_OFFSET) !== KIOCB_KEY) fail(EINVAL, 'not a submitted iocb');
  const context = AioContexts.of(thread.mm).find(thread, ctx_id);
  const pending = [...context.pending].find(({ object }) => object === BigInt(iocb));
  if (pending === undefined) fail(EINVAL, 'it is over, or never was');
  pending.cancel();
  return fail(EINPROGRESS, 'its event is on the ring');
}

interface GetArguments {
  readonly ctx_id: number;
  readonly min_nr: number;
  readonly nr: number;
  readonly events: number;
  readonly timeout: number;
}

/** What a call that waits for events remembers. */
interface Waiting {
  readonly context: AioContext;
  taken: number;
}

export function getEvents(thread: Thread, args: GetArguments): Answer {
  return readEvents(thread, args, waitNs(thread, args.timeout), 'interrupt');
}

/** Without an event a signal that waits comes before the result, even where there was nothing to wait for. */
export function pollGetEvents(thread: Thread, args: GetArguments & { readonly usig: number }): Answer {
  const spanNs = waitNs(thread, args.timeout);
  if (args.usig !== 0) {
    const { sigmask, sigsetsize } = thread.user.readStruct(args.usig, AioSigset);
    waitWithMask(thread, sigmask, sigsetsize);
  }
  const answer = readEvents(thread, args, spanNs, 'nohand');
  if (answer !== 0 || !thread.signals.attention) return answer;
  return wait([], 'nohand', thread.kernel.clock.monotonicNs());
}

/** The span is not looked at any closer; the end of a negative one never comes (ktime_add_safe). EFAULT. */
function waitNs(thread: Thread, address: number): number {
  if (address === 0) return Number.POSITIVE_INFINITY;
  const { sec, nsec } = thread.user.readStruct(address, Timespec);
  const spanNs = sec * 1e9 + nsec;
  return spanNs < 0 ? Number.POSITIVE_INFINITY : spanNs;
}

/** Takes what there is until `min_nr` events are taken, the time is over or a signal comes. EINVAL, EFAULT, EINTR. */
function readEvents(thread: Thread, args: GetArguments, spanNs: number, signal: SignalPolicy): Answer {
  const call = thread.call as Call;
  const { min_nr, nr, events } = args;
  call.data ??= begin(thread, args);
  const waiting = call.data as Waiting;
  const { context } = waiting;
  try {
    waiting.taken += context.take(thread, events + waiting.taken * 32, nr - waiting.taken);
    if (context.isDead) fail(EINVAL, 'the context was destroyed');
  } catch (failure) {
    if (waiting.taken === 0 || !isFailure(failure)) throw failure;
    return waiting.taken;
  }
  const isOver = waiting.taken >= min_nr || spanNs === 0 || call.timedOut;
  if (isOver || (call.interrupted && waiting.taken > 0)) return waiting.taken;
  if (spanNs !== Number.POSITIVE_INFINITY) call.deadlineNs ??= thread.kernel.clock.monotonicNs() + spanNs;
  return wait(context.changed, signal, call.deadlineNs);
}

function begin(thread: Thread, { ctx_id, min_nr, nr }: GetArguments): Waiting {
  const context = AioContexts.of(thread.mm).find(thread, ctx_id);
  if (min_nr < 0 || min_nr > nr) fail(EINVAL, 'no such number of events');
  return { context, taken: 0 };
}
