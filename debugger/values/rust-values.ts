// Values of Rust: `Point {x: 3, y: -4}`, `Shape::Circle(1.5)`, `(1, true)`, strings, vectors and maps of its library.
// value-text.ts shows structures so where the selected frame is Rust's.
// Words are those of gdb for Rust, and of the printers that come with rustc. HashMap: hashbrown's raw/mod.rs.
import { PromptError } from '../prompt/prompt-error.ts';
import { bare, type Member, type StructType, sizeOf } from './c-types.ts';
import { stringText } from './character-text.ts';
import {
  argument,
  countIn,
  deepMember,
  inARow,
  pointed,
  type Shown,
  type ShownElement,
  structOf,
} from './library-parts.ts';
import { memberNamed, memberOf, type Read } from './parts.ts';
import { integerIn, type Value, valueAt } from './values.ts';

type Inner = (value: Value) => string;

/** A structure, tuple or enumeration. `inner` shows its members. */
export function rustText(value: Value, type: StructType, inner: Inner): string {
  if (type.variants !== undefined) return variantText(value, type, inner);
  const name = type.name ?? '';
  return `${name.startsWith('(') ? '' : name}${membersText(value, type.members, inner, ' ')}`;
}

/** ` {x: 3}`, ` (3)`, or nothing of a structure without members. */
function membersText(value: Value, members: readonly Member[], inner: Inner, gap: string): string {
  const isTuple = members.every(({ name }) => /^__\d+$/.test(name ?? ''));
  if (members.length === 0) return '';
  const texts = members.map((member) => {
    const text = inner(memberOf(value, member));
    return isTuple ? text : `${member.name}: ${text}`;
  });
  const isPlainTuple = isTuple && structOf(value).name?.startsWith('(') === true;
  const before = isPlainTuple ? '' : gap;
  return isTuple ? `${before}(${texts.join(', ')})` : `${before}{${texts.join(', ')}}`;
}

function variantText(value: Value, type: StructType, inner: Inner): string {
  const { discriminant, cases } = type.variants as NonNullable<StructType['variants']>;
  const tag = discriminant && integerIn(memberOf(value, discriminant));
  const size = discriminant === undefined ? 64 : sizeOf(discriminant.type) * 8;
  const found =
    cases.find(
      (each) =>
        each.value !== undefined &&
        tag !== undefined &&
        BigInt.asUintN(size, each.value) === BigInt.asUintN(size, tag),
    ) ??
    cases.find((each) => each.value === undefined) ??
    cases[0];
  if (found === undefined) return type.name ?? '';
  const { member } = found;
  const held = memberOf(value, member);
  return `${type.name}::${member.name}${membersText(held, structOf(held).members, inner, '')}`;
}

/** How a value of Rust's library is shown; undefined for another. */
export function rustShown(value: Value, read: Read): Shown | undefined {
  const type = bare(value.type);
  if (type.kind !== 'struct' || type.isIncomplete) return undefined;
  const name = type.name ?? '';
  if (name === '&str' || name === '&mut str')
    return { head: text(value, memberNamed(value, 'data_ptr', read), 'length', read), elements: undefined };
  if (/^&(?:mut )?\[/.test(name)) return slice(value, name, read);
  if (name === 'alloc::string::String') {
    const bytes = memberNamed(value, 'vec', read);
    return { head: text(bytes, vectorStart(bytes, read), 'len', read), elements: undefined };
  }
  if (name.startsWith('alloc::vec::Vec<')) {
    const count = countIn(memberNamed(value, 'len', read));
    const element = argument(type, 0);
    const start = pointed(vectorStart(value, read));
    return { head: `Vec(size=${count})`, elements: inARow(element, start, count, sizeOf(element), read) };
  }
  if (/^std::collections::hash::(?:map::HashMap|set::HashSet)</.test(name))
    return table(value, read, name.includes('::map::'));
  return undefined;
}

function text(owner: Value, start: Value, lengthName: string, read: Read): string {
  const length = countIn(memberNamed(owner, lengthName, read));
  const shown = Math.min(length, 200);
  return stringText(read(pointed(start), shown), length > shown);
}

function vectorStart(value: Value, read: Read): Value {
  const found = deepMember(value, 'pointer');
  if (found === undefined) throw new PromptError('no pointer');
  // NonNull<u8> in Unique<u8>
  return bare(found.type).kind === 'struct' ? memberNamed(found, 'pointer', read) : found;
}

function slice(value: Value, name: string, read: Read): Shown {
  const start = memberNamed(value, 'data_ptr', read);
  const type = bare(start.type);
  if (type.kind !== 'pointer') throw new PromptError('no pointer');
  const count = countIn(memberNamed(value, 'length', read));
  return {
    head: `${name}(size=${count})`,
    elements: inARow(type.to, pointed(start), count, sizeOf(type.to), read),
  };
}

/** Control bytes below 128 belong to full buckets, which lie before them, the first last. */
function table(value: Value, read: Read, isMap: boolean): Shown {
  const raw = rawTable(value, read);
  const element = argument(structOf(raw), 0);
  const size = sizeOf(element);
  const buckets = countIn(deepMember(raw, 'bucket_mask') ?? raw) + 1;
  const count = countIn(deepMember(raw, 'items') ?? raw);
  const control = pointed(vectorStart(deepMember(raw, 'ctrl') ?? raw, read));
  const elements = function* (): Generator<ShownElement> {
    for (const [index, byte] of read(control, count === 0 ? 0 : buckets).entries()) {
      if (byte >= 0x80) continue;
      const entry = valueAt(element, control - (index + 1) * size, read);
      const key = memberNamed(entry, '__0', read);
      yield isMap ? { label: key, value: memberNamed(entry, '__1', read) } : { value: key };
    }
  };
  return { head: `${isMap ? 'HashMap' : 'HashSet'}(size=${count})`, elements: elements() };
}

function rawTable(value: Value, read: Read): Value {
  let found = value;
  for (let depth = 0; depth < 4; depth++) {
    const type = structOf(found);
    if (type.name?.startsWith('hashbrown::raw::RawTable<') === true) return found;
    const next = type.members.find(({ name }) => name === 'base' || name === 'map' || name === 'table');
    if (next?.name === undefined) break;
    found = memberNamed(found, next.name, read);
  }
  throw new PromptError('not a table');
}
