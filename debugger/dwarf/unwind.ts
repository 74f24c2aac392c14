// The call stack by call frame information: registers of each outer frame out of the inner one's.
// The debugger's Frames call it first, and fall back on frame pointers (debugger/stack.ts) where there are no tables.
// Memory is read inside the caller's glance. RISC-V psABI: x1 is ra, x2 sp; the CFA is the caller's sp.
import { isFailure } from '../../kernel/errno.ts';
import type { Thread } from '../../kernel/task/thread.ts';
import type { SourceMap } from './source-map.ts';
import type { RegisterRule, UnwindRow } from './unwind-tables.ts';

const RA = 1;
const SP = 2;
const REGISTERS = 32;
const DEEPEST = 1000;

/** One frame: pc, and those registers that are known there. */
export interface UnwoundFrame {
  readonly pc: number;
  readonly registers: readonly (bigint | undefined)[];
}

/** Frames from the innermost out, as far as tables go; one alone when there are none. */
export function unwind(thread: Thread, sources: SourceMap): UnwoundFrame[] {
  const { hart } = thread;
  let registers: (bigint | undefined)[] = Array.from({ length: REGISTERS }, (_, index) => hart.x(index));
  const frames: UnwoundFrame[] = [{ pc: hart.pc, registers }];
  while (frames.length < DEEPEST) {
    const { pc } = frames.at(-1) as UnwoundFrame;
    // a return address may lie just behind the function whose last instruction was the call
    const inside = frames.length === 1 ? pc : pc - 1;
    const mapped = sources.fileAt(thread, inside);
    const row = mapped?.file.unwind.rowAt(inside - mapped.bias);
    const outer = row === undefined ? undefined : outerRegisters(thread, row, registers);
    const next = outer?.[RA];
    if (outer === undefined || next === undefined || next === 0n) break;
    const isStuck = outer[SP] === registers[SP] && frames.length > 1 && Number(next) === pc;
    if (isStuck) break;
    registers = outer;
    frames.push({ pc: Number(next), registers });
  }
  return frames;
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
