// What a random plan decided, written down as a schedule, is the same run again: in Kernel.run and event by event.
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { nodeHost } from '../../cli/node-host.ts';
import type { Cpu } from '../../emulator/cpu/cpu.ts';
import { Stepper } from '../../kernel/stepper.ts';
import { Turns } from '../../kernel/turns.ts';
import { Machine } from '../../machine/machine.ts';
import { CountingTurns, type RandomTurns, randomTurns } from './random-turns.ts';
import { asSchedule, FixedTurns, parseSchedule, type Schedule, scheduleText } from './schedule.ts';
import { type End, type MakeTarget, runTrial } from './trial.ts';

const ROOT = new URL('../../', import.meta.url);
const LIMITS = { timeNs: 60e9, busyNs: 10e9, outputBytes: 1e6 };
/** With threads, locks, signals and blocked connects; those that need a compiler are tried when they are there. */
const PROGRAMS = [
  'guest-programs/prebuilt/pair',
  ...['explore/rare-deadlock', 'process/threads', 'signal/siginfo', 'unix/u14-backlog'].map(
    (name) => `build/guests/riscv64/${name}`,
  ),
];
const SEEDS = 12;

function targetOf(path: string): MakeTarget {
  const bytes = readFileSync(new URL(path, ROOT));
  const host = nodeHost();
  let processor: Cpu | undefined;
  return (output) => {
    const reused = processor === undefined ? {} : { processor };
    const machine = new Machine({ host, virtualTime: true, seed: 0, ...reused });
    processor = machine.kernel.cpu;
    machine.spawn({
      path: '/tmp/program',
      cwd: '/tmp',
      bytes,
      stdout: (piece) => output(1, piece),
      stderr: (piece) => output(2, piece),
    });
    return machine;
  };
}

/** The guest time at which everything ends or stands still, event by event. */
function stepThrough(make: MakeTarget, schedule: Schedule): number {
  const { kernel } = make(() => undefined);
  kernel.scheduler.turns = new Turns(new FixedTurns(schedule));
  const stepper = new Stepper(kernel);
  for (;;) {
    const progress = stepper.advance(Number.MAX_SAFE_INTEGER);
    if (progress === 'finished' || progress === 'idle') return kernel.clock.monotonicNs();
  }
}

describe('a recorded schedule', () => {
  it.each(PROGRAMS.filter((path) => existsSync(new URL(path, ROOT))))('repeats the run of %s', (path) => {
    const make = targetOf(path);
    let endNs = 0;
    const inspect: NonNullable<Parameters<typeof runTrial>[1]['inspect']> = ({ clock }) => {
      endNs = clock.monotonicNs();
      return [];
    };
    const counting = new CountingTurns();
    const usual = runTrial(make, { limits: LIMITS, plan: () => counting, inspect });
    const size = { moments: counting.asked, threads: usual.threadCount };
    for (let seed = 1; seed <= SEEDS; seed++) {
      let random: RandomTurns | undefined;
      const trial = (plan: Parameters<typeof runTrial>[1]['plan']): End =>
        runTrial(make, { limits: LIMITS, inspect, ...(plan === undefined ? {} : { plan }) });
      const first = trial((kernel) => {
        random = randomTurns(seed, size, kernel.scheduler, seed % 2 === 0);
        return random;
      });
      const firstNs = endNs;
      const moments = random?.moments ?? [];
      const schedule = parseSchedule(scheduleText(asSchedule(moments))) as Schedule;
      const fixed = new FixedTurns(schedule);
      expect(
        trial(() => fixed),
        `seed ${seed}`,
      ).toEqual(first);
      expect(fixed.used, `seed ${seed}`).toEqual(moments);
      expect(stepThrough(make, schedule), `seed ${seed}, stepped`).toBe(firstNs);
    }
  });
});
