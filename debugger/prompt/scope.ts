// What names mean in expressions: registers, convenience variables, values printed before, symbols, memory.
// The Debugger owns one; expression.ts asks it, `set` stores through it.
// Guest registers and memory change through Session.change, so that going back and forth keeps what the person did.
import { F_NAMES, X_NAMES } from '../../emulator/isa/disassemble.ts';
import { isFailure } from '../../kernel/errno.ts';
import { glanceAt } from '../../kernel/mm/glance.ts';
import type { Thread } from '../../kernel/task/thread.ts';
import type { Debugger } from './debugger.ts';
import type { Scope } from './expression.ts';
import { variableValue } from './locals.ts';
import { PromptError } from './prompt-error.ts';
import {
  convert,
  DOUBLE,
  INT,
  LONG,
  longValue,
  makeInteger,
  pointerTo,
  toBytes,
  UNSIGNED_LONG,
  type Value,
  VOID,
} from './values.ts';

const FP = 8;

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

  get variables(): ReadonlyMap<string, Value> {
    return this.#variables;
  }

  dollar(name: string): Value {
    if (/^\d*$/.test(name) || name === '$') return this.#pastValue(name);
    const register = registerOf(name);
    if (register !== undefined) return this.#register(register, name);
    switch (name) {
      case '_exitcode': {
        const { exitCode } = this.#debugging;
        return exitCode === undefined ? { type: VOID, content: 0n } : makeInteger(INT, BigInt(exitCode));
      }
      case '_pid':
        return longValue(this.#debugging.thread.process.pid);
      case '_tid':
      case '_thread':
        return longValue(this.#debugging.thread.tid);
      default:
        return this.#variables.get(name) ?? { type: VOID, content: 0n, place: { kind: 'variable', name } };
    }
  }

  /** `$` is the last value, `$3` the third, `$$` the one before the last. */
  #pastValue(name: string): Value {
    const index = name === '' ? this.#history.length : name === '$' ? this.#history.length - 1 : Number(name);
    const value = this.#history[index - 1];
    if (value !== undefined) return value;
    if (name === '' || name === '$') return { type: VOID, content: 0n };
    throw new PromptError(`History has not yet reached $${name}.`);
  }

  #register(register: Register, name: string): Value {
    const { hart } = this.#debugging.thread;
    const { level, selected } = this.#debugging.frames;
    const place = { kind: 'register', name } as const;
    switch (register.kind) {
      case 'pc': {
        const { pc } = selected;
        return { ...makeInteger(pointerTo(VOID), BigInt(pc)), place };
      }
      case 'x': {
        const isPointer = register.index >= 1 && register.index <= 4;
        const bits = level === 0 ? hart.x(register.index) : selected.registers?.[register.index];
        if (bits === undefined) throw new PromptError(`$${name} is not known in frame ${level}.`);
        return { ...makeInteger(isPointer ? pointerTo(VOID) : LONG, bits), place };
      }
      case 'f': {
        const view = new DataView(new ArrayBuffer(8));
        view.setBigUint64(0, hart.f(register.index));
        const isSingle = view.getUint32(0) === 0xffff_ffff; // a boxed single
        return { type: DOUBLE, content: isSingle ? view.getFloat32(4) : view.getFloat64(0), place };
      }
      case 'fcsr':
        return { ...longValue(hart.fcsr), place };
    }
  }

  symbol(name: string): { address: number; isFunction: boolean; size: number } {
    const found = this.#debugging.session.symbols.find(this.#debugging.thread, name);
    if (found === undefined) throw new PromptError(`No symbol "${name}" in current context.`);
    return found;
  }

  variable(name: string): Value | undefined {
    return variableValue(this.#debugging, name);
  }

  read(address: number, length: number): Uint8Array {
    const { session, thread } = this.#debugging;
    const bytes = session.read(thread, address, length);
    if (bytes === undefined)
      throw new PromptError(`Cannot access memory at address 0x${address.toString(16)}`);
    return bytes;
  }

  /** Stores `value` where `target` lies. Throws PromptError for what cannot be stored to. */
  assign(target: Value, value: Value): void {
    const { place } = target;
    if (place === undefined) throw new PromptError('Left operand of assignment is not an lvalue.');
    if (place.kind === 'variable') {
      this.setVariable(place.name, value);
      return;
    }
    const { tid } = this.#debugging.thread;
    if (place.kind === 'register' && this.#debugging.frames.level > 0)
      throw new PromptError('Registers can be set in frame 0 only.');
    if (place.kind === 'memory') this.#store(tid, place.address, toBytes(convert(value, target.type)));
    else this.#setRegister(tid, place.name, value);
    this.#debugging.frames.reset();
  }

  #store(tid: number, address: number, bytes: Uint8Array): void {
    const { session, thread } = this.#debugging;
    if (glanceAt(thread.mm, () => thread.user.accessible(address, bytes.length, true)) < bytes.length) {
      throw new PromptError(`Cannot write memory at address 0x${address.toString(16)}`);
    }
    session.change(({ kernel }) => {
      try {
        kernel.pids.thread(tid)?.user.write(address, bytes);
      } catch (thrown) {
        if (!isFailure(thrown)) throw thrown; // the run went another way: nothing is mapped there
      }
    });
  }

  #setRegister(tid: number, name: string, value: Value): void {
    const register = registerOf(name) as Register;
    if (register.kind === 'f') {
      const bits = new DataView(toBytes(convert(value, DOUBLE)).buffer).getBigUint64(0, true);
      this.#change(tid, ({ hart }) => hart.setF(register.index, bits));
      return;
    }
    if (typeof value.content !== 'bigint') throw new PromptError(`$${name} takes an integer`);
    const bits = convert(value, UNSIGNED_LONG).content as bigint;
    if (register.kind === 'x') {
      if (register.index === 0) throw new PromptError('$zero is always 0');
      this.#change(tid, ({ hart }) => hart.setX(register.index, bits));
    } else if (register.kind === 'pc') {
      this.#change(tid, ({ hart }) => {
        hart.pcBig = bits;
      });
    } else {
      this.#change(tid, ({ hart }) => {
        hart.fcsr = Number(bits & 0xffn);
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

type Register =
  | { readonly kind: 'x' | 'f'; readonly index: number }
  | { readonly kind: 'pc' }
  | { readonly kind: 'fcsr' };

/** By ABI name, `x10`, `f3`, `fp`, `pc`, `fcsr`. */
function registerOf(name: string): Register | undefined {
  if (name === 'pc') return { kind: 'pc' };
  if (name === 'fcsr') return { kind: 'fcsr' };
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
