// Values of the C++ library as people think of them: strings, vectors, maps, smart pointers of libstdc++.
// value-text.ts asks before it shows a structure; `print/r` shows the structure itself.
// Words are those of libstdc++'s own printers for gdb. Layouts: bits/basic_string.h, stl_vector.h, stl_tree.h, hashtable.h.

import { PromptError } from '../prompt/prompt-error.ts';
import { bare, sizeOf } from './c-types.ts';
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
import { hasMember, memberNamed, type Read } from './parts.ts';
import { typeText } from './type-text.ts';
import { integerIn, type Value, valueAt } from './values.ts';

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
  };
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
  return { head: counted(name, count), elements: elements() };
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
  return { head: counted(name, count), elements: elements() };
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

/** `v[1]` of a vector; undefined for what has no such elements. */
export function libraryElement(value: Value, index: number, read: Read): Value | undefined {
  const shown = libraryShown(value, read);
  if (shown?.elements === undefined || !shown.head.startsWith('std::vector')) return undefined;
  let at = 0;
  for (const element of shown.elements) if (at++ === index) return element.value;
  throw new PromptError(`index ${index} is beyond the ${at} elements`);
}

/** The pointer that a smart pointer holds. */
export function heldPointer(value: Value, read: Read): Value | undefined {
  for (const { label, value: held } of libraryShown(value, read)?.elements ?? []) {
    if (label === 'get()') return held;
    break;
  }
  return undefined;
}
