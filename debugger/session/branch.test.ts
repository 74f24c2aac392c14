// Changes made while debugging: part of the run until one goes back before them, then undone.
import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { nodeHost } from '../../cli/node-host.ts';
import type { Thread } from '../../kernel/task/thread.ts';
import { Machine } from '../../machine/machine.ts';
import { Session } from './session.ts';
import type { Stop } from './stop.ts';

const PAIR = readFileSync(new URL('../../guest-programs/prebuilt/pair', import.meta.url));
const EMFILE = 24;
const GOOD = 'socketpair(AF_UNIX, SOCK_STREAM, 0, [3, 4]) = 0';

let session: Session;
let output: string;

beforeEach(() => {
  output = '';
  session = new Session(
    (write) => {
      const machine = new Machine({ host: nodeHost(), virtualTime: true, seed: 1 });
      machine.spawn({ path: '/pair', bytes: PAIR, stdout: (b) => write(1, b), stderr: (b) => write(2, b) });
      return machine;
    },
    (_, bytes) => {
      output += Buffer.from(bytes).toString('latin1');
    },
  );
  session.points.add({ kind: 'catch-syscall', names: new Set(['socketpair']), isTemporary: false });
});

const go = (): Stop => session.resume({ kind: 'continue' });
const textOf = (stop: Stop): string => ('text' in stop ? stop.text : stop.kind);

describe('a changed call', () => {
  it('is undone by going back to where it was changed: the other branch is taken', () => {
    go();
    const before = session.position;
    session.change((each) => each.overrideCall(-EMFILE));
    expect(textOf(go())).toContain('EMFILE');
    session.goTo(before);
    expect(textOf(go())).toBe(GOOD);
    expect(session.difference).toBeUndefined();
  });

  it('stays when one goes back no further than behind it', () => {
    go();
    session.change((each) => each.overrideCall(-EMFILE));
    expect(textOf(go())).toContain('EMFILE');
    const after = session.position;
    go();
    const end = session.position;
    session.goTo(after);
    expect(session.lastHitBefore()?.stop.kind).toBe('entry');
    expect(session.position).toEqual(after);
    go();
    expect(session.position).toEqual(end);
    expect(session.difference).toBeUndefined();
  });

  it('is undone by going back before it, also when the run then comes by stops of its own', () => {
    session.points.clear();
    session.points.add({ kind: 'catch-syscall', names: new Set(), isTemporary: false });
    const first = session.position;
    while (!textOf(go()).startsWith('socketpair('));
    session.change((each) => each.overrideCall(-EMFILE));
    expect(textOf(go())).toContain('EMFILE');
    session.goTo(first);
    let stop = go();
    while (!textOf(stop).startsWith('socketpair(') || stop.kind !== 'exit') stop = go();
    expect(textOf(stop)).toBe(GOOD);
  });

  it('does not come back after a restart', () => {
    go();
    session.change((each) => each.overrideCall(-EMFILE));
    go();
    session.restart();
    go();
    expect(textOf(go())).toBe(GOOD);
  });
});

describe('a changed register', () => {
  it('does not keep one from stepping back, and is undone by that', () => {
    const S7 = 23;
    const registerNow = (): unknown => session.thread?.hart.x(S7);
    const before = registerNow();
    const step = (): Stop => session.resume({ kind: 'step', thread: session.thread as Thread });
    step(); // maps the page of code
    const start = session.position;
    step();
    const second = session.position;
    const { tid } = session.thread as Thread;
    session.change(({ kernel }) => kernel.pids.thread(tid)?.hart.setX(S7, 77n));
    expect(registerNow()).not.toEqual(before);
    const back = session.stepBack();
    expect(back).toEqual(start);
    session.goTo(back ?? second);
    expect(registerNow()).toEqual(before);
    step();
    expect(session.position).toEqual(second);
    expect(registerNow()).toEqual(before);
  });
});

describe('output', () => {
  it('is shown once, however often the run is repeated, and again where it is another run', () => {
    session.points.clear();
    expect(go().kind).toBe('finished');
    const all = output;
    const end = session.position;
    expect(all.length).toBeGreaterThan(0);
    const last = session.stepBack();
    expect(last).toBeDefined();
    if (last !== undefined) session.goTo(last);
    session.goTo(end);
    expect(output).toBe(all);
  });
});
