// C's arithmetic on values: the usual conversions, pointers that move by what they point to, comparisons.
// evaluate.ts calls it for every operator that has two numbers.
// gdb computes floats as floats, and so is it here.
import { PromptError } from '../prompt/prompt-error.ts';
import {
  bare,
  type CType,
  type FloatType,
  INT,
  type IntegerType,
  LONG,
  type PointerType,
  pointerTo,
  sizeOf,
  UNSIGNED_INT,
  UNSIGNED_LONG,
} from './c-types.ts';
import { addressOf, convert, makeInteger, numberIn, truthValue, type Value } from './values.ts';

/** Arrays and functions stand for their addresses, small integers and enumerators for ints. */
export function promote(value: Value): Value {
  const type = bare(value.type);
  switch (type.kind) {
    case 'array':
      if (value.place?.kind !== 'memory')
        throw new PromptError('Attempt to take address of value not located in memory.');
      return makeInteger(pointerTo(type.element), BigInt(addressOf(value)));
    case 'function':
      return makeInteger(pointerTo(value.type), BigInt(addressOf(value)));
    case 'integer':
      if (type.size < 4) return { type: INT, content: numberIn(value) };
      return { type, content: numberIn(value) };
    case 'enum':
      return makeInteger(
        type.size > 4 ? LONG : type.isSigned ? INT : UNSIGNED_INT,
        numberIn(value) as bigint,
      );
    case 'float':
    case 'pointer':
      return { type: value.type, content: numberIn(value) };
    default:
      throw new PromptError('Argument to arithmetic operation not a number or boolean.');
  }
}

const COMPARISONS: ReadonlySet<string> = new Set(['==', '!=', '<', '>', '<=', '>=']);

/** Both sides have been evaluated. Throws PromptError for what cannot be computed. */
export function arithmetic(operator: string, leftSide: Value, rightSide: Value): Value {
  const left = promote(leftSide);
  const right = promote(rightSide);
  const [a, b] = [bare(left.type), bare(right.type)];
  if (!COMPARISONS.has(operator) && (a.kind === 'pointer' || b.kind === 'pointer'))
    return pointerArithmetic(operator, left, right);
  if (a.kind === 'float' || b.kind === 'float')
    return floatArithmetic(operator, floatType(a, b), Number(left.content), Number(right.content));
  return integerArithmetic(operator, commonType(a, b), left, right);
}

function integerArithmetic(operator: string, type: IntegerType, left: Value, right: Value): Value {
  const a = convert(left, type).content as bigint;
  const b = convert(right, type).content as bigint;
  const result = (bits: bigint): Value => makeInteger(type, bits);
  switch (operator) {
    case '+':
      return result(a + b);
    case '-':
      return result(a - b);
    case '*':
      return result(a * b);
    case '/':
    case '%':
      if (b === 0n) throw new PromptError('Division by zero');
      return result(operator === '/' ? a / b : a % b);
    case '&':
      return result(a & b);
    case '|':
      return result(a | b);
    case '^':
      return result(a ^ b);
    case '<<':
    case '>>': {
      const count = right.content as bigint;
      const value = left.content as bigint;
      // as gdb has it, whatever a processor does
      const width = BigInt(8 * sizeOf(left.type));
      if (count < 0n || count >= width)
        return makeInteger(left.type, operator === '>>' && value < 0n ? -1n : 0n);
      return makeInteger(left.type, operator === '<<' ? value << count : value >> count);
    }
    default:
      return truthValue(holds(operator, a < b ? -1 : a > b ? 1 : 0));
  }
}

function holds(operator: string, order: number): boolean {
  switch (operator) {
    case '==':
      return order === 0;
    case '!=':
      return order !== 0;
    case '<':
      return order < 0;
    case '>':
      return order > 0;
    case '<=':
      return order <= 0;
    default:
      return order >= 0;
  }
}

function commonType(left: CType, right: CType): IntegerType {
  if (left.kind !== 'integer' || right.kind !== 'integer') return UNSIGNED_LONG; // addresses compared
  if (left.size !== right.size) return left.size > right.size ? left : right;
  return left.isSigned ? right : left;
}

function floatType(left: CType, right: CType): FloatType {
  if (left.kind !== 'float') return right as FloatType;
  if (right.kind !== 'float') return left;
  return left.size >= right.size ? left : right;
}

function floatArithmetic(operator: string, type: FloatType, a: number, b: number): Value {
  const result = (number: number): Value => ({
    type,
    content: type.size === 4 ? Math.fround(number) : number,
  });
  switch (operator) {
    case '+':
      return result(a + b);
    case '-':
      return result(a - b);
    case '*':
      return result(a * b);
    case '/':
      return result(a / b);
    case '%':
    case '&':
    case '|':
    case '^':
    case '<<':
    case '>>':
      throw new PromptError('Integer-only operation on a floating-point number.');
    default: {
      const isUnordered = Number.isNaN(a) || Number.isNaN(b);
      return truthValue(isUnordered ? operator === '!=' : holds(operator, a < b ? -1 : a > b ? 1 : 0));
    }
  }
}

function pointerArithmetic(operator: string, left: Value, right: Value): Value {
  const isLeft = bare(left.type).kind === 'pointer';
  const isBoth = isLeft && bare(right.type).kind === 'pointer';
  if (typeof left.content !== 'bigint' || typeof right.content !== 'bigint')
    throw new PromptError('Argument to arithmetic operation not a number or boolean.');
  const pointer = isLeft ? left : right;
  const size = BigInt(sizeOf((bare(pointer.type) as PointerType).to)) || 1n;
  const [a, b] = [left.content, right.content];
  if (operator === '+' && !isBoth) return makeInteger(pointer.type, isLeft ? a + b * size : b + a * size);
  if (operator === '-' && isLeft)
    return isBoth
      ? makeInteger(LONG, BigInt.asIntN(64, a - b) / size)
      : makeInteger(pointer.type, a - b * size);
  return arithmetic(operator, convert(left, UNSIGNED_LONG), convert(right, UNSIGNED_LONG));
}
