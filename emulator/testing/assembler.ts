// Instruction words from names and fields, for tests that need a handful of instructions.
// Called by the emulator's tests and the fuzzer only; real programs come from a real assembler.
// Fields are those of isa/encodings.ts; what is left out is 0.
import { encodingOf } from '../isa/encodings.ts';

export interface Fields {
  readonly rd?: number;
  readonly rs1?: number;
  readonly rs2?: number;
  readonly rs3?: number;
  /** Immediate, shift amount, CSR number, or offset of a transfer. */
  readonly imm?: number;
  /** Rounding mode; round to nearest when left out. */
  readonly rm?: number;
}

/** assemble('addi', { rd: 10, rs1: 10, imm: 1 }) */
export function assemble(
  name: string,
  { rd = 0, rs1 = 0, rs2 = 0, rs3 = 0, imm = 0, rm = 0 }: Fields = {},
): number {
  const row = encodingOf(name);
  let word = row.match | (rd << 7) | (rs1 << 15);
  for (const operand of row.operands) {
    switch (operand) {
      case 'rs2':
      case 'fs2':
        word |= rs2 << 20;
        break;
      case 'fs3':
        word |= rs3 << 27;
        break;
      case 'rm':
        word |= rm << 12;
        break;
      case 'imm':
      case 'load':
      case 'csr':
      case 'shamt5':
      case 'shamt6':
        word |= imm << 20;
        break;
      case 'upper':
        word |= imm & ~0xfff;
        break;
      case 'store':
        word |= ((imm >> 5) << 25) | ((imm & 31) << 7);
        break;
      case 'branch':
        word |=
          (((imm >> 12) & 1) << 31) |
          (((imm >> 5) & 63) << 25) |
          (((imm >> 1) & 15) << 8) |
          (((imm >> 11) & 1) << 7);
        break;
      case 'jump':
        word |=
          (((imm >> 20) & 1) << 31) |
          (((imm >> 1) & 0x3ff) << 21) |
          (((imm >> 11) & 1) << 20) |
          (imm & 0xff000);
        break;
      default:
        break;
    }
  }
  return word;
}
