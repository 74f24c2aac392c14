// Restartable sequences (rseq(2), kernel/rseq.c): short pieces of user code that preemption or a signal aborts.
// glibc registers one area per thread; the kernel's loop and signal delivery call abortSequence before guest code runs on.
// With one CPU the CPU number is always 0; what matters is that a sequence never resumes after another thread ran.
import { SIGSEGV } from '../abi/signal.ts';
import { EBUSY, EFAULT, EINVAL, EPERM, fail, isFailure } from '../errno.ts';
import { forceSignal } from './send-signal.ts';
import { kernelSignal } from './signal-info.ts';
import type { Thread } from './thread.ts';

const RSEQ_FLAG_UNREGISTER = 1;
const ORIGINAL_SIZE = 32;
const MAX_SIZE = 4096;
/** Offsets in struct rseq: cpu_id_start, cpu_id, rseq_cs, flags, node_id, mm_cid. */
const CPU_ID_START = 0;
const CPU_ID = 4;
const RSEQ_CS = 8;
const CPU_ID_UNINITIALIZED = 0xffff_ffff;

/** A thread's registered area. */
export interface Rseq {
  readonly address: number;
  readonly length: number;
  readonly signature: number;
}

/** rseq(2). EINVAL, EPERM for a wrong signature, EBUSY when registered already, EFAULT. */
export function registerSequence(
  thread: Thread,
  address: number,
  length: number,
  flags: number,
  signature: number,
): number {
  const { rseq, user } = thread;
  if ((flags & RSEQ_FLAG_UNREGISTER) !== 0) {
    if ((flags & ~RSEQ_FLAG_UNREGISTER) !== 0) fail(EINVAL, 'unknown flags');
    if (rseq === undefined || rseq.address !== address || rseq.length !== length)
      fail(EINVAL, 'not registered so');
    if (rseq.signature !== signature) fail(EPERM, 'another signature');
    user.fill(address, ORIGINAL_SIZE, 0);
    user.writeU32(address + CPU_ID, CPU_ID_UNINITIALIZED);
    thread.rseq = undefined;
    return 0;
  }
  if (flags !== 0) fail(EINVAL, 'unknown flags');
  if (rseq !== undefined) {
    if (rseq.address !== address || rseq.length !== length) fail(EINVAL, 'another area is registered');
    if (rseq.signature !== signature) fail(EPERM, 'another signature');
    fail(EBUSY, 'registered already');
  }
  if (length < ORIGINAL_SIZE || length > MAX_SIZE || address % 32 !== 0) fail(EINVAL, 'size or alignment');
  if (user.accessible(address, length, true) < length) fail(EFAULT, 'the area cannot be written');
  user.writeU64(address + RSEQ_CS, 0);
  user.fill(address + RSEQ_CS + 12, ORIGINAL_SIZE - RSEQ_CS - 12, 0); // node_id, mm_cid
  user.writeU32(address + CPU_ID_START, 0);
  user.writeU32(address + CPU_ID, 0);
  thread.rseq = { address, length, signature };
  return 0;
}

/** The thread was preempted or a signal comes: if it is inside a sequence, it goes to the abort handler. */
export function abortSequence(thread: Thread): void {
  const { rseq } = thread;
  if (rseq === undefined) return;
  try {
    abort(thread, rseq);
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown;
    forceSignal(thread, kernelSignal(SIGSEGV));
  }
}

/** rseq_ip_fixup. A descriptor that makes no sense is SIGSEGV. */
function abort(thread: Thread, { address, signature }: Rseq): void {
  const { user, hart } = thread;
  const descriptor = user.readU64(address + RSEQ_CS);
  if (descriptor === 0) return;
  const version = user.readU32(descriptor);
  const start = user.readU64(descriptor + 8);
  const length = user.readU64(descriptor + 16);
  const abortAt = user.readU64(descriptor + 24);
  const { pc } = hart;
  if (version !== 0 || (abortAt >= start && abortAt < start + length)) fail(EINVAL, 'a malformed descriptor');
  if (user.readU32(abortAt - 4) !== signature)
    fail(EINVAL, 'the signature before the abort handler is wrong');
  user.writeU64(address + RSEQ_CS, 0);
  if (pc >= start && pc < start + length) hart.pc = abortAt;
}
