// A tracee's registers (arch/riscv/kernel/ptrace.c): NT_PRSTATUS and NT_FPREGSET as bytes, and the parts of a call.
// requests.ts and syscall-info.ts come here. In a call pc and a0 are what tracee.view says, see there.
import { NT_FPREGSET, NT_PRSTATUS } from '../abi/ptrace.ts';
import { EINVAL, fail } from '../errno.ts';
import type { Thread } from '../task/thread.ts';

const A0 = 10;
const WORD = 8;
const SETS: Readonly<Record<number, number>> = {
  /** pc, x1 to x31. */
  [NT_PRSTATUS]: 32,
  /** f0 to f31, fcsr. */
  [NT_FPREGSET]: 33,
};

/** Bytes of a set, of which a tracer may want the first `wanted`. EINVAL for sets that there are not, and parts of words. */
export function registerSetSize(set: number, wanted: number): number {
  const words = SETS[set] ?? fail(EINVAL, 'no such set of registers');
  if (wanted % WORD !== 0) fail(EINVAL, 'not whole registers');
  return Math.min(wanted, words * WORD);
}

export function readRegisterSet(thread: Thread, set: number): Uint8Array {
  const { hart } = thread;
  const view = new DataView(new ArrayBuffer((SETS[set] ?? 0) * WORD));
  const put = (index: number, value: bigint): void => view.setBigUint64(index * WORD, value, true);
  if (set === NT_PRSTATUS) {
    put(0, readPc(thread));
    for (let n = 1; n < 32; n++) put(n, n === A0 ? readA0(thread) : hart.x(n));
  } else {
    for (let n = 0; n < 32; n++) put(n, hart.f(n));
    put(32, BigInt(hart.fcsr));
  }
  return new Uint8Array(view.buffer);
}

/** Sets the registers that `bytes` has, from the first on. */
export function writeRegisterSet(thread: Thread, set: number, bytes: Uint8Array): void {
  const { hart } = thread;
  const { view: callView } = thread.tracee ?? {};
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let n = 0; n < bytes.length / WORD; n++) {
    const value = view.getBigUint64(n * WORD, true);
    if (set === NT_FPREGSET) {
      if (n < 32) hart.setF(n, value);
      else hart.fcsr = Number(value & 0xffn);
    } else if (n === 0) {
      if (callView === undefined) hart.pcBig = value;
      else callView.pc = value;
    } else if (n === A0 && callView !== undefined) callView.a0 = value;
    else hart.setX(n, value);
  }
  hart.clearReservation();
}

export function readPc({ hart, tracee }: Thread): bigint {
  return tracee?.view?.pc ?? hart.pcBig;
}

function readA0({ hart, tracee }: Thread): bigint {
  return tracee?.view?.a0 ?? hart.x(A0);
}

/** What the call returns, behind it or in it. */
export function readResult(thread: Thread): bigint {
  return BigInt.asIntN(64, readA0(thread));
}

export function writeResult({ hart, tracee }: Thread, value: bigint): void {
  if (tracee?.view === undefined) hart.setX(A0, value);
  else tracee.view.a0 = BigInt.asUintN(64, value);
}
