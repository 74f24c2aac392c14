// The machine's terminal as the embedder sees it: type into it, resize it, hang it up; what programs write comes out.
// Machine makes one when a program is spawned with a 'terminal' stream. The line discipline is the guest's own.
import type { OpenFile } from '../kernel/file/open-file.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Process } from '../kernel/task/process.ts';
import { Console } from '../kernel/tty/console.ts';
import type { MachineJournal } from './journal.ts';

export interface TerminalOptions {
  readonly rows?: number;
  readonly columns?: number;
  /** Gets what programs write and what is echoed; the bytes are its own. The host's terminal when absent. */
  readonly onOutput?: (bytes: Uint8Array) => void;
}

export class MachineTerminal {
  readonly #console: Console;
  readonly #wake: () => void;
  readonly #journal: MachineJournal | undefined;

  constructor(
    kernel: Kernel,
    options: TerminalOptions,
    wake: () => void,
    journal: MachineJournal | undefined,
  ) {
    const { terminal } = kernel.host;
    const { onOutput } = options;
    const sink =
      onOutput === undefined
        ? (bytes: Uint8Array) => void terminal?.write(1, bytes)
        : (bytes: Uint8Array) => onOutput(bytes.slice());
    this.#console = new Console(kernel, sink);
    this.#wake = wake;
    this.#journal = journal;
    kernel.terminals.console = this.#console;
    const size = terminal?.size() ?? { rows: 24, columns: 80 };
    this.#console.resize(options.rows ?? size.rows, options.columns ?? size.columns);
  }

  /** An open description of it, O_RDWR; the caller takes the reference over. */
  open(): OpenFile {
    return this.#console.open();
  }

  /** Makes it the controlling terminal of a first process. */
  attach(process: Process): void {
    this.#console.attach(process);
  }

  /** Bytes as a terminal sends them: ^C is 3, Enter is 13. */
  type(bytes: Uint8Array | string): void {
    const typed = typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes;
    this.#journal?.happened({ kind: 'type', bytes: new Uint8Array(typed) });
    this.#console.type(typed);
    this.#wake();
  }

  /** Bytes that may be typed now without loss. */
  get inputRoom(): number {
    return this.#console.inputRoom;
  }

  /** The window changed: SIGWINCH for the foreground. */
  resize(rows: number, columns: number): void {
    this.#journal?.happened({ kind: 'resize', rows, columns });
    this.#console.resize(rows, columns);
    this.#wake();
  }

  /** The person is gone: SIGHUP, then end of file. */
  hangUp(): void {
    this.#journal?.happened({ kind: 'hang-up' });
    this.#console.hangUp();
    this.#wake();
  }
}
