// Values as gdb's `print` shows them: structures, arrays, strings, pointers with what they lead to.
// The commands that print values use it; scalar-text.ts does single numbers.
// Memory is read only for strings that pointers lead to.
import type { Language } from '../dwarf/qualified-names.ts';
import { PromptError } from '../prompt/prompt-error.ts';
import {
  type ArrayType,
  bare,
  type CType,
  isCharacter,
  type PointerType,
  type StructType,
  sizeOf,
  VOID,
} from './c-types.ts';
import { MOST_SHOWN, stringText } from './character-text.ts';
import type { Shown, ShownElement } from './library-parts.ts';
import { libraryShown } from './library-values.ts';
import { elementOf, memberOf, type Read } from './parts.ts';
import { rustShown, rustText } from './rust-values.ts';
import { addressText, type SymbolOf, scalarText } from './scalar-text.ts';
import { typeText } from './type-text.ts';
import { addressOf, isMissing, LARGEST_VALUE, type Value, valueAt } from './values.ts';

/** What the text needs to know of the machine and the person's wishes. */
export interface TextContext {
  readonly symbolOf: SymbolOf;
  /** Of functions, which are always shown by name. */
  readonly codeSymbolOf?: SymbolOf;
  /** Memory; undefined where it cannot be read. */
  read(address: number, length: number): Uint8Array | undefined;
  /** As gdb's settings of these names have it. */
  readonly mostElements?: number;
  readonly isPretty?: boolean;
  readonly isPrettyArray?: boolean;
  readonly hasIndexes?: boolean;
  readonly hidesAddresses?: boolean;
  readonly hidesUnions?: boolean;
  readonly stopsAtNull?: boolean;
  readonly repeats?: number;
  readonly deepest?: number;
  /** Of the selected frame. */
  readonly language?: Language;
  /** A variable of the program by its full name. */
  variable?(name: string): Value | undefined;
  /** `print/r`: structures of libraries as they are. */
  readonly isRaw?: boolean;
}

/** From how many equal ones on elements are counted, unless a setting says otherwise. */
const REPEATS = 10;
const DEEPEST = 20;

/** A value as `print` shows it: pointers with their type. */
export function shownText(value: Value, format: string | undefined, context: TextContext): string {
  const { type } = value;
  const found = bare(type);
  if (found.kind === 'pointer' && format === undefined && !isMissing(value.content)) {
    if (found.reference !== undefined) return referenceText(value, context);
    if (!leadsToPlainChar(type)) return `(${typeText(type)}) ${innerText(value, undefined, context)}`;
  }
  return innerText(value, format, context);
}

/** `char *` and `const char *`, by these names. */
function leadsToPlainChar(type: CType): boolean {
  if (type.kind === 'qualified') return leadsToPlainChar(type.to);
  if (type.kind !== 'pointer') return false;
  let { to } = type;
  while (to.kind === 'qualified') to = to.to;
  return to.kind === 'integer' && to.name === 'char';
}

function referenceText(value: Value, context: TextContext): string {
  const text = innerText(value, undefined, context);
  return text.startsWith('@') ? `(${typeText(value.type)}) ${text}` : text;
}

/** What a reference leads to. */
function referredValue(value: Value, type: PointerType, context: TextContext): Value {
  return valueAt(type.to, addressOf(value), readOf(context));
}

function readOf(context: TextContext): Read {
  return (address, length) => {
    const bytes = context.read(address, length);
    if (bytes === undefined)
      throw new PromptError(`Cannot access memory at address 0x${address.toString(16)}`);
    return bytes;
  };
}

/** A value within another, or as an argument: without the types of pointers. */
export function innerText(value: Value, format: string | undefined, context: TextContext, depth = 0): string {
  const { type, content } = value;
  if (isMissing(content)) return `<${content.why}>`;
  const found = bare(type);
  switch (found.kind) {
    case 'struct':
      if (depth >= (context.deepest ?? DEEPEST)) return '{...}';
      return structText(value, found, format, context, depth);
    case 'array':
      if (depth >= (context.deepest ?? DEEPEST) && !isCharacter(found.element)) return '{...}';
      return arrayText(value, found, format, context, depth);
    case 'function':
    case 'untyped':
      if (format === 'a') throw new PromptError("Value can't be converted to integer.");
      return `{${typeText(type)}} ${placeText(content as bigint, context.codeSymbolOf ?? context.symbolOf, context)}`;
    case 'pointer': {
      if (found.reference !== undefined) {
        const whole = referredValue(value, found, context);
        if (format === undefined && shownBy(whole, context) !== undefined)
          return innerText(whole, format, context, depth);
        const address = `@0x${BigInt(content as bigint).toString(16)}`;
        return depth > 0 ? address : `${address}: ${innerText(whole, format, context, depth)}`;
      }
      const isCode = bare(found.to).kind === 'function';
      const symbolOf = (isCode && context.codeSymbolOf) || context.symbolOf;
      const isAddress = format === undefined || format === 'a' || format === 's';
      const text = isAddress
        ? placeText(content as bigint, symbolOf, context)
        : scalarText(value, format, symbolOf);
      const isText = (format === undefined || format === 's') && isCharacter(found.to) && content !== 0n;
      return isText ? `${text} ${pointedText(Number(content), context)}`.trimStart() : text;
    }
    default:
      return scalarText(value, format, context.symbolOf);
  }
}

/** `0x10234 <main+4>`; without addresses, what is left of that. */
function placeText(bits: bigint, symbolOf: SymbolOf, { hidesAddresses }: TextContext): string {
  const text = addressText(bits, symbolOf);
  return hidesAddresses === true ? text.replace(/^0x[0-9a-f]+ ?/, '') : text;
}

/** Of an argument in a list of frames: what is no scalar is left out. */
export function argumentText(value: Value, context: TextContext): string {
  if (isMissing(value.content)) return innerText(value, undefined, context);
  const type = bare(value.type);
  const isReference = type.kind === 'pointer' && type.reference !== undefined;
  const whole = isReference ? referredValue(value, type, context) : value;
  const { kind } = bare(whole.type);
  if (kind !== 'struct' && kind !== 'array') return innerText(value, undefined, context);
  const shown = shownBy(whole, context);
  if (shown === undefined) return '...';
  return shown.elements === undefined ? shown.head : `${shown.head} = {...}`;
}

/** The string at an address, as far as it can be read. */
function pointedText(address: number, context: TextContext): string {
  const most = context.mostElements ?? MOST_SHOWN;
  let known: Uint8Array = new Uint8Array();
  // byte by byte only where the end of what is mapped is near
  for (const length of [most, 32, 1]) {
    while (known.length < most) {
      const more = context.read(address + known.length, Math.min(length, most - known.length));
      if (more === undefined) break;
      const end = more.indexOf(0);
      known = Uint8Array.from([...known, ...(end < 0 ? more : more.subarray(0, end))]);
      if (end >= 0) return stringText(Uint8Array.from([...known, 0]), false, most);
    }
    if (known.length >= most) return stringText(known, context.read(address + most, 1)?.[0] !== 0, most);
  }
  const error = `<error: Cannot access memory at address 0x${(address + known.length).toString(16)}>`;
  return known.length === 0 ? error : `${stringText(known, true, most).slice(0, -3)}${error}`;
}

function isUnion(type: CType): boolean {
  const found = bare(type);
  return found.kind === 'struct' && found.keyword === 'union';
}

function structText(
  value: Value,
  type: StructType,
  format: string | undefined,
  context: TextContext,
  depth: number,
): string {
  if (type.isIncomplete) return '<incomplete type>';
  if (type.size > LARGEST_VALUE && value.place?.kind !== 'memory') return '{...}';
  void value.content; // what cannot be read is told of the whole
  const shown = format === undefined ? shownBy(value, context) : undefined;
  if (shown !== undefined)
    return libraryText(shown, context, depth) ?? plainStructText(value, type, format, context, depth);
  return plainStructText(value, type, format, context, depth);
}

/** As people think of it, when it is a value of a library. */
function shownBy(value: Value, context: TextContext): Shown | undefined {
  if (context.isRaw === true) return undefined;
  try {
    return (context.language === 'rust' ? rustShown : libraryShown)(value, readOf(context));
  } catch (error) {
    if (error instanceof PromptError) return undefined;
    throw error;
  }
}

/** Undefined where the elements cannot be read: the value is not made yet, or gone. */
function libraryText({ head, elements }: Shown, context: TextContext, depth: number): string | undefined {
  if (elements === undefined) return head;
  const texts: string[] = [];
  const most = context.mostElements ?? MOST_SHOWN;
  const textOf = ({ label, value }: ShownElement): string => {
    const text = innerText(value, undefined, context, depth + 1);
    if (label === undefined) return text;
    return `${typeof label === 'string' ? label : `[${innerText(label, undefined, context, depth + 1)}]`} = ${text}`;
  };
  try {
    for (const element of elements) {
      if (texts.length >= most) {
        texts.push('...');
        break;
      }
      texts.push(textOf(element));
    }
  } catch (error) {
    if (error instanceof PromptError) return undefined;
    throw error;
  }
  if (texts.length === 0) return head;
  return `${head} = {${texts.join(', ').replace(/, \.\.\.$/, '...')}}`;
}

function plainStructText(
  value: Value,
  type: StructType,
  format: string | undefined,
  context: TextContext,
  depth: number,
): string {
  if (context.language === 'rust')
    return rustText(value, type, (member) => innerText(member, format, context, depth + 1));
  const texts = type.members.map((member) => {
    const isHidden = context.hidesUnions === true && isUnion(member.type);
    const isAnonymous = member.name === undefined && member.isBase !== true;
    const inner = isAnonymous && context.isPretty !== true ? depth : depth + 1;
    const text = isHidden ? '{...}' : innerText(memberOf(value, member), format, context, inner);
    if (member.isBase === true) return `<${member.name}> = ${text}`;
    return member.name === undefined ? text : `${member.name} = ${text}`;
  });
  for (const { name, before } of (type.statics ?? []).toReversed()) {
    const shared = context.variable?.(`${type.name}::${name}`);
    if (shared === undefined) continue;
    texts.splice(before, 0, `static ${name} = ${innerText(shared, format, context, depth + 1)}`);
  }
  if (context.isPretty !== true) return `{${texts.join(', ')}}`;
  const margin = '  '.repeat(depth);
  return `{\n${texts.map((text) => `${margin}  ${text}`).join(',\n')}\n${margin}}`;
}

function arrayText(
  value: Value,
  type: ArrayType,
  format: string | undefined,
  context: TextContext,
  depth: number,
): string {
  const { element } = type;
  const count = type.count ?? 0;
  const most = context.mostElements ?? MOST_SHOWN;
  const repeats = context.repeats ?? REPEATS;
  const { content, lost } = value;
  if (isCharacter(element) && (format === undefined || format === 's') && lost === undefined) {
    const bytes = content as Uint8Array;
    const end = context.stopsAtNull === true ? bytes.indexOf(0) : -1;
    return stringText(end < 0 ? bytes : bytes.subarray(0, end), false, most);
  }
  if (sizeOf(element) === 0 && bare(element).kind !== 'struct') return '{}';
  const pieces: string[] = [];
  let at = 0;
  for (let shown = 0; at < count && shown < most; ) {
    const text = innerText(elementOf(value, at), format, context, depth + 1);
    let end = at + 1;
    while (end < count && isSameElement(value, at, end)) end++;
    const index = context.hasIndexes === true ? `[${at}] = ` : '';
    if (end - at >= repeats) {
      pieces.push(`${index}${text} <repeats ${end - at} times>`);
      shown += repeats;
      at = end;
    } else {
      pieces.push(`${index}${text}`);
      shown++;
      at++;
    }
  }
  const rest = at < count ? '...' : '';
  if (context.language === 'rust') return `[${pieces.join(', ')}${rest}]`;
  if (context.isPrettyArray !== true) return `{${pieces.join(', ')}${rest}}`;
  const margin = '  '.repeat(depth);
  return `{\n${pieces.map((piece) => `${margin}  ${piece}`).join(',\n')}${rest}\n${margin}}`;
}

/** By their bytes. */
function isSameElement({ type, content, lost }: Value, a: number, b: number): boolean {
  const found = bare(type);
  const size = sizeOf(found.kind === 'array' ? found.element : VOID);
  const bytes = content as Uint8Array;
  for (let at = 0; at < size; at++) {
    if (bytes[a * size + at] !== bytes[b * size + at]) return false;
    if (lost?.[a * size + at] !== lost?.[b * size + at]) return false;
  }
  return true;
}
