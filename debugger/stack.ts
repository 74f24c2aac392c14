// The guest's call stack: pc, return address, and the chain of frame pointers where code keeps one.
// Traces with -k and the debugger's `bt` print it. RISC-V code built without frame pointers shows two levels
// (calling convention: riscv-elf-psabi, "Frame pointer": ra at fp - 8, the caller's fp at fp - 16).
import { isFailure } from '../kernel/errno.ts';
import type { Thread } from '../kernel/task/thread.ts';
import type { Symbols } from './symbols.ts';

const RA = 1;
const SP = 2;
const FP = 8;
const DEEPEST = 128;
const PROT_EXEC = 4;

/** Addresses of the frames, innermost first. Return addresses are those of the call itself. */
export function callStack(thread: Thread): number[] {
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
  return callStack(thread).map((address) => {
    const place = symbols.place(thread, address);
    if (place === undefined) return ` > unknown [0x${address.toString(16)}]`;
    const where = place.symbol === undefined ? '' : `${place.symbol}+`;
    return ` > ${place.file}(${where}0x${place.offset.toString(16)}) [0x${address.toString(16)}]`;
  });
}

function isCode(thread: Thread, address: number): boolean {
  const vma = thread.mm.vmas.find(address);
  return vma !== undefined && (vma.prot & PROT_EXEC) !== 0;
}

function readPair(thread: Thread, address: number): { fp: number; ra: number } | undefined {
  try {
    return { fp: thread.user.readU64(address), ra: thread.user.readU64(address + 8) };
  } catch (thrown) {
    if (isFailure(thrown)) return undefined;
    throw thrown;
  }
}
