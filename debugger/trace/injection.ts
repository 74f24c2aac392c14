// -e inject=SET:error=E:retval=V:signal=S:when=EXPR: makes chosen calls fail, answer otherwise, or send a signal.
// Tracer asks at the entry of each call; the counter of each rule is per thread, as strace counts.
// `when` is FIRST, FIRST+, FIRST+STEP, or FIRST..LAST with either.
import type { Thread } from '../../kernel/task/thread.ts';

export interface When {
  readonly first: number;
  readonly last: number;
  readonly step: number;
}

export interface Injection {
  matches(syscallName: string): boolean;
  /** The result that replaces the call, negative errno or a value; undefined = the call runs. */
  readonly result: number | undefined;
  /** A signal sent on entry. */
  readonly signal: number | undefined;
  readonly when: When;
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
      if (!rule.matches(syscallName)) continue;
      const count = (counts[index] ?? 0) + 1;
      counts[index] = count;
      const { first, last, step } = rule.when;
      if (count >= first && count <= last && (count - first) % step === 0) struck = rule;
    }
    return struck;
  }
}
