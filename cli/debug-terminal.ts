// The debugger's prompt on a terminal: Node's readline with history and completion, below panels or without.
// debug.ts makes one for every debugger; without a terminal it only prints.
// The prompt always begins a line, and on every way out the terminal is as it was.
import readline from 'node:readline';
import { SessionView } from '../debugger/panels/session-view.ts';
import type { PanelControl } from '../debugger/prompt/debugger.ts';
import type { PromptEngine } from '../debugger/prompt/engine.ts';
import { IS_WINDOWS } from './host-paths.ts';
import { whileIdle } from './idle.ts';
import { EditedLine, LineQueue } from './line-editing.ts';
import { HISTORY_KEPT, readHistory, writeHistory } from './prompt-history.ts';
import { canShowPanels, PromptScreen, terminalSize } from './prompt-screen.ts';

const PROMPT = '(rivulet) ';

/** What stands before the next line, which belongs to `depth` blocks of a script. */
export function promptAt(depth: number): string {
  return depth === 0 ? PROMPT : `${' '.repeat(depth - 1)}>`;
}

/** A guest that runs longer than this is said to run. */
const LONG_RUN_MS = 150;
const STOPPED_MS = 20;

export class PromptTerminal {
  readonly #screen = new PromptScreen();
  readonly #lines = new LineQueue();
  #promptText = PROMPT;
  #engine: PromptEngine | undefined;
  #view: SessionView | undefined;
  #reader: readline.Interface | undefined;
  readonly #output = new EditedLine(terminalSize().columns, (text) => {
    if (this.#isEditing) this.#screen.edit(text);
  });
  /** A line is being edited: what readline writes is shown. */
  #isEditing = false;
  #wantsPanels = false;
  #runningSince: number | undefined;

  /** `hasPanels`: from the first prompt on, unless a command says otherwise. */
  attach(engine: PromptEngine, hasPanels: boolean): void {
    this.#engine = engine;
    this.#view = new SessionView(engine.debugging);
    this.#wantsPanels = hasPanels && canShowPanels();
  }

  print(text: string): void {
    this.#screen.print(text);
  }

  guestOutput(stream: 1 | 2, bytes: Uint8Array): void {
    if (bytes.length > 0) this.#screen.guestOutput(stream, bytes);
  }

  /** Called while the guest runs. */
  breathe(): Promise<void> {
    if (this.#runningSince !== undefined && Date.now() - this.#runningSince > LONG_RUN_MS) {
      this.#runningSince = undefined;
      this.#screen.tellRunning();
    }
    return new Promise((resolve) => setImmediate(resolve));
  }

  /** What the command `panels` reaches. */
  readonly panels: PanelControl = {
    isShown: () => this.#screen.hasPanels,
    hide: () => {
      this.#wantsPanels = false;
      this.#screen.hidePanels();
    },
    show: (codeKind) => {
      const view = this.#view;
      if (view === undefined || !canShowPanels()) return 'this terminal knows no escape sequences';
      if (codeKind !== undefined) view.codeKind = codeKind;
      this.#wantsPanels = true;
      if (this.#reader === undefined) return undefined; // as soon as there is a prompt
      return this.#screen.showPanels((rows) => view.take(rows)) ? undefined : 'this terminal is too small';
    },
  };

  /** Prompts until `quit` or the end of input. */
  async converse(): Promise<void> {
    const engine = this.#engine as PromptEngine;
    const { debugging } = engine;
    const stopListening = this.#listen();
    this.#reader = this.#makeReader(engine);
    try {
      if (this.#wantsPanels) this.panels.show(undefined);
      while (!debugging.hasQuit) {
        const line = await this.#nextLine();
        if (line === undefined) {
          this.print('quit\n');
          break;
        }
        this.#runningSince = Date.now();
        await engine.execute(line);
      }
    } finally {
      this.close();
      stopListening();
    }
  }

  /** Gives the terminal back; any number of times. */
  close(): void {
    if (this.#isEditing) {
      this.#isEditing = false;
      this.#screen.typed(`${this.#promptText}${this.#reader?.line ?? ''}`);
      this.print('\n'); // the shell's prompt begins a line
    }
    this.#reader?.close();
    this.#reader = undefined;
    this.#screen.close();
  }

  #makeReader(engine: PromptEngine): readline.Interface {
    const { debugging } = engine;
    const reader = readline.createInterface({
      input: process.stdin,
      output: this.#output,
      terminal: true,
      prompt: PROMPT,
      history: readHistory(),
      historySize: HISTORY_KEPT,
      removeHistoryDuplicates: true,
      completer: (line: string) => withSpace(engine.completions(line)),
    });
    reader.on('line', (line) => {
      if (this.#isEditing) this.#screen.typed(`${this.#promptText}${line}\n`);
      this.#lines.push({ text: line, isShown: this.#isEditing });
      this.#isEditing = false;
    });
    const end = (): void => {
      if (this.#isEditing) this.#screen.typed(this.#promptText); // Ctrl-D, on an empty line
      this.#isEditing = false;
      this.#lines.push(undefined);
      if (process.stdin.readableEnded || process.stdin.errored !== null) debugging.interrupt(); // hung up
    };
    reader.on('close', end);
    reader.on('error', end);
    reader.on('history', writeHistory);
    reader.on('SIGINT', () => {
      if (this.#isEditing) this.#giveUpLine(reader);
      else debugging.interrupt();
    });
    reader.on('SIGTSTP', () => this.#suspend());
    return reader;
  }

  /** The next line to be executed, which stands on the screen behind a prompt. */
  async #nextLine(): Promise<string | undefined> {
    if (!this.#screen.isAtLineStart) this.print('\n');
    this.#engine?.debugging.prepare(); // another process may have other symbols
    this.#screen.refresh();
    this.#setPrompt(promptAt(this.#engine?.blockDepth ?? 0));
    return this.#readLine();
  }

  /** Asks until the answer is yes or no; an empty one is no, as is the end of input. undefined before there is a prompt. */
  async ask(question: string): Promise<boolean | undefined> {
    if (this.#reader === undefined) return undefined;
    this.#setPrompt(`${question} `);
    try {
      for (;;) {
        const answer = (await this.#readLine())?.trim().toLowerCase() ?? '';
        if (['y', 'yes'].includes(answer)) return true;
        if (['', 'n', 'no'].includes(answer)) return false;
        this.print('Please answer y or n.\n');
      }
    } finally {
      this.#setPrompt(PROMPT);
    }
  }

  #setPrompt(text: string): void {
    this.#promptText = text;
    this.#reader?.setPrompt(text);
  }

  async #readLine(): Promise<string | undefined> {
    if (this.#lines.isEmpty) this.#prompt();
    const stopIdling = whileIdle(() => this.#engine?.debugging.prepareToGoBack() === true);
    const line = await this.#lines.next();
    stopIdling();
    this.#isEditing = false;
    if (line !== undefined && !line.isShown) this.print(`${this.#promptText}${line.text}\n`); // typed ahead
    return line?.text;
  }

  /** Shows the prompt with what was typed so far. */
  #prompt(): void {
    const reader = this.#reader;
    if (reader === undefined) return;
    // readline goes up by the rows that it believes to stand above the cursor: it shall have them
    this.#isEditing = false;
    reader.prompt(true);
    this.#screen.edit('\n'.repeat(reader.getCursorPos().rows));
    this.#isEditing = true;
    reader.prompt(true);
  }

  /** Ctrl-C at the prompt, as gdb has it. */
  #giveUpLine(reader: readline.Interface): void {
    const { line } = reader;
    reader.write(null, { ctrl: true, name: 'e' });
    this.#isEditing = false;
    reader.write(null, { ctrl: true, name: 'u' });
    this.#screen.typed(`${this.#promptText}${line}`);
    this.print('Quit\n');
    const { blocks } = (this.#engine as PromptEngine).debugging;
    if (blocks.depth > 0) {
      blocks.giveUp();
      this.#setPrompt(PROMPT);
    }
    if (this.#promptText === PROMPT) this.#prompt();
    else this.#lines.push({ text: 'n', isShown: true });
  }

  /** Ctrl-Z: the shell gets the terminal as it was, and we take it again when we go on. */
  #suspend(): void {
    if (IS_WINDOWS) return; // no shell there takes over
    if (this.#isEditing && !this.#screen.hasPanels) this.#screen.edit('\r\n');
    this.#screen.close();
    process.stdin.setRawMode(false);
    process.kill(0, 'SIGTSTP'); // all of the job, as the terminal would
    setTimeout(this.#takeAgain, STOPPED_MS); // no shell, no stop
  }

  readonly #takeAgain = (): void => {
    if (this.#reader === undefined) return;
    process.stdin.setRawMode(false); // Node believes that the mode is what it set last
    process.stdin.setRawMode(true);
    process.kill(process.pid, 'SIGWINCH'); // nobody told us of sizes while we were stopped: Node looks
    this.#redraw();
  };

  /** After a new size, or when others have used the terminal. */
  readonly #redraw = (): void => {
    this.#output.columns = terminalSize().columns;
    this.#screen.fit();
    if (this.#isEditing) this.#prompt();
  };

  readonly #giveBack = (): void => this.close();

  /** Every way out that does not come by `converse` gives the terminal back first. */
  #listen(): () => void {
    process.on('exit', this.#giveBack);
    process.on('uncaughtExceptionMonitor', this.#giveBack); // its report belongs on the shell's screen
    process.on('SIGCONT', this.#takeAgain);
    process.stdout.on('resize', this.#redraw);
    return () => {
      process.off('exit', this.#giveBack);
      process.off('uncaughtExceptionMonitor', this.#giveBack);
      process.off('SIGCONT', this.#takeAgain);
      process.stdout.off('resize', this.#redraw);
    };
  }
}

/** A word that is complete has a space behind it, so that the next can follow; a file's name goes on with its line. */
function withSpace([found, word]: [string[], string]): [string[], string] {
  const [only] = found;
  const isComplete = found.length === 1 && only !== undefined && !only.endsWith(':');
  return [isComplete ? [`${only} `] : found, word];
}
