// Kinds of the signal calls: sets, actions, alternate stacks, siginfo.
// Rows of kernel/syscalls/signals.ts name them, and every call that takes a temporary mask.
// A set is a sigset_t of eight bytes, bit n-1 for signal n.
import type { Kind, PrintContext } from '../kind.ts';
import { KernelSigaction, SIGINFO_SIZE, StackT } from '../signal.ts';
import { bytes, struct } from '../struct.ts';
import { flags, kind, oneOf, outKind } from './basic.ts';
import { flagText, hex, names, pointer } from './format.ts';
import { braces, peekBytes, peekNumber, peekStruct, structText } from './peek.ts';
import { siginfoFromBytes, siginfoText, signalSetText } from './signal-text.ts';

/** A sigset_t at `address`. */
export function setText(context: PrintContext, address: number): string {
  if (address === 0) return 'NULL';
  const mask = peekNumber(context, address, 'u64');
  return mask === undefined ? hex(address) : signalSetText(mask);
}

export const SigsetIn: Kind = kind('sigset_t', 'u64', (value, context) => setText(context, value));
export const SigsetOut: Kind = outKind('sigset_t', 'u64', (value, context) =>
  context.result < 0 ? pointer(value) : setText(context, value),
);
export const SigHow: Kind = oneOf('SIG_???', { SIG_BLOCK: 0, SIG_UNBLOCK: 1, SIG_SETMASK: 2 }, 'i32');

/** In strace's order (src/xlat/sigact_flags.in). */
const ACTION_FLAGS = names({
  SA_RESTORER: 0x0400_0000,
  SA_ONSTACK: 0x0800_0000,
  SA_RESTART: 0x1000_0000,
  SA_INTERRUPT: 0x2000_0000,
  SA_NODEFER: 0x4000_0000,
  SA_RESETHAND: 0x8000_0000,
  SA_SIGINFO: 4,
  SA_NOCLDSTOP: 1,
  SA_NOCLDWAIT: 2,
});

function actionText(action: ReturnType<typeof KernelSigaction.decode>): string {
  const handler = action.handler === 0 ? 'SIG_DFL' : action.handler === 1 ? 'SIG_IGN' : hex(action.handler);
  return braces([
    `sa_handler=${handler}`,
    `sa_mask=${signalSetText(action.mask)}`,
    `sa_flags=${flagText(action.flags >>> 0, ACTION_FLAGS, 'SA_???')}`,
  ]);
}

export const SigactionIn: Kind = kind('struct sigaction', 'u64', (value, context) =>
  structText(context, value, KernelSigaction, actionText),
);
export const SigactionOut: Kind = outKind('struct sigaction', 'u64', (value, context) =>
  structText(context, value, KernelSigaction, actionText, context.result >= 0),
);

const STACK_FLAGS = names({ SS_ONSTACK: 1, SS_DISABLE: 2, SS_AUTODISARM: 0x8000_0000 });
function stackText(stack: ReturnType<typeof StackT.decode>): string {
  return braces([
    `ss_sp=${pointer(stack.sp)}`,
    `ss_flags=${flagText(stack.flags >>> 0, STACK_FLAGS, 'SS_???')}`,
    `ss_size=${stack.size}`,
  ]);
}
export const StackIn: Kind = kind('stack_t', 'u64', (value, context) =>
  structText(context, value, StackT, stackText),
);
export const StackOut: Kind = outKind('stack_t', 'u64', (value, context) =>
  structText(context, value, StackT, stackText, context.result >= 0),
);

export function siginfoAt(context: PrintContext, address: number, isReadable = true): string {
  if (address === 0) return 'NULL';
  const canRead = isReadable && context.isAddressOnly !== true;
  const bytes = canRead ? peekBytes(context, address, SIGINFO_SIZE) : undefined;
  if (bytes === undefined || bytes.length < SIGINFO_SIZE) return hex(address);
  const signo = new DataView(bytes.buffer, bytes.byteOffset).getInt32(0, true);
  return siginfoText(siginfoFromBytes(signo, bytes), context);
}

export const SiginfoIn: Kind = kind('siginfo_t', 'u64', (value, context) => siginfoAt(context, value));
export const SiginfoOut: Kind = outKind('siginfo_t', 'u64', (value, context) =>
  siginfoAt(context, value, context.result >= 0),
);
export const SignalfdFlags: Kind = flags('SFD_???', { SFD_CLOEXEC: 0o2000000, SFD_NONBLOCK: 0o4000 });

const SigmaskArgument = struct('pselect6 mask', { pointer: bytes(8), size: bytes(8) });
/** pselect6's sixth argument: `{sigmask=[INT], sigsetsize=8}`. */
export const PselectMask: Kind = kind('struct sigset_argpack', 'u64', (value, context) => {
  if (value === 0) return 'NULL';
  const pack = peekStruct(context, value, SigmaskArgument);
  if (pack === undefined) return hex(value);
  const [mask, size] = [pack.pointer, pack.size].map((field) =>
    Number(new DataView(field.buffer).getBigUint64(0, true)),
  );
  const text = size === 8 ? setText(context, mask ?? 0) : pointer(mask ?? 0);
  return braces([`sigmask=${text}`, `sigsetsize=${size ?? 0}`]);
});

/** Where uc_sigmask is in the frame of a signal handler: after the siginfo_t, uc_flags, uc_link and uc_stack. */
const FRAME_MASK = SIGINFO_SIZE + 16 + StackT.size;
const SP = 2;

/** rt_sigreturn has no argument; strace shows the mask that it restores. */
export const SignalFrame: Kind = kind('signal frame', 'u64', (_, context) => {
  const sp = Number(context.thread.hart.x(SP));
  const mask = peekNumber(context, sp + FRAME_MASK, 'u64');
  return mask === undefined ? undefined : `{mask=${signalSetText(mask)}}`;
});
