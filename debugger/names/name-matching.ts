// Names with scopes, as people type them and as programs have them: which of the second does the first mean?
// debugger/symbols.ts and debugger/prompt/ find functions and variables with it.
// As in gdb, outer scopes, template arguments and parameters may be left out: `add` is `shop::add(int, int)` too.

export interface ScopedName {
  /** Outermost first, with template arguments. */
  readonly parts: readonly string[];
  /** Without blanks; undefined when none are given. */
  readonly parameters: string | undefined;
}

const OPENING = '<([{';
const CLOSING = '>)]}';

export function scopedName(text: string): ScopedName {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  let end = text.length;
  for (let at = 0; at < text.length; at++) {
    const letter = text[at] as string;
    if (depth === 0 && text.startsWith('operator', at) && !/\w/.test(text[at - 1] ?? '')) {
      at += operatorLength(text.slice(at)) - 1;
    } else if (depth === 0 && letter === '(' && at > start) {
      end = at;
      break;
    } else if (OPENING.includes(letter)) depth++;
    else if (CLOSING.includes(letter) && text[at - 1] !== '-') depth--;
    else if (depth === 0 && text.startsWith('::', at)) {
      if (at > start) parts.push(text.slice(start, at).trim());
      start = at + 2;
      at++;
    }
  }
  parts.push(text.slice(start, end).trim());
  return { parts, parameters: end < text.length ? withoutBlanks(text.slice(end)) : undefined };
}

/** `operator()`, `operator<<`, `operator std::string`. */
function operatorLength(text: string): number {
  return /^operator(?:\s*(?:\(\)|\[\]|->\*?|<=>|<<=|>>=|[-+*/%^&|~!=<>,]{1,2}|(?:new|delete)(?:\[\])?(?!\w)))?/.exec(
    text,
  )?.[0].length as number;
}

function withoutBlanks(text: string): string {
  return text.replace(/\s+/g, '');
}

/** Without template arguments: `largest<int>` is `largest`. */
export function withoutArguments(part: string): string {
  const skipped = part.startsWith('operator') ? operatorLength(part) : 0;
  // a whole part in angle brackets is a type of Rust: `<hello::Point as hello::Named>`
  const at = part.startsWith('<') ? -1 : part.indexOf('<', skipped);
  return at <= 0 ? part : part.slice(0, at).trim();
}

/** The last part without template arguments: by this names are kept in tables. */
export function plainName(text: string): string {
  return withoutArguments(scopedName(text).parts.at(-1) ?? text);
}

/** Is `typed` the end of `name`, as far as it goes into detail? */
export function isNamed(name: string, typed: string): boolean {
  if (name === typed) return true;
  const wanted = scopedName(typed.startsWith('::') ? typed.slice(2) : typed);
  const found = scopedName(name);
  if (wanted.parameters !== undefined && wanted.parameters !== found.parameters) return false;
  const isWhole = typed.startsWith('::');
  const offset = found.parts.length - wanted.parts.length;
  if (offset < 0 || (isWhole && offset > 0)) return false;
  return wanted.parts.every((part, index) => isSamePart(found.parts[offset + index] ?? '', part));
}

function isSamePart(found: string, wanted: string): boolean {
  if (withoutBlanks(found) === withoutBlanks(wanted)) return true;
  const isDetailed = withoutArguments(wanted) !== wanted;
  return !isDetailed && withoutArguments(found) === wanted;
}
