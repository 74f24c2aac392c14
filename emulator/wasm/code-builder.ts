// One WebAssembly function body, written instruction by instruction.
// Called by the emitters; wasm/module-writer.ts puts the finished bodies into a module.
// Bytes are appended in order, and only calls of the module's own functions are patched; block depth is the caller's to count.
import { Mem, Op, type ValueType, VOID } from './opcodes.ts';

const scratch = new DataView(new ArrayBuffer(8));

export class CodeBuilder {
  /** The body so far, without local declarations. */
  #bytes = new Uint8Array(256);
  #length = 0;
  /** Types of the locals after the parameters, in order. */
  readonly locals: ValueType[] = [];
  /** Offsets into the body of the `if` and `br_if` instructions that are rarely taken. */
  readonly unlikely: number[] = [];
  readonly #parameterCount: number;
  /** Offsets into the body of the indices that callOwn left open, and what they stand for. */
  readonly #ownCalls: { readonly at: number; readonly number: number }[] = [];
  #lastBranch = 0;

  constructor(parameterCount = 0) {
    this.#parameterCount = parameterCount;
  }

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** What was written from offset `start` on, to be appended again. */
  since(start: number): Uint8Array {
    return this.#bytes.slice(start, this.#length);
  }

  get length(): number {
    return this.#length;
  }

  /** Declares a local and returns its index. */
  local(type: ValueType): number {
    return this.#parameterCount + this.locals.push(type) - 1;
  }

  byte(value: number): this {
    if (this.#length === this.#bytes.length) this.#grow(1);
    this.#bytes[this.#length++] = value;
    return this;
  }

  append(bytes: Uint8Array | readonly number[]): this {
    this.#grow(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
    return this;
  }

  /** Makes room for so many bytes more. */
  #grow(count: number): void {
    const least = this.#length + count;
    if (least <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(least, 2 * this.#length));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }

  /** Unsigned LEB128 of a number below 2^32. */
  unsigned(value: number): this {
    let rest = value >>> 0;
    while (rest > 127) {
      this.byte((rest & 127) | 128);
      rest >>>= 7;
    }
    return this.byte(rest);
  }

  /** Signed LEB128 of an i32. */
  signed(value: number): this {
    let rest = value | 0;
    while (rest < -64 || rest > 63) {
      this.byte((rest & 127) | 128);
      rest >>= 7;
    }
    return this.byte(rest & 127);
  }

  #signed64(value: bigint): this {
    let rest = BigInt.asIntN(64, value);
    while (rest < -64n || rest > 63n) {
      this.byte(Number(rest & 127n) | 128);
      rest >>= 7n;
    }
    return this.byte(Number(rest & 127n));
  }

  op(...opcodes: number[]): this {
    for (let i = 0; i < opcodes.length; i++) this.byte(opcodes[i] as number);
    return this;
  }

  i32(value: number): this {
    return this.byte(0x41).signed(value);
  }

  i64(value: number | bigint): this {
    this.byte(0x42);
    return typeof value === 'number' && (value | 0) === value
      ? this.signed(value)
      : this.#signed64(BigInt(value));
  }

  f32(value: number): this {
    scratch.setFloat32(0, value, true);
    this.byte(0x43);
    for (let i = 0; i < 4; i++) this.byte(scratch.getUint8(i));
    return this;
  }

  f64(value: number): this {
    scratch.setFloat64(0, value, true);
    this.byte(0x44);
    for (let i = 0; i < 8; i++) this.byte(scratch.getUint8(i));
    return this;
  }

  get(local: number): this {
    return this.#withIndex(0x20, local);
  }

  set(local: number): this {
    return this.#withIndex(0x21, local);
  }

  tee(local: number): this {
    return this.#withIndex(0x22, local);
  }

  #withIndex(opcode: number, index: number): this {
    if (index > 127) return this.byte(opcode).unsigned(index);
    this.#grow(2);
    this.#bytes[this.#length++] = opcode;
    this.#bytes[this.#length++] = index;
    return this;
  }

  getGlobal(index: number): this {
    return this.byte(0x23).unsigned(index);
  }

  setGlobal(index: number): this {
    return this.byte(0x24).unsigned(index);
  }

  /** A load or store; `align` is an exponent and only a hint. */
  mem(opcode: number, align: number, offset = 0): this {
    return this.byte(opcode).unsigned(align).unsigned(offset);
  }

  /** i32 at a constant address. */
  loadI32(address: number): this {
    return this.i32(0).mem(Mem.i32_load, 2, address);
  }

  loadI64(address: number): this {
    return this.i32(0).mem(Mem.i64_load, 3, address);
  }

  /** Stores what `value` emits at a constant address. */
  storeI32(address: number, value: () => void): this {
    this.i32(0);
    value();
    return this.mem(Mem.i32_store, 2, address);
  }

  storeI64(address: number, value: () => void): this {
    this.i32(0);
    value();
    return this.mem(Mem.i64_store, 3, address);
  }

  block(type: number = VOID): this {
    return this.op(0x02, type);
  }

  loop(type: number = VOID): this {
    return this.op(0x03, type);
  }

  if(type: number = VOID): this {
    this.#lastBranch = this.#length;
    return this.op(0x04, type);
  }

  else(): this {
    return this.byte(0x05);
  }

  end(): this {
    return this.byte(0x0b);
  }

  br(depth: number): this {
    return this.byte(0x0c).unsigned(depth);
  }

  brIf(depth: number): this {
    this.#lastBranch = this.#length;
    return this.byte(0x0d).unsigned(depth);
  }

  /** Says that the `if` or `br_if` just written is rarely taken (branch hinting proposal). */
  rarely(): this {
    this.unlikely.push(this.#lastBranch);
    return this;
  }

  brTable(depths: readonly number[], otherwise: number): this {
    this.byte(0x0e).unsigned(depths.length);
    for (const depth of depths) this.unsigned(depth);
    return this.unsigned(otherwise);
  }

  call(index: number): this {
    return this.byte(0x10).unsigned(index);
  }

  /** A call of the module's own function with this number, counted without imports; its index is known when those are. */
  callOwn(number: number): this {
    return this.#callOwn(0x10, number);
  }

  /** The same as `returnCallIndirect` does it. */
  returnCallOwn(number: number): this {
    return this.#callOwn(0x12, number);
  }

  #callOwn(opcode: number, number: number): this {
    this.byte(opcode);
    this.#ownCalls.push({ at: this.#length, number });
    return this.op(0x80, 0x80, 0x80, 0x80, 0);
  }

  /** Fills in the indices of own functions, which follow `imports` others: LEB128, stretched to five bytes. */
  resolveOwnCalls(imports: number): void {
    for (const { at, number } of this.#ownCalls) {
      const index = imports + number;
      for (let i = 0; i < 4; i++) this.#bytes[at + i] = 0x80 | ((index >>> (7 * i)) & 0x7f);
    }
  }

  callIndirect(type: number, table = 0): this {
    return this.byte(0x11).unsigned(type).unsigned(table);
  }

  /** A call that takes this function's place on the stack, and whose result is this function's. */
  returnCallIndirect(type: number, table = 0): this {
    return this.byte(0x13).unsigned(type).unsigned(table);
  }

  /** The 0xfc prefix: saturating truncation. */
  truncate(opcode: number): this {
    return this.byte(0xfc).unsigned(opcode);
  }

  /** The 0xfd prefix. */
  simd(opcode: number): this {
    return this.byte(0xfd).unsigned(opcode);
  }

  return(): this {
    return this.byte(Op.return);
  }
}
