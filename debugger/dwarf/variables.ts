// The variables that a function has at an address, and where each of them is kept.
// debugger/prompt/locals.ts asks for a frame; types stay entries of .debug_info, which typed-text.ts reads.
// Locations: DWARF 5, section 2.6. Location lists, as optimised code has them, are not read, and said to be so.
import { ByteReader } from './byte-reader.ts';
import { Attribute, covers, type DebugInfo, type Entry, Tag, textOf } from './debug-info.ts';

export interface Variable {
  readonly name: string;
  /** Undefined for void. */
  readonly type: Entry | undefined;
  readonly entry: Entry;
}

export interface FunctionVariables {
  readonly name: string;
  readonly frameBase: Uint8Array | undefined;
  readonly parameters: readonly Variable[];
  /** Of the blocks around the address, the innermost first. */
  readonly locals: readonly Variable[];
}

/** The function around `address`, an address of the file; undefined when it has no entry. */
export function functionAt(info: DebugInfo, address: number): FunctionVariables | undefined {
  for (const unit of info.units(address)) {
    const found = functionIn(unit.root, address);
    if (found === undefined) continue;
    const base = found.attributes.get(Attribute.FRAME_BASE);
    const blocks: Variable[][] = [];
    collect(info, found, address, blocks);
    return {
      name: textOf(original(info, found), Attribute.NAME) ?? '??',
      frameBase: base?.kind === 'block' ? base.bytes : undefined,
      parameters: found.children
        .filter(({ tag }) => tag === Tag.PARAMETER)
        .flatMap((entry) => variableOf(info, entry)),
      locals: blocks.reverse().flat(),
    };
  }
  return undefined;
}

/** A variable of file scope by name. */
export function globalNamed(info: DebugInfo, name: string): Variable | undefined {
  for (const unit of info.units()) {
    for (const entry of unit.root.children) {
      if (entry.tag !== Tag.VARIABLE || !entry.attributes.has(Attribute.LOCATION)) continue;
      const [variable] = variableOf(info, entry);
      if (variable?.name === name) return variable;
    }
  }
  return undefined;
}

function functionIn(entry: Entry, address: number): Entry | undefined {
  for (const child of entry.children) {
    if (child.tag === Tag.SUBPROGRAM) {
      if (covers(child, address) === true) return child;
    } else if (child.children.length > 0 && child.tag !== Tag.STRUCTURE) {
      const found = functionIn(child, address); // of a namespace
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** Variables of `scope` and of the blocks in it that are around the address, the outermost first. */
function collect(info: DebugInfo, scope: Entry, address: number, into: Variable[][]): void {
  into.push(
    scope.children.filter(({ tag }) => tag === Tag.VARIABLE).flatMap((entry) => variableOf(info, entry)),
  );
  for (const child of scope.children) {
    if (child.tag === Tag.LEXICAL_BLOCK && covers(child, address) !== false)
      collect(info, child, address, into);
  }
}

function variableOf(info: DebugInfo, entry: Entry): Variable[] {
  const source = original(info, entry);
  const name = textOf(source, Attribute.NAME);
  if (name === undefined) return [];
  return [{ name, type: info.refer(source, Attribute.TYPE), entry }];
}

/** The entry that has the name and type: of an inlined function or a definition, another one. */
function original(info: DebugInfo, entry: Entry): Entry {
  const other = info.refer(entry, Attribute.ABSTRACT_ORIGIN) ?? info.refer(entry, Attribute.SPECIFICATION);
  return other === undefined ? entry : original(info, other);
}

/** What a location may ask of the frame. */
export interface FrameState {
  readonly bias: number;
  readonly frameBase: Uint8Array | undefined;
  /** The caller's stack pointer; undefined when the caller is not known. */
  readonly cfa: number | undefined;
  register(number: number): bigint | undefined;
  floatRegister(number: number): bigint;
}

export type Location =
  | { readonly kind: 'memory'; readonly address: number }
  | { readonly kind: 'value'; readonly bits: bigint }
  /** Why it cannot be shown, for angle brackets. */
  | { readonly kind: 'none'; readonly why: string };

const none = (why: string): Location => ({ kind: 'none', why });

export function locate({ entry }: Variable, frame: FrameState): Location {
  const constant = entry.attributes.get(Attribute.CONST_VALUE);
  if (constant?.kind === 'number') return { kind: 'value', bits: BigInt(constant.value) };
  const location = entry.attributes.get(Attribute.LOCATION);
  if (location === undefined) return none('optimized out');
  if (location.kind !== 'block') return none('in a location list, which is not read: optimized code');
  return evaluate(location.bytes, frame);
}

const FLOAT_REGISTERS = 32;

/** One expression; the few operations that compilers use for variables. */
function evaluate(bytes: Uint8Array, frame: FrameState): Location {
  const reader = new ByteReader(bytes);
  const stack: number[] = [];
  while (!reader.isAtEnd) {
    const op = reader.u8();
    if (op === 0x03) stack.push(reader.u64() + frame.bias);
    else if (op === 0x91) {
      const base = frame.frameBase && evaluate(frame.frameBase, { ...frame, frameBase: undefined });
      const offset = reader.sleb();
      if (base === undefined || base.kind === 'none') return base ?? none('the function has no frame base');
      stack.push((base.kind === 'memory' ? base.address : Number(base.bits)) + offset);
    } else if (op === 0x9c) {
      if (frame.cfa === undefined) return none('the frame is not known');
      stack.push(frame.cfa);
    } else if (op >= 0x50 && op < 0x70) return registerValue(op - 0x50, frame);
    else if (op === 0x90) return registerValue(reader.uleb(), frame);
    else if (op >= 0x70 && op < 0x90) {
      const register = frame.register(op - 0x70);
      if (register === undefined) return none('a register of the frame is not known');
      stack.push(Number(register) + reader.sleb());
    } else if (op === 0x23) stack.push((stack.pop() ?? 0) + reader.uleb());
    else if (op >= 0x30 && op < 0x50) stack.push(op - 0x30);
    else if (op === 0x9f) return { kind: 'value', bits: BigInt(stack.pop() ?? 0) };
    else return none(`its location has the operation 0x${op.toString(16)}, which is not known`);
  }
  const address = stack.pop();
  return address === undefined ? none('optimized out') : { kind: 'memory', address };
}

/** RISC-V DWARF: 0 to 31 are x, 32 to 63 f. */
function registerValue(number: number, frame: FrameState): Location {
  const bits =
    number < FLOAT_REGISTERS ? frame.register(number) : frame.floatRegister(number - FLOAT_REGISTERS);
  return bits === undefined ? none('a register of the frame is not known') : { kind: 'value', bits };
}
