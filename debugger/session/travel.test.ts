// Going back is exact: each moment that a step back, a jump or a search reaches is the one that was passed before.
// The oracle is a bare Stepper that goes through the run once, one instruction at a time, and notes all it sees.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { nodeHost } from '../../cli/node-host.ts';
import type { Cpu } from '../../emulator/cpu/cpu.ts';
import { PAGE_SIZE } from '../../emulator/memory/layout.ts';
import { type Position, Stepper } from '../../kernel/stepper.ts';
import type { Thread } from '../../kernel/task/thread.ts';
import { Machine } from '../../machine/machine.ts';
import { type MakeTarget, Session } from './session.ts';

const PREBUILT = new URL('../../guest-programs/prebuilt/', import.meta.url);
const SILENT = (): void => {};
const REGISTERS = 32;

const TIERS = {
  'compiled at once': { jitThreshold: 1 },
  interpreted: { jit: false },
} as const;

/** Makes machines that share a processor, as the command line's do. */
function maker(program: string, tier: keyof typeof TIERS): MakeTarget {
  let processor: Cpu | undefined;
  return (output) => {
    const machine = new Machine({
      host: nodeHost(),
      virtualTime: true,
      seed: 1,
      quantum: 300, // slices end in the middle of things
      ...TIERS[tier],
      ...(processor && { processor }),
    });
    processor = machine.kernel.cpu;
    for (const name of ['both', 'server', 'client', 'pair', 'rights', 'hello'])
      machine.writeFile(`/demo/${name}`, readFileSync(new URL(name, PREBUILT)), 0o755);
    machine.spawn({ path: `/demo/${program}`, stdout: (b) => output(1, b), stderr: (b) => output(2, b) });
    return machine;
  };
}

interface Moment {
  readonly position: Position;
  readonly tid: number;
  readonly state: string;
}

/** Registers, ticks, the clock, and all memory that the thread's process has. */
function stateOf(thread: Thread): string {
  const { hart, mm, kernel } = thread;
  const { memory } = mm;
  let hash = 0;
  for (let page = 0; page < memory.limit / PAGE_SIZE; page++) {
    if (memory.granted(page) === 0) continue;
    hash = Math.imul(hash ^ page, 0x0100_0193);
    const bytes = memory.bytes(page * PAGE_SIZE, PAGE_SIZE);
    for (let at = 0; at < PAGE_SIZE; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x0100_0193);
  }
  const registers: bigint[] = [];
  for (let n = 0; n < REGISTERS; n++) registers.push(hart.x(n), hart.f(n));
  const others = [hart.pcBig, hart.fcsr, hart.ticks, hart.reservation, kernel.clock.monotonicNs()];
  return [...registers, ...others, thread.state, thread.call?.syscall.name, hash].join(' ');
}

/** All moments at which a thread has its turn; of every `nth`, what it sees. */
function walk(make: MakeTarget, nth: number): Moment[] {
  const stepper = new Stepper(make(SILENT).kernel);
  const moments: Moment[] = [];
  for (;;) {
    const progress = stepper.step();
    if (progress === 'finished' || progress === 'idle') return moments;
    const { thread, position } = stepper;
    if (thread === undefined) continue;
    moments.push({ position, tid: thread.tid, state: moments.length % nth === 0 ? stateOf(thread) : '' });
  }
}

function seenBy(session: Session): Moment {
  const thread = session.thread as Thread;
  return { position: session.position, tid: thread.tid, state: stateOf(thread) };
}

describe.each(Object.keys(TIERS) as (keyof typeof TIERS)[])('a program that is %s', (tier) => {
  it('is at each moment again when stepping back from the end to the start', () => {
    const make = maker('pair', tier);
    const moments = walk(make, 3);
    const session = new Session(make, SILENT, { spareDistance: 1001 });
    session.resume({ kind: 'continue' });
    for (const moment of moments.reverse()) {
      const position = session.stepBack();
      expect(position).toEqual(moment.position);
      session.goTo(moment.position);
      if (moment.state !== '') expect(seenBy(session)).toEqual(moment);
      // someone who waits has spares made meanwhile
      if (moment.position.tick % 5 === 0) while (session.tend(5000));
    }
    expect(session.stepBack()).toBeUndefined();
    expect(session.difference).toBeUndefined();
  });

  it('is at each moment that one goes to, wherever one comes from', () => {
    const make = maker('both', tier);
    const moments = walk(make, 37).filter(({ state }) => state !== '');
    const session = new Session(make, SILENT, { spareDistance: 1001 });
    session.servesCalls = true;
    let seed = 7;
    for (let i = 0; i < 30; i++) {
      seed = (seed * 75 + 74) % 65_537;
      const moment = moments[seed % moments.length] as Moment;
      session.goTo(moment.position);
      expect(seenBy(session)).toEqual(moment);
      if (i % 3 === 0) while (session.tend(5000));
    }
    session.resume({ kind: 'continue' });
    expect(session.difference).toBeUndefined();
  });

  it.each(['by searching', 'by what the run has shown'])(
    'passes an address as often forward as back, each time at the same moment, %s',
    (way) => {
      const make = maker('both', tier);
      const moments = walk(make, 1_000_000);
      const counts = new Map<number, number>();
      for (const { position } of moments)
        if (Number.isFinite(position.instruction))
          counts.set(position.instruction, (counts.get(position.instruction) ?? 0) + 1);
      const often = [...counts].filter(([, count]) => count > 25 && count < 60);
      for (const [address] of often.slice(0, 1)) {
        const session = new Session(make, SILENT, { spareDistance: 1001 });
        session.servesCalls = true;
        const addBreak = (): number =>
          session.points.add({ kind: 'break', address, text: '', condition: undefined, isTemporary: false })
            .id;
        let point = addBreak();
        const forward: Position[] = [];
        while (session.resume({ kind: 'continue' }).kind === 'break') forward.push(session.position);
        const passed = arrivals(moments, address);
        expect(forward).toEqual(passed);
        for (const position of forward.reverse()) {
          if (way === 'by searching') {
            session.points.delete(point);
            point = addBreak();
          }
          expect(session.lastHitBefore()?.position).toEqual(position);
          session.goTo(position);
          expect(session.position).toEqual(position);
        }
        expect(session.lastHitBefore()).toBeUndefined();
      }
    },
  );
});

/** Where a thread came to `address`, and not merely stayed there while the kernel did something. */
function arrivals(moments: readonly Moment[], address: number): Position[] {
  const last = new Map<number, number>();
  const found: Position[] = [];
  for (const { position, tid } of moments) {
    if (position.instruction === address && last.get(tid) !== address) found.push(position);
    last.set(tid, position.instruction);
  }
  return found;
}
