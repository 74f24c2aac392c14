// Where arguments of a function go and where its result is, as lp64d has it.
// hand-calls.ts calls functions by it; return-value.ts reads what one gave back.
// RISC-V ELF psABI, "Integer calling convention" and "Hardware floating-point calling convention".
import { type BareType, bare, type CType, sizeOf } from '../values/c-types.ts';
import { bitsOf, toBytes, type Value } from '../values/values.ts';

const WORD = 8;
export const LARGEST_IN_REGISTERS = 16;
const ARGUMENT_REGISTERS = 8;

interface Field {
  readonly type: BareType;
  readonly offset: number;
}

/** The parts of a structure of one or two scalars of which one at least is a float, which have registers of their own. */
export function floatFields(type: BareType): readonly Field[] | undefined {
  const fields = type.kind === 'struct' ? flattened(type) : undefined;
  if (fields === undefined || fields.length > 2) return undefined;
  return fields.some(({ type: part }) => isRegisterFloat(part)) ? fields : undefined;
}

export function isRegisterFloat(type: BareType): boolean {
  return type.kind === 'float' && type.size <= WORD;
}

/** The scalars of a structure with where they lie; undefined for unions and what has too many. */
function flattened(type: BareType, at = 0): Field[] | undefined {
  if (type.kind === 'struct') {
    if (type.keyword === 'union') return undefined;
    const parts = type.members.map((member) =>
      member.bits === undefined ? flattened(bare(member.type), at + member.offset) : undefined,
    );
    return parts.includes(undefined) ? undefined : parts.flatMap((part) => part ?? []);
  }
  if (type.kind !== 'array') return [{ type, offset: at }];
  const count = type.count ?? 0;
  if (count > 2) return undefined;
  const size = sizeOf(type.element);
  const parts = Array.from({ length: count }, (_, index) => flattened(bare(type.element), at + index * size));
  return parts.includes(undefined) ? undefined : parts.flatMap((part) => part ?? []);
}

/** What is to be in registers and memory when a function is entered. */
export interface CallFrame {
  readonly sp: number;
  /** Contents of a0 to a7 and fa0 to fa7, as far as they are used. */
  readonly integers: readonly bigint[];
  readonly floats: readonly bigint[];
  readonly memory: readonly { readonly address: number; readonly bytes: Uint8Array }[];
  /** Where a result that is too large for registers will be. */
  readonly resultAt: number | undefined;
}

/** The frame of a call on the stack below `sp`; the first `named` arguments are not of a variable list. */
export function callFrame(args: readonly Value[], returns: CType, named: number, sp: number): CallFrame {
  return new FrameBuilder(sp).build(args, returns, named);
}

class FrameBuilder {
  #sp: number;
  readonly #integers: bigint[] = [];
  readonly #floats: bigint[] = [];
  readonly #onStack: bigint[] = [];
  readonly #memory: { address: number; bytes: Uint8Array }[] = [];

  constructor(sp: number) {
    this.#sp = alignedDown(sp);
  }

  build(args: readonly Value[], returns: CType, named: number): CallFrame {
    const result = bare(returns);
    let resultAt: number | undefined;
    if (result.kind !== 'void' && sizeOf(result) > LARGEST_IN_REGISTERS) {
      resultAt = this.#reserve(sizeOf(result));
      this.#word(BigInt(resultAt));
    }
    for (const [index, value] of args.entries()) this.#pass(value, index < named);
    const bytes = new Uint8Array(this.#onStack.length * WORD);
    for (const [index, word] of this.#onStack.entries()) bytes.set(wordBytes(word), index * WORD);
    if (bytes.length > 0) this.#memory.push({ address: this.#reserve(bytes.length), bytes });
    return {
      sp: this.#sp,
      integers: this.#integers,
      floats: this.#floats,
      memory: this.#memory,
      resultAt,
    };
  }

  #pass(value: Value, isNamed: boolean): void {
    const type = bare(value.type);
    const bytes = toBytes(value);
    if (isNamed && this.#passInFloats(type, bytes)) return;
    if (bytes.length > LARGEST_IN_REGISTERS) {
      const address = this.#reserve(bytes.length);
      this.#memory.push({ address, bytes });
      this.#word(BigInt(address));
      return;
    }
    if (bytes.length <= WORD) {
      if (bytes.length > 0) this.#word(extended(type, bytes));
      return;
    }
    const isWide = alignmentOf(type) > WORD;
    const isOdd = this.#integers.length % 2 === 1;
    if (isWide && !isNamed && isOdd && this.#integers.length < ARGUMENT_REGISTERS) this.#word(0n);
    if (isWide && this.#integers.length >= ARGUMENT_REGISTERS && this.#onStack.length % 2 === 1)
      this.#onStack.push(0n);
    this.#word(bitsOf(bytes.subarray(0, WORD)));
    this.#word(bitsOf(bytes.subarray(WORD)));
  }

  /** False when there are not enough registers, or it is nothing for them. */
  #passInFloats(type: BareType, bytes: Uint8Array): boolean {
    const fields = isRegisterFloat(type) ? [{ type, offset: 0 }] : floatFields(type);
    if (fields === undefined) return false;
    const floats = fields.filter((field) => isRegisterFloat(field.type)).length;
    if (this.#floats.length + floats > ARGUMENT_REGISTERS) return false;
    if (this.#integers.length + fields.length - floats > ARGUMENT_REGISTERS) return false;
    for (const { type: part, offset } of fields) {
      const own = bytes.subarray(offset, offset + sizeOf(part));
      if (isRegisterFloat(part)) this.#floats.push(boxed(own));
      else this.#integers.push(extended(part, own));
    }
    return true;
  }

  #word(bits: bigint): void {
    if (this.#integers.length < ARGUMENT_REGISTERS) this.#integers.push(bits);
    else this.#onStack.push(bits);
  }

  #reserve(size: number): number {
    this.#sp = alignedDown(this.#sp - size);
    return this.#sp;
  }
}

/** The stack is aligned to 16 bytes. */
function alignedDown(address: number): number {
  return Math.floor(address / 16) * 16;
}

/** A scalar of up to 32 bits is sign-extended from 32 on, whatever its type; structures lie in the low bytes. */
function extended(type: BareType, bytes: Uint8Array): bigint {
  const bits = bitsOf(bytes);
  if (type.kind !== 'integer' && type.kind !== 'enum') return bits;
  const own = type.isSigned ? BigInt.asIntN(8 * bytes.length, bits) : bits;
  return BigInt.asUintN(64, bytes.length <= 4 ? BigInt.asIntN(32, own) : own);
}

/** Singles lie in the low half, boxed: RISC-V unprivileged ISA, D, 21.2. */
function boxed(bytes: Uint8Array): bigint {
  return bytes.length === 4 ? (0xffff_ffffn << 32n) | bitsOf(bytes) : bitsOf(bytes);
}

function alignmentOf(type: BareType): number {
  if (type.kind === 'array') return alignmentOf(bare(type.element));
  if (type.kind !== 'struct') return Math.max(1, sizeOf(type));
  return type.members.reduce((most, member) => Math.max(most, alignmentOf(bare(member.type))), 1);
}

export function wordBytes(bits: bigint): Uint8Array {
  return Uint8Array.from({ length: WORD }, (_, at) =>
    Number((BigInt.asUintN(64, bits) >> BigInt(8 * at)) & 0xffn),
  );
}
