// The guest's call stack: by unwind tables and prologues, else the return address and the chain of frame pointers.
// Traces with -k, explanations and the debugger's `bt` ask. Reading leaves no trace in the guest.
// Frame pointers: riscv-elf-psabi, "Frame pointer": ra at fp - 8, the caller's fp at fp - 16.
import { isFailure } from '../kernel/errno.ts';
import { glanceAt } from '../kernel/mm/glance.ts';
import type { Thread } from '../kernel/task/thread.ts';
import { type FrameRegisters, isCode, unwind } from './dwarf/unwind.ts';
import type { Symbols } from './symbols.ts';

const RA = 1;
const SP = 2;
const FP = 8;
const DEEPEST = 128;

export interface Frame {
  /** Of the innermost frame pc itself; of others the return address less one, which lies in the call. */
  readonly address: number;
  /** What pc will be when the frame goes on. */
  readonly pc: number;
  /** 32 x and 32 f registers as far as is known; absent when only addresses are. */
  readonly registers?: readonly (bigint | undefined)[];
  /** The caller's stack pointer. */
  readonly cfa?: number | undefined;
  /** Where registers of the caller are kept, by number. */
  readonly saved?: ReadonlyMap<number, number> | undefined;
  /** The kernel's, which called a signal handler. */
  readonly isSignal?: boolean;
}

/** Innermost first; never empty. At most so many, when that is said; of other registers than the thread has now, if they are given. */
export function stackFrames(
  thread: Thread,
  symbols: Symbols,
  most?: number,
  registers?: FrameRegisters,
): Frame[] {
  return glanceAt(thread.mm, () => {
    const unwound = unwind(thread, symbols, most, registers);
    if (unwound.length > 1 || registers !== undefined) {
      return unwound.map((frame, level) => {
        const isExact = level === 0 || frame.isSignal === true || unwound[level - 1]?.isSignal === true;
        return { ...frame, address: isExact ? frame.pc : frame.pc - 1 };
      });
    }
    return frameChain(thread).map((address, level) => ({ address, pc: level === 0 ? address : address + 1 }));
  });
}

/** Addresses of the frames, innermost first. Return addresses are those of the call itself. */
export function callStack(thread: Thread, symbols: Symbols): number[] {
  return stackFrames(thread, symbols).map(({ address }) => address);
}

/** Addresses by return address and frame pointers. */
function frameChain(thread: Thread): number[] {
  const { hart } = thread;
  const frames = [hart.pc];
  const ra = Number(hart.x(RA));
  if (isCode(thread, ra)) frames.push(ra - 1);
  let fp = Number(hart.x(FP));
  let low = Number(hart.x(SP));
  while (frames.length < DEEPEST && fp > low && fp % 8 === 0) {
    const saved = readPair(thread, fp - 16);
    if (saved === undefined || !isCode(thread, saved.ra)) break;
    if (saved.ra - 1 !== frames[frames.length - 1]) frames.push(saved.ra - 1);
    low = fp;
    fp = saved.fp;
  }
  return frames;
}

/** Lines as `strace -k` prints them: ` > /bin/server(main+0x12) [0x10234]`. */
export function stackLines(thread: Thread, symbols: Symbols): string[] {
  return callStack(thread, symbols).map((address) => {
    const place = symbols.place(thread, address);
    if (place === undefined) return ` > unknown [0x${address.toString(16)}]`;
    const where = place.symbol === undefined ? '' : `${place.symbol}+`;
    return ` > ${place.file}(${where}0x${place.offset.toString(16)}) [0x${address.toString(16)}]`;
  });
}

function readPair(thread: Thread, address: number): { fp: number; ra: number } | undefined {
  try {
    return { fp: thread.user.readU64(address), ra: thread.user.readU64(address + 8) };
  } catch (thrown) {
    if (isFailure(thrown)) return undefined;
    throw thrown;
  }
}
