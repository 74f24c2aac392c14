// Characters and strings in C's quotes, with what cannot be printed escaped, and long runs of one character counted.
// value-text.ts shows character arrays and what character pointers lead to; `x/s` and printf use it too.
// The rules are those of gdb's generic_printstr.

/** Runs longer than this are counted. */
const RUN = 10;
/** As gdb's `print elements`. */
export const MOST_SHOWN = 200;

const ESCAPES: Readonly<Record<number, string>> = {
  7: '\\a',
  8: '\\b',
  9: '\\t',
  10: '\\n',
  11: '\\v',
  12: '\\f',
  13: '\\r',
  27: '\\033',
  92: '\\\\',
};

/** `quote` is escaped. After an octal number a digit would be read as one of it. */
function escaped(code: number, quote: string, isAfterNumber: boolean): string {
  const known = ESCAPES[code];
  if (known !== undefined) return known;
  const isDigit = code >= 48 && code <= 57;
  if (code >= 32 && code < 127 && !(isAfterNumber && isDigit)) {
    const character = String.fromCharCode(code);
    return character === quote ? `\\${quote}` : character;
  }
  return `\\${code.toString(8).padStart(3, '0')}`;
}

/** `'x'`. */
export function characterText(code: number): string {
  return `'${escaped(code & 0xff, "'", false)}'`;
}

interface Run {
  readonly code: number;
  readonly count: number;
}

function runsOf(bytes: Uint8Array, most: number): { runs: Run[]; isWhole: boolean } {
  const runs: Run[] = [];
  let at = 0;
  for (let shown = 0; at < bytes.length && shown < most; ) {
    const start = at;
    while (at < bytes.length && bytes[at] === bytes[start]) at++;
    // a short run counts by its characters, as it is printed
    const isLong = at - start > RUN;
    if (!isLong) at = Math.min(at, start + most - shown);
    runs.push({ code: bytes[start] ?? 0, count: at - start });
    shown += at - start;
  }
  return { runs, isWhole: at >= bytes.length };
}

/** Bytes in double quotes; `isCut` when there is more of them than is here. One NUL at the end is not shown. */
export function stringText(bytes: Uint8Array, isCut = false, most = MOST_SHOWN): string {
  if (bytes.length === 0) return `""${isCut ? '...' : ''}`;
  const text = !isCut && bytes.at(-1) === 0 ? bytes.subarray(0, -1) : bytes;
  const { runs, isWhole } = runsOf(text, most);
  const pieces: string[] = [];
  let quoted = '';
  let isAfterNumber = false;
  const close = (): void => {
    if (quoted !== '') pieces.push(`"${quoted}"`);
    quoted = '';
    isAfterNumber = false;
  };
  for (const { code, count } of runs) {
    if (count > RUN) {
      close();
      pieces.push(`${characterText(code)} <repeats ${count} times>`);
      continue;
    }
    for (let done = 0; done < count; done++) {
      const piece = escaped(code, '"', isAfterNumber);
      isAfterNumber = /^\\\d/.test(piece);
      quoted += piece;
    }
  }
  close();
  return `${pieces.length === 0 ? '""' : pieces.join(', ')}${isCut || !isWhole ? '...' : ''}`;
}
