// One thread's architectural state: registers, pc, floating-point status, reservation, ticks.
// Called by the kernel; Cpu makes it resident in the address space where it runs.
// The state is in exactly one place: the resident window, or the hart's own saved block.
import type { GuestMemory } from '../memory/guest-memory.ts';
import {
  F_REGISTERS,
  FFLAGS,
  FP_FAST,
  FRM,
  HART_STATE_SIZE,
  PC,
  RESERVATION,
  X_REGISTERS,
} from '../memory/layout.ts';
import { type Occupant, StateWindow } from '../memory/state-window.ts';

const TWO_32 = 0x1_0000_0000;
const INEXACT = 1;

/** One step of a hash over words, for comparing runs. Turned round, or high bits would never reach low ones. */
export function mix(hash: number, word: number): number {
  const product = Math.imul(hash, 0x9e37_79b1);
  return ((product << 13) | (product >>> 19)) ^ word;
}

/** Chains of such steps in one number, each spread in its own way (multipliers of xxHash). */
function fold(a: number, b: number, c: number, d: number): number {
  return (
    Math.imul(a ^ (a >>> 15), 0x85eb_ca77) ^
    Math.imul(b ^ (b >>> 15), 0xc2b2_ae3d) ^
    Math.imul(c ^ (c >>> 15), 0x27d4_eb2f) ^
    Math.imul(d ^ (d >>> 15), 0x1656_67b1)
  );
}

export class Hart implements Occupant {
  /** Ticks since the hart was created; see DESIGN, "Ticks". */
  ticks = 0;
  readonly #saved = new StateWindow();
  #window = this.#saved;

  constructor() {
    this.clearReservation();
  }

  /** Low half, unsigned. */
  xLo(n: number): number {
    return (this.#window.words[(X_REGISTERS >> 2) + 2 * n] ?? 0) >>> 0;
  }

  /** High half, signed: 0 or -1 when the register is a small number. */
  xHi(n: number): number {
    return this.#window.words[(X_REGISTERS >> 2) + 2 * n + 1] ?? 0;
  }

  /** Unsigned. */
  x(n: number): bigint {
    return this.#read(X_REGISTERS + 8 * n);
  }

  /** x0 stays 0. */
  setX(n: number, value: bigint): void {
    if (n !== 0) this.#write(X_REGISTERS + 8 * n, value);
  }

  /** A safe integer, sign-extended. */
  setXNumber(n: number, value: number): void {
    if (n === 0) return;
    const { words } = this.#window;
    const low = value | 0; // modulo 2^32
    words[2 * n] = low;
    words[2 * n + 1] = low === value ? low >> 31 : Math.floor(value / TWO_32);
  }

  /** All 64 bits: singles are boxed. */
  f(n: number): bigint {
    return this.#read(F_REGISTERS + 8 * n);
  }

  setF(n: number, value: bigint): void {
    this.#write(F_REGISTERS + 8 * n, value);
  }

  /** Exact below 2^53. */
  get pc(): number {
    const { words } = this.#window;
    return ((words[(PC >> 2) + 1] ?? 0) >>> 0) * TWO_32 + ((words[PC >> 2] ?? 0) >>> 0);
  }

  set pc(value: number) {
    const { words } = this.#window;
    const low = value | 0; // modulo 2^32
    words[PC >> 2] = low;
    words[(PC >> 2) + 1] = low === value && low >= 0 ? 0 : Math.floor(value / TWO_32);
  }

  /** Moves pc past an instruction of `length` bytes. */
  advancePc(length: number): void {
    const { words } = this.#window;
    const low = ((words[PC >> 2] ?? 0) + length) | 0;
    words[PC >> 2] = low;
    if (low >= 0 && low < length) words[(PC >> 2) + 1] = (words[(PC >> 2) + 1] ?? 0) + 1; // carried over
  }

  get pcBig(): bigint {
    return this.#read(PC);
  }

  set pcBig(value: bigint) {
    this.#write(PC, value);
  }

  /** Bits 4..0 accrued exceptions, 7..5 rounding mode (RISC-V unprivileged ISA, F, 20.2). */
  get fcsr(): number {
    const { words } = this.#window;
    return ((words[FRM >> 2] ?? 0) << 5) | (words[FFLAGS >> 2] ?? 0);
  }

  set fcsr(value: number) {
    const { words } = this.#window;
    const mode = (value >> 5) & 7;
    words[FFLAGS >> 2] = value & 31;
    words[FRM >> 2] = mode;
    words[FP_FAST >> 2] = mode === 0 && (value & INEXACT) !== 0 ? 1 : 0;
  }

  /** Address of the reservation set, all ones when there is none. */
  get reservation(): bigint {
    return this.#read(RESERVATION);
  }

  set reservation(address: bigint) {
    this.#write(RESERVATION, address);
  }

  /** The next SC fails. Due at every context switch. */
  clearReservation(): void {
    const { words } = this.#window;
    words[RESERVATION >> 2] = -1;
    words[(RESERVATION >> 2) + 1] = -1;
  }

  /** Everything but ticks, as fork and clone want it; the reservation is not inherited. */
  copyStateFrom(other: Hart): void {
    this.#window.bytes.set(other.#window.bytes);
    this.clearReservation();
  }

  /**
   * What a system call shows in one number: the low halves of pc, ra, sp and a0 to a7. Unrolled and in three chains,
   * since it is done at every call and a multiplication would wait for the one before: 3 ns instead of 15.
   */
  mixCall(): number {
    const { words } = this.#window;
    // words of the window; constants of the module are variables in the bundle, and cost as such
    const RA = 2;
    const SP = 4;
    const A0 = 20;
    const A4 = 28;
    let first = mix(words[PC >> 2] ?? 0, words[RA] ?? 0);
    let second = mix(words[A0] ?? 0, words[A0 + 2] ?? 0);
    let third = mix(words[A4] ?? 0, words[A4 + 2] ?? 0);
    first = mix(first, words[SP] ?? 0);
    second = mix(second, words[A0 + 4] ?? 0);
    third = mix(third, words[A4 + 4] ?? 0);
    second = mix(second, words[A0 + 6] ?? 0);
    third = mix(third, words[A4 + 6] ?? 0);
    return fold(first, second, third, 0);
  }

  /** The whole state but ticks in one number: all bits of all registers. */
  mixState(): number {
    return this.#mixWords(0, HART_STATE_SIZE / 4);
  }

  /** All bits of pc and the integer registers in one number: half the time, where there are many switches. */
  mixIntegers(): number {
    return mix(this.#mixWords(X_REGISTERS / 4, F_REGISTERS / 4), this.#window.words[PC >> 2] ?? 0);
  }

  /** Four at a time. */
  #mixWords(start: number, end: number): number {
    const { words } = this.#window;
    let a = 1;
    let b = 2;
    let c = 3;
    let d = 4;
    for (let i = start; i < end; i += 4) {
      a = mix(a, words[i] ?? 0);
      b = mix(b, words[i + 1] ?? 0);
      c = mix(c, words[i + 2] ?? 0);
      d = mix(d, words[i + 3] ?? 0);
    }
    return fold(a, b, c, d);
  }

  /** For snapshots: HART_STATE_SIZE bytes. */
  saveTo(bytes: Uint8Array): void {
    bytes.set(this.#window.bytes);
  }

  loadFrom(bytes: Uint8Array): void {
    this.#window.bytes.set(bytes.subarray(0, HART_STATE_SIZE));
  }

  /** Stores pc, x1 to x31 and f0 to f31 at `at`, two words each and 128 in all. Views to copy by would cost more. */
  saveRegisters(target: Int32Array, at: number): void {
    const { words } = this.#window;
    target[at] = words[PC / 4] as number;
    target[at + 1] = words[PC / 4 + 1] as number;
    for (let i = 2; i < 64; i++) target[at + i] = words[X_REGISTERS / 4 + i] as number;
    for (let i = 0; i < 64; i++) target[at + 64 + i] = words[F_REGISTERS / 4 + i] as number;
  }

  /** Takes them from there. */
  loadRegisters(source: Int32Array, at: number): void {
    const { words } = this.#window;
    words[PC / 4] = source[at] as number;
    words[PC / 4 + 1] = source[at + 1] as number;
    for (let i = 2; i < 64; i++) words[X_REGISTERS / 4 + i] = source[at + i] as number;
    for (let i = 0; i < 64; i++) words[F_REGISTERS / 4 + i] = source[at + 64 + i] as number;
  }

  /** Cpu's: moves the state into the address space's window, whose present occupant is saved. */
  moveTo(memory: GuestMemory): void {
    const { window } = memory;
    if (this.#window === window) return;
    window.occupant?.moveOut();
    this.moveOut();
    window.bytes.set(this.#saved.bytes);
    window.occupant = this;
    this.#window = window;
  }

  /** Takes the state out of the address space it is resident in; before the memory is given back. */
  moveOut(): void {
    if (this.#window === this.#saved) return;
    this.#saved.bytes.set(this.#window.bytes);
    this.#window.occupant = null;
    this.#window = this.#saved;
  }

  #read(offset: number): bigint {
    const { words } = this.#window;
    const low = BigInt((words[offset >> 2] ?? 0) >>> 0);
    return (BigInt((words[(offset >> 2) + 1] ?? 0) >>> 0) << 32n) | low;
  }

  #write(offset: number, value: bigint): void {
    const { words } = this.#window;
    words[offset >> 2] = Number(BigInt.asIntN(32, value));
    words[(offset >> 2) + 1] = Number(BigInt.asIntN(32, value >> 32n));
  }
}
