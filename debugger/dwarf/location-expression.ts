// The little stack machine of DWARF: computes where a variable is kept, or what it is, in one frame.
// variables.ts evaluates locations with it, entry-values.ts what callers passed.
// DWARF 5, sections 2.5 and 2.6. What cannot be computed makes the piece one that is lost, and says why.
import { ByteReader } from './byte-reader.ts';
import type { Unit } from './entry.ts';
import { type Operand, operate, plain, typedOperation } from './operands.ts';

/** What an expression may ask of its frame. */
export interface ExpressionFrame {
  /** Added to addresses of the file. */
  readonly bias: number;
  readonly unit: Unit;
  /** 0 to 31 are x, 32 to 63 are f (RISC-V ELF psABI, DWARF register numbers); undefined when it is not known. */
  register(number: number): bigint | undefined;
  /** The canonical frame address. */
  readonly cfa: number | undefined;
  /** DW_AT_frame_base of the function. */
  readonly frameBase: Uint8Array | undefined;
  read(address: number, length: number): Uint8Array | undefined;
  /** What `expression`, a register, held when the function was entered. */
  entryValue(expression: Uint8Array): bigint | undefined;
  /** What was given for a parameter that is not passed any more, by its entry's offset in the section. */
  parameterValue(entry: number): bigint | undefined;
  /** Where a thread-local variable of the file is. */
  threadLocal(offset: number): number | undefined;
}

export type Piece =
  | { readonly kind: 'memory'; readonly address: number }
  | { readonly kind: 'register'; readonly number: number }
  | { readonly kind: 'value'; readonly bits: bigint }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** A pointer that is not there, to a variable that may be: its entry, and an offset in it. */
  | { readonly kind: 'synthetic'; readonly entry: number; readonly offset: number }
  | { readonly kind: 'lost'; readonly why: string };

export interface SizedPiece {
  readonly piece: Piece;
  /** Undefined for the whole variable. */
  readonly bits: number | undefined;
}

export const OPTIMIZED_OUT = 'optimized out';
const LOST: Piece = { kind: 'lost', why: OPTIMIZED_OUT };
/** Loops in an expression end here. */
const MOST_STEPS = 10_000;

class Unknown extends Error {}

/** The pieces of a variable, in order; one without a size when it is kept in one place. */
export function locate(expression: Uint8Array, frame: ExpressionFrame): readonly SizedPiece[] {
  const whole = (piece: Piece): SizedPiece[] => [{ piece, bits: undefined }];
  if (expression.length === 0) return whole(LOST);
  try {
    return new Machine(expression, frame).run();
  } catch (error) {
    if (error instanceof Unknown) return whole({ kind: 'lost', why: error.message });
    if (error instanceof RangeError) return whole({ kind: 'lost', why: 'its location is not understood' });
    throw error;
  }
}

/** The number that an expression computes; undefined when it cannot be known. */
export function compute(expression: Uint8Array, frame: ExpressionFrame): bigint | undefined {
  const [found] = locate(expression, frame);
  switch (found?.piece.kind) {
    case 'memory':
      return BigInt(found.piece.address);
    case 'value':
      return found.piece.bits;
    case 'register':
      return frame.register(found.piece.number);
    default:
      return undefined;
  }
}

class Machine {
  readonly #reader: ByteReader;
  readonly #frame: ExpressionFrame;
  readonly #stack: Operand[] = [];
  readonly #pieces: SizedPiece[] = [];
  /** The place that was named since the last piece. */
  #place: Piece | undefined;

  constructor(expression: Uint8Array, frame: ExpressionFrame) {
    this.#reader = new ByteReader(expression);
    this.#frame = frame;
  }

  run(): readonly SizedPiece[] {
    for (let steps = 0; !this.#reader.isAtEnd; steps++) {
      if (steps > MOST_STEPS) throw new Unknown('its location has no end');
      this.#step(this.#reader.u8());
    }
    if (this.#pieces.length > 0) return this.#pieces;
    return [{ piece: this.#takePlace(), bits: undefined }];
  }

  #takePlace(): Piece {
    const place = this.#place;
    this.#place = undefined;
    if (place !== undefined) return place;
    const top = this.#stack.pop();
    return top === undefined ? LOST : { kind: 'memory', address: Number(BigInt.asUintN(64, top.bits)) };
  }

  #pop(): Operand {
    const top = this.#stack.pop();
    if (top === undefined) throw new RangeError('the stack of an expression is empty');
    return top;
  }

  #push(bits: bigint | number): void {
    this.#stack.push(plain(BigInt(bits)));
  }

  #register(number: number): bigint {
    const bits = this.#frame.register(number);
    if (bits === undefined) throw new Unknown('not saved');
    return bits;
  }

  #piece(bits: number): void {
    this.#pieces.push({ piece: this.#takePlace(), bits });
    this.#stack.length = 0;
  }

  #step(op: number): void {
    const reader = this.#reader;
    if (op >= 0x30 && op < 0x50) this.#push(op - 0x30);
    else if (op >= 0x50 && op < 0x70) this.#place = { kind: 'register', number: op - 0x50 };
    else if (op >= 0x70 && op < 0x90) this.#push(this.#register(op - 0x70) + reader.slebBig());
    else if (op >= 0x08 && op <= 0x11) this.#push(constant(reader, op));
    else if (!this.#placeOrFrame(op) && !this.#stackOnly(op) && !operate(op, this.#stack)) this.#others(op);
  }

  /** Operations that say where, or ask the frame. */
  #placeOrFrame(op: number): boolean {
    const reader = this.#reader;
    const frame = this.#frame;
    switch (op) {
      case 0x03: // DW_OP_addr
        this.#push(reader.u64() + frame.bias);
        return true;
      case 0xa1: // DW_OP_addrx
      case 0xfb: // DW_OP_GNU_addr_index
        this.#push(frame.unit.addressOfIndex(reader.uleb()) + frame.bias);
        return true;
      case 0xa2: // DW_OP_constx
      case 0xfc:
        this.#push(frame.unit.addressOfIndex(reader.uleb()));
        return true;
      case 0x90: // DW_OP_regx
        this.#place = { kind: 'register', number: reader.uleb() };
        return true;
      case 0x92: // DW_OP_bregx
        this.#push(this.#register(reader.uleb()) + reader.slebBig());
        return true;
      case 0x91: {
        // DW_OP_fbreg
        const base = frame.frameBase && compute(frame.frameBase, { ...frame, frameBase: undefined });
        if (base === undefined) throw new Unknown('the frame is not known');
        this.#push(base + reader.slebBig());
        return true;
      }
      case 0x9c: // DW_OP_call_frame_cfa
        if (frame.cfa === undefined) throw new Unknown('the frame is not known');
        this.#push(frame.cfa);
        return true;
      case 0x93: // DW_OP_piece
        this.#piece(8 * reader.uleb());
        return true;
      case 0x9d: // DW_OP_bit_piece
        this.#piece(reader.uleb());
        reader.uleb();
        return true;
      case 0x9e: // DW_OP_implicit_value
        this.#place = { kind: 'bytes', bytes: this.#bytes(reader.uleb()) };
        return true;
      case 0x9f: // DW_OP_stack_value
        this.#place = { kind: 'value', bits: BigInt.asUintN(64, this.#pop().bits) };
        return true;
      case 0xa0: // DW_OP_implicit_pointer
      case 0xf2: // DW_OP_GNU_implicit_pointer
        this.#place = {
          kind: 'synthetic',
          entry: reader.unsigned(frame.unit.offsetSize),
          offset: reader.sleb(),
        };
        return true;
      case 0xa3: // DW_OP_entry_value
      case 0xf3: {
        // DW_OP_GNU_entry_value
        const value = frame.entryValue(this.#bytes(reader.uleb()));
        if (value === undefined) throw new Unknown(OPTIMIZED_OUT);
        this.#push(value);
        return true;
      }
      case 0xfa: {
        // DW_OP_GNU_parameter_ref
        const value = frame.parameterValue(frame.unit.offset + reader.u32());
        if (value === undefined) throw new Unknown(OPTIMIZED_OUT);
        this.#push(value);
        return true;
      }
      case 0x9b: // DW_OP_form_tls_address
      case 0xe0: {
        // DW_OP_GNU_push_tls_address
        const address = frame.threadLocal(Number(this.#pop().bits));
        if (address === undefined) throw new Unknown('in the memory of a thread that is not known');
        this.#push(address);
        return true;
      }
      default:
        return false;
    }
  }

  #stackOnly(op: number): boolean {
    const reader = this.#reader;
    const stack = this.#stack;
    switch (op) {
      case 0x06: // DW_OP_deref
        this.#push(this.#load(8));
        return true;
      case 0x94: // DW_OP_deref_size
        this.#push(this.#load(reader.u8()));
        return true;
      case 0x15: {
        // DW_OP_pick
        const picked = stack.at(-1 - reader.u8());
        if (picked === undefined) throw new RangeError('the stack of an expression is empty');
        stack.push(picked);
        return true;
      }
      case 0x2f: // DW_OP_skip
        this.#jump(reader.i16());
        return true;
      case 0x28: {
        // DW_OP_bra
        const distance = reader.i16();
        if (this.#pop().bits !== 0n) this.#jump(distance);
        return true;
      }
      case 0x23: // DW_OP_plus_uconst
        stack.push({ ...this.#peek(), bits: BigInt.asUintN(64, this.#pop().bits + reader.ulebBig()) });
        return true;
      case 0x96: // DW_OP_nop
        return true;
      default:
        return false;
    }
  }

  /** Those with a type, and those that are not known. */
  #others(op: number): void {
    const { unit } = this.#frame;
    const isKnown = typedOperation(op, {
      reader: this.#reader,
      stack: this.#stack,
      unit,
      register: (number) => this.#register(number),
      load: (size) => this.#load(size),
    });
    if (!isKnown)
      throw new Unknown(`its location has the operation 0x${op.toString(16)}, which is not known`);
  }

  #peek(): Operand {
    const top = this.#stack.at(-1);
    if (top === undefined) throw new RangeError('the stack of an expression is empty');
    return top;
  }

  #load(size: number): bigint {
    const bytes = this.#frame.read(Number(this.#pop().bits), size);
    if (bytes === undefined) throw new Unknown('its address cannot be read');
    return bytes.reduceRight((bits, byte) => (bits << 8n) | BigInt(byte), 0n);
  }

  #bytes(length: number): Uint8Array {
    return this.#reader.take(length);
  }

  #jump(distance: number): void {
    this.#reader.at += distance;
    if (this.#reader.at < 0) throw new RangeError('an expression jumps out of itself');
  }
}

/** DW_OP_const1u to DW_OP_consts. */
function constant(reader: ByteReader, op: number): bigint {
  switch (op) {
    case 0x08:
      return BigInt(reader.u8());
    case 0x09:
      return BigInt(reader.i8());
    case 0x0a:
      return BigInt(reader.u16());
    case 0x0b:
      return BigInt(reader.i16());
    case 0x0c:
      return BigInt(reader.u32());
    case 0x0d:
      return BigInt(reader.i32());
    case 0x0e:
    case 0x0f:
      return reader.u64Big();
    case 0x10:
      return reader.ulebBig();
    default:
      return reader.slebBig();
  }
}
