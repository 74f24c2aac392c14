// What a session knows of hits without going through the run again, and what makes it forget.
import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { nodeHost } from '../../cli/node-host.ts';
import type { Position } from '../../kernel/stepper.ts';
import { Machine } from '../../machine/machine.ts';
import { Stretch } from './known-hits.ts';
import { Session } from './session.ts';

const PAIR = readFileSync(new URL('../../guest-programs/prebuilt/pair', import.meta.url));
const EMFILE = 24;

let machines: number;
let session: Session;

beforeEach(() => {
  machines = 0;
  session = new Session(
    (write) => {
      machines++;
      const machine = new Machine({ host: nodeHost(), virtualTime: true, seed: 1 });
      machine.spawn({ path: '/pair', bytes: PAIR, stdout: (b) => write(1, b), stderr: (b) => write(2, b) });
      return machine;
    },
    () => {},
  );
});

function catchCalls(...names: string[]): number {
  return session.points.add({ kind: 'catch-syscall', names: new Set(names), isTemporary: false }).id;
}

/** Where `continue` stops until the program ends. */
function hitsToTheEnd(): Position[] {
  const hits: Position[] = [];
  while (session.resume({ kind: 'continue' }).kind !== 'finished') hits.push(session.position);
  return hits;
}

/** Where lastHitBefore leads from here to the start, the last first. */
function hitsBack(): Position[] {
  const hits: Position[] = [];
  for (;;) {
    const hit = session.lastHitBefore();
    if (hit === undefined) return hits;
    hits.push(hit.position);
    session.goTo(hit.position);
  }
}

describe('the hit before the present', () => {
  it('needs no search where the run has stopped at it', () => {
    catchCalls('write');
    const hits = hitsToTheEnd();
    expect(hits.length).toBeGreaterThan(3);
    machines = 0;
    expect(session.lastHitBefore()?.position).toEqual(hits.at(-1));
    expect(machines).toBe(0);
  });

  it('is searched once', () => {
    session.resume({ kind: 'continue' });
    catchCalls('write');
    const first = session.lastHitBefore();
    expect(first).toBeDefined();
    machines = 0;
    expect(session.lastHitBefore()).toEqual(first);
    expect(machines).toBe(0);
  });

  it('is another one when there are other stop points', () => {
    const writes = catchCalls('write');
    const hits = hitsToTheEnd();
    const sockets = catchCalls('socketpair');
    session.points.delete(writes);
    const back = hitsBack();
    expect(back).toHaveLength(2);
    expect(hits).not.toContainEqual(back[0]);
    session.points.delete(sockets);
    expect(session.lastHitBefore()).toBeUndefined();
  });

  it('is searched where one came by steps', () => {
    catchCalls('write');
    const hits = hitsToTheEnd();
    session.restart();
    const { thread } = session;
    if (thread === undefined) throw new Error('no thread');
    session.resume({ kind: 'continue' });
    session.resume({ kind: 'step', thread }); // to the end of the call, which `continue` would stop at
    session.resume({ kind: 'step', thread });
    session.resume({ kind: 'continue' });
    expect(session.position).toEqual(hits[2]);
    expect(hitsBack()).toEqual([hits[1], hits[0]]);
  });

  it('is none of a temporary stop point that has gone', () => {
    session.points.add({ kind: 'catch-syscall', names: new Set(['socketpair']), isTemporary: true });
    session.resume({ kind: 'continue' });
    catchCalls('write');
    const first = session.points.all.length;
    const hits = hitsToTheEnd();
    expect([first, hitsBack()]).toEqual([1, hits.reverse()]);
  });

  it('is none of a temporary stop point that stood beside others', () => {
    session.points.add({ kind: 'catch-syscall', names: new Set(['socketpair']), isTemporary: true });
    catchCalls('write');
    const [first, ...others] = hitsToTheEnd();
    expect(first).toBeDefined();
    expect(hitsBack()).toEqual(others.reverse());
  });

  it('is one of the way that a change has made the run take', () => {
    catchCalls('socketpair', 'write');
    const before = hitsToTheEnd();
    session.goTo(before[0] as Position);
    session.change((each) => each.overrideCall(-EMFILE));
    const after = hitsToTheEnd();
    expect(after).not.toEqual(before.slice(1));
    expect(hitsBack()).toEqual([...after.reverse(), before[0]]);
  });

  it('is searched each time when a condition asks for variables of the debugger', () => {
    session.stops.evaluateCondition = () => isWanted;
    let isWanted = true;
    catchCalls('write');
    const end = hitsToTheEnd().at(-1) as Position;
    session.goTo(end);
    const pc = session.thread?.hart.pc ?? 0;
    session.points.clear();
    const condition = '$wanted';
    session.points.add({ kind: 'break', address: pc, text: '', condition, isTemporary: false });
    session.resume({ kind: 'continue' });
    expect(session.lastHitBefore()).toBeDefined();
    isWanted = false;
    expect(session.lastHitBefore()).toBeUndefined();
  });
});

it('keeps the last of very many hits, and knows no more than those', () => {
  const stretch = new Stretch({ tick: 0, instruction: 0 });
  const HITS = 100_000;
  for (let tick = 1; tick <= HITS; tick++)
    stretch.add({ position: { tick, instruction: 0 }, stop: { kind: 'start' } });
  expect(stretch.hits.length).toBeLessThan(10_000);
  expect(stretch.hits.at(-1)?.position.tick).toBe(HITS);
  expect(stretch.hits[0]?.position.tick).toBe(stretch.from.tick + 1);
});
