// What names mean in expressions: registers, convenience variables, values printed before, symbols, memory.
// The Debugger owns one; expression.ts asks it, `set` stores through it.
// Guest registers and memory change through Session.change, so that going back and forth keeps what the person did.
import { F_NAMES, X_NAMES } from '../../emulator/isa/disassemble.ts';
import { isFailure } from '../../kernel/errno.ts';
import { glanceAt } from '../../kernel/mm/glance.ts';
import { encodeSiginfo } from '../../kernel/task/signal-info.ts';
import type { Thread } from '../../kernel/task/thread.ts';
import {
  bare,
  CODE_POINTER,
  type CType,
  DOUBLE,
  FLOAT,
  INT,
  LONG,
  pointerTo,
  type StructType,
  UNSIGNED_LONG,
  VOID,
} from '../values/c-types.ts';
import { type Called, nothingOf } from '../values/calls.ts';
import type { Scope } from '../values/evaluate.ts';
import { SIGINFO } from '../values/siginfo-type.ts';
import {
  bitsOf,
  convert,
  fromBytes,
  integerIn,
  longValue,
  makeInteger,
  type Place,
  toBytes,
  type Value,
  valueAt,
} from '../values/values.ts';
import type { Debugger } from './debugger.ts';
import { ownFunctionOf } from './own-functions.ts';
import { PromptError } from './prompt-error.ts';
import { threadLocalAddress, threadLocalNamed } from './thread-locals.ts';

const RA = 1;
const TP = 4;
const FP = 8;
const INTEGER_REGISTERS = 32;

/** As gdb describes a floating-point register. */
const FLOAT_REGISTER: StructType = {
  kind: 'struct',
  keyword: 'union',
  name: 'builtin_type_fpreg_d',
  size: 8,
  isIncomplete: false,
  members: [
    { name: 'float', type: FLOAT, offset: 0 },
    { name: 'double', type: DOUBLE, offset: 0 },
  ],
};

/** Of an integer register. */
function registerType(index: number): CType {
  if (index === RA) return CODE_POINTER;
  return (index > RA && index <= TP) || index === FP ? pointerTo(VOID) : LONG;
}

const NOTHING: Value = { type: VOID, content: 0n };

export class PromptScope implements Scope {
  readonly #debugging: Debugger;
  readonly #variables = new Map<string, Value>();
  readonly #history: Value[] = [];

  constructor(debugging: Debugger) {
    this.#debugging = debugging;
  }

  /** Remembers a printed value and returns its number. */
  remember(value: Value): number {
    return this.#history.push(value);
  }

  setVariable(name: string, value: Value): void {
    this.#variables.set(name, value);
  }

  /** All that were printed, $1 first. */
  get pastValues(): readonly Value[] {
    return this.#history;
  }

  get variables(): ReadonlyMap<string, Value> {
    return this.#variables;
  }

  dollar(name: string): Value {
    if (/^\$?\d*$/.test(name)) return this.#pastValue(name);
    const register = registerOf(name);
    if (register !== undefined) return this.#register(register, name);
    switch (name) {
      case '_exitcode': {
        const { exitCode } = this.#debugging;
        return exitCode === undefined ? NOTHING : makeInteger(INT, BigInt(exitCode));
      }
      case '_':
        return this.#lastAddress();
      case '__':
        return this.#lastExamined();
      case 'bpnum': {
        const { lastNumber } = this.#debugging.session.points;
        return lastNumber === 0 ? NOTHING : makeInteger(INT, BigInt(lastNumber));
      }
      case '_siginfo': {
        const { arrived } = this.#debugging;
        return arrived === undefined ? NOTHING : fromBytes(SIGINFO, encodeSiginfo(arrived.info));
      }
      case '_inferior':
      case '_pid':
        return longValue(this.#debugging.thread.process.pid);
      case '_tid':
      case '_gthread':
      case '_thread':
        return longValue(this.#debugging.thread.tid);
      default:
        return { ...(this.#variables.get(name) ?? NOTHING), place: { kind: 'variable', name } };
    }
  }

  /** What `x` showed last, as a pointer to it. */
  #lastAddress(): Value {
    const { last } = this.#debugging.examined;
    return last === undefined ? NOTHING : makeInteger(pointerTo(last.type), BigInt(last.address));
  }

  #lastExamined(): Value {
    const { last } = this.#debugging.examined;
    return last === undefined
      ? NOTHING
      : valueAt(last.type, last.address, (from, length) => this.read(from, length));
  }

  /** `$` is the last value, `$3` the third, `$$` the one before the last, `$$2` the one before that. */
  #pastValue(name: string): Value {
    const count = this.#history.length;
    const back = /^\$(\d*)$/.exec(name)?.[1];
    const index =
      name === '' ? count : back === undefined ? Number(name) : count - Number(back === '' ? 1 : back);
    const value = this.#history[index - 1];
    if (value !== undefined) return value;
    if (name === '' || name === '$') return NOTHING;
    if (back !== undefined && count === 0) return NOTHING;
    throw new PromptError(
      back === undefined ? `History has not yet reached $${name}.` : `History does not go back to $$${back}.`,
    );
  }

  #register(register: Register, name: string): Value {
    if (this.#debugging.anyThread === undefined) throw new PromptError('No registers.');
    const { hart } = this.#debugging.thread;
    const { level, selected } = this.#debugging.frames;
    const place = { kind: 'register', name } as const;
    switch (register.kind) {
      case 'pc':
        return { ...makeInteger(CODE_POINTER, BigInt(selected.pc)), place };
      case 'x': {
        const bits = level === 0 ? hart.x(register.index) : selected.registers?.[register.index];
        if (bits === undefined) return { type: LONG, content: { why: 'not saved' } };
        return { ...makeInteger(registerType(register.index), bits), place };
      }
      case 'f': {
        const known = level === 0 ? undefined : selected.registers?.[INTEGER_REGISTERS + register.index];
        const bits = known ?? hart.f(register.index);
        const content = Uint8Array.from({ length: 8 }, (_, at) => Number((bits >> BigInt(8 * at)) & 0xffn));
        return { type: FLOAT_REGISTER, content, place };
      }
      case 'fcsr':
        return { ...makeInteger(INT, BigInt((hart.fcsr >> register.shift) & register.mask)), place };
    }
  }

  symbol(name: string): { address: number; isFunction: boolean; size: number } {
    const { session, programThread: thread } = this.#debugging;
    const found = session.symbols.find(thread, name);
    if (found !== undefined) return found;
    const own = threadLocalNamed(session, thread, name);
    if (own === undefined) throw new PromptError(`No symbol "${name}" in current context.`);
    return { address: threadLocalAddress(session, thread, own), isFunction: false, size: own.size };
  }

  variable(name: string, within?: string): Value | undefined {
    return this.#debugging.program.value(name, within);
  }

  functions(name: string): readonly Value[] {
    return this.#debugging.program.functions(name);
  }

  /** The same where code at `address` runs; nothing can be changed there, as nobody is there. */
  at(address: number): Scope {
    const { program } = this.#debugging;
    const frame = program.frameAt(address);
    return {
      variable: (name, within) => program.value(name, within, frame),
      isVariable: (name) => program.knows(name, frame),
      typeNamed: (keyword, name) => program.type(keyword, name, frame),
      dollar: (name) => this.dollar(name),
      symbol: (name) => this.symbol(name),
      isSymbol: (name) => this.isSymbol(name),
      read: (from, length) => this.read(from, length),
      assign: (_, value) => value,
      call: ({ returns }) => nothingOf(returns),
      put: () => 0,
      own: (name) => this.own(name),
    };
  }

  isVariable(name: string): boolean {
    return this.#debugging.program.knows(name);
  }

  isSymbol(name: string): boolean {
    const { anyThread, session } = this.#debugging;
    return (
      anyThread !== undefined &&
      (session.symbols.find(anyThread, name) ?? threadLocalNamed(session, anyThread, name)) !== undefined
    );
  }

  typeNamed(keyword: string | undefined, name: string): CType | undefined {
    return this.#debugging.program.type(keyword, name);
  }

  read(address: number, length: number): Uint8Array {
    const { session, programThread } = this.#debugging;
    const bytes = session.read(programThread, address, length);
    if (bytes === undefined)
      throw new PromptError(`Cannot access memory at address 0x${address.toString(16)}`);
    return bytes;
  }

  call(called: Called): Value {
    return this.#debugging.handCalls.call(called);
  }

  own(name: string): ((args: readonly Value[]) => Value) | undefined {
    return ownFunctionOf(this.#debugging, name);
  }

  put(bytes: Uint8Array): number {
    return this.#debugging.handCalls.put(bytes);
  }

  /** Stores `value` where `target` lies, and gives it. Throws PromptError for what cannot be stored to. */
  assign(target: Value, value: Value): Value {
    return this.#debugging.handCalls.once(() => {
      this.#assign(target, value);
      return value;
    });
  }

  /** Into the program's memory. */
  write(address: number, bytes: Uint8Array): void {
    this.#store(this.#debugging.thread.tid, address, bytes);
    this.#debugging.frames.forget();
  }

  #assign(target: Value, value: Value): void {
    const { place } = target;
    if (place === undefined) throw new PromptError('Left operand of assignment is not an lvalue.');
    if (place.kind === 'variable') {
      this.setVariable(place.name, value);
      return;
    }
    if (place.kind === 'memory' && this.#debugging.anyThread === undefined)
      throw new PromptError(`Cannot access memory at address 0x${place.address.toString(16)}`);
    const { tid } = this.#debugging.thread;
    if (place.kind === 'register') {
      if (this.#debugging.frames.level > 0) throw new PromptError('Registers can be set in frame 0 only.');
      this.#setRegister(tid, place.name, value);
    } else this.#store(tid, place.address, this.#bytesFor(place, target.type, value));
    this.#debugging.frames.forget();
  }

  /** As they are to lie in memory; of a bit-field with the bits around it as they are. */
  #bytesFor(place: Extract<Place, { kind: 'memory' }>, type: CType, value: Value): Uint8Array {
    const { bits, address } = place;
    if (bits === undefined) return toBytes(convert(value, type));
    const length = (bits.from + bits.count + 7) >>> 3;
    const mask = ((1n << BigInt(bits.count)) - 1n) << BigInt(bits.from);
    const shifted = (integerIn(value) << BigInt(bits.from)) & mask;
    const all = (bitsOf(this.read(address, length)) & ~mask) | shifted;
    return Uint8Array.from({ length }, (_, at) => Number((all >> BigInt(8 * at)) & 0xffn));
  }

  #store(tid: number, address: number, bytes: Uint8Array): void {
    const { session, anyThread: thread } = this.#debugging;
    if (thread === undefined)
      throw new PromptError(`Cannot access memory at address 0x${address.toString(16)}`);
    if (glanceAt(thread.mm, () => thread.user.accessible(address, bytes.length, true)) < bytes.length) {
      throw new PromptError(`Cannot write memory at address 0x${address.toString(16)}`);
    }
    session.change(({ kernel }) => {
      const again = kernel.pids.thread(tid);
      if (again !== undefined) writeInto(again, address, bytes);
    });
  }

  #setRegister(tid: number, name: string, value: Value): void {
    const register = registerOf(name) as Register;
    if (register.kind === 'f') {
      this.#change(tid, ({ hart }) => hart.setF(register.index, floatRegisterBits(value)));
      return;
    }
    const bits = convert(value, UNSIGNED_LONG).content as bigint;
    if (register.kind === 'x') {
      if (register.index === 0) throw new PromptError('$zero is always 0');
      this.#change(tid, ({ hart }) => hart.setX(register.index, bits));
    } else if (register.kind === 'pc') {
      this.#change(tid, ({ hart }) => {
        hart.pcBig = bits;
      });
    } else if (register.kind === 'fcsr') {
      const { shift, mask } = register;
      this.#change(tid, ({ hart }) => {
        hart.fcsr = (hart.fcsr & ~(mask << shift)) | ((Number(bits & 0xffn) & mask) << shift);
      });
    }
  }

  #change(tid: number, apply: (thread: Thread) => void): void {
    this.#debugging.session.change(({ kernel }) => {
      const thread = kernel.pids.thread(tid);
      if (thread !== undefined) apply(thread);
    });
  }
}

/** Nothing happens where nothing is mapped: the run went another way. */
export function writeInto(thread: Thread, address: number, bytes: Uint8Array): void {
  try {
    thread.user.write(address, bytes);
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown;
  }
}

/** Singles lie in the low half, boxed: RISC-V unprivileged ISA, D, 21.2. */
function floatRegisterBits(value: Value): bigint {
  const { kind } = bare(value.type);
  const bytes = toBytes(kind === 'float' || kind === 'struct' ? value : convert(value, DOUBLE));
  return bytes.length === 4 ? (0xffff_ffffn << 32n) | bitsOf(bytes) : bitsOf(bytes.subarray(0, 8));
}

type Register =
  | { readonly kind: 'x' | 'f'; readonly index: number }
  | { readonly kind: 'pc' }
  /** The fields of fcsr: RISC-V unprivileged ISA, F, 20.2. */
  | { readonly kind: 'fcsr'; readonly shift: number; readonly mask: number };

/** By ABI name, `x10`, `f3`, `fp`, `pc`, `fcsr`. */
function registerOf(name: string): Register | undefined {
  if (name === 'pc') return { kind: 'pc' };
  if (name === 'fcsr') return { kind: 'fcsr', shift: 0, mask: 0xff };
  if (name === 'fflags') return { kind: 'fcsr', shift: 0, mask: 0x1f };
  if (name === 'frm') return { kind: 'fcsr', shift: 5, mask: 7 };
  if (name === 'fp') return { kind: 'x', index: FP };
  const x = X_NAMES.indexOf(name);
  if (x >= 0) return { kind: 'x', index: x };
  const f = F_NAMES.indexOf(name);
  if (f >= 0) return { kind: 'f', index: f };
  const numbered = /^([xf])(\d{1,2})$/.exec(name);
  const index = Number(numbered?.[2]);
  if (numbered === null || index > 31) return undefined;
  return { kind: numbered[1] as 'x' | 'f', index };
}
