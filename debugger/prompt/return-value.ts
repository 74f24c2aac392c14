// What a function gave back, where the calling convention leaves it: for `finish`.
// commands/running.ts asks when the function has returned.
// RISC-V ELF psABI, "Integer calling convention" and "Hardware floating-point calling convention" (lp64d).
import type { Thread } from '../../kernel/task/thread.ts';
import { type BareType, bare, type CType, sizeOf } from '../values/c-types.ts';
import type { Read } from '../values/parts.ts';
import { fromBytes, type Value, valueAt } from '../values/values.ts';

const A0 = 10;
const WORD = 8;
const LARGEST_IN_REGISTERS = 16;

/** Undefined for void. */
export function returnedValue(thread: Thread, type: CType, read: Read): Value | undefined {
  const found = bare(type);
  if (found.kind === 'void' || found.kind === 'function' || found.kind === 'untyped') return undefined;
  const { hart } = thread;
  if (found.kind === 'float' && found.size <= WORD)
    return fromBytes(type, wordBytes(hart.f(A0)).subarray(0, found.size));
  const size = sizeOf(found);
  if (size > LARGEST_IN_REGISTERS) return valueAt(type, Number(hart.x(A0)), read); // a0 is where it was put
  const fields = found.kind === 'struct' ? flattened(found) : undefined;
  const bytes = new Uint8Array(LARGEST_IN_REGISTERS);
  if (fields !== undefined && usesFloats(fields)) {
    let [integers, floats] = [A0, A0];
    for (const { type: part, offset } of fields) {
      const isFloat = part.kind === 'float';
      const word = wordBytes(isFloat ? hart.f(floats++) : hart.x(integers++));
      bytes.set(word.subarray(0, sizeOf(part)), offset);
    }
  } else {
    bytes.set(wordBytes(hart.x(A0)));
    bytes.set(wordBytes(hart.x(A0 + 1)), WORD);
  }
  return fromBytes(type, bytes.subarray(0, Math.max(size, 1)));
}

function wordBytes(bits: bigint): Uint8Array {
  return Uint8Array.from({ length: WORD }, (_, at) =>
    Number((BigInt.asUintN(64, bits) >> BigInt(8 * at)) & 0xffn),
  );
}

interface Field {
  readonly type: BareType;
  readonly offset: number;
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

/** One or two floats, or one beside an integer. */
function usesFloats(fields: readonly Field[]): boolean {
  const floats = fields.filter(({ type }) => type.kind === 'float' && type.size <= WORD).length;
  return floats > 0 && fields.length <= 2;
}
