// C's types out of the entries of .debug_info.
// debugger/prompt/program.ts asks for those of variables and for those that are typed by name.
// Types are made once for each entry. DWARF 5, chapter 5.
import { Attribute, Tag } from '../dwarf/attributes.ts';
import { ByteReader } from '../dwarf/byte-reader.ts';
import { type DebugInfo, original } from '../dwarf/debug-info.ts';
import { type Entry, numberOf, textOf } from '../dwarf/entry.ts';
import { languageOf, qualifiedName, scopeOf } from '../dwarf/qualified-names.ts';
import {
  type Access,
  arrayOf,
  type CType,
  type EnumType,
  type FunctionType,
  type IntegerType,
  type Member,
  type Method,
  type StaticMember,
  type StructType,
  sizeOf,
  type Variant,
  type Variants,
  VOID,
} from './c-types.ts';

const ENCODING_BOOLEAN = 2;
const ENCODING_FLOAT = 4;
const ENCODING_SIGNED = 5;
const ENCODING_SIGNED_CHAR = 6;
const ENCODING_UNSIGNED_CHAR = 8;
const ENCODING_UTF = 0x10;

/** Finds the definition of a structure that is only declared in a unit. */
export type FindDefinition = (tag: number, name: string) => Entry | undefined;

export class DwarfTypes {
  readonly #info: DebugInfo;
  readonly #findDefinition: FindDefinition;
  readonly #made = new Map<Entry, CType>();

  constructor(info: DebugInfo, findDefinition: FindDefinition) {
    this.#info = info;
    this.#findDefinition = findDefinition;
  }

  /** Of the entry itself; undefined is void. */
  of(entry: Entry | undefined): CType {
    if (entry === undefined) return VOID;
    let type = this.#made.get(entry);
    if (type === undefined) {
      type = this.#make(this.#info.refer(entry, Attribute.SIGNATURE) ?? entry);
      this.#made.set(entry, type);
    }
    return type;
  }

  /** What DW_AT_type of the entry leads to. */
  typeIn(entry: Entry): CType {
    return this.of(this.#info.refer(entry, Attribute.TYPE));
  }

  /** Of a function: what it takes and gives. */
  ofFunction(entry: Entry): CType {
    const source = original(this.#info, entry);
    return this.of(source);
  }

  #make(entry: Entry): CType {
    const name = textOf(entry, Attribute.NAME) === undefined ? undefined : qualifiedName(this.#info, entry);
    switch (entry.tag) {
      case Tag.BASE:
        return this.#base(entry, plainName(name ?? 'int'));
      case Tag.POINTER:
      case Tag.REFERENCE:
      case Tag.RVALUE_REFERENCE: {
        if (entry.tag === Tag.POINTER) return this.#late(entry, { kind: 'pointer' } as const);
        const reference = entry.tag === Tag.REFERENCE ? '&' : '&&';
        return this.#late(entry, { kind: 'pointer', reference } as const);
      }
      case Tag.TYPEDEF:
        return this.#late(entry, { kind: 'typedef', name: name ?? '?' } as const);
      case Tag.CONST:
        return this.#late(entry, { kind: 'qualified', qualifier: 'const' } as const);
      case Tag.VOLATILE:
        return this.#late(entry, { kind: 'qualified', qualifier: 'volatile' } as const);
      case Tag.RESTRICT:
        return this.#late(entry, { kind: 'qualified', qualifier: 'restrict' } as const);
      case Tag.ATOMIC:
        return this.#late(entry, { kind: 'qualified', qualifier: '_Atomic' } as const);
      case Tag.ARRAY:
        return this.#array(entry);
      case Tag.ENUMERATION:
        return this.#enumeration(entry, name);
      case Tag.STRUCTURE:
      case Tag.UNION:
      case Tag.CLASS:
        return this.#structure(entry, name);
      case Tag.SUBROUTINE_TYPE:
      case Tag.SUBPROGRAM:
        return this.#function(entry);
      default:
        return VOID; // nullptr_t and the like
    }
  }

  /** A type with `to`, which is looked up when it is asked for. */
  #late<Part extends object>(entry: Entry, part: Part): Part & { readonly to: CType } {
    const typeIn = (): CType => this.typeIn(entry);
    return Object.defineProperty({ ...part }, 'to', { get: typeIn, enumerable: true }) as Part & {
      readonly to: CType;
    };
  }

  #base(entry: Entry, name: string): CType {
    const size = numberOf(entry, Attribute.BYTE_SIZE) ?? 4;
    const encoding = numberOf(entry, Attribute.ENCODING) ?? 0;
    if (encoding === ENCODING_FLOAT)
      return size === 4 || size === 8 || size === 16 ? { kind: 'float', name, size } : VOID;
    if (size !== 1 && size !== 2 && size !== 4 && size !== 8 && size !== 16) return VOID;
    const isCharacter = encoding === ENCODING_SIGNED_CHAR || encoding === ENCODING_UNSIGNED_CHAR;
    const shownAs =
      encoding === ENCODING_BOOLEAN
        ? 'boolean'
        : encoding === ENCODING_UTF
          ? 'unicode'
          : isCharacter && size === 1
            ? 'character'
            : undefined;
    const type: IntegerType = {
      kind: 'integer',
      name,
      size,
      isSigned: encoding === ENCODING_SIGNED || encoding === ENCODING_SIGNED_CHAR,
    };
    return shownAs === undefined ? type : { ...type, shownAs };
  }

  #array(entry: Entry): CType {
    const counts = entry.children
      .filter(({ tag }) => tag === Tag.SUBRANGE)
      .map((range) => {
        const upper = range.attributes.get(Attribute.UPPER_BOUND);
        return (
          numberOf(range, Attribute.COUNT) ??
          (upper?.kind === 'number'
            ? Number(BigInt.asIntN(64, upper.bits ?? BigInt(upper.value))) + 1
            : undefined)
        );
      });
    return counts.reduceRight<CType>((element, count) => arrayOf(element, count), this.typeIn(entry));
  }

  #enumeration(entry: Entry, name: string | undefined): CType {
    const enumerators = entry.children
      .filter(({ tag }) => tag === Tag.ENUMERATOR)
      .map((each) => {
        const value = each.attributes.get(Attribute.CONST_VALUE);
        return {
          name: textOf(each, Attribute.NAME) ?? '?',
          value: value?.kind === 'number' ? (value.bits ?? BigInt(value.value)) : 0n,
        };
      });
    const size = numberOf(entry, Attribute.BYTE_SIZE);
    const isScoped = languageOf(entry.unit) !== 'c';
    const isClass = entry.attributes.has(Attribute.ENUM_CLASS) && name !== undefined;
    const type: EnumType = {
      kind: 'enum',
      ...(isScoped ? { prefix: isClass ? `${name}::` : scopeOf(this.#info, entry) } : {}),
      name,
      size: size === 1 || size === 2 || size === 8 ? size : 4,
      isSigned: enumerators.some(({ value }) => value < 0n),
      enumerators,
    };
    return type;
  }

  #structure(entry: Entry, name: string | undefined): CType {
    if (entry.attributes.has(Attribute.DECLARATION) && name !== undefined) {
      const definition = this.#findDefinition(entry.tag, name);
      if (definition !== undefined && definition !== entry) return this.of(definition);
    }
    let members: readonly Member[] | undefined;
    const find = (): readonly Member[] => entry.children.flatMap((child) => this.#member(child, entry));
    const argumentsOf = (): readonly CType[] =>
      entry.children.filter(({ tag }) => tag === Tag.TEMPLATE_TYPE).map((child) => this.typeIn(child));
    const staticsOf = (): readonly StaticMember[] => this.#statics(entry);
    const methodsOf = (): readonly Method[] =>
      entry.children.filter(({ tag }) => tag === Tag.SUBPROGRAM).map((child) => this.#method(child, entry));
    const typedefsOf = (): NonNullable<StructType['typedefs']> =>
      entry.children.flatMap((child) => {
        const named = child.tag === Tag.TYPEDEF ? this.of(child) : undefined;
        return named?.kind === 'typedef' ? [{ type: named, access: accessOf(child, entry) }] : [];
      });
    const variantsOf = (): Variants | undefined => this.#variants(entry);
    const type: StructType = {
      kind: 'struct',
      keyword: entry.tag === Tag.UNION ? 'union' : entry.tag === Tag.CLASS ? 'class' : 'struct',
      name,
      size: numberOf(entry, Attribute.BYTE_SIZE) ?? 0,
      isIncomplete: entry.attributes.has(Attribute.DECLARATION),
      get members() {
        members ??= find();
        return members;
      },
      isScoped: languageOf(entry.unit) !== 'c',
      get arguments() {
        return argumentsOf();
      },
      get statics() {
        return staticsOf();
      },
      get typedefs() {
        return typedefsOf();
      },
      get methods() {
        return methodsOf();
      },
      get variants() {
        return variantsOf();
      },
    };
    return type;
  }

  /** DWARF 5, section 5.7.7; before, they were members. */
  #statics(entry: Entry): StaticMember[] {
    const found: StaticMember[] = [];
    let before = 0;
    for (const child of entry.children) {
      before += this.#member(child, entry).length;
      const name = textOf(child, Attribute.NAME);
      const isStatic =
        (child.tag === Tag.MEMBER || child.tag === Tag.VARIABLE) && child.attributes.has(Attribute.EXTERNAL);
      if (isStatic && name !== undefined)
        found.push({ name, type: this.typeIn(child), access: accessOf(child, entry), before });
    }
    return found;
  }

  /** DWARF 5, section 5.7.8. */
  #method(entry: Entry, whole: Entry): Method {
    const typeIn = (each: Entry): CType => this.typeIn(each);
    return {
      name: textOf(entry, Attribute.NAME) ?? '?',
      type: this.#function(entry),
      get parameters() {
        return entry.children
          .filter(({ tag, attributes }) => tag === Tag.PARAMETER && !attributes.has(Attribute.ARTIFICIAL))
          .map(typeIn);
      },
      access: accessOf(entry, whole),
      isStatic: !entry.attributes.has(Attribute.OBJECT_POINTER),
      isVirtual: (numberOf(entry, Attribute.VIRTUALITY) ?? 0) !== 0,
      isArtificial: entry.attributes.has(Attribute.ARTIFICIAL),
      symbol: textOf(entry, Attribute.LINKAGE_NAME),
      slot: slotOf(entry),
    };
  }

  /** DWARF 5, section 5.7.10. */
  #variants(entry: Entry): Variants | undefined {
    const part = entry.children.find(({ tag }) => tag === Tag.VARIANT_PART);
    if (part === undefined) return undefined;
    const discriminant = this.#info.refer(part, Attribute.DISCRIMINANT);
    const cases = part.children
      .filter(({ tag }) => tag === Tag.VARIANT)
      .flatMap((each): Variant[] => {
        const value = each.attributes.get(Attribute.DISCRIMINANT_VALUE);
        const [member] = each.children.flatMap((child) => this.#member(child, entry));
        if (member === undefined) return [];
        return [
          { value: value?.kind === 'number' ? (value.bits ?? BigInt(value.value)) : undefined, member },
        ];
      });
    const [own] = discriminant === undefined ? [] : this.#member(discriminant, part);
    return { discriminant: own, cases };
  }

  #member(entry: Entry, whole: Entry): Member[] {
    if (entry.tag !== Tag.MEMBER && entry.tag !== Tag.INHERITANCE) return [];
    if (entry.attributes.has(Attribute.EXTERNAL) || entry.attributes.has(Attribute.DECLARATION)) return []; // static
    const type = this.typeIn(entry);
    const offset = memberOffset(entry);
    const isBase = entry.tag === Tag.INHERITANCE;
    const name = isBase && type.kind === 'struct' ? type.name : textOf(entry, Attribute.NAME);
    const count = numberOf(entry, Attribute.BIT_SIZE);
    const access = accessOf(entry, whole);
    if (count === undefined) return [{ name, type, offset, access, ...(isBase ? { isBase } : {}) }];
    const first = firstBit(entry, sizeOf(type), count);
    return [{ name, type, offset: first >>> 3, access, bits: { from: first & 7, count } }];
  }

  #function(entry: Entry): FunctionType {
    const parameters = entry.children.filter(({ tag }) => tag === Tag.PARAMETER);
    const typeIn = (each: Entry): CType => this.typeIn(each);
    return {
      kind: 'function',
      get returns() {
        return typeIn(entry);
      },
      get parameters() {
        return parameters.map(typeIn);
      },
      isVariadic: entry.children.some(({ tag }) => tag === Tag.UNSPECIFIED_PARAMETERS),
      isPrototyped: entry.attributes.has(Attribute.PROTOTYPED),
    };
  }
}

const ACCESS: Readonly<Record<number, Access>> = { 1: 'public', 2: 'protected', 3: 'private' };

/** What a member of `whole` that does not say is: DWARF 5, section 5.7.6. */
function accessOf(entry: Entry, whole: Entry): Access {
  // the pointer to the table of virtual functions
  if (entry.tag === Tag.MEMBER && entry.attributes.has(Attribute.ARTIFICIAL)) return 'private';
  const said = ACCESS[numberOf(entry, Attribute.ACCESSIBILITY) ?? 0];
  return said ?? (whole.tag === Tag.CLASS ? 'private' : 'public');
}

const DW_OP_CONSTU = 0x10;

/** The place of a virtual function in its table. */
function slotOf(entry: Entry): number | undefined {
  const value = entry.attributes.get(Attribute.VTABLE_ELEMENT);
  if (value?.kind === 'number') return value.value;
  if (value?.kind !== 'block' || value.bytes[0] !== DW_OP_CONSTU) return undefined;
  return new ByteReader(value.bytes, 1).uleb();
}

const SIZE_WORDS: ReadonlySet<string> = new Set(['short', 'long']);

/** `long unsigned int` is shown as `unsigned long`. */
function plainName(name: string): string {
  const words = name.split(' ');
  if (!words.some((word) => SIZE_WORDS.has(word)) || words.includes('double')) return name;
  if (!words.every((word) => SIZE_WORDS.has(word) || word === 'int' || word === 'unsigned')) return name;
  const sizes = words.filter((word) => SIZE_WORDS.has(word));
  return [...(words.includes('unsigned') ? ['unsigned'] : []), ...sizes].join(' ');
}

/** DWARF 4 may count from the highest bit of the unit that holds the field (5.5.6, earlier than DW_AT_data_bit_offset). */
function firstBit(member: Entry, size: number, bits: number): number {
  const fromHighest = numberOf(member, Attribute.BIT_OFFSET);
  if (fromHighest === undefined) return numberOf(member, Attribute.DATA_BIT_OFFSET) ?? 0;
  const unit = numberOf(member, Attribute.BYTE_SIZE) ?? size;
  return 8 * (memberOffset(member) + unit) - fromHighest - bits;
}

const DW_OP_PLUS_UCONST = 0x23;

/** A number; before DWARF 4 an expression that adds it. */
function memberOffset(member: Entry): number {
  const value = member.attributes.get(Attribute.MEMBER_OFFSET);
  if (value?.kind !== 'block') return numberOf(member, Attribute.MEMBER_OFFSET) ?? 0;
  if (value.bytes[0] !== DW_OP_PLUS_UCONST) return 0;
  try {
    return new ByteReader(value.bytes, 1).uleb();
  } catch (error) {
    if (error instanceof RangeError) return 0;
    throw error;
  }
}
