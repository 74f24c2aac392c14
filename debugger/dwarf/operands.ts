// Operands of DWARF expressions and what is computed with them: generic words, and values of base types.
// location-expression.ts steps through expressions with it. DWARF 5, sections 2.5.1.4 and 2.5.1.6.
// A generic operand is an unsigned word of 64 bits that signed operations take as signed.
import { Attribute } from './attributes.ts';
import type { ByteReader } from './byte-reader.ts';
import { numberOf, type Unit } from './entry.ts';

interface BaseType {
  readonly size: number;
  readonly isFloat: boolean;
  readonly isSigned: boolean;
}

export interface Operand {
  /** The pattern of bits, also of a floating-point number. */
  readonly bits: bigint;
  /** Undefined for the generic type. */
  readonly type?: BaseType | undefined;
}

const GENERIC: BaseType = { size: 8, isFloat: false, isSigned: true };
const ENCODING_FLOAT = 4;
const SIGNED_ENCODINGS: ReadonlySet<number> = new Set([5, 6]);

export function plain(bits: bigint): Operand {
  return { bits: BigInt.asUintN(64, bits) };
}

/** An operation on the stack alone; false when it is none. */
export function operate(op: number, stack: Operand[]): boolean {
  const take = (): Operand => {
    const top = stack.pop();
    if (top === undefined) throw new RangeError('the stack of an expression is empty');
    return top;
  };
  switch (op) {
    case 0x12: {
      // DW_OP_dup
      const top = take();
      stack.push(top, top);
      return true;
    }
    case 0x13: // DW_OP_drop
      take();
      return true;
    case 0x14: {
      // DW_OP_over
      const [top, below] = [take(), take()];
      stack.push(below, top, below);
      return true;
    }
    case 0x16: {
      // DW_OP_swap
      const [top, below] = [take(), take()];
      stack.push(top, below);
      return true;
    }
    case 0x17: {
      // DW_OP_rot
      const [top, second, third] = [take(), take(), take()];
      stack.push(top, third, second);
      return true;
    }
    case 0x19: // DW_OP_abs
    case 0x1f: // DW_OP_neg
    case 0x20: {
      // DW_OP_not
      const top = take();
      const type = top.type ?? GENERIC;
      if (type.isFloat) {
        const number = floatOf(top);
        stack.push(ofFloat(op === 0x19 ? Math.abs(number) : -number, type));
        return true;
      }
      const value = numberIn(top);
      stack.push(wrapped(op === 0x20 ? ~value : op === 0x1f || value < 0n ? -value : value, top.type));
      return true;
    }
    default:
      break;
  }
  if (!isBinary(op)) return false;
  const right = take();
  const left = take();
  const type = left.type ?? GENERIC;
  stack.push(type.isFloat ? onFloats(op, left, right, type) : onIntegers(op, left, right));
  return true;
}

/** From DW_OP_and to DW_OP_xor but neg and not, and the comparisons from DW_OP_eq to DW_OP_ne. */
function isBinary(op: number): boolean {
  if (op >= 0x29 && op <= 0x2e) return true;
  return op >= 0x1a && op <= 0x27 && ![0x1f, 0x20, 0x23].includes(op);
}

function numberIn({ bits, type = GENERIC }: Operand): bigint {
  const width = 8 * type.size;
  return type.isSigned ? BigInt.asIntN(width, bits) : BigInt.asUintN(width, bits);
}

function wrapped(value: bigint, type: BaseType | undefined): Operand {
  return { bits: BigInt.asUintN(8 * (type?.size ?? 8), value), type };
}

function onIntegers(op: number, leftSide: Operand, rightSide: Operand): Operand {
  const { type } = leftSide;
  const [a, b] = [numberIn(leftSide), numberIn(rightSide)];
  switch (op) {
    case 0x1a:
      return wrapped(a & b, type);
    case 0x1b:
      return wrapped(b === 0n ? 0n : a / b, type);
    case 0x1c:
      return wrapped(a - b, type);
    case 0x1d: // of generic operands unsigned
      return wrapped(b === 0n ? 0n : type === undefined ? leftSide.bits % rightSide.bits : a % b, type);
    case 0x1e:
      return wrapped(a * b, type);
    case 0x21:
      return wrapped(a | b, type);
    case 0x22:
      return wrapped(a + b, type);
    case 0x24:
      return wrapped(rightSide.bits > 63n ? 0n : leftSide.bits << rightSide.bits, type);
    case 0x25:
      return wrapped(rightSide.bits > 63n ? 0n : leftSide.bits >> rightSide.bits, type);
    case 0x26:
      return wrapped(a >> (rightSide.bits > 63n ? 63n : rightSide.bits), type);
    case 0x27:
      return wrapped(a ^ b, type);
    default:
      return truth(op, a < b ? -1 : a > b ? 1 : 0);
  }
}

/** DW_OP_eq, ge, gt, le, lt, ne. */
function truth(op: number, order: number): Operand {
  const holds = [order === 0, order >= 0, order > 0, order <= 0, order < 0, order !== 0][op - 0x29];
  return plain(holds === true ? 1n : 0n);
}

function onFloats(op: number, left: Operand, right: Operand, type: BaseType): Operand {
  const [a, b] = [floatOf(left), floatOf(right)];
  switch (op) {
    case 0x1b:
      return ofFloat(a / b, type);
    case 0x1c:
      return ofFloat(a - b, type);
    case 0x1e:
      return ofFloat(a * b, type);
    case 0x22:
      return ofFloat(a + b, type);
    default:
      if (op < 0x29) throw new RangeError('bits of floating-point numbers are not computed with');
      return truth(op, a < b ? -1 : a > b ? 1 : 0);
  }
}

function floatOf({ bits, type }: Operand): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, BigInt.asUintN(64, bits));
  return type?.size === 4 ? view.getFloat32(4) : view.getFloat64(0);
}

function ofFloat(number: number, type: BaseType): Operand {
  const view = new DataView(new ArrayBuffer(8));
  if (type.size === 4) view.setFloat32(4, number);
  else view.setFloat64(0, number);
  return { bits: view.getBigUint64(0), type };
}

interface TypedContext {
  readonly reader: ByteReader;
  readonly stack: Operand[];
  readonly unit: Unit;
  register(number: number): bigint;
  load(size: number): bigint;
}

/** An operation that names a base type, in DWARF 5's numbers or GNU's; false when it is none. */
export function typedOperation(op: number, context: TypedContext): boolean {
  const { reader, stack, unit } = context;
  switch (op) {
    case 0xa4:
    case 0xf4: {
      // DW_OP_const_type
      const type = baseType(unit, reader.uleb());
      const size = reader.u8();
      let bits = 0n;
      for (let at = 0; at < size; at++) bits |= BigInt(reader.u8()) << BigInt(8 * at);
      stack.push({ bits, type });
      return true;
    }
    case 0xa5:
    case 0xf5: {
      // DW_OP_regval_type
      const bits = context.register(reader.uleb());
      const type = baseType(unit, reader.uleb());
      stack.push({ bits: BigInt.asUintN(8 * (type?.size ?? 8), bits), type });
      return true;
    }
    case 0xa6:
    case 0xf6: {
      // DW_OP_deref_type
      const bits = context.load(reader.u8());
      stack.push({ bits, type: baseType(unit, reader.uleb()) });
      return true;
    }
    case 0xa8:
    case 0xf7: // DW_OP_convert
    case 0xa9:
    case 0xf9: {
      // DW_OP_reinterpret
      const type = baseType(unit, reader.uleb());
      const top = stack.pop();
      if (top === undefined) throw new RangeError('the stack of an expression is empty');
      const isConversion = op === 0xa8 || op === 0xf7;
      stack.push(isConversion ? converted(top, type) : { bits: top.bits, type });
      return true;
    }
    default:
      return false;
  }
}

function converted(operand: Operand, type: BaseType | undefined): Operand {
  const isFloat = operand.type?.isFloat === true;
  if (type?.isFloat === true) return ofFloat(isFloat ? floatOf(operand) : Number(numberIn(operand)), type);
  if (!isFloat) return wrapped(numberIn(operand), type);
  const number = floatOf(operand);
  return wrapped(Number.isFinite(number) ? BigInt(Math.trunc(number)) : 0n, type);
}

/** By its offset in the unit; 0 is the generic type. */
function baseType(unit: Unit, offset: number): BaseType | undefined {
  const entry = offset === 0 ? undefined : unit.entries.get(unit.offset + offset);
  if (entry === undefined) return undefined;
  const encoding = numberOf(entry, Attribute.ENCODING) ?? 0;
  return {
    size: numberOf(entry, Attribute.BYTE_SIZE) ?? 8,
    isFloat: encoding === ENCODING_FLOAT,
    isSigned: SIGNED_ENCODINGS.has(encoding),
  };
}
