// `#!` lines (fs/binfmt_script.c): interpreter and at most one argument from the first 255 bytes of a file.
// exec.ts follows them; what comes back is text as it stands in the file.

/** Linux reads so much of a file to find out what it is. */
export const HEAD_SIZE = 256;

export interface ScriptLine {
  readonly interpreter: string;
  /** All after the blanks that follow the interpreter, one argument; undefined when there is none. */
  readonly argument: string | undefined;
}

/**
 * What the first HEAD_SIZE bytes of a file (as text, NULs where the file ends earlier) say to run it with;
 * undefined when it is no script, names nothing, or the name may have been cut off.
 */
export function parseScript(head: string): ScriptLine | undefined {
  if (!head.startsWith('#!')) return undefined;
  let end = head.indexOf('\n');
  if (end < 0) {
    const name = skipBlanks(head, 2, HEAD_SIZE - 1);
    if (name === undefined || terminator(head, name, HEAD_SIZE - 1) === undefined) return undefined;
    end = HEAD_SIZE - 1;
  }
  while (end > 2 && isBlank(head[end - 1])) end--;
  const start = skipBlanks(head, 2, end);
  if (start === undefined || start === end) return undefined;
  const stop = terminator(head, start, end);
  let argument: string | undefined;
  if (stop !== undefined && head[stop] !== '\0') {
    const from = skipBlanks(head, stop, end);
    if (from !== undefined && from < end) argument = cString(head.slice(from, end));
  }
  const interpreter = cString(head.slice(start, stop ?? end));
  return interpreter === '' ? undefined : { interpreter, argument };
}

function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\t';
}

/** First place in [from, last] that is neither blank nor past it. */
function skipBlanks(text: string, from: number, last: number): number | undefined {
  for (let at = from; at <= last; at++) if (!isBlank(text[at])) return at;
  return undefined;
}

/** First blank or NUL in [from, last]. */
function terminator(text: string, from: number, last: number): number | undefined {
  for (let at = from; at <= last; at++) if (isBlank(text[at]) || text[at] === '\0') return at;
  return undefined;
}

function cString(text: string): string {
  const nul = text.indexOf('\0');
  return nul < 0 ? text : text.slice(0, nul);
}
