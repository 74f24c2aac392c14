// Types as C writes them: `int (*)[3]`, with a name in the middle where one is declared, and structures laid out by `ptype`.
// The commands whatis, ptype and info print them, value-text.ts puts them before pointers.
// The layout of lines and blanks is gdb's.
import {
  type Access,
  type CType,
  type EnumType,
  type FunctionType,
  type Method,
  type StructType,
  VOID,
} from './c-types.ts';

/** `const char *names[3]`; without a name `const char *[3]`. */
export function typeText(type: CType, name = '', isExpanded = false, indent = 0): string {
  const { base, declarator } = declare(type, name);
  const head = qualifiedText(base, isExpanded, indent);
  return declarator === '' ? head : `${head} ${declarator}`;
}

/** What stands left, and the declarator around the name. */
export function declare(type: CType, inner: string): { base: CType; declarator: string } {
  switch (type.kind) {
    case 'pointer': {
      const text = `${type.reference ?? '*'}${inner}`;
      const { to } = type;
      return declare(to, to.kind === 'array' || to.kind === 'function' ? `(${text})` : text);
    }
    case 'qualified':
      // of a pointer it stands behind the star, else before the type
      return type.to.kind === 'pointer'
        ? declare(type.to, ` ${type.qualifier}${inner === '' ? '' : ` ${inner}`}`)
        : { base: type, declarator: inner };
    case 'array':
      return declare(type.element, `${inner}[${type.count ?? ''}]`);
    case 'function':
      return declare(type.returns, `${inner}(${parametersText(type)})`);
    default:
      return { base: type, declarator: inner };
  }
}

export function parametersText({ parameters, isVariadic, isPrototyped }: FunctionType): string {
  const texts = parameters.map((each) => typeText(each));
  if (isVariadic) texts.push('...');
  return texts.length === 0 && isPrototyped ? 'void' : texts.join(', ');
}

function qualifiedText(type: CType, isExpanded: boolean, indent: number): string {
  const words: string[] = [];
  let found = type;
  while (found.kind === 'qualified') {
    words.push(found.qualifier);
    found = found.to;
  }
  words.sort(); // const before volatile
  return [...words, baseText(found, isExpanded, indent)].join(' ');
}

function baseText(type: CType, isExpanded: boolean, indent: number): string {
  switch (type.kind) {
    case 'void':
      return 'void';
    case 'integer':
    case 'float':
    case 'typedef':
      return type.name;
    case 'untyped':
      return `<${type.of} variable, no debug info>`;
    case 'enum':
      return enumText(type, isExpanded || indent > 0);
    case 'struct':
      return structText(type, isExpanded, indent);
    default:
      return typeText(type, '', isExpanded, indent);
  }
}

function enumText(type: EnumType, isExpanded: boolean): string {
  const head = type.name === undefined ? 'enum' : `enum ${type.name}`;
  if (!isExpanded) {
    if (type.name === undefined) return 'enum {...}';
    return type.prefix === undefined ? head : type.name;
  }
  let next = 0n;
  const texts = type.enumerators.map(({ name, value }) => {
    const text = value === next ? name : `${name} = ${value}`;
    next = value + 1n;
    return text;
  });
  return `${head} {${texts.join(', ')}}`;
}

function structText(type: StructType, isExpanded: boolean, indent: number): string {
  const { keyword, name } = type;
  const head = name === undefined ? keyword : `${keyword} ${name}`;
  if (!isExpanded) {
    if (name === undefined) return `${keyword} {...}`;
    return type.isScoped === true ? name : head;
  }
  const bases = type.members
    .filter(({ isBase }) => isBase === true)
    .map(({ name: base }) => `public ${base}`);
  const whole = bases.length === 0 ? head : `${head} : ${bases.join(', ')}`;
  const margin = ' '.repeat(indent);
  if (type.isIncomplete) return `${head} {\n${margin}    <incomplete type>\n${margin}}`;
  const lines = new ClassLines(margin, needsAccess(type));
  for (const [index, member] of [...type.members, undefined].entries()) {
    for (const shared of type.statics?.filter(({ before }) => before === index) ?? [])
      lines.field(`static ${typeText(withinClass(shared.type, name), shared.name)}`, shared.access);
    if (member === undefined || member.isBase === true || member.name?.startsWith('_vptr') === true) continue;
    const found = withinClass(member.type, name);
    // only what has no name of its own is laid out inside
    const isInner = (found.kind === 'struct' || found.kind === 'enum') && found.name === undefined;
    const bits = member.bits === undefined ? '' : ` : ${member.bits.count}`;
    const text = typeText(found, member.name ?? '', isInner, isInner ? indent + 4 : 0);
    lines.field(`${text}${bits}`, member.access ?? 'public');
  }
  const methods = (type.methods ?? []).filter(({ isArtificial }) => !isArtificial);
  const names = [...new Set(methods.map((each) => each.name))];
  for (const own of names)
    for (const each of methods) if (each.name === own) lines.method(methodText(each, type), each.access);
  for (const each of type.typedefs ?? []) {
    const own = each.type.name.slice(`${name}::`.length);
    lines.typedef(`typedef ${typeText(withinClass(each.type.to, name), own)}`, each.access);
  }
  if (lines.isEmpty) lines.field('<no data fields>', undefined);
  return `${whole} {\n${lines.text}\n${margin}}`;
}

/** Members of a class, those of one access together. */
class ClassLines {
  readonly #lines: string[] = [];
  readonly #margin: string;
  readonly #hasLabels: boolean;
  #access: Access | undefined;
  #hasMethods = false;
  #hasTypedefs = false;

  constructor(margin: string, hasLabels: boolean) {
    this.#margin = margin;
    this.#hasLabels = hasLabels;
  }

  get isEmpty(): boolean {
    return this.#lines.length === 0;
  }

  get text(): string {
    return this.#lines.join('\n');
  }

  field(text: string, access: Access | undefined): void {
    if (this.#hasLabels && access !== undefined) this.#label(access);
    this.#lines.push(`${this.#margin}    ${text}${access === undefined ? '' : ';'}`);
  }

  method(text: string, access: Access): void {
    if (!this.#hasMethods && this.#access !== undefined) this.#lines.push('');
    this.#hasMethods = true;
    this.#label(access);
    this.#lines.push(`${this.#margin}    ${text};`);
  }

  typedef(text: string, access: Access): void {
    if (!this.#hasTypedefs && !this.isEmpty) this.#lines.push('');
    this.#hasTypedefs = true;
    this.field(text, access);
  }

  #label(access: Access): void {
    if (access !== this.#access) this.#lines.push(`${this.#margin}  ${access}:`);
    this.#access = access;
  }
}

/** Is there something that others may not use, or in a class something that they may? (gdb/c-typeprint.c, need_access_label_p) */
function needsAccess({ keyword, members, methods = [], statics = [], typedefs = [] }: StructType): boolean {
  if (keyword === 'union') return false;
  const parts = [...members.filter(({ isBase }) => isBase !== true), ...statics, ...methods, ...typedefs];
  return parts.some(({ access = 'public' }) => (access === 'private') !== (keyword === 'class'));
}

function methodText(method: Method, { name: className = '' }: StructType): string {
  const { name, isStatic, isVirtual, parameters } = method;
  const type = withinClass(method.type, className) as FunctionType;
  const own = className.replace(/<.*$/s, '').split('::').at(-1);
  const isConstructor = name === own || name.startsWith('~');
  const [object] = isStatic ? [] : method.type.parameters;
  const listed = parametersText({
    ...type,
    parameters: parameters.map((each) => withinClass(each, className)),
    isPrototyped: true,
  });
  const text = `${name}(${listed})${isStatic || object === undefined ? '' : objectQualifiers(object)}`;
  const words = [...(isStatic ? ['static'] : []), ...(isVirtual && !isConstructor ? ['virtual'] : [])];
  const declared = isConstructor ? text : typeText(type.returns, text);
  return [...words, declared].join(' ');
}

/** A typedef of the class itself is written without its scope. */
function withinClass(type: CType, className = ''): CType {
  switch (type.kind) {
    case 'typedef':
      return type.name.startsWith(`${className}::`) && className !== ''
        ? { kind: 'typedef', name: type.name.slice(className.length + 2), to: VOID }
        : type;
    case 'qualified':
    case 'pointer':
      return { ...type, to: withinClass(type.to, className) };
    case 'array':
      return { ...type, element: withinClass(type.element, className) };
    case 'function':
      return { ...type, returns: withinClass(type.returns, className) };
    default:
      return type;
  }
}

/** ` const` of a function that leaves its object as it is. */
function objectQualifiers(object: CType): string {
  let found = object.kind === 'qualified' ? object.to : object;
  found = found.kind === 'pointer' ? found.to : found;
  const words: string[] = [];
  for (; found.kind === 'qualified'; found = found.to) words.push(` ${found.qualifier}`);
  return words.join('');
}

/** As `ptype` shows it: typedefs resolved, the outermost structure laid out. */
export function describedType(type: CType): string {
  return typeText(resolved(type), '', true);
}

/** Without typedefs, as far as the declaration reaches: not those of members and parameters. */
export function resolved(type: CType): CType {
  switch (type.kind) {
    case 'typedef':
      return resolved(type.to);
    case 'qualified':
      return { ...type, to: resolved(type.to) };
    case 'pointer':
      return { ...type, to: resolved(type.to) };
    case 'array':
      return { ...type, element: resolved(type.element) };
    case 'function':
      return { ...type, returns: resolved(type.returns) };
    default:
      return type;
  }
}

/** As `whatis` shows the type that was typed: one typedef is unrolled. */
export function unrolled(type: CType): CType {
  return type.kind === 'typedef' ? type.to : type;
}
