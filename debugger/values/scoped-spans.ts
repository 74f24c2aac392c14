// Names with scopes in the words of an expression: `shop::Item::count`, `std::vector<int>::size`.
// syntax.ts and type-syntax.ts ask which of them are known; the longest counts.
// Whether `a < b` begins template arguments depends on whether there is something of that name.
import type { Token } from './tokens.ts';

export interface ScopedSpan {
  /** As typed. */
  readonly text: string;
  /** Of the word behind. */
  readonly next: number;
}

/** All that may be one name from the word `at` on, longest first. */
export function scopedSpans(text: string, tokens: readonly Token[], at: number): ScopedSpan[] {
  const first = tokens[at];
  if (first?.kind !== 'name') return [];
  const spans: ScopedSpan[] = [];
  const add = (next: number): void => {
    spans.unshift({ text: text.slice(first.start, tokens[next - 1]?.end), next });
  };
  let next = at + 1;
  add(next);
  for (;;) {
    const closed = isOperator(tokens[next], '<') ? closing(tokens, next) : undefined;
    if (closed !== undefined) {
      next = closed;
      add(next);
    } else if (isOperator(tokens[next], '::') && tokens[next + 1]?.kind === 'name') {
      next += 2;
      add(next);
    } else return spans;
  }
}

function isOperator(token: Token | undefined, text: string): boolean {
  return token?.kind === 'operator' && token.text === text;
}

/** Behind the template arguments that begin at `open`. */
function closing(tokens: readonly Token[], open: number): number | undefined {
  let depth = 0;
  for (let at = open; at < tokens.length; at++) {
    const text = tokens[at]?.kind === 'operator' ? tokens[at]?.text : '';
    if (text === '<' || text === '(') depth++;
    else if (text === '>' || text === ')') depth--;
    else if (text === '>>') depth -= 2;
    if (depth <= 0) return depth === 0 ? at + 1 : undefined;
  }
  return undefined;
}
