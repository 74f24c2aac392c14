// The abstract machine that the semantics table is written against.
// Called by the lines in isa/semantics/*.ts; implemented by isa/reference.ts, cpu/ (interpreter) and jit/.
// A value may be used once, except what keep() returns; statements (void) take effect in the order written.

export type IntegerSource = 'rs1' | 'rs2';
export type FloatSource = 'rs1' | 'rs2' | 'rs3';
/** Single or double precision. */
export type Format = 's' | 'd';
/** Integer formats of conversions, named as in the mnemonics. */
export type IntegerFormat = 'w' | 'wu' | 'l' | 'lu';
export type Width = 1 | 2 | 4 | 8;
export type AtomicWidth = 4 | 8;
export type Arithmetic = 'add' | 'sub' | 'mul' | 'div';
export type Comparison = 'eq' | 'lt' | 'le';
export type CsrAction = 'write' | 'set' | 'clear';

/**
 * V is a 64-bit integer, B a truth value, F a floating-point number in the format that the operation names.
 * Shift amounts are taken modulo 64. Operands come from the instruction being executed or translated.
 */
export interface Backend<V, B, F> {
  // Operands
  x(register: IntegerSource): V;
  imm(): V;
  /** The 5-bit constant in the place of rs1 (csrrwi, csrrsi, csrrci). */
  zimm(): V;
  constant(value: number | bigint): V;
  /** Address of this instruction. */
  pc(): V;
  /** Address of the instruction after this one. */
  next(): V;
  /** Writes the destination register; x0 swallows it. */
  rd(value: V): void;
  /** Evaluates now, and may be used any number of times. */
  keep(value: V): V;

  // 64-bit arithmetic
  add(a: V, b: V): V;
  sub(a: V, b: V): V;
  and(a: V, b: V): V;
  or(a: V, b: V): V;
  xor(a: V, b: V): V;
  not(a: V): V;
  shl(a: V, amount: V): V;
  shrU(a: V, amount: V): V;
  shrS(a: V, amount: V): V;
  rotl(a: V, amount: V): V;
  rotr(a: V, amount: V): V;
  mul(a: V, b: V): V;
  /** Upper halves of the 128-bit product: signed·signed, signed·unsigned, unsigned·unsigned. */
  mulhS(a: V, b: V): V;
  mulhSU(a: V, b: V): V;
  mulhU(a: V, b: V): V;
  /** The divisor is not 0, nor is it −2^63 ÷ −1: the table checks first. */
  divS(a: V, b: V): V;
  divU(a: V, b: V): V;
  remS(a: V, b: V): V;
  remU(a: V, b: V): V;
  /** Leading and trailing zeros (64 for zero), ones. */
  clz(a: V): V;
  ctz(a: V): V;
  popcnt(a: V): V;
  /** Rotations of the low word by an amount modulo 32; the upper half of the result is unspecified. */
  rotl32(a: V, amount: V): V;
  rotr32(a: V, amount: V): V;
  sext8(a: V): V;
  sext16(a: V): V;
  sext32(a: V): V;
  zext32(a: V): V;

  // Truth
  eq(a: V, b: V): B;
  ne(a: V, b: V): B;
  ltS(a: V, b: V): B;
  ltU(a: V, b: V): B;
  geS(a: V, b: V): B;
  geU(a: V, b: V): B;
  /** 1 or 0. */
  bool(condition: B): V;
  /** Both sides are evaluated. */
  select(condition: B, yes: V, no: V): V;
  /** Only the chosen side is evaluated. */
  when(condition: B, yes: () => V, no: () => V): V;

  // Memory: `base + offset`, any alignment. A fault leaves every register as it was.
  load(width: Width, signed: boolean, base: V, offset: V): V;
  store(width: Width, base: V, offset: V, value: V): void;
  loadF(format: Format, base: V, offset: V): F;
  /** The register's low bits as they are, boxed or not. */
  storeF(format: Format, base: V, offset: V, register: FloatSource): void;
  /** Read, modify, write; gives the old value, sign-extended. Natural alignment or MisalignedAmo. */
  amo(width: AtomicWidth, address: V, modify: (old: V) => V): V;
  loadReserved(width: AtomicWidth, address: V): V;
  /** Gives 0 when stored, 1 when the reservation was lost. */
  storeConditional(width: AtomicWidth, address: V, value: V): V;

  // Control: at most one per instruction, and last.
  /** To pc + imm if the condition holds. */
  branch(condition: B): void;
  /** To pc + imm. */
  jump(): void;
  /** To the address; bit 0 is already clear. Counts as a tick wherever it goes. */
  jumpTo(address: V): void;
  ecall(): void;
  ebreak(): void;
  fence(): void;
  fenceI(): void;
  /** Gives the old value of CSR `imm`. Setting or clearing with x0 or constant 0 does not write, nor trap as a write. */
  csr(action: CsrAction, operand: V): V;

  // Floating point; rounding is the instruction's, or frm's when that says dynamic. Flags accumulate.
  /** A register's value; a single that is not NaN-boxed reads as the canonical NaN. */
  f(format: Format, register: FloatSource): F;
  /** Writes the destination; singles are boxed. */
  fd(format: Format, value: F): void;
  /** All 64 bits of a register. */
  fRaw(register: FloatSource): V;
  bits(format: Format, value: F): V;
  fromBits(format: Format, bits: V): F;
  arith(operation: Arithmetic, format: Format, a: F, b: F): F;
  sqrt(format: Format, a: F): F;
  /** a × b + c, rounded once. */
  fma(format: Format, a: F, b: F, c: F): F;
  /** Flips the sign bit, of NaNs too. */
  neg(format: Format, a: F): F;
  min(format: Format, a: F, b: F): F;
  max(format: Format, a: F, b: F): F;
  compare(comparison: Comparison, format: Format, a: F, b: F): B;
  classify(format: Format, a: F): V;
  toInteger(integer: IntegerFormat, format: Format, a: F): V;
  fromInteger(format: Format, integer: IntegerFormat, a: V): F;
  /** From the other format. */
  convert(to: Format, a: F): F;
}

/** What one instruction means, for any back end. */
export type Semantics = <V, B, F>(m: Backend<V, B, F>) => void;
export type SemanticsTable = Readonly<Record<string, Semantics>>;
