// The reference back end: executes one instruction on bigints, slowly and obviously.
// Called by Cpu.step, and by the tests as the interpreter's and the JIT's oracle.
// A trap is thrown as a value before anything was written.
import { TrapCause } from '../cpu/trap.ts';
import { type Environment, FORMATS } from '../fp/format.ts';
import * as soft from '../fp/soft-float.ts';
import type { Instruction } from './decode.ts';
import type {
  Arithmetic,
  AtomicWidth,
  Backend,
  Comparison,
  CsrAction,
  FloatSource,
  Format,
  IntegerFormat,
  IntegerSource,
  Width,
} from './semantics/backend.ts';
import { semanticsOf } from './semantics/table.ts';

/** Thrown by a machine or by the back end. */
export interface Trap {
  readonly cause: TrapCause;
  readonly address: bigint;
}

/** What the back end needs of a hart and its memory. All values are unsigned. */
export interface ReferenceMachine {
  x(n: number): bigint;
  setX(n: number, value: bigint): void;
  f(n: number): bigint;
  setF(n: number, value: bigint): void;
  readonly pc: bigint;
  frm: number;
  raise(flags: number): void;
  reservation: bigint;
  /** Throws a Trap. */
  load(width: Width, address: bigint): bigint;
  store(width: Width, address: bigint, value: bigint): void;
  /** Throws the Trap that a store would. */
  demandStore(width: Width, address: bigint): void;
  csr(action: CsrAction, number: number, operand: bigint, writes: boolean): bigint;
}

const u64 = (value: bigint) => BigInt.asUintN(64, value);
const s64 = (value: bigint) => BigInt.asIntN(64, value);
const NO_RESERVATION = u64(-1n);
const BOX = 0xffff_ffff_0000_0000n;

/** Executes `instruction` at the machine's pc; gives the next pc. Throws a Trap. */
export function execute(instruction: Instruction, machine: ReferenceMachine): bigint {
  const backend = new ReferenceBackend(instruction, machine);
  semanticsOf(instruction.name)<bigint, boolean, bigint>(backend);
  return backend.following;
}

function trap(cause: TrapCause, address = 0n): never {
  const value: Trap = { cause, address };
  throw value;
}

class ReferenceBackend implements Backend<bigint, boolean, bigint> {
  following: bigint;
  readonly #i: Instruction;
  readonly #machine: ReferenceMachine;

  constructor(instruction: Instruction, machine: ReferenceMachine) {
    this.#i = instruction;
    this.#machine = machine;
    this.following = this.next();
  }

  x(register: IntegerSource): bigint {
    return this.#machine.x(this.#i[register]);
  }

  imm(): bigint {
    return u64(BigInt(this.#i.imm));
  }

  zimm(): bigint {
    return BigInt(this.#i.rs1);
  }

  constant(value: number | bigint): bigint {
    return u64(BigInt(value));
  }

  pc(): bigint {
    return this.#machine.pc;
  }

  next(): bigint {
    return u64(this.#machine.pc + BigInt(this.#i.length));
  }

  rd(value: bigint): void {
    if (this.#i.rd !== 0) this.#machine.setX(this.#i.rd, u64(value));
  }

  keep(value: bigint): bigint {
    return value;
  }

  add(a: bigint, b: bigint): bigint {
    return u64(a + b);
  }

  sub(a: bigint, b: bigint): bigint {
    return u64(a - b);
  }

  and(a: bigint, b: bigint): bigint {
    return a & b;
  }

  or(a: bigint, b: bigint): bigint {
    return a | b;
  }

  xor(a: bigint, b: bigint): bigint {
    return a ^ b;
  }

  not(a: bigint): bigint {
    return u64(~a);
  }

  shl(a: bigint, amount: bigint): bigint {
    return u64(a << (amount & 63n));
  }

  shrU(a: bigint, amount: bigint): bigint {
    return a >> (amount & 63n);
  }

  shrS(a: bigint, amount: bigint): bigint {
    return u64(s64(a) >> (amount & 63n));
  }

  rotl(a: bigint, amount: bigint): bigint {
    const n = amount & 63n;
    return u64(a << n) | (a >> (64n - n));
  }

  rotr(a: bigint, amount: bigint): bigint {
    return this.rotl(a, 64n - (amount & 63n));
  }

  mul(a: bigint, b: bigint): bigint {
    return u64(a * b);
  }

  mulhS(a: bigint, b: bigint): bigint {
    return u64((s64(a) * s64(b)) >> 64n);
  }

  mulhSU(a: bigint, b: bigint): bigint {
    return u64((s64(a) * b) >> 64n);
  }

  mulhU(a: bigint, b: bigint): bigint {
    return (a * b) >> 64n;
  }

  divS(a: bigint, b: bigint): bigint {
    return u64(s64(a) / s64(b));
  }

  divU(a: bigint, b: bigint): bigint {
    return a / b;
  }

  remS(a: bigint, b: bigint): bigint {
    return u64(s64(a) % s64(b));
  }

  remU(a: bigint, b: bigint): bigint {
    return a % b;
  }

  clz(a: bigint): bigint {
    return a === 0n ? 64n : BigInt(64 - a.toString(2).length);
  }

  ctz(a: bigint): bigint {
    return a === 0n ? 64n : BigInt((a & -a).toString(2).length - 1);
  }

  popcnt(a: bigint): bigint {
    return BigInt(a.toString(2).replaceAll('0', '').length);
  }

  rotl32(a: bigint, amount: bigint): bigint {
    const low = BigInt.asUintN(32, a);
    const n = amount & 31n;
    return BigInt.asUintN(32, (low << n) | (low >> (32n - n)));
  }

  rotr32(a: bigint, amount: bigint): bigint {
    return this.rotl32(a, 32n - (amount & 31n));
  }

  sext8(a: bigint): bigint {
    return u64(BigInt.asIntN(8, a));
  }

  sext16(a: bigint): bigint {
    return u64(BigInt.asIntN(16, a));
  }

  sext32(a: bigint): bigint {
    return u64(BigInt.asIntN(32, a));
  }

  zext32(a: bigint): bigint {
    return BigInt.asUintN(32, a);
  }

  eq(a: bigint, b: bigint): boolean {
    return a === b;
  }

  ne(a: bigint, b: bigint): boolean {
    return a !== b;
  }

  ltS(a: bigint, b: bigint): boolean {
    return s64(a) < s64(b);
  }

  ltU(a: bigint, b: bigint): boolean {
    return a < b;
  }

  geS(a: bigint, b: bigint): boolean {
    return s64(a) >= s64(b);
  }

  geU(a: bigint, b: bigint): boolean {
    return a >= b;
  }

  bool(condition: boolean): bigint {
    return condition ? 1n : 0n;
  }

  select(condition: boolean, yes: bigint, no: bigint): bigint {
    return condition ? yes : no;
  }

  when(condition: boolean, yes: () => bigint, no: () => bigint): bigint {
    return condition ? yes() : no();
  }

  load(width: Width, signed: boolean, base: bigint, offset: bigint): bigint {
    const value = this.#machine.load(width, u64(base + offset));
    return signed ? u64(BigInt.asIntN(8 * width, value)) : value;
  }

  store(width: Width, base: bigint, offset: bigint, value: bigint): void {
    this.#machine.store(width, u64(base + offset), BigInt.asUintN(8 * width, value));
  }

  loadF(format: Format, base: bigint, offset: bigint): bigint {
    return this.load(format === 's' ? 4 : 8, false, base, offset);
  }

  storeF(format: Format, base: bigint, offset: bigint, register: FloatSource): void {
    this.store(format === 's' ? 4 : 8, base, offset, this.fRaw(register));
  }

  #aligned(width: AtomicWidth, address: bigint): void {
    if ((address & BigInt(width - 1)) !== 0n) trap(TrapCause.MisalignedAmo, address);
  }

  amo(width: AtomicWidth, address: bigint, modify: (old: bigint) => bigint): bigint {
    this.#aligned(width, address);
    const machine = this.#machine;
    machine.demandStore(width, address);
    const old = this.load(width, true, address, 0n);
    machine.store(width, address, BigInt.asUintN(8 * width, modify(old)));
    return old;
  }

  loadReserved(width: AtomicWidth, address: bigint): bigint {
    this.#aligned(width, address);
    const value = this.load(width, true, address, 0n);
    this.#machine.reservation = address;
    return value;
  }

  storeConditional(width: AtomicWidth, address: bigint, value: bigint): bigint {
    this.#aligned(width, address);
    const machine = this.#machine;
    // Whether a failing SC checks the access is left open (A, 13.2); ours does, like a store.
    machine.demandStore(width, address);
    const held = machine.reservation === address;
    if (held) machine.store(width, address, BigInt.asUintN(8 * width, value));
    machine.reservation = NO_RESERVATION;
    return held ? 0n : 1n;
  }

  branch(condition: boolean): void {
    if (condition) this.jump();
  }

  jump(): void {
    this.following = u64(this.#machine.pc + this.imm());
  }

  jumpTo(address: bigint): void {
    this.following = address;
  }

  ecall(): void {
    trap(TrapCause.Ecall);
  }

  ebreak(): void {
    trap(TrapCause.Breakpoint);
  }

  fence(): void {}

  fenceI(): void {}

  csr(action: CsrAction, operand: bigint): bigint {
    const writes = action === 'write' || this.#i.rs1 !== 0;
    return this.#machine.csr(action, this.#i.imm, operand, writes);
  }

  /** Rounds as the instruction says, and gives its flags to the machine. */
  #float<T>(operation: (environment: Environment) => T): T {
    const { rm } = this.#i;
    const rounding = rm === 7 ? this.#machine.frm : rm;
    if (this.#i.encoding.rounds && rounding > 4) trap(TrapCause.IllegalInstruction);
    const environment = { rounding, flags: 0 };
    const result = operation(environment);
    if (environment.flags !== 0) this.#machine.raise(environment.flags);
    return result;
  }

  f(format: Format, register: FloatSource): bigint {
    const raw = this.fRaw(register);
    if (format === 'd') return raw;
    return raw >= BOX ? BigInt.asUintN(32, raw) : FORMATS.s.canonicalNan;
  }

  fd(format: Format, value: bigint): void {
    this.#machine.setF(this.#i.rd, format === 's' ? value | BOX : value);
  }

  fRaw(register: FloatSource): bigint {
    return this.#machine.f(this.#i[register]);
  }

  bits(_format: Format, value: bigint): bigint {
    return value;
  }

  fromBits(format: Format, bits: bigint): bigint {
    return BigInt.asUintN(format === 's' ? 32 : 64, bits);
  }

  arith(operation: Arithmetic, format: Format, a: bigint, b: bigint): bigint {
    return this.#float((e) => soft.arithmetic(operation, format, e, a, b));
  }

  sqrt(format: Format, a: bigint): bigint {
    return this.#float((e) => soft.squareRoot(format, e, a));
  }

  fma(format: Format, a: bigint, b: bigint, c: bigint): bigint {
    return this.#float((e) => soft.fusedMultiplyAdd(format, e, a, b, c));
  }

  neg(format: Format, a: bigint): bigint {
    return a ^ FORMATS[format].signBit;
  }

  min(format: Format, a: bigint, b: bigint): bigint {
    return this.#float((e) => soft.extreme('min', format, e, a, b));
  }

  max(format: Format, a: bigint, b: bigint): bigint {
    return this.#float((e) => soft.extreme('max', format, e, a, b));
  }

  compare(comparison: Comparison, format: Format, a: bigint, b: bigint): boolean {
    return this.#float((e) => soft.compare(comparison, format, e, a, b));
  }

  classify(format: Format, a: bigint): bigint {
    return soft.classify(format, a);
  }

  toInteger(integer: IntegerFormat, format: Format, a: bigint): bigint {
    return this.#float((e) => soft.toInteger(integer, format, e, a));
  }

  fromInteger(format: Format, integer: IntegerFormat, a: bigint): bigint {
    return this.#float((e) => soft.fromInteger(format, integer, e, a));
  }

  convert(to: Format, a: bigint): bigint {
    return this.#float((e) => soft.convert(to, e, a));
  }
}
