// The debugger's command history, kept in the user's state directory (XDG Base Directory Specification).
// debug-terminal.ts reads it once and writes it after each command.
// A home that cannot be read or written costs the history alone.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export const HISTORY_KEPT = 1000;

function historyFile(): string {
  const state = process.env.XDG_STATE_HOME ?? path.join(os.homedir(), '.local', 'state');
  return path.join(state, 'rivulet', 'debug-history');
}

/** Newest first, as readline has it. */
export function readHistory(): string[] {
  try {
    return fs
      .readFileSync(historyFile(), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .reverse();
  } catch {
    return [];
  }
}

export function writeHistory(history: readonly string[]): void {
  try {
    const file = historyFile();
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, `${[...history].reverse().join('\n')}\n`, { mode: 0o600 });
  } catch {
    // a home that cannot be written to
  }
}
