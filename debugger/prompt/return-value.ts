// What a function gave back, where the calling convention leaves it: for `finish`, and for functions that are called by hand.
// commands/running.ts and hand-calls.ts ask when the function has returned.
// The rules are in calling-convention.ts.
import type { Thread } from '../../kernel/task/thread.ts';
import { bare, type CType, sizeOf } from '../values/c-types.ts';
import type { Read } from '../values/parts.ts';
import { fromBytes, type Value, valueAt } from '../values/values.ts';
import { floatFields, isRegisterFloat, LARGEST_IN_REGISTERS, wordBytes } from './calling-convention.ts';

const A0 = 10;
const WORD = 8;

/** Undefined for void. */
export function returnedValue(thread: Thread, type: CType, read: Read): Value | undefined {
  const found = bare(type);
  if (found.kind === 'void' || found.kind === 'function' || found.kind === 'untyped') return undefined;
  const { hart } = thread;
  if (isRegisterFloat(found)) return fromBytes(type, wordBytes(hart.f(A0)).subarray(0, sizeOf(found)));
  const size = sizeOf(found);
  if (size > LARGEST_IN_REGISTERS) return valueAt(type, Number(hart.x(A0)), read); // a0 is where it was put
  const fields = floatFields(found);
  const bytes = new Uint8Array(LARGEST_IN_REGISTERS);
  if (fields !== undefined) {
    let [integers, floats] = [A0, A0];
    for (const { type: part, offset } of fields) {
      const word = wordBytes(isRegisterFloat(part) ? hart.f(floats++) : hart.x(integers++));
      bytes.set(word.subarray(0, sizeOf(part)), offset);
    }
  } else {
    bytes.set(wordBytes(hart.x(A0)));
    bytes.set(wordBytes(hart.x(A0 + 1)), WORD);
  }
  return fromBytes(type, bytes.subarray(0, Math.max(size, 1)));
}
