// What the names of the program mean in the frame that is looked at: variables, functions, types, enumerators.
// scope.ts asks for names in expressions, frame-text.ts for arguments and locals, locations.ts for functions.
// The frame's own blocks come first, then its unit, then all that is mapped.
import { Attribute, Tag } from '../dwarf/attributes.ts';
import type { DebugInfo } from '../dwarf/debug-info.ts';
import { type Entry, numberOf, textOf, type Unit } from '../dwarf/entry.ts';
import { languageOf } from '../dwarf/qualified-names.ts';
import { entryAddress } from '../dwarf/ranges.ts';
import { localsOf, parametersOf, scopesAt, type Variable } from '../dwarf/scopes.ts';
import { isSameFile, type MappedFile } from '../dwarf/source-map.ts';
import { functionsNamed, localType, namesIn } from '../dwarf/unit-names.ts';
import { scopedName } from '../names/name-matching.ts';
import { bare, type CType, TYPE_NAMES } from '../values/c-types.ts';
import { DwarfTypes } from '../values/dwarf-types.ts';
import { hasMember, memberNamed } from '../values/parts.ts';
import { addressOf, isMissing, makeInteger, type Value, valueAt } from '../values/values.ts';
import type { Debugger } from './debugger.ts';
import type { PromptFrame } from './frame-list.ts';
import { PromptError } from './prompt-error.ts';
import { threadLocalAddress, threadLocalNamed } from './thread-locals.ts';
import { type Looker, valueOfVariable } from './variable-values.ts';

/** Locations that begin with it are fixed addresses: of static variables. */
const DW_OP_ADDR = 0x03;

/** Is the variable there without a call of its function? */
function isStatic({ entry }: Variable): boolean {
  const location = entry.attributes.get(Attribute.LOCATION);
  if (location?.kind === 'block') return location.bytes[0] === DW_OP_ADDR;
  return location === undefined; // a constant, or optimised out
}

export class Program {
  readonly #debugging: Debugger;
  readonly #types = new WeakMap<DebugInfo, DwarfTypes>();

  constructor(debugging: Debugger) {
    this.#debugging = debugging;
  }

  typesOf(info: DebugInfo): DwarfTypes {
    let types = this.#types.get(info);
    if (types === undefined) {
      types = new DwarfTypes(info, (tag, name) => definition(info, tag, name));
      this.#types.set(info, types);
    }
    return types;
  }

  /** For variables of `frame`, or of none. */
  looker(mapped: MappedFile, frame: PromptFrame | undefined): Looker {
    const { session, programThread: thread, scope } = this.#debugging;
    const { info } = mapped.file;
    return {
      thread,
      types: this.typesOf(info),
      info,
      bias: mapped.bias,
      frame,
      read: (address, length) => scope.read(address, length),
      tryRead: (address, length) => session.read(thread, address, length),
      threadLocal: (offset) => threadLocalAddress(session, thread, { bias: mapped.bias, offset }),
      threadLocalNamed: (name) => {
        const found = threadLocalNamed(session, thread, name, mapped.bias);
        return found && threadLocalAddress(session, thread, found);
      },
      callerScopes: (address) => {
        const found = session.symbols.sources.fileAt(thread, address);
        return found && { info: found.file.info, bias: found.bias };
      },
    };
  }

  /** A variable, function or enumerator; undefined when there is none of this name. */
  value(name: string, within?: string, frame = this.#frame): Value | undefined {
    if (within !== undefined && within !== '') return this.#valueWithin(name, within);
    if (within === undefined && frame !== undefined) {
      const found = this.#inFrame(frame, name) ?? this.#inObject(frame, name) ?? this.#inScopes(frame, name);
      if (found !== undefined) return found;
    }
    for (const { mapped, unit } of this.#units(frame, name)) {
      const found = this.#inUnit(mapped, unit, name);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Is there a variable, function or enumerator of this name with debug information? */
  knows(name: string, frame = this.#frame): boolean {
    if (frame?.scope !== undefined) {
      const { scope } = frame;
      if ([...localsOf(scope), ...parametersOf(scope)].some((each) => each.name === name)) return true;
      if (this.#inObject(frame, name) !== undefined || this.#inScopes(frame, name) !== undefined) return true;
    }
    for (const { mapped, unit } of this.#units(frame, name)) {
      const { variables, enumerators } = namesIn(mapped.file.info, unit);
      if (
        variables.has(name) ||
        functionsNamed(mapped.file.info, unit, name).length > 0 ||
        enumerators.has(name)
      )
        return true;
    }
    return false;
  }

  /** Is this a variable that the selected frame has for itself, not one that is always there? */
  isLocal(name: string): boolean {
    const scope = this.#frame?.scope;
    const found = scope && [...localsOf(scope), ...parametersOf(scope)].find((each) => each.name === name);
    return found !== undefined && !isStatic(found);
  }

  /** A typedef, or with a keyword a structure, union or enumeration. */
  type(keyword: string | undefined, name: string, frame = this.#frame): CType | undefined {
    const key = keyword === undefined ? name : `${keyword === 'class' ? 'struct' : keyword} ${name}`;
    const own = frame?.scope && localType(frame.scope.blocks, keyword, name);
    if (own !== undefined && frame?.mapped !== undefined) return this.typesOf(frame.mapped.file.info).of(own);
    if (keyword === undefined && TYPE_NAMES[name] !== undefined) return undefined; // C's own are known
    for (const { mapped, unit } of this.#units(frame, name)) {
      const { types } = namesIn(mapped.file.info, unit);
      const isScoped = keyword === undefined && languageOf(unit) !== 'c';
      const found =
        types.get(key) ?? (isScoped ? taggedType(types, name) : undefined) ?? templateType(types, key);
      if (found !== undefined) return this.typesOf(mapped.file.info).of(found);
    }
    return undefined;
  }

  /** Names of variables that can be used in the frame, and of file scope. */
  names(): string[] {
    const frame = this.#frame;
    const own = frame?.scope === undefined ? [] : [...localsOf(frame.scope), ...parametersOf(frame.scope)];
    const names = own.map(({ name }) => name);
    for (const { mapped, unit } of this.#units(frame)) {
      const { variables, enumerators } = namesIn(mapped.file.info, unit);
      names.push(...variables.keys(), ...enumerators.keys());
    }
    return names;
  }

  /** As if a thread stood at `address`: its registers are not known. */
  frameAt(address: number): PromptFrame | undefined {
    const { session, anyProgramThread: thread } = this.#debugging;
    const mapped = thread && session.symbols.sources.fileAt(thread, address);
    const [scope] = mapped === undefined ? [] : scopesAt(mapped.file.info, address - mapped.bias);
    if (scope === undefined) return undefined;
    return {
      address,
      pc: address,
      registers: [],
      scope,
      mapped,
      isInlined: scope.isInlined,
      callsInlined: false,
      line: undefined,
      caller: undefined,
    };
  }

  /** Names of all functions, those too that were inlined everywhere. */
  functionNames(): string[] {
    return [...this.#units(undefined)].flatMap(({ mapped, unit }) => [
      ...namesIn(mapped.file.info, unit).functionNames,
    ]);
  }

  /** Names of structures, unions or enumerations. */
  tagNames(keyword: string): string[] {
    const begun = `${keyword} `;
    return [...this.#units(undefined)].flatMap(({ mapped, unit }) =>
      [...namesIn(mapped.file.info, unit).types.keys()]
        .filter((key) => key.startsWith(begun))
        .map((key) => key.slice(begun.length)),
    );
  }

  get #frame(): PromptFrame | undefined {
    const { anyThread, frames } = this.#debugging;
    return anyThread === undefined ? undefined : frames.selected;
  }

  /** That of the frame first; with `name`, those that may know it. */
  *#units(frame: PromptFrame | undefined, name?: string): Generator<{ mapped: MappedFile; unit: Unit }> {
    const { session, anyProgramThread: thread } = this.#debugging;
    const own = frame?.scope?.entry.unit;
    if (own !== undefined && frame?.mapped !== undefined) yield { mapped: frame.mapped, unit: own };
    if (thread === undefined) return;
    for (const mapped of session.symbols.sources.files(thread)) {
      const { info } = mapped.file;
      for (const unit of name === undefined ? info.units() : info.unitsNaming(name))
        if (unit !== own) yield { mapped, unit };
    }
  }

  #inFrame(frame: PromptFrame, name: string): Value | undefined {
    const { scope, mapped } = frame;
    if (scope === undefined || mapped === undefined) return undefined;
    const isMeant = (variable: Variable): boolean => variable.name === name;
    const found = localsOf(scope).find(isMeant) ?? parametersOf(scope).find(isMeant);
    return found && valueOfVariable(found, this.looker(mapped, frame));
  }

  /** A member of the object whose function runs. */
  #inObject(frame: PromptFrame, name: string): Value | undefined {
    const object = this.#inFrame(frame, 'this');
    const type = object && bare(object.type);
    const whole = type?.kind === 'pointer' ? bare(type.to) : undefined;
    if (object === undefined || type?.kind !== 'pointer' || whole?.kind !== 'struct') return undefined;
    if (isMissing(object.content) || !hasMember(whole, name)) return undefined;
    const read = (address: number, length: number): Uint8Array => this.#debugging.scope.read(address, length);
    return memberNamed(valueAt(type.to, addressOf(object), read), name, read);
  }

  /** What the namespaces and classes around the frame's function have. */
  #inScopes({ scope, mapped }: PromptFrame, name: string): Value | undefined {
    if (scope === undefined || mapped === undefined || languageOf(scope.entry.unit) === 'c') return undefined;
    for (let { parts } = scopedName(scope.name); parts.length > 1; ) {
      parts = parts.slice(0, -1);
      const found = this.#inUnit(mapped, scope.entry.unit, `${parts.join('::')}::${name}`);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #inUnit(mapped: MappedFile, unit: Unit, name: string): Value | undefined {
    const { info } = mapped.file;
    const names = namesIn(info, unit);
    const variable = names.variables.get(name);
    const types = this.typesOf(info);
    if (variable !== undefined) {
      const source = info.refer(variable, Attribute.SPECIFICATION);
      const type = info.refer(variable, Attribute.TYPE) ?? (source && info.refer(source, Attribute.TYPE));
      return valueOfVariable({ name, type, entry: variable }, this.looker(mapped, undefined));
    }
    const [called] = functionsNamed(info, unit, name);
    if (called !== undefined) return this.#functionValue(mapped, called);
    const found = names.enumerators.get(name);
    if (found === undefined) return undefined;
    const value = found.enumerator.attributes.get(Attribute.CONST_VALUE);
    const bits = value?.kind === 'number' ? (value.bits ?? BigInt(value.value)) : 0n;
    return makeInteger(types.of(found.type), bits);
  }

  #functionValue(mapped: MappedFile, entry: Entry): Value {
    const address = (entryAddress(entry) ?? 0) + mapped.bias;
    const type = this.typesOf(mapped.file.info).ofFunction(entry);
    return { type, content: BigInt(address), place: { kind: 'memory', address } };
  }

  /** All functions that `name` means. */
  functions(name: string): Value[] {
    return [...this.#units(this.#frame, name)].flatMap(({ mapped, unit }) =>
      functionsNamed(mapped.file.info, unit, name).map((entry) => this.#functionValue(mapped, entry)),
    );
  }

  /** `FUNCTION::NAME` or `'FILE'::NAME`. */
  #valueWithin(name: string, within: string): Value | undefined {
    const frame = this.#debugging.frames.all.find(({ scope }) => scope?.name === within);
    if (frame !== undefined) {
      const found = this.#inFrame(frame, name);
      if (found !== undefined) return found;
    }
    let isKnown = frame !== undefined;
    let isNamespace = false;
    for (const { mapped, unit } of this.#units(undefined)) {
      const _names = namesIn(mapped.file.info, unit);
      if (isSameFile(textOf(unit.root, Attribute.NAME) ?? '', within)) {
        isKnown = true;
        const found = this.#inUnit(mapped, unit, name);
        if (found !== undefined) return found;
      }
      const space = this.#inUnit(mapped, unit, `${within}::${name}`);
      if (space !== undefined) return space;
      isNamespace ||= namesIn(mapped.file.info, unit).namespaces.has(within);
      for (const entry of functionsNamed(mapped.file.info, unit, within)) {
        isKnown = true;
        const found = staticIn(mapped.file.info, entry, name);
        if (found !== undefined && !isStatic(found))
          throw new PromptError(`No frame is currently executing in block ${within}.`);
        if (found !== undefined) return valueOfVariable(found, this.looker(mapped, undefined));
      }
    }
    if (isNamespace) throw new PromptError(`No symbol "${name}" in namespace "${within}".`);
    if (!isKnown) throw new PromptError(`No symbol "${within}" in current context.`);
    throw new PromptError(`No symbol "${name}" in function "${within}".`);
  }
}

/** Of C++ and Rust, where structures and enumerations are named without a keyword. */
function taggedType(types: ReadonlyMap<string, Entry>, name: string): Entry | undefined {
  for (const keyword of ['struct', 'enum', 'union']) {
    const found = types.get(`${keyword} ${name}`) ?? templateType(types, `${keyword} ${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** With template arguments, whose blanks do not count. */
function templateType(types: ReadonlyMap<string, Entry>, key: string): Entry | undefined {
  if (!key.includes('<')) return undefined;
  const wanted = key.replace(/\s+/g, '');
  for (const [name, entry] of types) if (name.replace(/\s+/g, '') === wanted) return entry;
  return undefined;
}

/** A variable of a function, by name. */
function staticIn(info: DebugInfo, scope: Entry, name: string): Variable | undefined {
  for (const child of scope.children) {
    const isVariable = child.tag === Tag.VARIABLE || child.tag === Tag.PARAMETER;
    if (isVariable && textOf(child, Attribute.NAME) === name)
      return { name, type: info.refer(child, Attribute.TYPE), entry: child };
    if (child.tag !== Tag.LEXICAL_BLOCK) continue;
    const found = staticIn(info, child, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Where a structure that is only declared in a unit is defined. */
function definition(info: DebugInfo, tag: number, name: string): Entry | undefined {
  const keyword = tag === Tag.UNION ? 'union' : 'struct';
  for (const unit of info.unitsNaming(name)) {
    const found = namesIn(info, unit).types.get(`${keyword} ${name}`);
    if (found !== undefined && numberOf(found, Attribute.BYTE_SIZE) !== undefined) return found;
  }
  return undefined;
}
