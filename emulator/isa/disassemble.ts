// Instructions as text, with the assembler's names for registers, CSRs and common pseudo-instructions.
// Called by the debugger, the tracer and error reports; never by what executes.
// Follows objdump's spelling, except that immediate forms keep their own mnemonics (slli, not sll).
import { expandCompressed } from './compressed.ts';
import { decode, type Instruction, isCompressed } from './decode.ts';
import type { Operand } from './encodings.ts';

export interface Disassembled {
  readonly mnemonic: string;
  readonly operands: string;
  readonly length: 2 | 4;
  /** Where a branch, jal or call leads. */
  readonly target: number | null;
}

export interface DisassembleOptions {
  /** What a target is called: `main+16` stands behind its address as `<main+16>`. */
  readonly symbolOf?: (address: number) => string | null;
  /** False gives every instruction its own name and all operands. */
  readonly aliases?: boolean;
}

/** Integer registers by their ABI names. */
export const X_NAMES: readonly string[] =
  'zero ra sp gp tp t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 a6 a7 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 t3 t4 t5 t6'.split(
    ' ',
  );
/** Floating-point registers by their ABI names. */
export const F_NAMES: readonly string[] = (
  'ft0 ft1 ft2 ft3 ft4 ft5 ft6 ft7 fs0 fs1 fa0 fa1 fa2 fa3 fa4 fa5 fa6 fa7 ' +
  'fs2 fs3 fs4 fs5 fs6 fs7 fs8 fs9 fs10 fs11 ft8 ft9 ft10 ft11'
).split(' ');
const ROUNDING_NAMES = ['rne', 'rtz', 'rdn', 'rup', 'rmm', 'rm5', 'rm6', 'dyn'];
const DYNAMIC = 7;
const CSR_NAMES: Readonly<Record<number, string>> = {
  1: 'fflags',
  2: 'frm',
  3: 'fcsr',
  3072: 'cycle',
  3073: 'time',
  3074: 'instret',
};
const FENCE_TSO = 0x8330_000f | 0;
const PAUSE = 0x0100_000f;
const FENCE_ALL = 0xff;

const x = (n: number) => X_NAMES[n] ?? '';
const f = (n: number) => F_NAMES[n] ?? '';
const hex = (n: number) => `0x${n.toString(16)}`;

/** The instruction in the low bits of `word`, which stands at `pc`. */
export function disassemble(word: number, pc: number, options: DisassembleOptions = {}): Disassembled {
  const instruction = decode(word);
  if (!instruction) {
    return isCompressed(word)
      ? { mnemonic: '.2byte', operands: hex(word & 0xffff), length: 2, target: null }
      : { mnemonic: '.4byte', operands: hex(word >>> 0), length: 4, target: null };
  }
  const full = isCompressed(word) ? expandCompressed(word & 0xffff) : word | 0;
  const { transfers } = instruction.encoding;
  const target = transfers ? pc + instruction.imm : null;
  const targetText = target === null ? '' : textOf(target, options);
  const written =
    (options.aliases !== false && aliasOf(instruction, full, targetText)) ||
    plain(instruction, full, targetText);
  const [mnemonic, operands] = written;
  return { mnemonic, operands, length: instruction.length, target };
}

function textOf(target: number, { symbolOf }: DisassembleOptions): string {
  const address = BigInt.asUintN(64, BigInt(target)).toString(16);
  const symbol = symbolOf?.(target);
  return symbol ? `${address} <${symbol}>` : address;
}

type Written = readonly [mnemonic: string, operands: string];

/** The instruction under its own name. */
function plain(instruction: Instruction, word: number, target: string): Written {
  const { name, encoding } = instruction;
  if (name === 'fence') return ['fence', fenceSets(word)];
  const texts: string[] = [];
  for (const operand of encoding.operands) {
    const text = operandText(operand, instruction, target);
    if (text !== null) texts.push(text);
  }
  // jalr is written with its base as a plain operand.
  if (name === 'jalr') return [name, `${x(instruction.rd)},${instruction.imm}(${x(instruction.rs1)})`];
  const ordered = encoding.operands.includes('atomic') ? name + orderingSuffix(word) : name;
  return [ordered, texts.join()];
}

function operandText(operand: Operand, i: Instruction, target: string): string | null {
  switch (operand) {
    case 'rd':
      return x(i.rd);
    case 'rs1':
      return x(i.rs1);
    case 'rs2':
      return x(i.rs2);
    case 'fd':
      return f(i.rd);
    case 'fs1':
      return f(i.rs1);
    case 'fs2':
      return f(i.rs2);
    case 'fs3':
      return f(i.rs3);
    case 'imm':
      return `${i.imm}`;
    case 'load':
    case 'store':
      return `${i.imm}(${x(i.rs1)})`;
    case 'atomic':
      return `(${x(i.rs1)})`;
    case 'branch':
    case 'jump':
      return target;
    case 'upper':
      return hex(i.imm >>> 12);
    case 'shamt6':
    case 'shamt5':
      return hex(i.imm);
    case 'csr':
      return CSR_NAMES[i.imm] ?? hex(i.imm);
    case 'zimm':
      return `${i.rs1}`;
    case 'rm':
      return roundingText(i);
  }
}

/** Dynamic is what assemblers assume; widening conversions are exact and assume to-nearest. */
function roundingText({ name, rm }: Instruction): string | null {
  const exact = name === 'fcvt.d.s' || name === 'fcvt.d.w' || name === 'fcvt.d.wu';
  return rm === (exact ? 0 : DYNAMIC) ? null : (ROUNDING_NAMES[rm] ?? null);
}

/** Acquire and release (A, 13.1). */
function orderingSuffix(word: number): string {
  return ['', '.rl', '.aq', '.aqrl'][(word >>> 25) & 3] ?? '';
}

function fenceSets(word: number): string {
  const set = (bits: number) =>
    [...'iorw'].filter((_, i) => ((bits >> (3 - i)) & 1) !== 0).join('') || 'unknown';
  return `${set((word >>> 24) & 15)},${set((word >>> 20) & 15)}`;
}

/** The pseudo-instruction that an assembler programmer would have written, or null. */
function aliasOf(i: Instruction, word: number, target: string): Written | null {
  const { name, rd, rs1, rs2, imm } = i;
  switch (name) {
    case 'addi':
      if (word === 0x13) return ['nop', ''];
      if (rs1 === 0) return ['li', `${x(rd)},${imm}`];
      return imm === 0 ? ['mv', `${x(rd)},${x(rs1)}`] : null;
    case 'addiw':
      return imm === 0 ? ['sext.w', `${x(rd)},${x(rs1)}`] : null;
    case 'xori':
      return imm === -1 ? ['not', `${x(rd)},${x(rs1)}`] : null;
    case 'andi':
      return imm === 255 ? ['zext.b', `${x(rd)},${x(rs1)}`] : null;
    case 'add':
      // What c.mv stands for.
      return rs1 === 0 && rs2 !== 0 ? ['mv', `${x(rd)},${x(rs2)}`] : null;
    case 'add.uw':
      return rs2 === 0 ? ['zext.w', `${x(rd)},${x(rs1)}`] : null;
    case 'sub':
      return rs1 === 0 ? ['neg', `${x(rd)},${x(rs2)}`] : null;
    case 'subw':
      return rs1 === 0 ? ['negw', `${x(rd)},${x(rs2)}`] : null;
    case 'sltiu':
      return imm === 1 ? ['seqz', `${x(rd)},${x(rs1)}`] : null;
    case 'sltu':
      return rs1 === 0 ? ['snez', `${x(rd)},${x(rs2)}`] : null;
    case 'slt':
      if (rs2 === 0) return ['sltz', `${x(rd)},${x(rs1)}`];
      return rs1 === 0 ? ['sgtz', `${x(rd)},${x(rs2)}`] : null;
    case 'jal':
      if (rd === 0) return ['j', target];
      return rd === 1 ? ['jal', target] : null;
    case 'jalr':
      return jalrAlias(i);
    case 'fence':
      return fenceAlias(word);
    default:
      return branchAlias(i, target) ?? csrAlias(i) ?? signAlias(i);
  }
}

function jalrAlias({ rd, rs1, imm }: Instruction): Written | null {
  const base = imm === 0 ? x(rs1) : `${imm}(${x(rs1)})`;
  if (rd === 0) return rs1 === 1 && imm === 0 ? ['ret', ''] : ['jr', base];
  return ['jalr', rd === 1 ? base : `${x(rd)},${base}`];
}

function fenceAlias(word: number): Written | null {
  if (word === FENCE_TSO) return ['fence.tso', ''];
  if (word === PAUSE) return ['pause', ''];
  return ((word >>> 20) & 0xfff) === FENCE_ALL ? ['fence', ''] : null;
}

const ZERO_SECOND: Readonly<Record<string, string>> = { beq: 'beqz', bne: 'bnez', bge: 'bgez', blt: 'bltz' };
const ZERO_FIRST: Readonly<Record<string, string>> = { bge: 'blez', blt: 'bgtz' };

function branchAlias({ name, rs1, rs2 }: Instruction, target: string): Written | null {
  const second = ZERO_SECOND[name];
  if (second && rs2 === 0) return [second, `${x(rs1)},${target}`];
  const first = ZERO_FIRST[name];
  return first && rs1 === 0 ? [first, `${x(rs2)},${target}`] : null;
}

const READS: Readonly<Record<number, string>> = {
  1: 'frflags',
  2: 'frrm',
  3: 'frcsr',
  3072: 'rdcycle',
  3073: 'rdtime',
  3074: 'rdinstret',
};
const WRITES: Readonly<Record<number, string>> = { 1: 'fsflags', 2: 'fsrm', 3: 'fscsr' };

/** Source: unprivileged ISA, tables of Zicsr and F pseudo-instructions. */
function csrAlias({ name, rd, rs1, imm }: Instruction): Written | null {
  const csr = CSR_NAMES[imm] ?? hex(imm);
  const write = WRITES[imm];
  switch (name) {
    case 'csrrs':
      if (rs1 !== 0) return rd === 0 ? ['csrs', `${csr},${x(rs1)}`] : null;
      return READS[imm] ? [READS[imm], x(rd)] : ['csrr', `${x(rd)},${csr}`];
    case 'csrrw':
      // The assembler's permanently illegal instruction: a write to a read-only register.
      if (rd === 0 && rs1 === 0 && imm === 0xc00) return ['unimp', ''];
      if (write) return [write, rd === 0 ? x(rs1) : `${x(rd)},${x(rs1)}`];
      return rd === 0 ? ['csrw', `${csr},${x(rs1)}`] : null;
    case 'csrrc':
      return rd === 0 ? ['csrc', `${csr},${x(rs1)}`] : null;
    case 'csrrwi':
      if (write && imm !== 3) return [`${write}i`, `${x(rd)},${rs1}`];
      return rd === 0 ? ['csrwi', `${csr},${rs1}`] : null;
    case 'csrrsi':
      return rd === 0 ? ['csrsi', `${csr},${rs1}`] : null;
    case 'csrrci':
      return rd === 0 ? ['csrci', `${csr},${rs1}`] : null;
    default:
      return null;
  }
}

/** Moves, negations and magnitudes are sign injections of a register with itself. */
function signAlias({ name, rd, rs1, rs2 }: Instruction): Written | null {
  if (rs1 !== rs2) return null;
  const [operation, format] = name.split('.');
  const alias = { fsgnj: 'fmv', fsgnjn: 'fneg', fsgnjx: 'fabs' }[operation ?? ''];
  return alias ? [`${alias}.${format}`, `${f(rd)},${f(rs1)}`] : null;
}
