// The debugger's prompt on a terminal: Node's readline with history and completion, and what the guest writes.
// debug.ts makes one for every debugger; without a terminal it only prints.
// The prompt always begins a line, whatever was written before it.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import type { PromptEngine } from '../debugger/prompt/engine.ts';
import { writeAll } from './node-host.ts';

const PROMPT = '(rivulet) ';
const HISTORY_KEPT = 1000;
const NEWLINE = 10;

export class PromptTerminal {
  #engine: PromptEngine | undefined;
  #reader: readline.Interface | undefined;
  #isAtLineStart = true;

  attach(engine: PromptEngine): void {
    this.#engine = engine;
  }

  print(text: string): void {
    this.#write(1, Buffer.from(text));
  }

  guestOutput(stream: 1 | 2, bytes: Uint8Array): void {
    this.#write(stream, bytes);
  }

  /** Prompts until `quit` or the end of input. */
  async converse(): Promise<void> {
    const engine = this.#engine as PromptEngine;
    const { debugging } = engine;
    const lines = new LineQueue();
    const reader = readline.createInterface({
      input: process.stdin,
      output: process.stdout,
      terminal: true,
      prompt: PROMPT,
      history: readHistory(),
      historySize: HISTORY_KEPT,
      removeHistoryDuplicates: true,
      completer: (line: string) => engine.completions(line),
    });
    this.#reader = reader;
    reader.on('line', (line) => lines.push(line));
    reader.on('close', () => lines.push(undefined));
    reader.on('history', writeHistory);
    reader.on('SIGINT', () => {
      if (debugging.isRunning) debugging.interrupt();
      else {
        reader.write(null, { ctrl: true, name: 'e' });
        reader.write(null, { ctrl: true, name: 'u' });
        this.print('Quit\n');
        this.#prompt();
      }
    });
    try {
      while (!debugging.hasQuit) {
        this.#prompt();
        const line = await lines.next();
        if (line === undefined) {
          this.print('quit\n');
          break;
        }
        this.#isAtLineStart = true;
        await engine.execute(line);
      }
    } finally {
      reader.close();
      this.#reader = undefined;
    }
  }

  /** Gives the terminal back. */
  close(): void {
    this.#reader?.close();
  }

  #prompt(): void {
    if (!this.#isAtLineStart) this.print('\n');
    this.#reader?.prompt();
  }

  #write(stream: 1 | 2, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#isAtLineStart = bytes.at(-1) === NEWLINE;
    writeAll(stream, bytes);
  }
}

/** Lines typed, those typed ahead too. */
class LineQueue {
  readonly #lines: (string | undefined)[] = [];
  #waiting: ((line: string | undefined) => void) | undefined;

  push(line: string | undefined): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) this.#lines.push(line);
    else waiting(line);
  }

  next(): Promise<string | undefined> {
    if (this.#lines.length > 0) return Promise.resolve(this.#lines.shift());
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }
}

function historyFile(): string {
  const state = process.env.XDG_STATE_HOME ?? path.join(os.homedir(), '.local', 'state');
  return path.join(state, 'rivulet', 'debug-history');
}

/** Newest first, as readline has it. */
function readHistory(): string[] {
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

/** Losing the history is no reason to stop. */
function writeHistory(history: readonly string[]): void {
  try {
    const file = historyFile();
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, `${[...history].reverse().join('\n')}\n`, { mode: 0o600 });
  } catch {
    // a home that cannot be written to
  }
}
