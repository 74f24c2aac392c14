// The person's terminal in raw mode, its keys and window size going to the guest's terminal.
// session.ts makes one when stdin is a terminal; `close` gives it back as it was, on every way out.
// ^C and ^Z are plain bytes here: the guest's own line discipline turns them into signals.
import type { Machine } from '../machine/machine.ts';
import type { NodeHost } from './node-host.ts';

export class TerminalFeeder {
  readonly #machine: Machine;
  readonly #host: NodeHost;
  /** Keys that the guest's terminal had no room for yet. */
  #waiting: Buffer[] = [];
  readonly #onData = (bytes: Buffer): void => this.#type(bytes);
  readonly #onEnd = (): void => this.#machine.terminal.hangUp();
  readonly #onResize = (): void => {
    const { rows, columns } = this.#host.terminal.size();
    this.#machine.terminal.resize(rows, columns);
  };
  readonly #restore = (): void => this.#host.terminal.restore();

  constructor(machine: Machine, host: NodeHost) {
    this.#machine = machine;
    this.#host = host;
    host.terminal.setRaw(true);
    process.on('exit', this.#restore);
    process.on('SIGWINCH', this.#onResize);
    process.stdin.on('data', this.#onData);
    process.stdin.on('end', this.#onEnd);
    process.stdin.on('error', this.#onEnd);
  }

  /** Called between the machine's turns. */
  topUp(): void {
    if (this.#waiting.length === 0) return;
    const pieces = this.#waiting;
    this.#waiting = [];
    for (const piece of pieces) this.#type(piece);
  }

  /** ^C did not come as a byte: consoles of Windows may make a signal of it in raw mode too. */
  interrupt(): void {
    this.#type(Buffer.from('\x03'));
  }

  /** The guest is over. */
  close(): void {
    const { stdin } = process;
    stdin.off('data', this.#onData);
    stdin.off('end', this.#onEnd);
    stdin.off('error', this.#onEnd);
    stdin.pause();
    process.off('SIGWINCH', this.#onResize);
    process.off('exit', this.#restore);
    this.#restore();
  }

  #type(bytes: Buffer): void {
    const { terminal } = this.#machine;
    const room = this.#waiting.length > 0 ? 0 : terminal.inputRoom;
    if (room > 0) terminal.type(bytes.subarray(0, room));
    if (bytes.length > room) this.#waiting.push(bytes.subarray(room));
    if (this.#waiting.length > 0) process.stdin.pause();
    else process.stdin.resume();
  }
}
