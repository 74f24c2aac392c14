// Calls in expressions: of the program's functions, and of the debugger's own (`$_streq`), with arguments as C passes them.
// evaluate.ts has computed the parts; a Scope runs what is the program's.
// The rules and messages are gdb's (gdb/infcall.c, value_arg_coerce).
import { PromptError } from '../prompt/prompt-error.ts';
import {
  bare,
  type CType,
  DOUBLE,
  type FunctionType,
  INT,
  type PointerType,
  pointerTo,
  sizeOf,
  VOID,
} from './c-types.ts';
import {
  addressOf,
  convert,
  fromBytes,
  isMissing,
  makeInteger,
  numberIn,
  toBytes,
  truthValue,
  type Value,
} from './values.ts';

/** A function of the program that is to run, with its arguments as they are passed. */
export interface Called {
  readonly name: string;
  readonly address: number;
  readonly returns: CType;
  readonly args: readonly Value[];
  /** How many of them are not of a variable list. */
  readonly named: number;
}

/** Puts bytes into the program's memory and says where. */
export type PutBytes = (bytes: Uint8Array) => number;

/** What is called, from the value that stands before the parentheses. `castTo` is what the call's result is cast to. */
export function calledBy(
  name: string,
  called: Value,
  args: readonly Value[],
  castTo: CType | undefined,
  put: PutBytes,
): Called {
  const found = bare(called.type);
  if (found.kind === 'untyped' && found.of === 'text') {
    if (castTo === undefined)
      throw new PromptError(`'${name}' has unknown return type; cast the call to its declared return type`);
    const passed = args.map((value) => promoted(decayed(value, put), false));
    return { name, address: addressOf(called), returns: castTo, args: passed, named: args.length };
  }
  const type = functionOf(found);
  if (type === undefined) throw new PromptError('Invalid data type for function to be called.');
  const { parameters, returns } = type;
  if (args.length < parameters.length) throw new PromptError('Too few arguments in function call.');
  const passed = args.map((value, index) => {
    const parameter = type.isPrototyped ? parameters[index] : undefined;
    const wanted = parameter && bare(parameter);
    if (wanted?.kind === 'pointer' && wanted.reference !== undefined) return referenceTo(value, wanted, put);
    const own = decayed(value, put);
    return parameter === undefined ? promoted(own, type.isPrototyped) : convert(own, parameter);
  });
  const named = type.isVariadic ? parameters.length : args.length;
  return { name, address: addressOf(called), returns, args: passed, named };
}

/** What a parameter that is a reference is given: where the value lies, or a copy that is put into memory. */
function referenceTo(value: Value, parameter: PointerType, put: PutBytes): Value {
  const [given, wanted] = [bare(value.type), bare(parameter.to)];
  const isPlain = given.kind !== 'struct' && given.kind !== 'array';
  const own =
    isPlain && (given.kind !== wanted.kind || sizeOf(given) !== sizeOf(wanted))
      ? convert(value, parameter.to)
      : value;
  const address = own === value && value.place?.kind === 'memory' ? value.place.address : put(toBytes(own));
  return makeInteger(parameter, BigInt(address));
}

/** How badly arguments fit parameters; infinite when they cannot. */
export function misfit(parameters: readonly CType[], args: readonly Value[]): number {
  if (parameters.length !== args.length) return Number.POSITIVE_INFINITY;
  const kinds = parameters.map((each, index) => {
    const type = bare(each);
    const wanted = type.kind === 'pointer' && type.reference !== undefined ? bare(type.to) : type;
    const given = bare((args[index] as Value).type);
    return wanted.kind !== given.kind ? 4 : sizeOf(wanted) !== sizeOf(given) ? 1 : 0;
  });
  return kinds.reduce<number>((sum, each) => sum + each, 0);
}

function functionOf(type: CType): FunctionType | undefined {
  if (type.kind === 'function') return type;
  const to = type.kind === 'pointer' ? bare(type.to) : undefined;
  return to?.kind === 'function' ? to : undefined;
}

/** Arrays and functions stand for where they are. */
function decayed(value: Value, put: PutBytes): Value {
  const type = bare(value.type);
  if (type.kind === 'untyped' || type.kind === 'function')
    return makeInteger(pointerTo(type.kind === 'function' ? type : VOID), BigInt(addressOf(value)));
  if (type.kind !== 'array') return value;
  const address = value.place?.kind === 'memory' ? value.place.address : put(toBytes(value));
  return makeInteger(pointerTo(type.element), BigInt(address));
}

function promoted(value: Value, isPrototyped: boolean): Value {
  const type = bare(value.type);
  if (type.kind === 'integer' && type.size < 4) return convert(value, INT);
  if (type.kind === 'float' && type.size === 4 && !isPrototyped) return convert(value, DOUBLE);
  return value;
}

/** Of a type, when only that is of interest. */
export function nothingOf(type: CType): Value {
  return bare(type).kind === 'void'
    ? { type, content: 0n }
    : fromBytes(type, new Uint8Array(Math.max(sizeOf(type), 8)));
}

type Read = (address: number, length: number) => Uint8Array;

/** Longer texts are cut, for a pointer that leads nowhere near a NUL. */
const LONGEST_TEXT = 65_536;

/** The bytes of a text up to its NUL. */
export function textUpToNul(value: Value, read: Read): Uint8Array {
  if (bare(value.type).kind === 'array' && value.place?.kind !== 'memory') {
    const bytes = toBytes(value);
    const end = bytes.indexOf(0);
    return end < 0 ? bytes : bytes.subarray(0, end);
  }
  const start = addressOf(value);
  const bytes: number[] = [];
  for (let byte = 1; byte !== 0 && bytes.length < LONGEST_TEXT; ) {
    [byte = 0] = read(start + bytes.length, 1);
    if (byte !== 0) bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}

type OwnFunction = (args: readonly Value[], read: Read) => Value;

export function isSameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

/** By name without the dollar, with how many arguments each takes. */
const OWN: Readonly<Record<string, { readonly takes: number; readonly run: OwnFunction }>> = {
  _isvoid: { takes: 1, run: ([value]) => truthValue(bare((value as Value).type).kind === 'void') },
  _strlen: {
    takes: 1,
    run: ([text], read) => makeInteger(INT, BigInt(textUpToNul(text as Value, read).length)),
  },
  _streq: {
    takes: 2,
    run: ([a, b], read) =>
      truthValue(isSameBytes(textUpToNul(a as Value, read), textUpToNul(b as Value, read))),
  },
  _memeq: {
    takes: 3,
    run: ([a, b, count], read) => {
      const length = Number(numberIn(count as Value));
      const at = (value: Value): Uint8Array => read(addressOf(value), length);
      return truthValue(length === 0 || isSameBytes(at(a as Value), at(b as Value)));
    },
  },
  _regex: {
    takes: 2,
    run: ([text, pattern], read) => {
      const [subject, source] = [text, pattern].map((value) =>
        new TextDecoder('latin1').decode(textUpToNul(value as Value, read)),
      );
      try {
        return truthValue(new RegExp(`^(?:${source})`).test(subject ?? ''));
      } catch {
        throw new PromptError(`${source}: no regular expression`);
      }
    },
  },
};

/** Is there a function of the debugger itself of this name, without the dollar? */
export function isOwnFunction(name: string): boolean {
  return Object.hasOwn(OWN, name);
}

export function ownFunction(name: string, args: readonly Value[], read: Read): Value | undefined {
  const found = OWN[name];
  if (found === undefined) return undefined;
  if (args.length !== found.takes)
    throw new PromptError(
      `You must provide ${found.takes} argument${found.takes > 1 ? 's' : ''} to $${name}.`,
    );
  const missing = args.find(({ content }) => isMissing(content));
  if (missing !== undefined) toBytes(missing); // says why
  return found.run(args, read);
}
