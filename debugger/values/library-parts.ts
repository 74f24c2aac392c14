// What library-values.ts and rust-values.ts take values of libraries apart with: members deep inside, memory behind pointers.
// All throw PromptError for what is not as expected; such a value is shown as the structure that it is.
import { PromptError } from '../prompt/prompt-error.ts';
import { bare, type CType, type StructType } from './c-types.ts';
import { memberNamed, memberOf, type Read } from './parts.ts';
import { addressOf, integerIn, type Value, valueAt } from './values.ts';

/** Containers that claim more are not as they should be yet. */
const MOST_ELEMENTS = 1 << 24;
const DEEPEST = 8;

/** How a value of a library is shown: as text, or as what it is and its elements. */
export interface Shown {
  /** Undefined: the text stands for all. */
  readonly elements: Iterable<ShownElement> | undefined;
  readonly head: string;
  /** Of what has elements by number, or by keys that are their labels. */
  readonly by?: 'number' | 'key';
}

export interface ShownElement {
  /** `["a"] = `; undefined where elements only follow each other. */
  readonly label?: string | Value;
  readonly value: Value;
}

export function structOf(value: Value): StructType {
  const type = bare(value.type);
  if (type.kind !== 'struct') throw new PromptError('not a structure');
  return type;
}

/** `_M_impl._M_start`, step by step; base classes count as their members. */
export function within(value: Value, path: string, read: Read): Value {
  return path.split('.').reduce((found, name) => memberNamed(found, name, read), value);
}

/** The member of this name, however deep; of several the first that is a pointer, if one is wanted. */
export function deepMember(value: Value, name: string, isPointer = false, depth = 0): Value | undefined {
  const type = bare(value.type);
  if (type.kind !== 'struct' || depth > DEEPEST) return undefined;
  for (const member of type.members) {
    const { kind } = bare(member.type);
    if (member.name === name && (!isPointer || kind === 'pointer')) return memberOf(value, member);
    const found =
      kind === 'struct' ? deepMember(memberOf(value, member), name, isPointer, depth + 1) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

export function countIn(value: Value): number {
  const count = Number(integerIn(value));
  if (count < 0 || count > MOST_ELEMENTS) throw new PromptError('not a count');
  return count;
}

export function argument(type: StructType, index: number): CType {
  const found = type.arguments?.[index];
  if (found === undefined) throw new PromptError('unknown type of elements');
  return found;
}

/** `count` values that follow each other in memory. */
export function* inARow(
  type: CType,
  start: number,
  count: number,
  size: number,
  read: Read,
): Generator<ShownElement> {
  for (let index = 0; index < count; index++) yield { value: valueAt(type, start + index * size, read) };
}

export function pointed(value: Value): number {
  return addressOf(value);
}
