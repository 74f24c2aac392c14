// Values of the C++ library as people think of them: strings, vectors, maps, smart pointers of libstdc++.
// value-text.ts asks before it shows a structure; `print/r` shows the structure itself.
// Words are those of libstdc++'s own printers for gdb. Layouts: bits/basic_string.h, stl_vector.h, stl_tree.h, hashtable.h.

import { PromptError } from '../prompt/prompt-error.ts';
import { BOOLEAN, bare, type CType, isCharacter, LONG, pointerTo, sizeOf, UNSIGNED_LONG } from './c-types.ts';
import { isSameBytes, textUpToNul } from './calls.ts';
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
  within,
} from './library-parts.ts';
import { hasMember, memberNamed, memberOf, type Read } from './parts.ts';
import { typeText } from './type-text.ts';
import { integerIn, makeInteger, numberIn, type Value, valueAt } from './values.ts';

type Show = (value: Value, read: Read, name: string) => Shown;

/** Of a node of a tree: colour, parent, left, right; the value lies behind. */
const TREE_NODE = 32;
const NODE_LEFT = 16;
const NODE_RIGHT = 24;

const SHOWS: Readonly<Record<string, Show>> = {
  basic_string: (value, read) =>
    textOf(
      pointed(within(value, '_M_dataplus._M_p', read)),
      countIn(within(value, '_M_string_length', read)),
      value,
      read,
    ),
  basic_string_view: (value, read) =>
    textOf(pointed(within(value, '_M_str', read)), countIn(within(value, '_M_len', read)), value, read),
  vector,
  deque,
  tuple: (value) => tuple(value),
  list,
  map: (value, read, name) => tree(value, read, name, true),
  multimap: (value, read, name) => tree(value, read, name, true),
  set: (value, read, name) => tree(value, read, name, false),
  multiset: (value, read, name) => tree(value, read, name, false),
  unordered_map: (value, read, name) => hashed(value, read, name, true),
  unordered_multimap: (value, read, name) => hashed(value, read, name, true),
  unordered_set: (value, read, name) => hashed(value, read, name, false),
  unordered_multiset: (value, read, name) => hashed(value, read, name, false),
  unique_ptr: (value) => {
    const pointer = deepMember(value, '_M_head_impl', true);
    if (pointer === undefined) throw new PromptError('no pointer');
    return { head: `std::unique_ptr<${elementName(value)}>`, elements: [{ label: 'get()', value: pointer }] };
  },
  shared_ptr: shared,
  weak_ptr: shared,
  optional: (value, read) => {
    const isThere = deepMember(value, '_M_engaged');
    if (isThere === undefined) throw new PromptError('no flag');
    if (integerIn(isThere) === 0n) return { head: 'std::optional [no contained value]', elements: undefined };
    const place = isThere.place?.kind === 'memory' ? value.place : undefined;
    if (place?.kind !== 'memory') throw new PromptError('not in memory');
    const held = valueAt(argument(structOf(value), 0), place.address, read);
    return { head: 'std::optional', elements: [{ label: '[contained value]', value: held }] };
  },
};

/** How a value of libstdc++ is shown; undefined for another. Throws PromptError where it is not as it should be. */
export function libraryShown(value: Value, read: Read): Shown | undefined {
  const type = bare(value.type);
  if (type.kind !== 'struct' || type.isIncomplete) return undefined;
  const name = /^std::(?:__cxx11::|__debug::)?(\w+)</.exec(type.name ?? '')?.[1];
  const show = name === undefined || !Object.hasOwn(SHOWS, name) ? undefined : SHOWS[name];
  return show?.(value, read, name ?? '');
}

function elementName(value: Value): string {
  return typeText(argument(structOf(value), 0));
}

function textOf(address: number, length: number, value: Value, read: Read): Shown {
  if (sizeOf(argument(structOf(value), 0)) !== 1) throw new PromptError('wide characters');
  const shown = Math.min(length, 200);
  return { head: stringText(read(address, shown), length > shown), elements: undefined };
}

function vector(value: Value, read: Read): Shown {
  const type = argument(structOf(value), 0);
  const start = within(value, '_M_impl._M_start', read);
  const finish = within(value, '_M_impl._M_finish', read);
  if (bare(start.type).kind === 'struct') return bits(start, finish, value, read);
  const size = sizeOf(type);
  const end = pointed(within(value, '_M_impl._M_end_of_storage', read));
  const length = countIn({ ...start, content: BigInt((pointed(finish) - pointed(start)) / size) });
  return {
    head: `std::vector of length ${length}, capacity ${(end - pointed(start)) / size}`,
    elements: inARow(type, pointed(start), length, size, read),
    by: 'number',
  };
}

/** `std::vector<bool>` keeps one bit each. */
function bits(start: Value, finish: Value, value: Value, read: Read): Shown {
  const from = pointed(memberNamed(start, '_M_p', read));
  const to = pointed(memberNamed(finish, '_M_p', read));
  const length = (to - from) * 8 + Number(integerIn(memberNamed(finish, '_M_offset', read)));
  const end = pointed(within(value, '_M_impl._M_end_of_storage', read));
  const type = argument(structOf(value), 0);
  const elements = function* (): Generator<ShownElement> {
    for (let index = 0; index < length; index++) {
      const [byte = 0] = read(from + (index >>> 3), 1);
      yield { value: { type, content: BigInt((byte >>> (index & 7)) & 1) } };
    }
  };
  return {
    head: `std::vector<bool> of length ${length}, capacity ${(end - from) * 8}`,
    elements: elements(),
    by: 'number',
  };
}

/** Bytes of a block of a deque, unless one element takes more: bits/stl_deque.h, _GLIBCXX_DEQUE_BUF_SIZE. */
const DEQUE_BLOCK = 512;

function deque(value: Value, read: Read): Shown {
  const type = argument(structOf(value), 0);
  const size = sizeOf(type);
  const perBlock = size < DEQUE_BLOCK ? Math.floor(DEQUE_BLOCK / size) : 1;
  const at = (end: string, part: string): number => pointed(within(value, `_M_impl.${end}.${part}`, read));
  const blocks = (at('_M_finish', '_M_node') - at('_M_start', '_M_node')) / 8;
  const before = (at('_M_start', '_M_cur') - at('_M_start', '_M_first')) / size;
  const behind = (at('_M_finish', '_M_cur') - at('_M_finish', '_M_first')) / size;
  const count = countIn({ type: LONG, content: BigInt(Math.trunc(blocks * perBlock + behind - before)) });
  const first = at('_M_start', '_M_node');
  const elements = function* (): Generator<ShownElement> {
    for (let index = before; index < before + count; index++) {
      const block = pointerAt(first + 8 * Math.floor(index / perBlock), read);
      yield { value: valueAt(type, block + size * (index % perBlock), read) };
    }
  };
  return { head: counted('deque', count), elements: elements(), by: 'number' };
}

/** Each part is a base class of what has the parts behind it too. */
function tuple(value: Value): Shown {
  const base = (whole: Value, name: string): Value | undefined => {
    const found = structOf(whole).members.find(
      (each) => each.isBase === true && each.name?.startsWith(`std::${name}<`),
    );
    return found && memberOf(whole, found);
  };
  const elements: ShownElement[] = [];
  for (let rest = base(value, '_Tuple_impl'); rest !== undefined; rest = base(rest, '_Tuple_impl')) {
    const head = base(rest, '_Head_base');
    const member = head && structOf(head).members.find(({ name }) => name === '_M_head_impl');
    if (head === undefined) break;
    elements.push({
      label: `[${elements.length + 1}]`,
      value: member === undefined ? head : memberOf(head, member),
    });
  }
  return { head: elements.length === 0 ? 'empty std::tuple' : 'std::tuple containing', elements };
}

function list(value: Value, read: Read): Shown {
  const type = argument(structOf(value), 0);
  const head = within(value, '_M_impl._M_node', read);
  if (head.place?.kind !== 'memory') throw new PromptError('not in memory');
  const end = head.place.address;
  const elements = function* (): Generator<ShownElement> {
    for (let [at, index] = [pointerAt(end, read), 0]; at !== end; at = pointerAt(at, read), index++)
      yield { label: `[${index}]`, value: valueAt(type, at + 16, read) };
  };
  return {
    head: pointerAt(end, read) === end ? 'empty std::__cxx11::list' : 'std::__cxx11::list',
    elements: elements(),
  };
}

function pointerAt(address: number, read: Read): number {
  return Number(read(address, 8).reduceRight((bits_, byte) => (bits_ << 8n) | BigInt(byte), 0n));
}

function counted(name: string, count: number): string {
  return `std::${name} with ${count} element${count === 1 ? '' : 's'}`;
}

/** In the order of their keys. */
function tree(value: Value, read: Read, name: string, isMap: boolean): Shown {
  const inner = memberNamed(value, '_M_t', read);
  const type = argument(structOf(inner), 1);
  const count = countIn(within(inner, '_M_impl._M_node_count', read));
  const first = pointed(within(inner, '_M_impl._M_header._M_left', read));
  const elements = function* (): Generator<ShownElement> {
    let at = first;
    for (let index = 0; index < count; index++) {
      yield* labelled(valueAt(type, at + TREE_NODE, read), index, isMap, read);
      at = nextNode(at, read);
    }
  };
  return { head: counted(name, count), elements: elements(), ...(isMap ? { by: 'key' } : {}) };
}

function nextNode(node: number, read: Read): number {
  let at = pointerAt(node + NODE_RIGHT, read);
  if (at !== 0) {
    for (let left = at; left !== 0; left = pointerAt(at + NODE_LEFT, read)) at = left;
    return at;
  }
  let below = node;
  at = pointerAt(node + 8, read);
  while (below === pointerAt(at + NODE_RIGHT, read)) {
    below = at;
    at = pointerAt(at + 8, read);
  }
  return at;
}

function hashed(value: Value, read: Read, name: string, isMap: boolean): Shown {
  const inner = memberNamed(value, '_M_h', read);
  const type = argument(structOf(inner), 1);
  const count = countIn(within(inner, '_M_element_count', read));
  const first = pointed(within(inner, '_M_before_begin._M_nxt', read));
  const elements = function* (): Generator<ShownElement> {
    for (let [at, index] = [first, 0]; at !== 0 && index < count; at = pointerAt(at, read), index++)
      yield* labelled(valueAt(type, at + 8, read), index, isMap, read);
  };
  return { head: counted(name, count), elements: elements(), ...(isMap ? { by: 'key' } : {}) };
}

function* labelled(value: Value, index: number, isMap: boolean, read: Read): Generator<ShownElement> {
  if (!isMap) yield { label: `[${index}]`, value };
  else yield { label: memberNamed(value, 'first', read), value: memberNamed(value, 'second', read) };
}

function shared(value: Value, read: Read, name: string): Shown {
  const pointer = memberNamed(value, '_M_ptr', read);
  const counts = pointed(within(value, '_M_refcount._M_pi', read));
  const head = `std::${name}<${elementName(value)}>`;
  const elements = [{ label: 'get()', value: pointer }];
  if (counts === 0) return { head: `${head} (empty)`, elements };
  const block = valueAt(pointeeOf(within(value, '_M_refcount._M_pi', read)), counts, read);
  if (!hasMember(structOf(block), '_M_use_count')) throw new PromptError('no counts');
  const uses = integerIn(memberNamed(block, '_M_use_count', read));
  const weak = integerIn(memberNamed(block, '_M_weak_count', read));
  const others = uses === 0n ? weak : weak - 1n;
  const words = uses === 0n ? `expired, weak count ${others}` : `use count ${uses}, weak count ${others}`;
  return { head: `${head} (${words})`, elements };
}

function pointeeOf(value: Value): Value['type'] {
  const type = bare(value.type);
  if (type.kind !== 'pointer') throw new PromptError('not a pointer');
  return type.to;
}

/** `v[1]`, `m["key"]`, `text[0]`; undefined for what has no such elements. */
export function libraryElement(value: Value, index: Value, read: Read): Value | undefined {
  const text = stringIn(value, read);
  if (text !== undefined) {
    const number = Number(numberIn(index));
    if (number >= 0 && number <= text.length) return valueAt(text.type, text.address + number, read);
    throw new PromptError(`index ${number} is beyond the ${text.length} characters`);
  }
  const shown = libraryShown(value, read);
  if (shown?.elements === undefined || shown.by === undefined) return undefined;
  if (shown.by === 'key') {
    for (const { label, value: found } of shown.elements)
      if (typeof label === 'object' && isSame(label, index, read)) return found;
    throw new PromptError('there is no element with this key');
  }
  const number = Number(numberIn(index));
  let at = 0;
  for (const element of shown.elements) if (at++ === number) return element.value;
  throw new PromptError(`index ${number} is beyond the ${at} elements`);
}

interface LibraryString {
  readonly type: CType;
  readonly address: number;
  readonly length: number;
}

/** A `std::string`, or a view of one. */
function stringIn(value: Value, read: Read): LibraryString | undefined {
  const type = bare(value.type);
  if (type.kind !== 'struct' || !/^std::(?:__cxx11::)?basic_string(?:_view)?</.test(type.name ?? ''))
    return undefined;
  const isView = type.name?.startsWith('std::basic_string_view<') === true;
  const [at, length] = isView ? ['_M_str', '_M_len'] : ['_M_dataplus._M_p', '_M_string_length'];
  const character = argument(type, 0);
  if (sizeOf(character) !== 1) return undefined;
  return {
    type: character,
    address: pointed(within(value, at, read)),
    length: countIn(within(value, length, read)),
  };
}

/** The characters of a `std::string`, of a text that was typed, or of one that ends with a NUL. */
function characters(value: Value, read: Read): Uint8Array | undefined {
  const own = stringIn(value, read);
  if (own !== undefined) return read(own.address, own.length);
  const type = bare(value.type);
  const to = type.kind === 'pointer' ? type.to : type.kind === 'array' ? type.element : undefined;
  return to !== undefined && isCharacter(to) ? textUpToNul(value, read) : undefined;
}

/** Are strings the same, one of which is the library's? Undefined when none is. */
export function areSameStrings(a: Value, b: Value, read: Read): boolean | undefined {
  if (stringIn(a, read) === undefined && stringIn(b, read) === undefined) return undefined;
  const [first, second] = [characters(a, read), characters(b, read)];
  return first === undefined || second === undefined ? undefined : isSameBytes(first, second);
}

/** A key of a map, and what was typed for one. */
function isSame(key: Value, wanted: Value, read: Read): boolean {
  const isText = areSameStrings(key, wanted, read);
  if (isText !== undefined) return isText;
  return bare(key.type).kind !== 'struct' && numberIn(key) === numberIn(wanted);
}

const LIST = /^(?:empty )?std::(?:__cxx11::list|(?:unordered_)?(?:multi)?(?:map|set) with)/;

/** `v.size()` and the like, which the compiler mostly leaves no code for; undefined for what is none of them. */
export function libraryCall(
  value: Value,
  name: string,
  args: readonly Value[],
  read: Read,
): Value | undefined {
  const [index] = args;
  if (name === 'at' && index !== undefined) return libraryElement(value, index, read);
  if (args.length > 0) return undefined;
  if (name === 'get') return heldPointer(value, read);
  const text = stringIn(value, read);
  if ((name === 'c_str' || name === 'data') && text !== undefined)
    return makeInteger(
      pointerTo({ kind: 'qualified', qualifier: 'const', to: text.type }),
      BigInt(text.address),
    );
  if (!['size', 'length', 'empty', 'front', 'back'].includes(name)) return undefined;
  if (text === undefined && name === 'length') return undefined;
  const all = text === undefined ? containedIn(value, read) : undefined;
  const size = text?.length ?? all?.length;
  if (size === undefined) return undefined;
  if (name === 'size' || name === 'length') return makeInteger(UNSIGNED_LONG, BigInt(size));
  if (name === 'empty') return makeInteger(BOOLEAN, BigInt(size === 0));
  if (size === 0) throw new PromptError('it is empty');
  const place = name === 'front' ? 0 : size - 1;
  return text === undefined ? all?.[place]?.value : valueAt(text.type, text.address + place, read);
}

function containedIn(value: Value, read: Read): ShownElement[] | undefined {
  const shown = libraryShown(value, read);
  if (shown?.elements === undefined || (shown.by === undefined && !LIST.test(shown.head))) return undefined;
  return [...shown.elements];
}

/** The pointer that a smart pointer holds. */
export function heldPointer(value: Value, read: Read): Value | undefined {
  for (const { label, value: held } of libraryShown(value, read)?.elements ?? []) {
    if (label === 'get()') return held;
    break;
  }
  return undefined;
}
