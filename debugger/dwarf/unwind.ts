// The call stack by call frame information: registers of each outer frame out of the inner one's.
// debugger/stack.ts calls it. Code without tables is read itself (prologue.ts), as far as symbols say where it begins.
// Memory is read inside the caller's glance. RISC-V psABI: x1 is ra, x2 sp; the CFA is the caller's sp.
import { decode, type Instruction } from '../../emulator/isa/decode.ts';
import { SIGINFO_SIZE } from '../../kernel/abi/signal.ts';
import { isFailure } from '../../kernel/errno.ts';
import { PROT_EXEC } from '../../kernel/mm/vma.ts';
import { Ucontext } from '../../kernel/task/signal-frame.ts';
import type { Thread } from '../../kernel/task/thread.ts';
import type { Symbols } from '../symbols.ts';
import { prologueRow } from './prologue.ts';
import type { RegisterRule, UnwindRow } from './unwind-tables.ts';

const RA = 1;
const SP = 2;
/** 32 x and 32 f, as DWARF counts them. */
const REGISTERS = 64;
const INTEGER_REGISTERS = 32;
const DEEPEST = 100_000;

/** One frame: pc, and those registers that are known there. */
export interface UnwoundFrame {
  readonly pc: number;
  readonly registers: readonly (bigint | undefined)[];
  /** The stack pointer that its caller had at the call. */
  cfa?: number;
  /** Where the caller's registers are kept: by number. */
  saved?: ReadonlyMap<number, number>;
  /** The kernel's, which called a signal handler: its caller was interrupted, it did not call. */
  isSignal?: boolean;
}

/** The registers that the innermost frame has: the thread's, or those that it had. */
export interface FrameRegisters {
  readonly pc: number;
  x(index: number): bigint;
  f(index: number): bigint;
}

/** Frames from the innermost out, as far as can be seen, at most so many; one alone when nothing can. */
export function unwind(
  thread: Thread,
  symbols: Symbols,
  most = DEEPEST,
  hart: FrameRegisters = thread.hart,
): UnwoundFrame[] {
  let registers: (bigint | undefined)[] = Array.from({ length: REGISTERS }, (_, index) =>
    index < INTEGER_REGISTERS ? hart.x(index) : hart.f(index - INTEGER_REGISTERS),
  );
  const frames: UnwoundFrame[] = [{ pc: hart.pc, registers }];
  while (frames.length < most) {
    const frame = frames.at(-1) as UnwoundFrame;
    const { pc } = frame;
    const interrupted = interruptedRegisters(thread, pc, registers);
    if (interrupted !== undefined) {
      frame.isSignal = true;
      frame.cfa = Number(interrupted.registers[SP] ?? 0);
      if (!isCode(thread, interrupted.pc)) break;
      registers = interrupted.registers;
      frames.push({ pc: interrupted.pc, registers });
      continue;
    }
    // a return address may lie just behind the function whose last instruction was the call
    const inside = frames.length === 1 || frames.at(-2)?.isSignal === true ? pc : pc - 1;
    const row = rowAt(thread, symbols, inside, pc);
    const base = row && registers[row.cfaRegister];
    if (row !== undefined && base !== undefined) {
      frame.cfa = Number(base) + row.cfaOffset;
      frame.saved = savedPlaces(row, frame.cfa);
    }
    const outer = row === undefined ? undefined : outerRegisters(thread, row, registers);
    const next = outer?.[RA];
    if (outer === undefined || next === undefined || next === 0n) break;
    const isStuck = outer[SP] === registers[SP] && frames.length > 1 && Number(next) === pc;
    if (isStuck || !isCode(thread, Number(next))) break;
    registers = outer;
    frames.push({ pc: Number(next), registers });
  }
  return frames;
}

/** At the code that handlers return to: what the signal frame above the stack pointer has kept. */
function interruptedRegisters(
  { mm, user }: Thread,
  pc: number,
  registers: readonly (bigint | undefined)[],
): { pc: number; registers: (bigint | undefined)[] } | undefined {
  const sp = registers[SP];
  if (pc !== mm.signalTrampoline || sp === undefined) return undefined;
  try {
    const bytes = user.read(Number(sp) + SIGINFO_SIZE, Ucontext.size);
    const { mcontext } = Ucontext.read(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0);
    const [interrupted = 0n, ...others] = mcontext.gregs;
    return { pc: Number(interrupted), registers: [0n, ...others, ...mcontext.f] };
  } catch (thrown) {
    if (isFailure(thrown)) return undefined;
    throw thrown;
  }
}

function rowAt(thread: Thread, symbols: Symbols, inside: number, pc: number): UnwindRow | undefined {
  const mapped = symbols.sources.fileAt(thread, inside);
  const row = mapped?.file.unwind.rowAt(inside - mapped.bias);
  if (row !== undefined) return row;
  const place = symbols.place(thread, inside);
  return place?.symbol === undefined
    ? undefined
    : prologueRow((address) => instructionAt(thread, address), inside - place.offset, pc);
}

function instructionAt(thread: Thread, address: number): Instruction | undefined {
  const { user } = thread;
  const length = user.accessible(address, 4, false);
  if (length < 2) return undefined;
  const bytes = user.read(address, Math.min(length, 4));
  return decode(bytes.reduce((word, byte, index) => word | (byte << (8 * index)), 0)) ?? undefined;
}

/** Can code be executed at `address`? */
export function isCode(thread: Thread, address: number): boolean {
  const vma = thread.mm.vmas.find(address);
  return vma !== undefined && (vma.prot & PROT_EXEC) !== 0;
}

function savedPlaces({ rules }: UnwindRow, cfa: number): Map<number, number> {
  const places = new Map<number, number>();
  for (const [register, rule] of rules) if (rule.kind === 'offset') places.set(register, cfa + rule.offset);
  return places;
}

function outerRegisters(
  thread: Thread,
  row: UnwindRow,
  inner: readonly (bigint | undefined)[],
): (bigint | undefined)[] | undefined {
  const base = inner[row.cfaRegister];
  if (base === undefined) return undefined;
  const cfa = Number(base) + row.cfaOffset;
  const outer = inner.map((value, register) => {
    const rule = row.rules.get(register);
    return rule === undefined ? value : ruled(thread, rule, cfa, inner, value);
  });
  outer[SP] = BigInt(cfa);
  if (row.returnRegister !== RA) outer[RA] = outer[row.returnRegister];
  return outer;
}

function ruled(
  thread: Thread,
  rule: RegisterRule,
  cfa: number,
  inner: readonly (bigint | undefined)[],
  value: bigint | undefined,
): bigint | undefined {
  switch (rule.kind) {
    case 'offset':
      return readWord(thread, cfa + rule.offset);
    case 'value':
      return BigInt(cfa + rule.offset);
    case 'register':
      return inner[rule.register];
    case 'same':
      return value;
    case 'undefined':
      return undefined;
  }
}

function readWord(thread: Thread, address: number): bigint | undefined {
  try {
    const bytes = thread.user.read(address, 8);
    return new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  } catch (thrown) {
    if (isFailure(thrown)) return undefined;
    throw thrown;
  }
}
