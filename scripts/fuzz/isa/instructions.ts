// Random single instructions, made from the table of encodings.
// The generator strings them together; which registers they may write and which hold addresses is its choice.
// What qemu 7.2 itself gets wrong is not made: see AVOIDED and isWholeVectorTransfer.
import { decode } from '../../../emulator/isa/decode.ts';
import { ENCODINGS, type Encoding, encodingOf } from '../../../emulator/isa/encodings.ts';
import { assemble, type Fields } from '../../../emulator/testing/assembler.ts';
import type { Random } from '../../../emulator/testing/random.ts';
import { COMPRESSED_FORMS, compressedForm } from './compressed-forms.ts';

/** Instructions that are made elsewhere, or never: with the reason. */
const AVOIDED: Readonly<Record<string, string>> = {
  ctzw: 'qemu 7.2 gives 64 for a zero low word, Zbb says 32: made with a bit set first',
  'czero.eqz': 'qemu 7.2 has no Zicond',
  'czero.nez': 'qemu 7.2 has no Zicond',
};

const isMemory = ({ operands, name }: Encoding): boolean =>
  name !== 'jalr' && operands.some((operand) => operand === 'load' || operand === 'store');
const isPlain = ({ name, operands, transfers }: Encoding): boolean =>
  !transfers &&
  !/^(jalr|fence|ecall|ebreak|csr)/.test(name) &&
  !operands.some((operand) => operand === 'load' || operand === 'store' || operand === 'atomic') &&
  AVOIDED[name] === undefined;
const isFloat = ({ operands }: Encoding): boolean => operands.some((operand) => /^f[ds]/.test(operand));

const INTEGER = ENCODINGS.filter((row) => isPlain(row) && !isFloat(row));
const FLOAT = ENCODINGS.filter((row) => isPlain(row) && isFloat(row));
const MEMORY = ENCODINGS.filter(isMemory);
const AMO = ENCODINGS.filter(({ name }) => name.startsWith('amo'));
/** From an address in the middle of a spot to its end. */
const FARTHEST = 64;
const CSR_ACTIONS = ['csrrw', 'csrrs', 'csrrc', 'csrrwi', 'csrrsi', 'csrrci'];
const [FFLAGS, FRM, FCSR] = [1, 2, 3];

const COMPRESSED_PLAIN = COMPRESSED_FORMS.filter((forms) => !isMemory(rowOf(forms)));
const COMPRESSED_MEMORY = COMPRESSED_FORMS.filter((forms) => isMemory(rowOf(forms)));

function rowOf(forms: readonly number[]): Encoding {
  return encodingOf(decode(forms[0] ?? 0)?.name ?? '');
}

/**
 * vl<nf>re<width>.v or vs<nf>r.v, the whole-register transfers of the vector extension: qemu 7.2 runs them on a processor
 * without that extension too (its ldst_whole_trans does not ask), where the ISA says illegal.
 */
function isWholeVectorTransfer(word: number): boolean {
  const isFloatMemory = (word & 0x5f) === 0x07; // LOAD-FP, STORE-FP
  return isFloatMemory && ((word >>> 20) & 0x1ff) === 0x028; // mew, mop 0; vm 1; lumop 01000
}

/** A 32-bit instruction with another rs1. */
export const withBase = (word: number, base: number): number => (word & ~(31 << 15)) | (base << 15);

/** Which registers a case uses, and for what. */
export interface Registers {
  /** Written by no instruction: loop counters and links. */
  readonly reserved: Set<number>;
  /** Hold addresses in the window; rarely written. */
  readonly pointers: readonly number[];
  /** Used more often than the others. */
  readonly favourites: readonly number[];
  readonly floats: readonly number[];
  /** Offsets and addresses may be anything. */
  readonly isRisky: boolean;
}

export class InstructionMaker {
  readonly #random: Random;
  readonly #registers: Registers;

  constructor(random: Random, registers: Registers) {
    this.#random = random;
    this.#registers = registers;
  }

  /** Any integer register to read. */
  source(): number {
    const { favourites } = this.#registers;
    return this.#random.below(4) === 0 ? this.#random.below(32) : this.#random.pick(favourites);
  }

  /** An integer register that may be written. */
  destination(): number {
    const { reserved, pointers } = this.#registers;
    for (;;) {
      const register = this.source();
      if (reserved.has(register)) continue;
      if (pointers.includes(register) && this.#random.below(30) !== 0) continue;
      return register;
    }
  }

  pointer(): number {
    return this.#random.below(100) === 0 ? this.source() : this.#random.pick(this.#registers.pointers);
  }

  #float(): number {
    return this.#random.below(4) === 0 ? this.#random.below(32) : this.#random.pick(this.#registers.floats);
  }

  /** Neither memory nor control nor CSRs. */
  plain(): number {
    const kind = this.#random.below(10);
    if (kind < 3) return this.#compressed(COMPRESSED_PLAIN);
    return this.#maybeShort(this.#word(this.#random.pick(kind < 7 ? INTEGER : FLOAT)));
  }

  /** Of four bytes, for code that is patched. */
  long(): number {
    return this.#word(this.#random.pick(this.#random.below(2) === 0 ? INTEGER : FLOAT));
  }

  memory(): number {
    if (this.#random.below(4) === 0) return this.#compressed(COMPRESSED_MEMORY);
    return this.#maybeShort(this.#word(this.#random.pick(MEMORY)));
  }

  /** Some accesses relative to one register. */
  group(): number[] {
    const base = this.pointer();
    return Array.from({ length: 2 + this.#random.below(5) }, () => {
      const row = this.#random.pick(MEMORY);
      const word = this.#word(row);
      return this.#maybeShort(withBase(word, base));
    });
  }

  amo(): number {
    return this.#word(this.#random.pick(AMO));
  }

  loadReserved(): number {
    return this.#word(encodingOf(this.#random.pick(['lr.w', 'lr.d'])));
  }

  /**
   * With no reservation, so it fails. Where it would fault if it did not fail, the ISA leaves open which it does:
   * its address is therefore a good one.
   */
  storeConditional(good: number): number[] {
    const base = this.#nonZeroDestination();
    const word = this.#word(encodingOf(this.#random.pick(['sc.w', 'sc.d'])));
    return [assemble('lui', { rd: base, imm: good }), withBase(word, base)];
  }

  /** An lr and its sc, with a little between that touches no memory. */
  reservedPair(): number[] {
    const { reserved } = this.#registers;
    const width = this.#random.pick(['w', 'd']);
    const base = this.pointer();
    const wasReserved = reserved.has(base);
    reserved.add(base);
    const words = [this.#word(encodingOf(`lr.${width}`))];
    for (let i = this.#random.below(3); i > 0; i--) words.push(this.plain());
    if (!wasReserved) reserved.delete(base);
    words.push(this.#word(encodingOf(`sc.${width}`)));
    return [withBase(words[0] ?? 0, base), ...words.slice(1, -1), withBase(words.at(-1) ?? 0, base)];
  }

  /** Any ordering, and the fields that are reserved and to be ignored. */
  fence(): number {
    return assemble(this.#random.pick(['fence', 'fence.i'])) | (this.#random.u32() & ~0x707f);
  }

  csr(): number {
    const random = this.#random;
    const rd = this.destination();
    // frm is mostly a mode that there is: with another one every dynamic instruction is illegal.
    if (random.below(3) === 0) return assemble('csrrwi', { rd, rs1: random.below(5), imm: FRM });
    const action = random.pick(CSR_ACTIONS);
    const any = random.below(40) === 0 ? random.below(0x400) : random.pick([FRM, FCSR]);
    return assemble(action, { rd, rs1: this.source(), imm: random.below(5) === 0 ? any : FFLAGS });
  }

  countTrailingZeros(): number[] {
    const rs1 = this.#nonZeroDestination();
    const set = assemble('bseti', { rd: rs1, rs1, imm: this.#random.below(32) });
    return [set, assemble('ctzw', { rd: this.destination(), rs1 })];
  }

  #nonZeroDestination(): number {
    for (;;) {
      const register = this.destination();
      if (register !== 0) return register;
    }
  }

  /** No instruction, as far as the decoder knows. */
  illegal(): number {
    const random = this.#random;
    for (;;) {
      const kind = random.below(4);
      let word = random.u32() | 3;
      if (kind === 0) word = random.below(0x1_0000);
      else if (kind === 1) {
        const row = random.pick(ENCODINGS);
        word = this.#word(row) ^ (1 << (2 + random.below(30)));
      } else if (kind === 2) {
        // A rounding mode that is none.
        const row = random.pick(ENCODINGS.filter(({ rounds }) => rounds));
        word = (this.#word(row) & ~(7 << 12)) | (random.pick([5, 6]) << 12);
      }
      if (kind === 0 && (word & 3) === 3) continue;
      if (decode(word) === null && !isWholeVectorTransfer(word)) return word | 0;
    }
  }

  #maybeShort(word: number): number {
    return this.#random.below(2) === 0 ? (compressedForm(word) ?? word) : word;
  }

  #compressed(forms: readonly (readonly number[])[]): number {
    const { reserved, pointers } = this.#registers;
    for (;;) {
      const half = this.#random.pick(this.#random.pick(forms));
      const instruction = decode(half);
      if (instruction === null) continue;
      const { rd, rs1, encoding } = instruction;
      const isWild = !pointers.includes(rs1) || instruction.imm > FARTHEST;
      if (isMemory(encoding) && isWild && this.#random.below(100) !== 0) continue;
      if (encoding.writesInteger && reserved.has(rd)) continue;
      if (encoding.writesInteger && pointers.includes(rd) && this.#random.below(30) !== 0) continue;
      return half;
    }
  }

  #word(row: Encoding): number {
    const random = this.#random;
    const fields: { -readonly [Key in keyof Fields]: Fields[Key] } = {};
    for (const operand of row.operands) {
      switch (operand) {
        case 'rd':
          fields.rd = this.destination();
          break;
        case 'fd':
          fields.rd = this.#float();
          break;
        case 'rs1':
          fields.rs1 = this.source();
          break;
        case 'fs1':
          fields.rs1 = this.#float();
          break;
        case 'rs2':
          fields.rs2 = this.source();
          break;
        case 'fs2':
          fields.rs2 = this.#float();
          break;
        case 'fs3':
          fields.rs3 = this.#float();
          break;
        case 'atomic':
          fields.rs1 = this.pointer();
          break;
        case 'load':
        case 'store':
          fields.rs1 = this.pointer();
          fields.imm = this.#offset();
          break;
        case 'imm':
          fields.imm = random.pick([0, 1, -1, 2047, -2048, random.below(4096) - 2048]);
          break;
        case 'shamt6':
          fields.imm = random.pick([0, 1, 31, 32, 63, random.below(64)]);
          break;
        case 'shamt5':
          fields.imm = random.pick([0, 1, 31, random.below(32)]);
          break;
        case 'upper':
          fields.imm = random.u32() & ~0xfff;
          break;
        case 'rm':
          fields.rm = random.pick([0, 1, 2, 3, 4, 7, 7, 7, 7]);
          break;
        default:
          break;
      }
    }
    const ordering = row.operands.includes('atomic') ? random.below(4) << 25 : 0;
    return assemble(row.name, fields) | ordering;
  }

  #offset(): number {
    const random = this.#random;
    const offset = 8 * (random.below(12) - 4);
    if (random.below(5) === 0) return offset + random.below(8);
    return this.#registers.isRisky && random.below(8) === 0 ? random.below(4096) - 2048 : offset;
  }
}
