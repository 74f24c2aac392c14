// From bits to an instruction: finds the row, extracts the operands.
// Called by the decode cache, the JIT and the disassembler.
// Fields that the instruction does not have are 0; an illegal instruction is null.
import { expandCompressed } from './compressed.ts';
import { ENCODINGS, type Encoding, type Operand } from './encodings.ts';

export interface Instruction {
  readonly encoding: Encoding;
  readonly name: string;
  readonly rd: number;
  readonly rs1: number;
  readonly rs2: number;
  readonly rs3: number;
  /** Immediate, shift amount, CSR number, or offset from pc; sign-extended where the ISA does. */
  readonly imm: number;
  /** Rounding mode: 0 to 4, or 7 for dynamic. */
  readonly rm: number;
  /** Bytes: 2 when it was compressed. */
  readonly length: 2 | 4;
}

export const DYNAMIC_ROUNDING = 7;
const LAST_STATIC_ROUNDING = 4;

/** Bits of a 32-bit word that hold the row: opcode without its low two bits, and funct3. */
const bucketOf = (word: number) => ((word >>> 2) & 31) | (((word >>> 12) & 7) << 5);
const FUNCT3 = 0x7000;

/** How the immediate lies in the word; the numbers are those of a switch. */
const Immediate = { NONE: 0, I: 1, S: 2, B: 3, J: 4, U: 5, SHIFT6: 6, SHIFT5: 7, CSR: 8 } as const;
const IMMEDIATES: Readonly<Partial<Record<Operand, number>>> = {
  imm: Immediate.I,
  load: Immediate.I,
  store: Immediate.S,
  branch: Immediate.B,
  jump: Immediate.J,
  upper: Immediate.U,
  shamt6: Immediate.SHIFT6,
  shamt5: Immediate.SHIFT5,
  csr: Immediate.CSR,
};
/** Where register operands lie; zimm is kept in the place of rs1, though it is no register. */
const FIELDS: Readonly<Partial<Record<Operand, 'rd' | 'rs1' | 'rs2' | 'rs3'>>> = {
  rd: 'rd',
  fd: 'rd',
  rs1: 'rs1',
  fs1: 'rs1',
  load: 'rs1',
  store: 'rs1',
  atomic: 'rs1',
  zimm: 'rs1',
  rs2: 'rs2',
  fs2: 'rs2',
  fs3: 'rs3',
};
const REGISTER = 31;

/** What to extract, so that decoding is arithmetic: a mask of 31 for a field that is there, else 0. */
interface Fields {
  readonly rd: number;
  readonly rs1: number;
  readonly rs2: number;
  readonly rs3: number;
  readonly immediate: number;
}

/** By lists of operands, which encodings share. */
const fields = new Map<readonly Operand[], Fields>();

/** Plain loops, here and below: all of it runs cold at every start. */
function fieldsOf(operands: readonly Operand[]): Fields {
  const known = fields.get(operands);
  if (known !== undefined) return known;
  const made = { rd: 0, rs1: 0, rs2: 0, rs3: 0, immediate: 0 };
  for (const operand of operands) {
    const field = FIELDS[operand];
    if (field !== undefined) made[field] = REGISTER;
    made.immediate = IMMEDIATES[operand] ?? made.immediate;
  }
  fields.set(operands, made);
  return made;
}

const buckets = new Array<Encoding[] | undefined>(256).fill(undefined);
for (const encoding of ENCODINGS) {
  const { match, mask } = encoding;
  if ((mask & FUNCT3) === FUNCT3) addToBucket(encoding, bucketOf(match));
  else {
    for (let funct3 = 0; funct3 < 8; funct3++) {
      if ((((funct3 << 12) ^ match) & mask & FUNCT3) === 0)
        addToBucket(encoding, bucketOf((match & ~FUNCT3) | (funct3 << 12)));
    }
  }
}

function addToBucket(encoding: Encoding, number: number): void {
  const bucket = buckets[number];
  if (bucket === undefined) buckets[number] = [encoding];
  else bucket.push(encoding);
}

export function isCompressed(half: number): boolean {
  return (half & 3) !== 3;
}

/** Compressed instructions decoded before: programs repeat them, and at start-up this code runs cold. */
const compressed = new Map<number, Instruction | null>();

/** Decodes the instruction in the low bits of `word`; when it is compressed, only 16 bits count. */
export function decode(word: number): Instruction | null {
  if (!isCompressed(word)) return decodeFull(word | 0, 4);
  const half = word & 0xffff;
  let instruction = compressed.get(half);
  if (instruction === undefined) {
    const full = expandCompressed(half);
    instruction = full === 0 ? null : decodeFull(full, 2);
    compressed.set(half, instruction);
  }
  return instruction;
}

function decodeFull(word: number, length: 2 | 4): Instruction | null {
  const bucket = buckets[bucketOf(word)];
  if (bucket === undefined) return null;
  for (let i = 0; i < bucket.length; i++) {
    const encoding = bucket[i] as Encoding;
    if ((word & encoding.mask) !== encoding.match) continue;
    const rm = encoding.rounds ? (word >>> 12) & 7 : 0;
    if (rm > LAST_STATIC_ROUNDING && rm !== DYNAMIC_ROUNDING) return null;
    const { rd, rs1, rs2, rs3, immediate } = fieldsOf(encoding.operands);
    return {
      encoding,
      name: encoding.name,
      rd: (word >>> 7) & rd,
      rs1: (word >>> 15) & rs1,
      rs2: (word >>> 20) & rs2,
      rs3: (word >>> 27) & rs3,
      imm: immediate === 0 ? 0 : immediateOf(word, immediate),
      rm,
      length,
    };
  }
  return null;
}

function immediateOf(word: number, kind: number): number {
  switch (kind) {
    case Immediate.I:
      return word >> 20;
    case Immediate.S:
      return ((word >> 25) << 5) | ((word >>> 7) & 31);
    case Immediate.B:
      return (
        ((word >> 31) << 12) |
        (((word >>> 7) & 1) << 11) |
        (((word >>> 25) & 63) << 5) |
        (((word >>> 8) & 15) << 1)
      );
    case Immediate.J:
      return (
        ((word >> 31) << 20) | (word & 0xff000) | (((word >>> 20) & 1) << 11) | (((word >>> 21) & 0x3ff) << 1)
      );
    case Immediate.U:
      return word & ~0xfff;
    case Immediate.SHIFT6:
      return (word >>> 20) & 63;
    case Immediate.SHIFT5:
      return (word >>> 20) & 31;
    case Immediate.CSR:
      return word >>> 20;
    default:
      return 0;
  }
}
