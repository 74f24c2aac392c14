// The riscv64 signal frame (arch/riscv/kernel/signal.c): what a handler finds on its stack, and what sigreturn takes back.
// signal-delivery.ts pushes it, rt_sigreturn pops it; libgcc, gdb and longjmp-ers know this layout.
// The handler returns to the kernel's trampoline page, since riscv has no sa_restorer and this machine no vDSO.
import { SA_ONSTACK, SIGINFO_SIZE, SS_AUTODISARM, StackT, UNBLOCKABLE } from '../abi/signal.ts';
import { array, b64, struct, u32, u64 } from '../abi/struct.ts';
import { isFailure } from '../errno.ts';
import { altStackFree, describeAltStack, onAltStack, setAltStack } from './alt-stack.ts';
import type { SignalAction } from './process-signals.ts';
import { setBlocked } from './send-signal.ts';
import { type SignalInfo, writeSiginfo } from './signal-info.ts';
import type { Thread } from './thread.ts';
import { NO_ALT_STACK } from './thread-signals.ts';

/** struct sigcontext: pc and x1…x31, then the double-precision state in the union's 528 bytes. */
export const Sigcontext = struct('sigcontext', {
  gregs: array(b64, 32),
  f: array(b64, 32),
  fcsr: u32,
  /** Rest of union __riscv_fp_state, to its `reserved` word. */
  unused: array(u32, 64),
  reserved: u32,
  /** struct __riscv_ctx_hdr: END_MAGIC, END_HDR_SIZE (no vector state follows). */
  magic: u32,
  size: u32,
});

export const Ucontext = struct('ucontext', {
  flags: u64,
  link: u64,
  stack: StackT,
  sigmask: b64,
  /** `__unused`, and the padding that aligns uc_mcontext to 16. */
  unused: array(u64, 16),
  mcontext: Sigcontext,
});

const FRAME_SIZE = SIGINFO_SIZE + Ucontext.size;
const MCONTEXT = Ucontext.offsets.mcontext;
/** One frame at a time is put together or taken apart. A buffer for each would be garbage of the kind that costs most. */
const FRAME = new Uint8Array(FRAME_SIZE);
const SIGINFO = new DataView(FRAME.buffer, 0, SIGINFO_SIZE);
const UCONTEXT_BYTES = new Uint8Array(FRAME.buffer, SIGINFO_SIZE);
const UCONTEXT = new DataView(FRAME.buffer, SIGINFO_SIZE);
/** The registers are copied as they are: as numbers, 64 of them would cost more than the rest of a signal. */
const REGISTERS = new Int32Array(FRAME.buffer, SIGINFO_SIZE + MCONTEXT, 128);
const RA = 1;
const SP = 2;
const A0 = 10;

/** Where the frame goes; undefined when it would run off the alternate stack. */
function framePointer(thread: Thread, action: SignalAction): number | undefined {
  const stack = thread.signals.altStack;
  let sp = Number(thread.hart.x(SP));
  if (onAltStack(stack, sp) && !onAltStack(stack, sp - FRAME_SIZE)) return undefined;
  if ((action.flags & SA_ONSTACK) !== 0 && altStackFree(stack, sp)) sp = stack.sp + stack.size;
  const frame = sp - FRAME_SIZE;
  return frame - (frame % 16);
}

/**
 * Saves the context on the thread's stack and points it at the handler: a0 = signal, a1 = siginfo, a2 = ucontext.
 * False when the stack cannot be written.
 */
export function pushSignalFrame(
  thread: Thread,
  info: SignalInfo,
  action: SignalAction,
  mask: bigint,
): boolean {
  const { hart, user, signals } = thread;
  const at = framePointer(thread, action);
  if (at === undefined || at < 0) return false;
  FRAME.fill(0);
  writeSiginfo(SIGINFO, info);
  const { altStack } = signals;
  StackT.write(UCONTEXT, Ucontext.offsets.stack, describeAltStack(altStack, Number(hart.x(SP))));
  b64.write(UCONTEXT, Ucontext.offsets.sigmask, mask);
  UCONTEXT.setUint32(MCONTEXT + Sigcontext.offsets.fcsr, hart.fcsr, true);
  hart.saveRegisters(REGISTERS, 0);
  try {
    user.write(at, FRAME);
  } catch (thrown) {
    if (isFailure(thrown)) return false;
    throw thrown;
  }
  if ((altStack.flags & SS_AUTODISARM) !== 0) signals.altStack = NO_ALT_STACK;
  hart.setXNumber(RA, thread.mm.signalTrampoline);
  hart.pc = action.handler;
  hart.setXNumber(SP, at);
  hart.setXNumber(A0, info.signo);
  hart.setXNumber(A0 + 1, at);
  hart.setXNumber(A0 + 2, at + SIGINFO_SIZE);
  return true;
}

/** rt_sigreturn: takes the frame at sp back. False when it is not there or not one (then SIGSEGV). */
export function popSignalFrame(thread: Thread): boolean {
  const { hart } = thread;
  try {
    thread.user.readInto(Number(hart.x(SP)) + SIGINFO_SIZE, UCONTEXT_BYTES);
  } catch (thrown) {
    if (isFailure(thrown)) return false;
    throw thrown;
  }
  const word = (field: 'fcsr' | 'reserved' | 'magic' | 'size'): number =>
    UCONTEXT.getUint32(MCONTEXT + Sigcontext.offsets[field], true);
  if (word('reserved') !== 0 || word('magic') !== 0 || word('size') !== 0) return false;
  const stack = StackT.read(UCONTEXT, Ucontext.offsets.stack);
  setBlocked(thread, b64.read(UCONTEXT, Ucontext.offsets.sigmask) & ~UNBLOCKABLE);
  hart.loadRegisters(REGISTERS, 0);
  hart.fcsr = word('fcsr');
  setAltStack(thread, stack, Number(hart.x(SP))); // what sigaltstack(2) would refuse is left alone
  return true;
}
