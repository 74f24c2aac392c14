// What eBPF's arithmetic and comparisons compute (RFC 9669, 4.1 and 4.3), on 64-bit numbers without sign.
// The interpreter computes with it, the verifier what it knows exactly.
import {
  ADD,
  AND,
  ARSH,
  DIV,
  JEQ,
  JGE,
  JGT,
  JLE,
  JLT,
  JNE,
  JSET,
  JSGE,
  JSGT,
  JSLE,
  JSLT,
  LSH,
  MOD,
  MUL,
  NEG,
  OR,
  RSH,
  SUB,
  XOR,
} from './instructions.ts';

type Width = 32 | 64;

/** The result in 64 bits; the upper half is 0 after an operation of 32. `isSigned` counts for division alone. */
export function compute(
  operation: number,
  width: Width,
  left: bigint,
  right: bigint,
  isSigned: boolean,
): bigint {
  const a = BigInt.asUintN(width, left);
  const b = BigInt.asUintN(width, right);
  const shift = b & BigInt(width - 1);
  return BigInt.asUintN(width, result());

  function result(): bigint {
    switch (operation) {
      case ADD:
        return a + b;
      case SUB:
        return a - b;
      case MUL:
        return a * b;
      case DIV:
        if (b === 0n) return 0n;
        return isSigned ? BigInt.asIntN(width, a) / BigInt.asIntN(width, b) : a / b;
      case MOD:
        if (b === 0n) return a;
        return isSigned ? BigInt.asIntN(width, a) % BigInt.asIntN(width, b) : a % b;
      case OR:
        return a | b;
      case AND:
        return a & b;
      case XOR:
        return a ^ b;
      case LSH:
        return a << shift;
      case RSH:
        return a >> shift;
      case ARSH:
        return BigInt.asIntN(width, a) >> shift;
      case NEG:
        return -a;
      default:
        return b; // MOV
    }
  }
}

/** MOV of a register whose low `bits` are a number with a sign. */
export function moveSigned(width: Width, bits: number, value: bigint): bigint {
  return BigInt.asUintN(width, BigInt.asIntN(bits, value));
}

/** END: the low `bits`, in the other order of bytes if `swaps`. */
export function order(value: bigint, bits: number, swaps: boolean): bigint {
  const low = BigInt.asUintN(bits, value);
  if (!swaps) return low;
  let swapped = 0n;
  for (let at = 0; at < bits; at += 8) swapped = (swapped << 8n) | ((low >> BigInt(at)) & 0xffn);
  return swapped;
}

/** Is a jump taken? */
export function holds(operation: number, width: Width, left: bigint, right: bigint): boolean {
  const a = BigInt.asUintN(width, left);
  const b = BigInt.asUintN(width, right);
  const [signedA, signedB] = [BigInt.asIntN(width, a), BigInt.asIntN(width, b)];
  switch (operation) {
    case JEQ:
      return a === b;
    case JNE:
      return a !== b;
    case JGT:
      return a > b;
    case JGE:
      return a >= b;
    case JLT:
      return a < b;
    case JLE:
      return a <= b;
    case JSET:
      return (a & b) !== 0n;
    case JSGT:
      return signedA > signedB;
    case JSGE:
      return signedA >= signedB;
    case JSLT:
      return signedA < signedB;
    case JSLE:
      return signedA <= signedB;
    default:
      return true; // JA
  }
}
