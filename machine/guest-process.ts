// A program that the embedder started: feed its stdin, read what it wrote, wait for its end, send it signals.
// Machine.spawn returns it. Children that the guest forks are the guest's own business.

import { concat } from '../kernel/abi/concat.ts';
import type { Process } from '../kernel/task/process.ts';
import { sendToGroup, sendToProcess } from '../kernel/task/send-signal.ts';
import { kernelSignal } from '../kernel/task/signal-info.ts';
import type { HostInput } from '../kernel/tty/host-stream.ts';
import type { Driver } from './driver.ts';
import type { MachineJournal } from './journal.ts';

/** How a program ended: an exit code, or the number of the signal that killed it. */
export interface ExitStatus {
  /** 0–255; 128 + signal when killed, as shells report it. */
  readonly code: number;
  /** The signal number; undefined after a normal exit. */
  readonly signal: number | undefined;
  /** A core would have been dumped. */
  readonly dumpedCore: boolean;
}

export class GuestProcess {
  readonly pid: number;
  readonly #process: Process;
  readonly #driver: Driver;
  readonly #input: HostInput | undefined;
  readonly #collected: Record<1 | 2, Uint8Array[]>;
  readonly #journal: MachineJournal | undefined;
  #exit: ExitStatus | undefined;
  #waiters: ((status: ExitStatus) => void)[] = [];

  /** Made by Machine.spawn. */
  constructor(
    process: Process,
    driver: Driver,
    input: HostInput | undefined,
    collected: Record<1 | 2, Uint8Array[]>,
    journal: MachineJournal | undefined,
  ) {
    this.pid = process.pid;
    this.#process = process;
    this.#driver = driver;
    this.#input = input;
    this.#collected = collected;
    this.#journal = journal;
    process.exited.add({ wake: () => this.#ended() });
  }

  /** Appends to the program's stdin ('pipe' only). Never waits; see `pendingInput`. */
  write(input: Uint8Array | string): void {
    const bytes = typeof input === 'string' ? new TextEncoder().encode(input) : input;
    this.#journal?.happened({ kind: 'input', bytes: new Uint8Array(bytes) });
    this.#input?.pushInput(bytes);
    this.#driver.wake();
  }

  /** End of stdin. */
  end(): void {
    this.#journal?.happened({ kind: 'end' });
    this.#input?.endInput();
    this.#driver.wake();
  }

  /** Bytes of stdin that no process has read yet. */
  get pendingInput(): number {
    return this.#input?.pendingBytes ?? 0;
  }

  /** No process has stdin open any more: what is written is lost. */
  get isInputClosed(): boolean {
    return this.#input?.isAbandoned ?? true;
  }

  /** What went to a collected stdout so far. */
  get output(): Uint8Array {
    return joined(this.#collected[1]);
  }

  /** What went to a collected stderr so far. */
  get errors(): Uint8Array {
    return joined(this.#collected[2]);
  }

  /** `output` as UTF-8 text. */
  get outputText(): string {
    return new TextDecoder().decode(this.output);
  }

  get errorText(): string {
    return new TextDecoder().decode(this.errors);
  }

  /** How it ended; undefined while it runs. */
  get exitStatus(): ExitStatus | undefined {
    return this.#exit;
  }

  /** Runs the machine until the program has ended. Rejects when the machine breaks down. */
  wait(): Promise<ExitStatus> {
    if (this.#exit !== undefined) return Promise.resolve(this.#exit);
    return new Promise((resolve, reject) => {
      this.#waiters.push(resolve);
      this.#driver.run().catch(reject);
    });
  }

  /** Sends a signal by number, as from outside the machine. */
  kill(signal: number): void {
    this.#journal?.happened({ kind: 'kill', signal });
    sendToProcess(this.#process, kernelSignal(signal));
    this.#driver.wake();
  }

  /** Sends a signal to its whole process group, as a terminal's ^C does. */
  killGroup(signal: number): void {
    this.#journal?.happened({ kind: 'kill-group', signal });
    sendToGroup(this.#process.group, kernelSignal(signal));
    this.#driver.wake();
  }

  #ended(): void {
    const { waitStatus } = this.#process;
    const signal = waitStatus & 0x7f;
    this.#exit = {
      code: signal === 0 ? (waitStatus >> 8) & 0xff : 128 + signal,
      signal: signal === 0 ? undefined : signal,
      dumpedCore: (waitStatus & 0x80) !== 0,
    };
    for (const resolve of this.#waiters.splice(0)) resolve(this.#exit);
  }
}

function joined(pieces: Uint8Array[]): Uint8Array {
  const all = concat(pieces);
  pieces.splice(0, pieces.length, all);
  return all;
}
