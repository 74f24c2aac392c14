// Declarations of ABI structs: fields once; size, offsets, reader, writer and printer derive from them.
// Syscall handlers, traces and /proc use them; guest-programs/abi proves them with sizeof and offsetof.
// Layout is the riscv64 Linux C ABI (natural alignment, little endian), the same as x86_64's for these structs.
import { functionOf } from './function-of.ts';

/** One C type: how many bytes, how aligned, how to read and write it at `at` in a DataView. */
export interface Codec<T> {
  readonly name: string;
  readonly size: number;
  readonly align: number;
  read(view: DataView, at: number): T;
  write(view: DataView, at: number, value: T): void;
}

export type Value<C> = C extends Codec<infer T> ? T : never;
export type Fields = Record<string, Codec<never> | Codec<unknown>>;
export type StructValue<F> = { [K in keyof F]: Value<F[K]> };
type StructReader<F> = (view: DataView, at: number) => StructValue<F>;
type StructWriter<F> = (view: DataView, at: number, value: StructValue<F>) => void;

const _i8: Codec<number> = scalar(
  'i8',
  1,
  (v, a) => v.getInt8(a),
  (v, a, x) => v.setInt8(a, x),
);
export const u8: Codec<number> = scalar(
  'u8',
  1,
  (v, a) => v.getUint8(a),
  (v, a, x) => v.setUint8(a, x),
);
export const i16: Codec<number> = scalar(
  'i16',
  2,
  (v, a) => v.getInt16(a, true),
  (v, a, x) => v.setInt16(a, x, true),
);
export const u16: Codec<number> = scalar(
  'u16',
  2,
  (v, a) => v.getUint16(a, true),
  (v, a, x) => v.setUint16(a, x, true),
);
export const i32: Codec<number> = scalar(
  'i32',
  4,
  (v, a) => v.getInt32(a, true),
  (v, a, x) => v.setInt32(a, x, true),
);
export const u32: Codec<number> = scalar(
  'u32',
  4,
  (v, a) => v.getUint32(a, true),
  (v, a, x) => v.setUint32(a, x, true),
);
/** 64 bits as a JS number: exact to 2^53, which addresses, sizes, offsets and times in ns since boot are. */
export const i64: Codec<number> = scalar('i64', 8, readI64, writeI64);
export const u64: Codec<number> = scalar('u64', 8, readU64, writeI64);
/** 64 bits where every bit counts: masks, cookies, user data. */
export const b64: Codec<bigint> = scalar(
  'b64',
  8,
  (v, a) => v.getBigUint64(a, true),
  (v, a, x) => v.setBigUint64(a, BigInt.asUintN(64, x), true),
);
/** A pointer into guest memory, as a number. */
export const ptr: Codec<number> = { ...u64, name: 'ptr' };

function scalar<T>(
  name: string,
  size: number,
  read: (view: DataView, at: number) => T,
  write: (view: DataView, at: number, value: T) => void,
): Codec<T> {
  return { name, size, align: size, read, write };
}

function readI64(view: DataView, at: number): number {
  return view.getInt32(at + 4, true) * 0x1_0000_0000 + view.getUint32(at, true);
}

function readU64(view: DataView, at: number): number {
  return view.getUint32(at + 4, true) * 0x1_0000_0000 + view.getUint32(at, true);
}

function writeI64(view: DataView, at: number, value: number): void {
  view.setUint32(at, value >>> 0, true);
  view.setInt32(at + 4, Math.floor(value / 0x1_0000_0000), true);
}

/** `char name[length]` or any byte array: a copy on read; shorter values are padded with NUL on write. */
export function bytes(length: number): Codec<Uint8Array> {
  return {
    name: `u8[${length}]`,
    size: length,
    align: 1,
    read: (view, at) => {
      const value = new Uint8Array(length);
      for (let i = 0; i < length; i++) value[i] = view.getUint8(at + i);
      return value;
    },
    write: (view, at, value) => {
      const end = Math.min(value.length, length); // reading behind the end of an array is slow
      for (let i = 0; i < end; i++) view.setUint8(at + i, value[i] as number);
      for (let i = end; i < length; i++) view.setUint8(at + i, 0);
    },
  };
}

/** `element name[length]`. */
export function array<T>(element: Codec<T>, length: number): Codec<T[]> {
  return {
    name: `${element.name}[${length}]`,
    size: element.size * length,
    align: element.align,
    read: (view, at) => {
      const values: T[] = [];
      for (let i = 0; i < length; i++) values.push(element.read(view, at + i * element.size));
      return values;
    },
    write: (view, at, value) => {
      for (let i = 0; i < length; i++) {
        const item = value[i];
        if (item !== undefined) element.write(view, at + i * element.size, item);
      }
    },
  };
}

/** Where values of few bytes are put together and taken apart: to make a view of a small array, V8 takes 0.5 µs. */
const SCRATCH = new Uint8Array(64);
const SCRATCH_VIEW = new DataView(SCRATCH.buffer);

/** `value` as bytes of its own, padding zeroed. */
export function bytesOf<T>(codec: Codec<T>, value: T): Uint8Array {
  const { size } = codec;
  if (size > SCRATCH.length) {
    const out = new Uint8Array(size);
    codec.write(new DataView(out.buffer), 0, value);
    return out;
  }
  SCRATCH.fill(0, 0, size);
  codec.write(SCRATCH_VIEW, 0, value);
  return SCRATCH.slice(0, size);
}

/** The value at the start of `source`, which must hold at least `codec.size` bytes. */
export function valueIn<T>(codec: Codec<T>, source: Uint8Array): T {
  const { size } = codec;
  if (size > SCRATCH.length) {
    return codec.read(new DataView(source.buffer, source.byteOffset, source.byteLength), 0);
  }
  for (let i = 0; i < size; i++) SCRATCH[i] = source[i] as number;
  return codec.read(SCRATCH_VIEW, 0);
}

/** A declared struct: a codec of its own, with the offset of each field. */
export interface Struct<F extends Fields> extends Codec<StructValue<F>> {
  readonly fields: F;
  readonly offsets: { readonly [K in keyof F]: number };
  /** The struct as bytes, padding zeroed. */
  encode(value: StructValue<F>): Uint8Array;
  /** Reads from the start of `source`, which must hold at least `size` bytes. */
  decode(source: Uint8Array): StructValue<F>;
}

/** Declares a C struct. Fields are laid out in order with C's natural alignment. */
export function struct<F extends Fields>(name: string, fields: F): Struct<F> {
  return new DeclaredStruct(name, fields);
}

/** Compiling takes as long as some hundred reads or writes, and most structs are used seldom. */
const USES_BEFORE_COMPILING = 100;

/** One object without closures: over a hundred are declared at every start. */
class DeclaredStruct<F extends Fields> implements Struct<F> {
  readonly name: string;
  readonly size: number;
  readonly align: number;
  readonly fields: F;
  readonly offsets: { readonly [K in keyof F]: number };
  readonly #keys: readonly string[];
  #reads = 0;
  #writes = 0;
  #reader: StructReader<F> | undefined;
  #writer: StructWriter<F> | undefined;

  constructor(name: string, fields: F) {
    const keys = Object.keys(fields);
    const offsets: Record<string, number> = {};
    let end = 0;
    let align = 1;
    for (const key of keys) {
      const codec = fields[key] as Codec<unknown>;
      end = Math.ceil(end / codec.align) * codec.align;
      offsets[key] = end;
      end += codec.size;
      if (codec.align > align) align = codec.align;
    }
    this.name = name;
    this.size = Math.ceil(end / align) * align;
    this.align = align;
    this.fields = fields;
    this.offsets = offsets as { [K in keyof F]: number };
    this.#keys = keys;
  }

  read(view: DataView, at: number): StructValue<F> {
    if (this.#reader !== undefined) return this.#reader(view, at);
    if (++this.#reads === USES_BEFORE_COMPILING) this.#reader = this.#compileReader();
    const { fields, offsets } = this;
    const value: Record<string, unknown> = {};
    for (const key of this.#keys)
      value[key] = (fields[key] as Codec<unknown>).read(view, at + (offsets[key] as number));
    return value as StructValue<F>;
  }

  /** A function of its own for a struct that is read much: its calls are of one kind each, its objects of one shape. */
  #compileReader(): StructReader<F> | undefined {
    const parts = this.#keys.map((key, index) => `${key}: c${index}.read(view, at + ${this.offsets[key]})`);
    return this.#compile(`(view, at) => ({ ${parts.join(', ')} })`);
  }

  #compileWriter(): StructWriter<F> | undefined {
    const parts = this.#keys.map(
      (key, index) => `c${index}.write(view, at + ${this.offsets[key]}, value.${key});`,
    );
    return this.#compile(`(view, at, value) => { ${parts.join(' ')} }`);
  }

  /** The function that `text` says; in it, c0, c1 … are the codecs of the fields. */
  #compile<T>(text: string): T | undefined {
    const codecs = this.#keys.map((key) => this.fields[key]);
    const names = this.#keys.map((_, index) => `c${index}`);
    const body = `const [${names.join(', ')}] = codecs; return ${text};`;
    return functionOf<(of: typeof codecs) => T>(['codecs'], body)?.(codecs);
  }

  write(view: DataView, at: number, value: StructValue<F>): void {
    if (this.#writer !== undefined) {
      this.#writer(view, at, value);
      return;
    }
    if (++this.#writes === USES_BEFORE_COMPILING) this.#writer = this.#compileWriter();
    const { fields, offsets } = this;
    for (const key of this.#keys) {
      (fields[key] as Codec<unknown>).write(
        view,
        at + (offsets[key] as number),
        (value as Record<string, unknown>)[key],
      );
    }
  }

  encode(value: StructValue<F>): Uint8Array {
    return bytesOf(this, value);
  }

  decode(source: Uint8Array): StructValue<F> {
    return valueIn(this, source);
  }
}
