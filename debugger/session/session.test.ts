// The stepper's runs against Kernel.run's, and going back in time on the acceptance programs.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { nodeHost } from '../../cli/node-host.ts';
import { AT_CALL, Stepper } from '../../kernel/stepper.ts';
import { Machine } from '../../machine/machine.ts';
import { DEFAULT_TRACE_OPTIONS } from '../trace/options.ts';
import { Tracer } from '../trace/tracer.ts';
import { Session } from './session.ts';

const PREBUILT = new URL('../../guest-programs/prebuilt/', import.meta.url);

function target(program: string, output: (stream: 1 | 2, bytes: Uint8Array) => void): Machine {
  const machine = new Machine({ host: nodeHost(), virtualTime: true, seed: 1 });
  for (const name of ['both', 'server', 'client', 'pair', 'rights', 'hello']) {
    machine.writeFile(`/demo/${name}`, readFileSync(new URL(name, PREBUILT)), 0o755);
  }
  machine.spawn({ path: `/demo/${program}`, stdout: (b) => output(1, b), stderr: (b) => output(2, b) });
  return machine;
}

function session(program: string): { session: Session; output: () => string } {
  let text = '';
  const made = new Session(
    (output) => target(program, output),
    (_stream, bytes) => {
      text += new TextDecoder().decode(bytes);
    },
  );
  return { session: made, output: () => text };
}

function traced(program: string, drive: (machine: Machine) => void): { trace: string; now: number } {
  let trace = '';
  const machine = target(program, () => {});
  machine.observe(
    new Tracer(
      machine.kernel,
      { ...DEFAULT_TRACE_OPTIONS, stamp: 'time', stampDigits: 6 },
      (t) => (trace += t),
    ),
  );
  drive(machine);
  return { trace, now: machine.kernel.clock.monotonicNs() };
}

describe('Stepper', () => {
  for (const program of ['hello', 'pair', 'rights', 'both']) {
    it(`runs ${program} as Kernel.run does, at once, tick by tick and by instruction`, () => {
      const plain = traced(program, ({ kernel }) => {
        while (kernel.run().kind === 'paused');
      });
      for (const advance of [
        (s: Stepper) => s.advance(Number.MAX_SAFE_INTEGER),
        (s: Stepper) => s.advance(s.position.tick + 7),
        (s: Stepper) => s.step(),
      ]) {
        const stepped = traced(program, ({ kernel }) => {
          const stepper = new Stepper(kernel);
          while (!['finished', 'idle'].includes(advance(stepper)));
        });
        expect(stepped).toEqual(plain);
      }
    });
  }
});

describe('Session', () => {
  it('stops at entries and ends of calls, with decoded text', () => {
    const { session: s } = session('rights');
    const texts: string[] = [];
    for (;;) {
      const stop = s.resume({ kind: 'call' });
      if (stop.kind === 'finished' || stop.kind === 'idle') break;
      if (stop.kind === 'exit') texts.push(stop.text);
    }
    expect(texts.filter((t) => /sendmsg|recvmsg/.test(t))).toHaveLength(2);
    expect(texts.find((t) => t.startsWith('openat'))).toContain('"/tmp/rivulet-demo-rights"');
  });

  it('goes back to every call it passed, with the same hash and registers', () => {
    const { session: s } = session('both');
    const seen: {
      position: { tick: number; instruction: number };
      text: string;
      a0: bigint;
      hash: number;
    }[] = [];
    for (;;) {
      const stop = s.resume({ kind: 'call' });
      if (stop.kind === 'finished' || stop.kind === 'idle') break;
      if (stop.kind !== 'entry') continue;
      seen.push({ position: s.position, text: stop.text, a0: stop.thread.hart.x(10), hash: s.log.hash });
    }
    expect(seen.length).toBeGreaterThan(30);
    for (const { position, a0, hash } of seen.reverse().filter((_, i) => i % 5 === 0)) {
      s.goTo(position);
      expect(s.position).toEqual(position);
      expect(position.instruction).toBe(AT_CALL);
      expect(s.thread?.hart.x(10)).toBe(a0);
      expect(s.log.hash).toBe(hash);
    }
    expect(s.difference).toBeUndefined();
  });

  it('steps back one instruction, and forward to the same place', () => {
    const { session: s } = session('pair');
    s.points.add({ kind: 'catch-syscall', names: new Set(['socketpair']), isTemporary: false });
    expect(s.resume({ kind: 'continue' }).kind).toBe('entry');
    const here = s.position;
    const pc = s.thread?.hart.pc;
    const back = s.stepBack();
    if (back === undefined) throw new Error('nothing before');
    s.goTo(back);
    expect(s.thread?.hart.pc).not.toBe(pc);
    const { thread } = s;
    if (thread === undefined) throw new Error('no thread');
    s.resume({ kind: 'step', thread });
    expect([s.position, s.thread?.hart.pc]).toEqual([here, pc]);
  });

  it('makes a call fail, goes back before it, and takes the other branch', () => {
    const { session: s, output } = session('pair');
    s.points.add({ kind: 'catch-syscall', names: new Set(['socketpair']), isTemporary: false });
    s.resume({ kind: 'continue' });
    const before = s.position;
    s.change((each) => each.overrideCall(-24));
    const end = s.resume({ kind: 'continue' });
    expect(end.kind === 'exit' && end.text).toContain('= -1 EMFILE (Too many open files) (INJECTED)');
    s.points.clear();
    expect(s.resume({ kind: 'continue' }).kind).toBe('finished');
    expect(output()).toBe('socketpair: Unknown error\n'); // the program's own small C library has no name for EMFILE
    s.goTo(before);
    expect(s.position).toEqual(before);
  });

  it('breaks at an address without changing the run', () => {
    const { session: s } = session('pair');
    s.points.add({ kind: 'catch-syscall', names: new Set(['write']), isTemporary: true });
    s.resume({ kind: 'continue' });
    const at = s.thread?.hart.pc ?? 0;
    const { session: other, output } = session('pair');
    other.points.add({
      kind: 'break',
      address: at,
      text: `*${at}`,
      condition: undefined,
      isTemporary: false,
    });
    let hits = 0;
    while (other.resume({ kind: 'continue' }).kind === 'break') hits++;
    expect(hits).toBeGreaterThan(5);
    expect(output()).toContain('parent: the child exited with 7');
  });
});
