// C's types as the debugger has them: those of a program's debug information, and those that can be typed.
// values.ts gives them values, type-text.ts writes them down, dwarf-types.ts makes them of .debug_info.
// What a type leads to may lead back to it, so it is looked up when it is asked for.

export interface VoidType {
  readonly kind: 'void';
}
export interface IntegerType {
  readonly kind: 'integer';
  readonly name: string;
  readonly size: 1 | 2 | 4 | 8 | 16;
  readonly isSigned: boolean;
  /** A character or a truth value is shown as such. */
  readonly shownAs?: 'character' | 'unicode' | 'boolean';
}
export interface FloatType {
  readonly kind: 'float';
  readonly name: string;
  readonly size: 4 | 8 | 16;
}
export interface PointerType {
  readonly kind: 'pointer';
  readonly to: CType;
  /** Of C++: `&` or `&&`. */
  readonly reference?: '&' | '&&';
}
export interface ArrayType {
  readonly kind: 'array';
  readonly element: CType;
  /** Undefined when it is not known: `int []`. */
  readonly count: number | undefined;
}
export interface Enumerator {
  readonly name: string;
  readonly value: bigint;
}
export interface EnumType {
  readonly kind: 'enum';
  readonly name: string | undefined;
  readonly size: 1 | 2 | 4 | 8;
  readonly isSigned: boolean;
  readonly enumerators: readonly Enumerator[];
  /** Of C++ and Rust: what stands before the names of enumerators, `shop::Color::`; and the keyword is left out. */
  readonly prefix?: string;
}
export interface Member {
  /** Undefined for a structure or union without a name, whose members count as its own. */
  readonly name: string | undefined;
  readonly type: CType;
  /** In bytes; of a bit-field those that hold it begin here. */
  readonly offset: number;
  /** A bit-field: counted from the lowest bit of the byte at `offset`. */
  readonly bits?: { readonly from: number; readonly count: number };
  /** Of C++: the part that a base class is. */
  readonly isBase?: boolean;
  /** Of C++: who may use it; absent is everybody. */
  readonly access?: Access;
}
export type Access = 'public' | 'protected' | 'private';
/** Of C++: a member that all objects share. */
export interface StaticMember {
  readonly name: string;
  readonly type: CType;
  readonly access: Access;
  /** How many of the other members stand before it. */
  readonly before: number;
}
/** Of C++: a member function as its class declares it. */
export interface Method {
  readonly name: string;
  /** With the object that it is called for as the first parameter, unless it is static. */
  readonly type: FunctionType;
  /** Those that stand in the source. */
  readonly parameters: readonly CType[];
  readonly access: Access;
  readonly isStatic: boolean;
  readonly isVirtual: boolean;
  /** Made by the compiler. */
  readonly isArtificial: boolean;
  /** The name of its symbol. */
  readonly symbol: string | undefined;
  /** Of a virtual one: its place in the table of its class. */
  readonly slot: number | undefined;
}
export interface StructType {
  readonly kind: 'struct';
  readonly keyword: 'struct' | 'union' | 'class';
  readonly name: string | undefined;
  readonly size: number;
  /** Declared only: nobody says what is in it. */
  readonly isIncomplete: boolean;
  readonly members: readonly Member[];
  /** Of C++ and Rust: its name stands without the keyword. */
  readonly isScoped?: boolean;
  readonly statics?: readonly StaticMember[];
  readonly methods?: readonly Method[];
  /** Of C++: typedefs inside. */
  readonly typedefs?: readonly { readonly type: NamedType; readonly access: Access }[];
  /** What a template or generic type was made with. */
  readonly arguments?: readonly CType[];
  /** An enumeration of Rust: of which members one is there. */
  readonly variants?: Variants | undefined;
}
export interface Variants {
  readonly discriminant: Member | undefined;
  readonly cases: readonly Variant[];
}
export interface Variant {
  /** Of the discriminant; undefined of the one that is there with all others. */
  readonly value: bigint | undefined;
  readonly member: Member;
}
export interface FunctionType {
  readonly kind: 'function';
  readonly returns: CType;
  readonly parameters: readonly CType[];
  readonly isVariadic: boolean;
  /** Declared as `int f(void)` or with parameters, not as `int f()`. */
  readonly isPrototyped: boolean;
}
export interface NamedType {
  readonly kind: 'typedef';
  readonly name: string;
  readonly to: CType;
}
export interface QualifiedType {
  readonly kind: 'qualified';
  readonly qualifier: 'const' | 'volatile' | 'restrict' | '_Atomic';
  readonly to: CType;
}
/** Of what is known by its symbol alone. */
export interface UntypedType {
  readonly kind: 'untyped';
  readonly of: 'text' | 'data';
}

export type CType =
  | VoidType
  | IntegerType
  | FloatType
  | PointerType
  | ArrayType
  | EnumType
  | StructType
  | FunctionType
  | NamedType
  | QualifiedType
  | UntypedType;

/** A type behind typedefs and qualifiers. */
export type BareType = Exclude<CType, NamedType | QualifiedType>;

const integer = (name: string, size: 1 | 2 | 4 | 8, isSigned: boolean): IntegerType => ({
  kind: 'integer',
  name,
  size,
  isSigned,
  ...(size === 1 ? { shownAs: 'character' } : {}),
});

export const VOID: VoidType = { kind: 'void' };
export const CHAR = integer('char', 1, false); // unsigned on RISC-V
export const INT = integer('int', 4, true);
export const UNSIGNED_INT = integer('unsigned int', 4, false);
export const LONG = integer('long', 8, true);
export const UNSIGNED_LONG = integer('unsigned long', 8, false);
export const SHORT = integer('short', 2, true);
const UNSIGNED_SHORT = integer('unsigned short', 2, false);
const SIGNED_CHAR = integer('signed char', 1, true);
const UNSIGNED_CHAR = integer('unsigned char', 1, false);
export const BOOLEAN: IntegerType = {
  kind: 'integer',
  name: 'bool',
  size: 1,
  isSigned: false,
  shownAs: 'boolean',
};
export const DOUBLE: FloatType = { kind: 'float', name: 'double', size: 8 };
export const FLOAT: FloatType = { kind: 'float', name: 'float', size: 4 };
const LONG_DOUBLE: FloatType = { kind: 'float', name: 'long double', size: 16 };
/** What `x` reads: numbers, never characters. */
export const BYTE: IntegerType = { kind: 'integer', name: 'int8_t', size: 1, isSigned: true };

const named = (name: string, to: CType): NamedType => ({ kind: 'typedef', name, to });

/** Spellings of C's types, words in one order. */
export const TYPE_NAMES: Readonly<Record<string, CType>> = {
  void: VOID,
  char: CHAR,
  'signed char': SIGNED_CHAR,
  'unsigned char': UNSIGNED_CHAR,
  short: SHORT,
  'unsigned short': UNSIGNED_SHORT,
  int: INT,
  unsigned: UNSIGNED_INT,
  'unsigned int': UNSIGNED_INT,
  long: LONG,
  'long long': integer('long long', 8, true),
  'unsigned long': UNSIGNED_LONG,
  'unsigned long long': integer('unsigned long long', 8, false),
  float: FLOAT,
  double: DOUBLE,
  'long double': LONG_DOUBLE,
  _Bool: { kind: 'integer', name: '_Bool', size: 1, isSigned: false, shownAs: 'boolean' },
};

/** Names that C's headers define, for programs that say nothing of them. */
export const HEADER_TYPES: Readonly<Record<string, CType>> = {
  bool: TYPE_NAMES._Bool as CType,
  int8_t: named('int8_t', SIGNED_CHAR),
  uint8_t: named('uint8_t', UNSIGNED_CHAR),
  int16_t: named('int16_t', SHORT),
  uint16_t: named('uint16_t', UNSIGNED_SHORT),
  int32_t: named('int32_t', INT),
  uint32_t: named('uint32_t', UNSIGNED_INT),
  int64_t: named('int64_t', LONG),
  uint64_t: named('uint64_t', UNSIGNED_LONG),
  size_t: named('size_t', UNSIGNED_LONG),
  ssize_t: named('ssize_t', LONG),
  intptr_t: named('intptr_t', LONG),
  uintptr_t: named('uintptr_t', UNSIGNED_LONG),
};

/** Of `$pc` and `$ra`. */
export const CODE_POINTER: PointerType = {
  kind: 'pointer',
  to: { kind: 'function', returns: VOID, parameters: [], isVariadic: false, isPrototyped: false },
};

export function pointerTo(to: CType): PointerType {
  return { kind: 'pointer', to };
}

export function arrayOf(element: CType, count: number | undefined): ArrayType {
  return { kind: 'array', element, count };
}

/** Typedefs that name themselves end here. */
const DEEPEST = 100;

export function bare(type: CType): BareType {
  let found = type;
  for (let depth = 0; found.kind === 'typedef' || found.kind === 'qualified'; depth++) {
    if (depth > DEEPEST) return VOID;
    found = found.to;
  }
  return found;
}

/** Bytes; a void or a function counts as one, as gcc's pointer arithmetic has it. */
export function sizeOf(type: CType): number {
  const found = bare(type);
  switch (found.kind) {
    case 'pointer':
      return 8;
    case 'void':
    case 'function':
    case 'untyped':
      return 1;
    case 'array':
      return (found.count ?? 0) * sizeOf(found.element);
    default:
      return found.size;
  }
}

/** One byte that is shown as a character. */
export function isCharacter(type: CType): boolean {
  const found = bare(type);
  return found.kind === 'integer' && found.shownAs === 'character';
}

/** `(READ | EXEC)`: are all enumerators bits of their own? */
export function isFlags({ enumerators }: EnumType): boolean {
  let seen = 0n;
  for (const { value } of enumerators) {
    if (value < 0n || (value & (value - 1n)) !== 0n || (value & seen) !== 0n) return false;
    seen |= value;
  }
  return true;
}
