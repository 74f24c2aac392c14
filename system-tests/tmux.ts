// A real terminal for tests: a shell in tmux, driven by keys, read as a person would see it.
// panels.test.ts uses it. Each terminal has a server of its own, so that nothing of the user's is touched.
// What is awaited is polled for; a screen that does not come fails with what is there instead.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HANG_MS, run } from '../scripts/setup/command.ts';

const TMUX = '/usr/bin/tmux';
const LOOK_EVERY_MS = 50;

/** Why there are no terminals, or undefined. */
export const noTmux: string | undefined = existsSync(TMUX) ? undefined : 'tmux is not installed';

/** What programs change of a terminal and must put back. */
const MODES = [
  'alternate_on',
  'cursor_flag',
  'insert_flag',
  'keypad_flag',
  'mouse_any_flag',
  'origin_flag',
  'scroll_region_lower',
  'scroll_region_upper',
  'wrap_flag',
];

export class Terminal {
  /** For files of the test; gone with the terminal. */
  readonly directory = mkdtempSync(join(tmpdir(), 'rivulet-tmux-'));

  private constructor() {}

  /** A shell that is ready, its prompt `$ ` in the first line. */
  static async open(
    columns: number,
    rows: number,
    env: Readonly<Record<string, string>> = {},
  ): Promise<Terminal> {
    const terminal = new Terminal();
    const all: Record<string, string> = {
      TERM: 'screen-256color',
      PATH: process.env.PATH ?? '',
      HOME: terminal.directory,
      LANG: 'C.UTF-8',
      PS1: '$ ',
      ...env,
    };
    const words = Object.entries(all).map(([name, value]) => `'${name}=${value}'`);
    await terminal.#tmux(
      ['-f', '/dev/null', 'new-session', '-d', '-s', 'test', '-x', String(columns), '-y', String(rows)],
      `env -i ${words.join(' ')} sh -i`,
    );
    await terminal.waitFor(/^\$$/m);
    return terminal;
  }

  /** Types a line. */
  async type(line: string): Promise<void> {
    await this.#tmux(['send-keys', '-t', 'test', '-l', '--', line]);
    await this.key('Enter');
  }

  /** By tmux's names: `C-c`, `Tab`, `Up`. */
  async key(...names: string[]): Promise<void> {
    await this.#tmux(['send-keys', '-t', 'test', ...names]);
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.#tmux(['resize-window', '-t', 'test', '-x', String(columns), '-y', String(rows)]);
  }

  /** The lines of the screen, without spaces at their ends. */
  async screen(): Promise<string[]> {
    return (await this.#tmux(['capture-pane', '-p', '-t', 'test'])).replace(/\n$/, '').split('\n');
  }

  /** As `screen`, with the escape sequences for looks, their ESC as ␛. */
  async colours(): Promise<string> {
    return (await this.#tmux(['capture-pane', '-p', '-e', '-t', 'test'])).replaceAll('\x1b', '␛');
  }

  /** Modes of the terminal by name. */
  async modes(): Promise<string> {
    const format = MODES.map((name) => `${name}=#{${name}}`).join(' ');
    return (await this.#tmux(['display-message', '-p', '-t', 'test', format])).trim();
  }

  /** Waits until the screen looks so, and returns its lines. */
  async waitFor(pattern: RegExp): Promise<string[]> {
    const end = Date.now() + HANG_MS;
    for (;;) {
      const lines = await this.screen();
      if (pattern.test(lines.join('\n'))) return lines;
      if (Date.now() > end) throw new Error(`no ${pattern} on:\n${lines.join('\n')}`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }

  /** The terminal goes away, as when its window is closed. */
  async close(): Promise<void> {
    await this.#tmux(['kill-server']);
    rmSync(this.directory, { recursive: true, force: true });
  }

  async #tmux(args: readonly string[], ...command: string[]): Promise<string> {
    const { stdout } = await run(TMUX, ['-S', join(this.directory, 'socket'), ...args, ...command], {
      env: { TMUX: '' },
    });
    return stdout;
  }
}
