// What the verifier knows at one point of a program: of each register what it holds, and what lies on the stack.
// Where two ways meet, only what holds on both is known on (`meet`).
import {
  AND,
  classOf,
  END,
  type Instruction,
  JEQ,
  JGE,
  JGT,
  JLE,
  JLT,
  JNE,
  MOD,
  MOV,
  RSH,
  X,
} from './instructions.ts';
import { arithmetic } from './interpreter.ts';

/** A number from `min` to `max`, without sign; a pointer, `offset` bytes behind the context's begin or the stack's end; nothing that may be read. */
export type Content =
  | { readonly kind: 'number'; readonly min: bigint; readonly max: bigint }
  | { readonly kind: 'context' | 'stack'; readonly offset: number }
  | { readonly kind: 'none' };

export const NONE: Content = { kind: 'none' };
const MOST = (1n << 64n) - 1n;
const MOST_32 = (1n << 32n) - 1n;
export const ANY_NUMBER: Content = { kind: 'number', min: 0n, max: MOST };

export function exactly(value: bigint): Content {
  return { kind: 'number', min: value, max: value };
}

export function below(bits: number): Content {
  return { kind: 'number', min: 0n, max: (1n << BigInt(bits)) - 1n };
}

/** The number that it surely is. */
export function exactValue(content: Content): bigint | undefined {
  return content.kind === 'number' && content.min === content.max ? content.min : undefined;
}

export interface Knowledge {
  readonly registers: readonly Content[];
  /** What eight bytes of the stack hold, by their offset; elsewhere are numbers. */
  readonly spilled: ReadonlyMap<number, Content>;
}

export function withRegister({ registers, spilled }: Knowledge, index: number, content: Content): Knowledge {
  return { registers: registers.with(index, content), spilled };
}

/** What holds whether the program came with `a` or with `b`. */
export function meet(a: Knowledge, b: Knowledge): Knowledge {
  const registers = a.registers.map((content, i) => meetContents(content, b.registers[i] as Content));
  const spilled = new Map<number, Content>();
  for (const [offset, content] of a.spilled) {
    const common = meetContents(content, b.spilled.get(offset) ?? NONE);
    if (common !== NONE) spilled.set(offset, common);
  }
  return { registers, spilled };
}

function isSame(a: Content, b: Content | undefined): boolean {
  if (a.kind === 'number' || a.kind === 'none') return false;
  return b?.kind === a.kind && b.offset === a.offset;
}

function meetContents(a: Content, b: Content): Content {
  if (a.kind === 'number' && b.kind === 'number')
    return { kind: 'number', min: a.min < b.min ? a.min : b.min, max: a.max > b.max ? a.max : b.max };
  return isSame(a, b) ? a : NONE;
}

/** The result of arithmetic with numbers. */
export function afterArithmetic(instruction: Instruction, left: Content, right: Content): Content {
  const { code, off } = instruction;
  const operation = code & 0xf0;
  const is32 = classOf(code) === 4;
  const a = exactValue(left);
  const b = exactValue(right);
  if (b !== undefined && (a !== undefined || operation === MOV))
    return exactly(arithmetic(instruction, a ?? 0n, b));
  if (operation === END) return instruction.imm < 64 ? below(instruction.imm) : ANY_NUMBER;
  if (operation === MOV && off === 0 && fits(right, is32)) return right;
  const narrowed = b === undefined || !fits(left, is32) ? undefined : narrow(operation, left, b, off !== 0);
  return narrowed ?? (is32 ? below(32) : ANY_NUMBER);
}

/** An operation of 32 bits sees all of it. */
function fits(content: Content, is32: boolean): boolean {
  return content.kind === 'number' && (!is32 || content.max <= MOST_32);
}

function narrow(operation: number, left: Content, by: bigint, isSigned: boolean): Content | undefined {
  if (left.kind !== 'number') return undefined;
  if (operation === AND) return { kind: 'number', min: 0n, max: left.max < by ? left.max : by };
  if (operation === RSH && by < 64n) return { kind: 'number', min: left.min >> by, max: left.max >> by };
  if (operation === MOD && by > 0n && !isSigned) return { kind: 'number', min: 0n, max: by - 1n };
  return undefined;
}

const OPPOSITE: Readonly<Record<number, number>> = {
  [JEQ]: JNE,
  [JNE]: JEQ,
  [JGT]: JLE,
  [JLE]: JGT,
  [JGE]: JLT,
  [JLT]: JGE,
};

/** What a comparison with the number `right` tells of `left` where it held, or did not. */
export function afterComparison(operation: number, left: Content, right: bigint, held: boolean): Content {
  if (left.kind !== 'number') return left;
  const { min, max } = left;
  const within = (from: bigint, to: bigint): Content => {
    const narrowed = { kind: 'number', min: from > min ? from : min, max: to < max ? to : max } as const;
    return narrowed.min <= narrowed.max ? narrowed : left;
  };
  switch (held ? operation : OPPOSITE[operation]) {
    case JEQ:
      return within(right, right);
    case JNE:
      return within(min === right ? min + 1n : min, max === right ? max - 1n : max);
    case JGT:
      return within(right + 1n, MOST);
    case JGE:
      return within(right, MOST);
    case JLT:
      return within(0n, right - 1n);
    case JLE:
      return within(0n, right);
    default:
      return left;
  }
}

/** Does the instruction's second operand come from a register? */
export function usesSource({ code }: Instruction): boolean {
  return (code & X) !== 0;
}
