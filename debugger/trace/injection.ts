// -e inject=SET:error=E:retval=V:signal=S:syscall=NAME:delay_enter=D:delay_exit=D:poke_enter=P:poke_exit=P:when=EXPR:
// makes chosen calls fail, answer otherwise, take longer, send a signal, be another call, or find other bytes in memory. Traces and explore ask at the entry of each call; each rule counts per thread,
// as strace does. `when` is FIRST, FIRST+, FIRST+STEP, or FIRST..LAST with either; tid= (ours) names one thread.
import type { Syscall } from '../../kernel/syscalls/syscall.ts';
import { sendToThread } from '../../kernel/task/send-signal.ts';
import type { Call, Thread } from '../../kernel/task/thread.ts';
import { delayCall } from './delayed-call.ts';

export interface When {
  readonly first: number;
  readonly last: number;
  readonly step: number;
}

export interface Poke {
  /** Of the argument, from 0. */
  readonly index: number;
  readonly bytes: Uint8Array;
}

export interface Injection {
  matches(syscallName: string): boolean;
  /** The result that replaces the call, negative errno or a value; undefined = the call runs. */
  readonly result: number | undefined;
  /** The call that is made instead: one without arguments. */
  readonly instead?: Syscall;
  /** Bytes that are written where arguments point to: before the call, and when it has succeeded. */
  readonly pokesBefore?: readonly Poke[];
  readonly pokesAfter?: readonly Poke[];
  /** A signal sent on entry. */
  readonly signal: number | undefined;
  readonly when: When;
  /** Guest time the thread sleeps before the call begins, and before it returns, ns. */
  readonly delayEnterNs?: number;
  readonly delayExitNs?: number;
  /** Only calls of this thread. */
  readonly tid?: number;
}

/** Reads strace's `when` expression; undefined when it is not one. */
export function parseWhen(text: string): When | undefined {
  const match = /^(\d+)(?:\.\.(\d+))?(\+)?(\d+)?$/.exec(text);
  if (match === null) return undefined;
  const [, first, last, plus, step] = match;
  if (step !== undefined && plus === undefined) return undefined;
  const from = Number(first);
  if (from < 1) return undefined;
  const isOnce = last === undefined && plus === undefined;
  return {
    first: from,
    last: last === undefined ? (isOnce ? from : Number.POSITIVE_INFINITY) : Number(last),
    step: step === undefined ? 1 : Math.max(1, Number(step)),
  };
}

/** Reads strace's delay: microseconds, or a number with s, ms, us or ns; in ns. Undefined when it is none. */
export function parseDelay(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(s|ms|us|ns)?$/.exec(text);
  if (match === null) return undefined;
  const unit = { s: 1e9, ms: 1e6, us: 1e3, ns: 1 }[match[2] ?? 'us'] as number;
  return Math.round(Number(match[1]) * unit);
}

/** Reads strace's `@arg1=00ff,@arg2=58`; undefined when it is none. */
export function parsePokes(text: string): Poke[] | undefined {
  const pokes: Poke[] = [];
  for (const word of text.split(',')) {
    const match = /^@arg([1-6])=((?:[0-9a-fA-F]{2})+)$/.exec(word);
    if (match === null) return undefined;
    pokes.push({ index: Number(match[1]) - 1, bytes: hexBytes(match[2] ?? '') });
  }
  return pokes;
}

function hexBytes(digits: string): Uint8Array {
  return Uint8Array.from({ length: digits.length / 2 }, (_, at) =>
    Number.parseInt(digits.slice(2 * at, 2 * at + 2), 16),
  );
}

/** What strace notes behind a result. */
export function injectionMark(rule: Injection | undefined): string {
  if (rule === undefined) return '';
  const isDelayed = (rule.delayEnterNs ?? 0) > 0 || (rule.delayExitNs ?? 0) > 0;
  const isOther = rule.result !== undefined || rule.instead !== undefined;
  const isPoked = rule.pokesBefore !== undefined || rule.pokesAfter !== undefined;
  const mark = isOther
    ? isPoked
      ? ' (INJECTED: args, retval)'
      : ' (INJECTED)'
    : isPoked
      ? ' (INJECTED: args)'
      : '';
  return `${mark}${isDelayed ? ' (DELAYED)' : ''}`;
}

/** Writes what can be written; a call whose argument is a bad address finds that out itself. */
function poke(thread: Thread, pokes: readonly Poke[]): void {
  for (const { index, bytes } of pokes) {
    const address = Number(thread.hart.x(A0 + index));
    const writable = thread.user.accessible(address, bytes.length, true);
    if (writable > 0) thread.user.write(address, bytes.subarray(0, writable));
  }
}

const A0 = 10;

/** Does what the rule says at the entry of a call; a number is the call's result at once (KernelObserver.syscallEnter). */
export function injectInto(thread: Thread, call: Call, rule: Injection | undefined): number | undefined {
  if (rule === undefined) return undefined;
  const { signal, result, delayEnterNs = 0, delayExitNs = 0 } = rule;
  if (signal !== undefined) sendToThread(thread, { signo: signal, code: 0x80 });
  if (rule.pokesBefore !== undefined) poke(thread, rule.pokesBefore);
  if (rule.instead !== undefined) call.syscall = { ...call.syscall, handler: rule.instead.handler };
  const { pokesAfter } = rule;
  if (pokesAfter !== undefined) pokeAfter(call, pokesAfter);
  if (delayEnterNs === 0 && delayExitNs === 0) return result;
  delayCall(call, delayEnterNs, delayExitNs, result);
  return undefined;
}

/** Around the handler: a call that waits is tried again, and pokes when it has its result. */
function pokeAfter(call: Call, pokes: readonly Poke[]): void {
  const { syscall } = call;
  call.syscall = {
    ...syscall,
    handler: (thread, args) => {
      const answer = syscall.handler(thread, args);
      if (typeof answer === 'number') poke(thread, pokes);
      return answer;
    },
  };
}

/** Counts calls by rule and thread and says which rule strikes now. */
export class Injector {
  readonly #rules: readonly Injection[];
  readonly #counts = new WeakMap<Thread, number[]>();

  constructor(rules: readonly Injection[]) {
    this.#rules = rules;
  }

  /** The rule for this call of `thread`; the last matching one wins, as in strace. */
  strike(thread: Thread, syscallName: string): Injection | undefined {
    if (this.#rules.length === 0) return undefined;
    let counts = this.#counts.get(thread);
    if (counts === undefined) {
      counts = [];
      this.#counts.set(thread, counts);
    }
    let struck: Injection | undefined;
    for (const [index, rule] of this.#rules.entries()) {
      if (!rule.matches(syscallName) || (rule.tid !== undefined && rule.tid !== thread.tid)) continue;
      const count = (counts[index] ?? 0) + 1;
      counts[index] = count;
      const { first, last, step } = rule.when;
      if (count >= first && count <= last && (count - first) % step === 0) struck = rule;
    }
    return struck;
  }
}
