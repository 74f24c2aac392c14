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

const buckets: Encoding[][] = Array.from({ length: 256 }, () => []);
for (const encoding of ENCODINGS) {
  for (let funct3 = 0; funct3 < 8; funct3++) {
    if ((((funct3 << 12) ^ encoding.match) & encoding.mask & FUNCT3) !== 0) continue;
    buckets[bucketOf((encoding.match & ~FUNCT3) | (funct3 << 12))]?.push(encoding);
  }
}

export function isCompressed(half: number): boolean {
  return (half & 3) !== 3;
}

/** Decodes the instruction in the low bits of `word`; when it is compressed, only 16 bits count. */
export function decode(word: number): Instruction | null {
  if (!isCompressed(word)) return decodeFull(word | 0, 4);
  const full = expandCompressed(word & 0xffff);
  return full === 0 ? null : decodeFull(full, 2);
}

function decodeFull(word: number, length: 2 | 4): Instruction | null {
  for (const encoding of buckets[bucketOf(word)] ?? []) {
    if ((word & encoding.mask) === encoding.match) return extract(word, encoding, length);
  }
  return null;
}

function extract(word: number, encoding: Encoding, length: 2 | 4): Instruction | null {
  let rd = 0;
  let rs1 = 0;
  let rs2 = 0;
  let rs3 = 0;
  let imm = 0;
  let rm = 0;
  for (const operand of encoding.operands) {
    switch (operand) {
      case 'rd':
      case 'fd':
        rd = (word >>> 7) & 31;
        break;
      case 'load':
        rs1 = (word >>> 15) & 31;
        imm = word >> 20;
        break;
      case 'store':
        rs1 = (word >>> 15) & 31;
        imm = ((word >> 25) << 5) | ((word >>> 7) & 31);
        break;
      case 'rs1':
      case 'fs1':
      case 'atomic':
        rs1 = (word >>> 15) & 31;
        break;
      case 'rs2':
      case 'fs2':
        rs2 = (word >>> 20) & 31;
        break;
      case 'fs3':
        rs3 = word >>> 27;
        break;
      case 'zimm':
        // Kept in the field it is encoded in; the back end knows that it is no register.
        rs1 = (word >>> 15) & 31;
        break;
      case 'rm':
        rm = (word >>> 12) & 7;
        if (rm > LAST_STATIC_ROUNDING && rm !== DYNAMIC_ROUNDING) return null;
        break;
      default:
        imm = immediate(word, operand);
    }
  }
  return { encoding, name: encoding.name, rd, rs1, rs2, rs3, imm, rm, length };
}

function immediate(word: number, operand: Operand): number {
  switch (operand) {
    case 'imm':
      return word >> 20;
    case 'upper':
      return word & ~0xfff;
    case 'shamt6':
      return (word >>> 20) & 63;
    case 'shamt5':
      return (word >>> 20) & 31;
    case 'csr':
      return word >>> 20;
    case 'branch':
      return (
        ((word >> 31) << 12) |
        (((word >>> 7) & 1) << 11) |
        (((word >>> 25) & 63) << 5) |
        (((word >>> 8) & 15) << 1)
      );
    case 'jump':
      return (
        ((word >> 31) << 20) | (word & 0xff000) | (((word >>> 20) & 1) << 11) | (((word >>> 21) & 0x3ff) << 1)
      );
    default:
      return 0;
  }
}
