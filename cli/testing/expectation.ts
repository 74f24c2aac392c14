// What a guest program is expected to do: the text of a PROGRAM.txt beside it (docs/testing.md).
// `rivulet test` and the project's own system tests read and write it. First come header lines, `# key: value` for how
// to run the program and `# anything` for people; then `exit N`; then what it writes to standard output.

/** How to run a program, from the header. */
export interface Directives {
  readonly args: readonly string[];
  /** Another command line to run instead of the program and its arguments. */
  readonly run: readonly string[] | undefined;
  readonly stdin: string;
  /** KEY=VALUE, or KEY alone for the one that is set outside. */
  readonly env: readonly string[];
  /** Options of `rivulet run`. */
  readonly options: readonly string[];
  readonly timeoutSeconds: number | undefined;
  /** Why the program is not run. */
  readonly skip: string | undefined;
}

export interface Expectation {
  /** The header lines, without `# `. */
  readonly header: readonly string[];
  readonly directives: Directives;
  /** `exit N` and the output, one character a byte. */
  readonly text: string;
}

const KEYS = ['args', 'run', 'stdin', 'env', 'options', 'timeout', 'skip'];
const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  0: '\0',
  '\\': '\\',
  '"': '"',
};

/** What was seen of an ended program, as it is written down. Output without a last line feed gets one. */
export function describeEnd(status: number, stdout: string): string {
  return `exit ${status}\n${stdout}${stdout === '' || stdout.endsWith('\n') ? '' : '\n'}`;
}

/** Reads a file's text, one character a byte. Throws an Error that says what is wrong with it. */
export function parseExpectation(file: string): Expectation {
  const { header, text } = splitHeader(file);
  if (text !== '' && !/^exit \d+\n/.test(text)) {
    throw new Error(`the line after the header is "${text.split('\n')[0]}", and must be "exit N"`);
  }
  return { header, directives: readDirectives(header), text };
}

/** The file's text again. */
export function formatExpectation(header: readonly string[], text: string): string {
  return `${header.map((line) => `# ${line}\n`).join('')}${text}`;
}

/** The lines that begin with `# `, without it, up to the first that does not; and the rest. */
export function splitHeader(file: string): { header: string[]; text: string } {
  const header: string[] = [];
  let at = 0;
  while (file.startsWith('# ', at) || file.startsWith('#\n', at)) {
    const end = file.indexOf('\n', at);
    const stop = end < 0 ? file.length : end;
    header.push(file.slice(at + 2, stop).replace(/\r$/, ''));
    at = stop + 1;
  }
  return { header, text: file.slice(at) };
}

/** Throws an Error about a key that does not exist. */
export function readDirectives(header: readonly string[]): Directives {
  const found = new Map<string, string[]>();
  for (const line of header) {
    const [, key, value = ''] = /^([a-z]+): ?(.*)$/.exec(line) ?? [];
    if (key === undefined) continue;
    if (!KEYS.includes(key))
      throw new Error(`"# ${key}:" is none of ${KEYS.map((one) => `"# ${one}:"`).join(', ')}`);
    found.set(key, [...(found.get(key) ?? []), value]);
  }
  const words = (key: string): string[] => (found.get(key) ?? []).flatMap(splitWords);
  const run = words('run');
  const timeout = found.get('timeout')?.at(-1);
  const timeoutSeconds = timeout === undefined ? undefined : Number(timeout.trim().replace(/s$/, ''));
  if (timeoutSeconds !== undefined && !(timeoutSeconds > 0)) {
    throw new Error(`"# timeout: ${timeout}" must be a number of seconds`);
  }
  return {
    args: words('args'),
    run: run.length > 0 ? run : undefined,
    stdin: (found.get('stdin') ?? []).map(unquoted).join(''),
    env: words('env'),
    options: words('options'),
    timeoutSeconds,
    skip: found.get('skip')?.at(-1),
  };
}

/** Words between blanks; '…' and "…" hold blanks, and "…" escapes such as \n and \x00. */
function splitWords(text: string): string[] {
  const words = text.match(/(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^\s"'])+/g) ?? [];
  return words.map((word) =>
    word.replace(/"((?:[^"\\]|\\.)*)"|'([^']*)'/g, (_, double?: string, single?: string) =>
      double === undefined ? (single ?? '') : unquoted(double),
    ),
  );
}

function unquoted(text: string): string {
  return text.replace(/\\(?:x([\da-f]{2})|([ntr0\\"]))/gi, (whole, hex?: string, letter?: string) =>
    hex === undefined ? (ESCAPES[letter ?? ''] ?? whole) : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
