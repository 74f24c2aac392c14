// What an object of C++ really is, by its table of virtual functions: `set print object on` and `info vtbl` ask.
// commands/print.ts and commands/info.ts call it. The symbol of a table names the class, and before its functions
// stands how far the whole object begins before the part: Itanium C++ ABI, 2.5.2.
// The wording is gdb's.
import { bare, type CType, type Member, type StructType } from '../values/c-types.ts';
import { memberOf } from '../values/parts.ts';
import { typeText } from '../values/type-text.ts';
import { addressOf, bitsOf, isMissing, type Value, valueAt } from '../values/values.ts';
import type { Debugger } from './debugger.ts';
import { PromptError } from './prompt-error.ts';

const WORD = 8;
/** Bases of bases end here. */
const DEEPEST = 32;

const hex = (address: number): string => `0x${address.toString(16)}`;

type Whole = { readonly type: CType; readonly address: number };

/** With `set print object on`, a pointer, reference or object as what it really is; otherwise as it is. */
export function asDynamic(debugging: Debugger, value: Value): Value {
  const whole = debugging.settings.isOn('print object') ? wholeOf(debugging, value) : undefined;
  if (whole === undefined) return value;
  const type = bare(value.type);
  if (type.kind !== 'pointer') return valueAt(whole.type, whole.address, reader(debugging));
  return { type: { ...type, to: whole.type }, content: BigInt(whole.address) };
}

// What whatis and ptype say before the type that is declared; undefined where the two are one.
export function realTypeText(debugging: Debugger, expression: string): string | undefined {
  if (!debugging.settings.isOn('print object')) return undefined;
  try {
    const value = debugging.evaluate(expression);
    const found = asDynamic(debugging, value);
    const isOther = bare(value.type).kind === 'pointer' && typeText(found.type) !== typeText(value.type);
    return isOther ? `/* real type = ${typeText(found.type)} */` : undefined;
  } catch (error) {
    if (error instanceof PromptError) return undefined;
    throw error;
  }
}

/** `(shop::Square) `, before an object that is printed as what it really is. */
export function dynamicPrefix(debugging: Debugger, value: Value): string {
  if (!debugging.settings.isOn('print object')) return '';
  const type = bare(value.type);
  return type.kind === 'struct' && wholeOf(debugging, value) !== undefined ? `(${typeText(type)}) ` : '';
}

/** The tables of an object and of its parts that have their own, as `info vtbl` lists them. */
export function virtualTables(debugging: Debugger, expression: string): void {
  const object = objectOf(debugging, asDynamic(debugging, debugging.evaluate(expression)));
  const tables = new Map<number, Table>();
  if (object !== undefined) collectTables(object, tables);
  if (tables.size === 0) throw new PromptError('This object does not have a virtual function table');
  const read = reader(debugging);
  const texts = [...tables].map(([address, { name, last }]) => {
    const table = Number(bitsOf(read(address, WORD)));
    const lines = [`vtable for '${name}' @ ${hex(table)} (subobject @ ${hex(address)}):`];
    for (let slot = 0; slot <= last; slot++) {
      const entry = Number(bitsOf(read(table + WORD * slot, WORD)));
      const symbol = debugging.symbolText(entry);
      lines.push(`[${slot}]: ${hex(entry)}${symbol === undefined ? '' : ` <${symbol}>`}`);
    }
    return lines.join('\n');
  });
  debugging.print(texts.join('\n\n'));
}

interface Table {
  readonly name: string;
  /** The highest place of a function that is declared. */
  last: number;
}

/** By where the parts are: a class shares its table with its first base. */
function collectTables(object: Value, tables: Map<number, Table>, depth = 0): void {
  const type = bare(object.type);
  if (type.kind !== 'struct' || object.place?.kind !== 'memory' || depth > DEEPEST) return;
  const slots = (type.methods ?? []).flatMap(({ isVirtual, slot }) => (isVirtual ? (slot ?? []) : []));
  if (tableMember(type) !== undefined) {
    const { address } = object.place;
    const table = tables.get(address) ?? { name: typeText(type), last: -1 };
    table.last = Math.max(table.last, ...slots);
    tables.set(address, table);
  }
  for (const member of type.members)
    if (member.isBase === true) collectTables(memberOf(object, member), tables, depth + 1);
}

/** The object itself, or what a pointer or reference leads to. */
function objectOf(debugging: Debugger, value: Value): Value | undefined {
  if (isMissing(value.content)) return undefined;
  const type = bare(value.type);
  if (type.kind === 'struct') return value;
  if (type.kind !== 'pointer' || bare(type.to).kind !== 'struct') return undefined;
  return valueAt(type.to, addressOf(value), reader(debugging));
}

/** Undefined where nothing says what the object is, or memory has been overwritten. */
function wholeOf(debugging: Debugger, value: Value): Whole | undefined {
  try {
    const object = objectOf(debugging, value);
    const type = object && bare(object.type);
    if (type?.kind !== 'struct' || object?.place?.kind !== 'memory') return undefined;
    const member = tableMember(type);
    if (member === undefined) return undefined;
    const read = reader(debugging);
    const { address } = object.place;
    const table = Number(bitsOf(read(address + member.offset, WORD)));
    const name = /^vtable for (.+?)(?:\+\d+)?$/.exec(debugging.symbolText(table) ?? '')?.[1];
    const found = name === undefined ? undefined : debugging.program.type('struct', name);
    if (found === undefined) return undefined;
    const above = Number(BigInt.asIntN(64, bitsOf(read(table - 2 * WORD, WORD))));
    return { type: found, address: address + member.offset + above };
  } catch (error) {
    if (error instanceof PromptError) return undefined;
    throw error;
  }
}

/** The first pointer to a table in objects of a class, with its place in the whole. */
function tableMember(type: StructType, depth = 0): Pick<Member, 'offset'> | undefined {
  for (const member of type.members) {
    if (member.name?.startsWith('_vptr') === true) return member;
    const base = member.isBase === true ? bare(member.type) : undefined;
    if (base?.kind !== 'struct' || depth > DEEPEST) continue;
    const found = tableMember(base, depth + 1);
    if (found !== undefined) return { offset: member.offset + found.offset };
  }
  return undefined;
}

function reader({ scope }: Debugger): (address: number, length: number) => Uint8Array {
  return (address, length) => scope.read(address, length);
}
