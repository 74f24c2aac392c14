// The value of an expression: what syntax.ts has parsed, over registers, symbols, variables, memory and convenience variables.
// `print`, `x`, `set`, `break if` and every command that takes an address evaluate here.
// Guest memory is read through a Scope; only assignments change anything, through the same Scope.
import { PromptError } from '../prompt/prompt-error.ts';
import { arrayOf, bare, CHAR, type CType, INT, LONG, pointerTo, SHORT, sizeOf, VOID } from './c-types.ts';
import { type Called, calledBy, isOwnFunction, misfit, nothingOf, ownFunction } from './calls.ts';
import { areSameStrings, heldPointer, libraryCall, libraryElement } from './library-values.ts';
import { memberFunction } from './member-functions.ts';
import { arithmetic, promote } from './operators.ts';
import { elementOf, hasMember, memberNamed } from './parts.ts';
import { type Names, type Node, parse, parseList, parsePrefix } from './syntax.ts';
import { typeText } from './type-text.ts';
import {
  addressOf,
  bytesValue,
  convert,
  fromBytes,
  isMissing,
  isTrue,
  longValue,
  makeInteger,
  numberIn,
  toBytes,
  truthValue,
  type Value,
  valueAt,
} from './values.ts';

/** What names mean at the moment. Each throws PromptError for what is not there. */
export interface Scope extends Names {
  /** `$a0`, `$pc`, `$_exitcode`, `$1`, `$my_variable`, without the dollar. */
  dollar(name: string): Value;
  /** A variable, function or enumerator whose type is known; undefined when there is none of this name. */
  variable(name: string, scope?: string): Value | undefined;
  /** All functions that the name means, of which a call chooses one. */
  functions?(name: string): readonly Value[];
  /** A symbol of the program: its address, and its size when it is data. */
  symbol(name: string): { readonly address: number; readonly isFunction: boolean; readonly size: number };
  read(address: number, length: number): Uint8Array;
  /** Gives what is there then. */
  assign(target: Value, value: Value): Value;
  /** Runs a function of the program, and gives what it gave back. */
  call(called: Called): Value;
  /** Puts bytes into the program's memory, for a function of it, and says where. */
  put(bytes: Uint8Array): number;
  /** A function of the debugger that asks for more than memory: `$_caller_is`, without the dollar. */
  own?(name: string): ((args: readonly Value[]) => Value) | undefined;
}

/** Throws PromptError with one line. */
export function evaluate(text: string, scope: Scope): Value {
  return compute(parse(text, scope), scope);
}

/** The value of a leading expression, and what follows it; ends where no operator goes on. */
export function evaluatePrefix(text: string, scope: Scope): { value: Value; rest: string } {
  const { node, rest } = parsePrefix(text, scope);
  return { value: compute(node, scope), rest };
}

/** Values of expressions with commas between them. */
export function evaluateList(text: string, scope: Scope): Value[] {
  return parseList(text, scope).map((node) => compute(node, scope));
}

/** The type of what is typed, and whether a type was; nothing is changed, and memory need not be there. */
export function typeOfText(text: string, scope: Scope): { type: CType; isType: boolean } {
  const node = parse(text, scope);
  if (node.kind === 'type') return { type: node.type, isType: true };
  return { type: typeOfNode(node, scope), isType: false };
}

function typeOfNode(node: Node, scope: Scope): CType {
  const quiet: Scope = {
    isVariable: (name) => scope.isVariable(name),
    isSymbol: (name) => scope.isSymbol(name),
    typeNamed: (keyword, name) => scope.typeNamed(keyword, name),
    dollar: (name) => scope.dollar(name),
    variable: (name, within) => present(scope.variable(name, within)),
    symbol: (name) => scope.symbol(name),
    read: (address, length) => {
      try {
        return scope.read(address, length);
      } catch (error) {
        if (!(error instanceof PromptError)) throw error;
        return new Uint8Array(length);
      }
    },
    assign: (_, value) => value,
    call: ({ returns }) => nothingOf(returns),
    put: () => 0,
    own: (name) => scope.own?.(name),
  };
  return compute(node, quiet).type;
}

/** What the compiler did away with has a type nevertheless. */
function present(value: Value | undefined): Value | undefined {
  // what lies in memory is there, however much it is
  if (value === undefined || value.place?.kind === 'memory' || !isMissing(value.content)) return value;
  return fromBytes(value.type, new Uint8Array(Math.max(sizeOf(value.type), 8)));
}

/** The value of an operand: of a reference what it refers to. */
function referred(node: Node, scope: Scope): Value {
  const value = compute(node, scope);
  const type = bare(value.type);
  if (type.kind !== 'pointer' || type.reference === undefined || isMissing(value.content)) return value;
  return valueAt(type.to, addressOf(value), scope.read.bind(scope));
}

function compute(node: Node, scope: Scope): Value {
  switch (node.kind) {
    case 'constant':
      return node.value;
    case 'string':
      return bytesValue(Uint8Array.from(node.text, (each) => each.charCodeAt(0)));
    case 'dollar':
      return scope.dollar(node.name);
    case 'name':
      return named(node.name, node.scope, scope);
    case 'type':
      throw new PromptError('Attempt to use a type name as an expression');
    case 'unary':
      return unary(node, scope);
    case 'binary':
      return binary(node, scope);
    case 'conditional':
      return compute(isTrue(referred(node.test, scope)) ? node.yes : node.no, scope);
    case 'cast':
      return cast(node, scope);
    case 'at':
      return valueAt(node.type, addressOf(referred(node.address, scope)), scope.read.bind(scope));
    case 'sizeof': {
      const type = node.operand.kind === 'type' ? node.operand.type : typeOfNode(node.operand, scope);
      return makeInteger(INT, BigInt(sizeOf(type)));
    }
    case 'member':
      return member(node, scope);
    case 'index':
      return element(referred(node.object, scope), referred(node.index, scope), scope);
    case 'call':
      return call(node, undefined, scope);
    case 'assign':
      return assign(node, scope);
    case 'step':
      return step(node, scope);
    case 'list':
      return list(node.elements.map((each) => compute(each, scope)));
  }
}

/** Symbols without a type are integers of their size. */
const BY_SIZE: Readonly<Record<number, CType>> = { 1: CHAR, 2: SHORT, 4: INT, 8: LONG };

function named(name: string, within: string | undefined, scope: Scope): Value {
  const variable = scope.variable(name, within);
  if (variable !== undefined) return variable;
  const { address, isFunction, size } = scope.symbol(name);
  const type = BY_SIZE[size];
  if (isFunction || type === undefined) {
    const of = isFunction ? 'text' : 'data';
    return { type: { kind: 'untyped', of }, content: BigInt(address), place: { kind: 'memory', address } };
  }
  return valueAt(type, address, scope.read.bind(scope));
}

/** Data that is known by its symbol alone and has no plain size is nothing to compute with. */
function typed(node: Node, value: Value): Value {
  if (value.type.kind !== 'untyped' || value.type.of === 'text') return value;
  const name = node.kind === 'name' ? node.name : 'it';
  throw new PromptError(`'${name}' has unknown type; cast it to its declared type`);
}

export function shownValueOf(text: string, scope: Scope): Value {
  const node = parse(text, scope);
  return typed(node, compute(node, scope));
}

function cast({ type, operand }: Extract<Node, { kind: 'cast' }>, scope: Scope): Value {
  const value = operand.kind === 'call' ? call(operand, type, scope) : referred(operand, scope);
  // what has no type is taken to be of this one
  if (value.type.kind === 'untyped' && value.type.of === 'data')
    return valueAt(type, addressOf(value), scope.read.bind(scope));
  return convert(value.type.kind === 'untyped' ? longValue(addressOf(value)) : value, type);
}

function call(node: Extract<Node, { kind: 'call' }>, castTo: CType | undefined, scope: Scope): Value {
  const { called } = node;
  const read = scope.read.bind(scope);
  const args = (): Value[] => node.arguments.map((each) => typed(each, referred(each, scope)));
  const own =
    called.kind === 'dollar' && isOwnFunction(called.name) && ownFunction(called.name, args(), read);
  if (own) return own;
  const other = called.kind === 'dollar' ? scope.own?.(called.name) : undefined;
  if (other !== undefined) return other(args());
  const values = args();
  if (called.kind === 'member') {
    const found = memberCall(called, values, castTo, scope);
    if (found !== undefined) return found;
  }
  const target = overloaded(called, values, scope) ?? compute(called, scope);
  const name = called.kind === 'name' ? called.name : `at 0x${addressOf(target).toString(16)}`;
  return scope.call(calledBy(name, target, values, castTo, (bytes) => scope.put(bytes)));
}

/** Of an object of C++; undefined where the name is that of a plain member. */
function memberCall(
  { object, name }: Extract<Node, { kind: 'member' }>,
  args: readonly Value[],
  castTo: CType | undefined,
  scope: Scope,
): Value | undefined {
  const value = typed(object, referred(object, scope));
  const read = scope.read.bind(scope);
  const type = bare(value.type);
  if (type.kind === 'struct' && hasMember(type, name)) return undefined;
  const isArrow = type.kind === 'pointer';
  const whole = isArrow ? dereference(value, scope) : value;
  const known = libraryCall(whole, name, args, read);
  if (known !== undefined) return known;
  const held = isArrow ? undefined : heldPointer(whole, read);
  const found =
    memberFunction(whole, name, args, scope) ??
    (held && memberFunction(dereference(held, scope), name, args, scope));
  return found && scope.call(calledBy(name, found.called, found.args, castTo, (bytes) => scope.put(bytes)));
}

/** Of several functions of a name the one that fits the arguments best. */
function overloaded(called: Node, args: readonly Value[], scope: Scope): Value | undefined {
  const functions =
    called.kind === 'name' && called.scope === undefined ? scope.functions?.(called.name) : undefined;
  if (functions === undefined || functions.length < 2) return undefined;
  const cost = ({ type }: Value): number =>
    type.kind === 'function' ? misfit(type.parameters, args) : Number.POSITIVE_INFINITY;
  return functions.reduce((best, each) => (cost(each) < cost(best) ? each : best));
}

function unary({ operator, operand }: Extract<Node, { kind: 'unary' }>, scope: Scope): Value {
  const value = referred(operand, scope);
  if (operator === '&') return pointerToValue(operand, value);
  if (operator === '*') return dereference(typed(operand, value), scope);
  if (operator === '!')
    return truthValue(!isTrue(bare(value.type).kind === 'array' ? promote(value) : value));
  const promoted = promote(value);
  const { content, type } = promoted;
  if (operator === '+') return promoted;
  if (typeof content === 'number') {
    if (operator === '~') throw new PromptError('Argument to complement operation not an integer, boolean.');
    return { type, content: -content };
  }
  return makeInteger(type, operator === '-' ? -(content as bigint) : ~(content as bigint));
}

function pointerToValue(node: Node, value: Value): Value {
  const { place, type } = value;
  if (place?.kind === 'memory' && place.bits === undefined)
    return makeInteger(pointerTo(type), BigInt(place.address));
  if (place?.kind === 'register' && node.kind === 'name')
    throw new PromptError(
      `Address requested for identifier "${node.name}" which is in register $${place.name}`,
    );
  if (isMissing(value.content))
    throw new PromptError(`Can't take address of "${nodeName(node)}" which isn't an lvalue.`);
  throw new PromptError('Attempt to take address of value not located in memory.');
}

function nodeName(node: Node): string {
  return node.kind === 'name' ? node.name : 'it';
}

function dereference(value: Value, scope: Scope): Value {
  const { content } = value;
  if (isMissing(content) && content.target !== undefined)
    return targetElement(content.target(), longValue(0), scope);
  const type = bare(value.type);
  const read = scope.read.bind(scope);
  switch (type.kind) {
    case 'function':
    case 'untyped':
      return value;
    case 'array':
      return element(value, longValue(0), scope);
    case 'pointer':
      if (bare(type.to).kind === 'void')
        throw new PromptError('Attempt to take contents of a non-pointer value.');
      return valueAt(type.to, addressOf(value), read);
    case 'integer':
      return valueAt(LONG, addressOf(value), read);
    default: {
      const held = heldPointer(value, read);
      if (held !== undefined) return dereference(held, scope);
      throw new PromptError('Attempt to take contents of a non-pointer value.');
    }
  }
}

function element(value: Value, index: Value, scope: Scope): Value {
  const type = bare(value.type);
  if (type.kind === 'array') {
    const number = Number(numberIn(index));
    if (value.place?.kind === 'memory')
      return valueAt(
        type.element,
        value.place.address + number * sizeOf(type.element),
        scope.read.bind(scope),
      );
    if (type.count !== undefined && (number < 0 || number >= type.count))
      throw new PromptError(`no such vector element`);
    return elementOf(value, number);
  }
  const { content } = value;
  if (isMissing(content) && content.target !== undefined)
    return targetElement(content.target(), index, scope);
  const own = libraryElement(value, index, scope.read.bind(scope));
  if (own !== undefined) return own;
  if (type.kind !== 'pointer' && bare(index.type).kind !== 'pointer')
    throw new PromptError(`cannot subscript something of type \`${typeText(value.type)}'`);
  return dereference(arithmetic('+', value, index), scope);
}

/** Of what a pointer that is not there points to. */
function targetElement(target: Value, index: Value, scope: Scope): Value {
  if (bare(target.type).kind === 'array') return element(target, index, scope);
  if (numberIn(index) === 0n) return target;
  throw new PromptError('value is a synthetic pointer');
}

function member({ object, name }: Extract<Node, { kind: 'member' }>, scope: Scope): Value {
  const value = typed(object, referred(object, scope));
  const read = scope.read.bind(scope);
  const type = bare(value.type);
  const isOwn = type.kind === 'struct' && hasMember(type, name);
  const held = isOwn ? undefined : heldPointer(value, read);
  const whole = type.kind === 'pointer' || held !== undefined ? dereference(held ?? value, scope) : value;
  return memberNamed(whole, name, read);
}

function binary({ operator, left, right }: Extract<Node, { kind: 'binary' }>, scope: Scope): Value {
  const first = referred(left, scope);
  if (operator === '&&' || operator === '||') {
    const isDecided = isTrue(first) === (operator === '||');
    return truthValue(isDecided ? operator === '||' : isTrue(referred(right, scope)));
  }
  const second = referred(right, scope);
  if (operator === ',') return second;
  if (operator === '@') return repeated(typed(left, first), second, scope);
  if (operator === '==' || operator === '!=') {
    const isSame = areSameStrings(first, second, scope.read.bind(scope));
    if (isSame !== undefined) return truthValue(isSame === (operator === '=='));
  }
  return arithmetic(operator, typed(left, addressed(first)), typed(right, addressed(second)));
}

/** A function without a type counts as its address. */
function addressed(value: Value): Value {
  return value.type.kind === 'untyped' && value.type.of === 'text'
    ? makeInteger(pointerTo(VOID), value.content as bigint)
    : value;
}

function repeated(first: Value, count: Value, scope: Scope): Value {
  if (first.place?.kind !== 'memory')
    throw new PromptError("Only values in memory can be extended with '@'.");
  const number = numberIn(count);
  if (number <= 0) throw new PromptError(`Invalid number ${number} of repetitions.`);
  return valueAt(arrayOf(first.type, Number(number)), first.place.address, scope.read.bind(scope));
}

function assign({ operator, target, value }: Extract<Node, { kind: 'assign' }>, scope: Scope): Value {
  const place = referred(target, scope);
  const right = referred(value, scope);
  return store(place, operator === '' ? right : arithmetic(operator, place, right), scope);
}

function step({ operator, isBefore, target }: Extract<Node, { kind: 'step' }>, scope: Scope): Value {
  const place = referred(target, scope);
  const one = makeInteger(INT, 1n);
  const after = store(place, arithmetic(operator, place, one), scope);
  if (isBefore) return after;
  // what is there now may be what was stored already, when a call has broken off the evaluation
  const { content } = convert(arithmetic(operator === '+' ? '-' : '+', after, one), after.type);
  return { type: after.type, content };
}

/** What is there then. */
function store(target: Value, value: Value, scope: Scope): Value {
  const isNew = target.place?.kind === 'variable';
  const stored = isNew ? { type: value.type, content: value.content } : convert(value, target.type);
  return { ...scope.assign(target, stored), place: target.place };
}

function list(values: readonly Value[]): Value {
  const [first] = values;
  const type = first?.type ?? INT;
  const parts = values.map((value) => toBytes(convert(value, type)));
  const size = sizeOf(type);
  const content = new Uint8Array(size * parts.length);
  for (const [at, part] of parts.entries()) content.set(part, at * size);
  return { type: arrayOf(type, values.length), content };
}
