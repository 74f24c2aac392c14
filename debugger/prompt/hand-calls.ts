// Functions of the program that expressions call: `print f(3)`, `call f(3)`. They really run, and what they do stays done.
// The Debugger owns one; scope.ts asks it for calls while a command evaluates, engine.ts runs commands through it.
// Registers change through Session.change, so the call is a part of the run that going back undoes and repeating repeats.
// Evaluating cannot wait: it is broken off at a call, and begun anew with the result when the function has returned. What it
// did before is not done again.
import { comparePositions, type Position } from '../../kernel/stepper.ts';
import type { Thread } from '../../kernel/task/thread.ts';
import type { FrameRegisters } from '../dwarf/unwind.ts';
import { entryPointOf } from '../entry-point.ts';
import { bare, pointerTo, UNSIGNED_LONG, VOID } from '../values/c-types.ts';
import type { Called } from '../values/calls.ts';
import { addressOf, makeInteger, toBytes, type Value } from '../values/values.ts';
import { callFrame } from './calling-convention.ts';
import type { Debugger, PromptStop } from './debugger.ts';
import { PromptError } from './prompt-error.ts';
import { returnedValue } from './return-value.ts';
import { writeInto } from './scope.ts';

const RA = 1;
const SP = 2;
const A0 = 10;
const REGISTERS = 32;

/** A function is to run before the evaluation can go on. */
class CallWanted extends Error {
  readonly called: Called;

  constructor(called: Called) {
    super('a function is to be called');
    this.called = called;
  }
}

/** A call that something stopped: where its end is caught, and what was before it. */
interface Outstanding {
  readonly tid: number;
  /** Of the internal breakpoint at its return address. */
  readonly pointId: number;
  readonly returnsTo: number;
  readonly sp: number;
  readonly restore: () => void;
  /** When it began: going back to there or before undoes it. */
  readonly begunAt: Position;
  readonly kept: FrameRegisters;
}

export class HandCalls {
  readonly #debugging: Debugger;
  /** What the present evaluation has done, in order, and how far it has come again. */
  #effects: { readonly done: Value[]; next: number } | undefined;
  readonly #outstanding: Outstanding[] = [];
  /** The one that is being waited for. */
  #awaited: Outstanding | undefined;

  constructor(debugging: Debugger) {
    this.#debugging = debugging;
  }

  /** Does `work`, in which expressions may call functions. */
  async during<T>(work: () => T | Promise<T>): Promise<T> {
    const outer = this.#effects;
    const effects = { done: [] as Value[], next: 0 };
    try {
      for (;;) {
        this.#effects = effects;
        effects.next = 0;
        try {
          return await work();
        } catch (error) {
          if (!(error instanceof CallWanted)) throw error;
          this.#effects = undefined;
          effects.done.push(await this.#perform(error.called));
        }
      }
    } finally {
      this.#effects = outer;
    }
  }

  /** Does `work`, in which none can be called. */
  without<T>(work: () => T): T {
    const outer = this.#effects;
    this.#effects = undefined;
    try {
      return work();
    } finally {
      this.#effects = outer;
    }
  }

  /** What the function gave back. Throws for it to be called, when it has not been. */
  call(called: Called): Value {
    const effects = this.#effects;
    if (effects === undefined) throw new PromptError('Functions of the program cannot be called here.');
    const known = effects.done[effects.next];
    if (known === undefined) throw new CallWanted(called);
    effects.next++;
    return known;
  }

  /** Does something that the evaluation must not do twice. */
  once(act: () => Value): Value {
    const effects = this.#effects;
    if (effects === undefined) return act();
    const known = effects.done[effects.next] ?? act();
    effects.done[effects.next++] = known;
    return known;
  }

  /** Memory of the program for what the debugger has: the program's own malloc gives it. */
  put(bytes: Uint8Array): number {
    const { session, thread, scope } = this.#debugging;
    const malloc = session.symbols.find(thread, 'malloc');
    if (malloc?.isFunction !== true)
      throw new PromptError(
        'evaluation of this expression requires the target to have the function "malloc".',
      );
    const place = this.call({
      name: 'malloc',
      address: malloc.address,
      returns: pointerTo(VOID),
      args: [makeInteger(UNSIGNED_LONG, BigInt(bytes.length))],
      named: 1,
    });
    const address = addressOf(place);
    if (address === 0) throw new PromptError('No memory available to program: call to malloc failed');
    this.once(() => {
      scope.write(address, bytes);
      return place;
    });
    return address;
  }

  /** Runs the function to its end. Throws PromptError when something stops it before. */
  async #perform(called: Called): Promise<Value> {
    const debugging = this.#debugging;
    if (debugging.anyThread === undefined)
      throw new PromptError("You can't do that without a process to debug.");
    const { thread, session, frames } = debugging;
    const { tid } = thread;
    if (thread.call !== undefined)
      throw new PromptError('The thread is in a system call: no function can be called before its end.');
    const looked = frames.keep();
    const name = debugging.symbolText(called.address) ?? called.name;
    const begun = this.#begin(thread, called);
    const outer = this.#awaited;
    this.#awaited = begun;
    const stop = await debugging.proceed({ kind: 'continue' }).finally(() => {
      this.#awaited = outer;
    });
    const present = session.kernel.pids.thread(tid);
    if (present === undefined) this.#forget(begun);
    if (present === undefined || stop.kind !== 'break' || stop.point.id !== begun.pointId) {
      await debugging.tell(stop);
      throw new PromptError(abandonedText(name, stop, present === undefined));
    }
    const found = returnedValue(present, called.returns, (address, length) =>
      debugging.scope.read(address, length),
    );
    const value = found === undefined ? { type: called.returns, content: 0n } : fixed(found);
    this.#end(begun);
    frames.restore(looked);
    return value;
  }

  #begin(thread: Thread, called: Called): Outstanding {
    const { session } = this.#debugging;
    const { tid, hart } = thread;
    const kept = keptRegisters(thread);
    const fcsr = hart.fcsr;
    const frame = callFrame(called.args, called.returns, called.named, Number(hart.x(SP)));
    const returnsTo = entryPointOf(thread) ?? hart.pc;
    const begunAt = session.position;
    session.change(({ kernel }) => {
      const again = kernel.pids.thread(tid);
      if (again === undefined) return;
      for (const { address, bytes } of frame.memory) writeInto(again, address, bytes);
      again.hart.setX(RA, BigInt(returnsTo));
      again.hart.setX(SP, BigInt(frame.sp));
      for (const [index, bits] of frame.integers.entries()) again.hart.setX(A0 + index, bits);
      for (const [index, bits] of frame.floats.entries()) again.hart.setF(A0 + index, bits);
      again.hart.pcBig = BigInt(called.address);
    });
    const { id } = session.points.add(
      {
        kind: 'break',
        address: returnsTo,
        text: '',
        condition: undefined,
        isTemporary: false,
        appliesTo: (other) => other.tid === tid && Number(other.hart.x(SP)) >= frame.sp,
      },
      true,
    );
    const restore = (): void =>
      session.change(({ kernel }) => {
        const again = kernel.pids.thread(tid)?.hart;
        if (again === undefined) return;
        for (let index = 1; index < REGISTERS; index++) again.setX(index, kept.x(index));
        for (let index = 0; index < REGISTERS; index++) again.setF(index, kept.f(index));
        again.fcsr = fcsr;
        again.pcBig = BigInt(kept.pc);
      });
    const outstanding = { tid, pointId: id, returnsTo, sp: frame.sp, restore, begunAt, kept };
    this.#outstanding.push(outstanding);
    return outstanding;
  }

  /** The function has returned: all is as it was before, but for what it did. */
  #end(call: Outstanding): void {
    this.#forget(call);
    call.restore();
  }

  #forget(call: Outstanding): void {
    this.#debugging.session.points.delete(call.pointId);
    const at = this.#outstanding.indexOf(call);
    if (at >= 0) this.#outstanding.splice(at, 1);
  }

  /** The program is looked at as it was at `position`: calls that began there or later are not under way. */
  wentTo(position: Position): void {
    for (const call of [...this.#outstanding])
      if (comparePositions(position, call.begunAt) <= 0) this.#forget(call);
  }

  /** The end of a call that was stopped on its way, which the program has come to now. True when `stop` was that. */
  ended(stop: PromptStop): boolean {
    if (stop.kind !== 'break') return false;
    const call = this.#outstanding.find(({ pointId }) => pointId === stop.point.id);
    if (call === undefined || call === this.#awaited) return false;
    this.#end(call);
    return true;
  }

  /** The registers of what a frame with this pc was called from by hand; undefined when it was not. */
  caller(tid: number, pc: number, sp: number): FrameRegisters | undefined {
    if (this.#outstanding.length === 0) return undefined;
    return this.#outstanding.find((call) => call.tid === tid && call.returnsTo === pc && sp >= call.sp)?.kept;
  }
}

function keptRegisters({ hart }: Thread): FrameRegisters {
  const x = Array.from({ length: REGISTERS }, (_, index) => hart.x(index));
  const f = Array.from({ length: REGISTERS }, (_, index) => hart.f(index));
  return { pc: hart.pc, x: (index) => x[index] as bigint, f: (index) => f[index] as bigint };
}

/** What memory holds now, whatever becomes of it. */
function fixed(value: Value): Value {
  const { kind } = bare(value.type);
  const content = kind === 'struct' || kind === 'array' ? toBytes(value).slice() : value.content;
  return { type: value.type, content };
}

/** As gdb says it. */
function abandonedText(name: string, stop: PromptStop, hasEnded: boolean): string {
  const how = hasEnded
    ? 'The program being debugged exited while in a function called from GDB.'
    : stop.kind === 'signal'
      ? 'The program being debugged was signaled while in a function called from GDB.\nGDB remains in the frame where the signal was received.'
      : 'The program being debugged stopped while in a function called from GDB.';
  const lines = [how, 'Evaluation of the expression containing the function', `(${name}) will be abandoned.`];
  if (!hasEnded) lines.push('When the function is done executing, GDB will silently stop.');
  return lines.join('\n');
}
