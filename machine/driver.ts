// Runs the kernel in slices between the turns of the surrounding event loop, and sleeps while the guest does.
// Machine starts it; input, signals and embedders wake it. It never waits busily.
// A JavaScript Error out of the kernel is a bug of ours: it stops the machine and rejects `done`.
import type { Host } from '../kernel/host.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { type EventLoop, LONGEST_WAIT_MS } from './event-loop.ts';

/** How long guests run before pending host events are looked at, ns. */
const TURN_NS = 8_000_000;

type State = 'stopped' | 'running' | 'sleeping' | 'finished' | 'failed';

export class Driver {
  readonly #kernel: Kernel;
  readonly #host: Host & EventLoop;
  /** Called between turns, before sleeping and at the end: input is topped up, limits are checked. */
  readonly #between: (isFinished: boolean) => void;
  #state: State = 'stopped';
  #cancelSleep: (() => void) | undefined;
  #isWoken = false;
  #finish: (() => void)[] = [];
  #fail: ((error: unknown) => void)[] = [];
  #failure: unknown;

  constructor(kernel: Kernel, host: Host & EventLoop, between: (isFinished: boolean) => void) {
    this.#kernel = kernel;
    this.#host = host;
    this.#between = between;
  }

  /** Resolves when no process is left; rejects with an internal error. Starts the machine if it stands still. */
  run(): Promise<void> {
    const done = new Promise<void>((resolve, reject) => {
      this.#finish.push(resolve);
      this.#fail.push(reject);
    });
    if (this.#state === 'failed') this.#settle();
    else this.start();
    return done;
  }

  /** Starts running unless it runs already. */
  start(): void {
    if (this.#state !== 'stopped' && this.#state !== 'finished') return;
    this.#state = 'running';
    this.#turn();
  }

  /** Something happened outside: a sleeping machine looks again. */
  wake(): void {
    this.#isWoken = true;
    if (this.#state !== 'sleeping') return;
    this.#cancelSleep?.();
    this.#state = 'running';
    this.#host.soon(() => this.#turn());
  }

  /** Stops after the present turn, for debuggers; `start` goes on. */
  pause(): void {
    this.#kernel.requestStop();
    if (this.#state === 'sleeping') this.#cancelSleep?.();
    if (this.#state === 'sleeping' || this.#state === 'running') this.#state = 'stopped';
  }

  #turn(): void {
    if (this.#state !== 'running') return;
    try {
      this.#isWoken = false;
      const turnEnd = this.#host.monotonicNs() + TURN_NS;
      let outcome = this.#kernel.run();
      while (outcome.kind === 'paused' && this.#state === 'running' && this.#host.monotonicNs() < turnEnd) {
        outcome = this.#kernel.run();
      }
      if (this.#state !== 'running') return;
      this.#between(outcome.kind === 'finished');
      if (outcome.kind === 'finished') {
        this.#state = 'finished';
        this.#settle();
      } else if (outcome.kind === 'paused' || this.#isWoken) {
        this.#host.soon(() => this.#turn());
      } else this.#sleep(outcome.untilNs);
    } catch (error) {
      this.#state = 'failed';
      this.#failure = error;
      this.#settle();
    }
  }

  #sleep(untilNs: number | undefined): void {
    this.#state = 'sleeping';
    // our own look at the clock, which is none of the guest's and in no recording
    const left =
      untilNs === undefined
        ? LONGEST_WAIT_MS
        : (this.#kernel.clock.hostNs(untilNs) - this.#host.monotonicNs()) / 1e6;
    const ms = Math.min(Math.max(Math.ceil(left), 0), LONGEST_WAIT_MS);
    this.#cancelSleep = this.#host.after(ms, () => {
      this.#state = 'running';
      this.#turn();
    });
  }

  #settle(): void {
    const [finish, fail] = [this.#finish, this.#fail];
    this.#finish = [];
    this.#fail = [];
    if (this.#state === 'failed') for (const reject of fail) reject(this.#failure);
    else for (const resolve of finish) resolve();
  }
}
