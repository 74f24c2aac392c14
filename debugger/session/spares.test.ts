// Where spare runs stand after some idle time, how many there are, and that memory bounds them.
import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { nodeHost } from '../../cli/node-host.ts';
import type { Cpu } from '../../emulator/cpu/cpu.ts';
import { Machine } from '../../machine/machine.ts';
import { CallLog } from './call-log.ts';
import { Run } from './run.ts';
import { Session } from './session.ts';
import { Spares } from './spares.ts';

const DEMO = new URL('../../guest-programs/prebuilt/', import.meta.url);
const NEAREST = 200;
const PIECE = 1000;
const MEGABYTE = 1 << 20;
const FAR = { tick: Number.MAX_SAFE_INTEGER, instruction: 0 };

let processor: Cpu | undefined;

function machine(): Machine {
  const made = new Machine({
    host: nodeHost(),
    virtualTime: true,
    seed: 1,
    jit: false,
    ...(processor && { processor }),
  });
  processor = made.kernel.cpu;
  for (const name of ['both', 'server', 'client'])
    made.writeFile(`/demo/${name}`, readFileSync(new URL(name, DEMO)), 0o755);
  made.spawn({ path: '/demo/both' });
  return made;
}

let made: Run[];
let present: Run;
const log = new CallLog();

function makeRun(): Run {
  const run = new Run(machine(), log);
  run.start();
  made.push(run);
  return run;
}

beforeEach(() => {
  made = [];
  present = makeRun();
  present.forward(FAR, []);
  made = [];
});

/** How far the runs are behind the present, the nearest first. */
function distances(): number[] {
  return made.map(({ stepper }) => present.stepper.work - stepper.work).sort((a, b) => a - b);
}

describe('idle time', () => {
  it('makes one after the other, and has those that are there well spread before it makes another', () => {
    const spares = new Spares(makeRun, undefined, NEAREST);
    const all = present.stepper.work;
    expect(all).toBeGreaterThan(30 * NEAREST);
    let before = 0;
    while (spares.tend(present, [], PIECE)) {
      if (made.length === before) continue;
      before = made.length;
      const [nearest, ...others] = distances();
      if (others.length === 0) continue;
      expect(nearest).toBeLessThanOrEqual(2 * NEAREST);
      if (others.length > 1) expect(others.some((distance) => distance < all * 0.8)).toBe(true);
    }
    expect(spares.count).toBe(made.length);
    expect(spares.count).toBeGreaterThan(4);
    expect(distances().some((distance) => distance > all * 0.3 && distance < all * 0.6)).toBe(true);
    expect(spares.tend(present, [], PIECE)).toBe(false);
  });

  it('makes as many as the memory is for', () => {
    const few = new Spares(makeRun, 20 * MEGABYTE, NEAREST);
    while (few.tend(present, [], PIECE));
    const many = new Spares(makeRun, 2048 * MEGABYTE, NEAREST);
    while (many.tend(present, [], PIECE));
    const none = new Spares(makeRun, 0, NEAREST);
    while (none.tend(present, [], PIECE));
    expect([few.count, none.count]).toEqual([2, 0]);
    expect(many.count).toBeGreaterThan(few.count);
  });
});

describe.each([0, MEGABYTE, 20 * MEGABYTE])('with %i bytes for earlier moments', (spareBytes) => {
  it('going back leads to the same places as with much', () => {
    const walk = (bytes: number): unknown[] => {
      const session = new Session(machine, () => {}, { spareBytes: bytes, spareDistance: NEAREST });
      session.points.add({ kind: 'catch-syscall', names: new Set(['write']), isTemporary: false });
      while (session.resume({ kind: 'continue' }).kind !== 'finished');
      const seen: unknown[] = [];
      let hits = 0;
      for (let hit = session.lastHitBefore(); hit !== undefined; hit = session.lastHitBefore()) {
        // sometimes there is time to prepare, more often not
        if (++hits % 8 === 0) while (session.tend(PIECE));
        session.goTo(hit.position);
        const back = session.stepBack();
        seen.push(session.position, session.thread?.hart.x(10), session.log.hash, back);
      }
      expect(session.difference).toBeUndefined();
      return seen;
    };
    const seen = walk(spareBytes);
    expect(seen.length).toBeGreaterThan(8);
    expect(seen).toEqual(walk(512 * MEGABYTE));
  });
});
