// File sizes: half the files under 150 lines, nine of ten under 400, none past 600. Tables are exempt by name.
import { LAYERS, readSources } from './sources.ts';

/** Files that are data: long because the thing they list is long. */
const TABLES: readonly string[] = [];

export function checkFileSizes(): string[] {
  const problems: string[] = [];
  const files = readSources([...LAYERS, 'scripts', 'system-tests'])
    .filter((source) => !TABLES.includes(source.path))
    .map((source) => ({ ...source, lines: source.text.split('\n').length - 1 }));
  for (const file of files) {
    if (file.lines > 600) problems.push(`${file.path}: ${file.lines} lines; no file goes past 600`);
  }
  const code = files.filter((file) => !file.isTest);
  for (const [share, limit, words] of [
    [0.5, 150, 'half'],
    [0.9, 400, 'nine of ten'],
  ] as const) {
    const within = code.filter((file) => file.lines < limit).length;
    if (within < share * code.length) {
      problems.push(`${within} of ${code.length} files are under ${limit} lines; ${words} should be`);
    }
  }
  return problems;
}
