// What the host's memory does over a long run, and what many programs leave behind: for the bench and the system tests.
// Everything runs in this process, in a machine of its own; garbage is collected before each reading.
// Memories, modules and instances are counted from the outside, by their constructors and by finalization.
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { nodeHost } from '../../cli/node-host.ts';
import { Machine } from '../../machine/machine.ts';
import { binaryOf } from '../guests/compile.ts';

/** At one moment, garbage apart; bytes. */
export interface Reading {
  /** What the program had written so far. */
  readonly at: string;
  readonly resident: number;
  readonly heap: number;
  readonly external: number;
  /** Alive now. */
  readonly memories: number;
  readonly modules: number;
  readonly instances: number;
}

/** Rounds of 34 million instructions and some system calls each; a line a round. */
export const STEADY_WORK = 'scale/steady-work';
/** Fork, exec, exit, wait; a line every hundred. */
export const EXEC_ROUNDS = 'scale/exec-rounds';
/** Rounds: 10^9 instructions and 10,000 programs, or what a test has time for. */
export const FULL = { steadyWork: 30, execRounds: 10_000 };
export const SHORT = { steadyWork: 6, execRounds: 1000 };

const COUNTED = ['Memory', 'Module', 'Instance'] as const;
type Counted = (typeof COUNTED)[number];
const alive: Record<Counted, number> = { Memory: 0, Module: 0, Instance: 0 };
let collect: (() => void) | undefined;

/** From now on, WebAssembly's constructors count. */
function countObjects(): () => void {
  if (collect !== undefined) return collect;
  setFlagsFromString('--expose-gc');
  collect = runInNewContext('gc') as () => void;
  const gone = new FinalizationRegistry((name: Counted) => {
    alive[name]--;
  });
  for (const name of COUNTED) {
    const original = WebAssembly[name] as new (...args: unknown[]) => object;
    const counting = new Proxy(original, {
      construct(target, args, newTarget) {
        const made = Reflect.construct(target, args, newTarget === counting ? target : newTarget) as object;
        alive[name]++;
        gone.register(made, name);
        return made;
      },
    });
    Object.defineProperty(WebAssembly, name, { value: counting, configurable: true, writable: true });
  }
  return collect;
}

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

/**
 * Runs a guest program that writes a line now and then, and reads the memory after every `every` of them, with the
 * machine paused, and once more at the end.
 */
export async function watchMemory(program: string, rounds: number, every: number): Promise<Reading[]> {
  const gc = countObjects();
  const machine = new Machine({ host: nodeHost(), seed: 1 });
  const readings: Reading[] = [];
  let lines = 0;
  let last = '';
  let isDue = false;
  const guest = machine.spawn({
    path: '/program',
    bytes: readFileSync(binaryOf(program, 'riscv64')),
    argv: ['/program', String(rounds)],
    stdout: (bytes) => {
      last = new TextDecoder().decode(bytes).trim();
      lines++;
      if (lines % every === 0) {
        isDue = true;
        machine.pause();
      }
    },
  });
  const read = async (): Promise<void> => {
    for (let i = 0; i < 4; i++) {
      gc();
      await settle(); // finalization runs between turns
    }
    const { rss, heapUsed, external } = process.memoryUsage();
    readings.push({
      at: last,
      resident: rss,
      heap: heapUsed,
      external,
      memories: alive.Memory,
      modules: alive.Module,
      instances: alive.Instance,
    });
  };
  let isOver = false;
  const over = guest.wait().then((status) => {
    isOver = true;
    if (status.code !== 0) throw new Error(`${program} ended with ${status.code}: ${guest.errorText}`);
  });
  over.catch(() => {});
  while (!isOver) {
    await settle();
    if (!isDue) continue;
    isDue = false;
    await read();
    machine.run().catch(() => {}); // `over` rejects, too
  }
  await over;
  await read();
  return readings;
}

/** Both programs in full, as tables. Takes a minute. */
export async function reportMemory(log: (line: string) => void): Promise<void> {
  for (const [program, rounds, lines] of [
    [STEADY_WORK, FULL.steadyWork, FULL.steadyWork],
    [EXEC_ROUNDS, FULL.execRounds, FULL.execRounds / 100],
  ] as const) {
    log(`\n${program}, ${rounds} rounds: MiB resident, heap, external; Memories, modules, instances alive`);
    for (const { at, resident, heap, external, ...alive } of await watchMemory(program, rounds, lines / 10)) {
      const sizes = [resident, heap, external].map((bytes) => (bytes / 2 ** 20).toFixed(1).padStart(8));
      const counts = [alive.memories, alive.modules, alive.instances].map((n) => String(n).padStart(5));
      log(`${(at.split('\n').at(-1) ?? '').padEnd(24)}${sizes.join('')}${counts.join('')}`);
    }
  }
}
