// Types as C writes them: `int (*)[3]`, with a name in the middle where one is declared, and structures laid out by `ptype`.
// The commands whatis, ptype and info print them, value-text.ts puts them before pointers.
// The layout of lines and blanks is gdb's.
import type { CType, EnumType, FunctionType, StructType } from './c-types.ts';

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
  const lines = type.members
    .filter(({ isBase, name: own }) => isBase !== true && own?.startsWith('_vptr') !== true)
    .map((member) => {
      const found = member.type;
      // only what has no name of its own is laid out inside
      const isInner = (found.kind === 'struct' || found.kind === 'enum') && found.name === undefined;
      const bits = member.bits === undefined ? '' : ` : ${member.bits.count}`;
      return `${margin}    ${typeText(found, member.name ?? '', isInner, isInner ? indent + 4 : 0)}${bits};`;
    });
  if (lines.length === 0) lines.push(`${margin}    <no data fields>`);
  return `${whole} {\n${lines.join('\n')}\n${margin}}`;
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
