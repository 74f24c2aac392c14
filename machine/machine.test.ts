// The library from an embedder's side, on a host that is plain objects: no files, no terminal, a clock that counts.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Host } from '../kernel/host.ts';
import { RLIMIT_CORE, RLIMIT_NOFILE } from '../kernel/task/rlimits.ts';
import type { EventLoop } from './event-loop.ts';
import { Machine, type MachineOptions } from './machine.ts';
import { SpawnError } from './spawn-error.ts';
import { ECALL, LOOP, li, MV_A1_SP, MV_A2_A0, SEEK_INPUT, tinyProgram } from './tiny-program.test-support.ts';

const PREBUILT = new URL('../guest-programs/prebuilt/', import.meta.url);
const program = (name: string): Uint8Array => readFileSync(new URL(name, PREBUILT));

/** A host without files or terminal; `warnings` collects what a person would be told. */
function plainHost(warnings: string[] = []): Host & EventLoop {
  return {
    monotonicNs: () => Math.round(performance.now() * 1e6),
    realtimeNs: () => 1_700_000_000_000_000_000n,
    random: (bytes) => bytes.fill(4),
    files: undefined,
    terminal: undefined,
    warn: (line) => warnings.push(line),
    after: (ms, wake) => {
      const timer = setTimeout(wake, ms);
      return () => clearTimeout(timer);
    },
    soon: (next) => void setImmediate(next),
  };
}

function machine(options: Partial<MachineOptions> = {}): Machine {
  return new Machine({ host: plainHost(), ...options });
}

/** read(0, sp - 256, 64), write(1, sp - 256, what was read), exit(7). */
const ECHO_ONCE = tinyProgram(
  0xf0010113, // addi sp, sp, -256
  ...[li(10, 0), MV_A1_SP, li(12, 64), li(17, 63), ECALL],
  ...[MV_A2_A0, li(10, 1), MV_A1_SP, li(17, 64), ECALL],
  ...[li(10, 7), li(17, 94), ECALL],
);

describe('Machine', () => {
  it.each([
    ['null', 0],
    ['pipe', 29],
    ['empty', 29],
  ] as const)('gives a program the stdin that was asked for: %s', async (stdin, code) => {
    const guest = machine().spawn({ path: '/seek', bytes: SEEK_INPUT, stdin });
    expect(await guest.wait()).toMatchObject({ code });
  });

  it('runs a program and collects what it writes', async () => {
    const guest = machine().spawn({ path: '/hello', bytes: program('hello') });
    expect(await guest.wait()).toEqual({ code: 0, signal: undefined, dumpedCore: false });
    expect(guest.outputText).toBe('hello from a riscv64 program\n');
    expect(guest.errorText).toBe('');
  });

  it('runs several machines at once, each with files of its own', async () => {
    const machines = [machine(), machine()] as const;
    machines[0].writeFile('/tmp/mark', 'first');
    const guests = machines.map((each) => each.spawn({ path: '/pair', bytes: program('pair') }));
    const ends = await Promise.all(guests.map((guest) => guest.wait()));
    expect(ends.map((end) => end.code)).toEqual([0, 0]);
    expect(machines[1].exists('/tmp/mark')).toBe(false);
    expect(new TextDecoder().decode(machines[0].readFile('/tmp/mark'))).toBe('first');
  });

  it('feeds stdin while the program waits for it', async () => {
    const guest = machine().spawn({ path: '/echo', bytes: ECHO_ONCE, stdin: 'pipe' });
    const end = guest.wait();
    setTimeout(() => guest.write('typed late'), 20);
    expect((await end).code).toBe(7);
    expect(guest.outputText).toBe('typed late');
  });

  it('gives output to a function, piece by piece', async () => {
    const pieces: string[] = [];
    const guest = machine().spawn({
      path: '/hello',
      bytes: program('hello'),
      stdout: (bytes) => pieces.push(new TextDecoder().decode(bytes)),
    });
    await guest.wait();
    expect(pieces).toEqual(['hello from a riscv64 program\n']);
  });

  it('has a terminal with a line discipline of its own', async () => {
    let screen = '';
    const own = machine({ terminal: { onOutput: (bytes) => (screen += new TextDecoder().decode(bytes)) } });
    const guest = own.spawn({ path: '/echo', bytes: ECHO_ONCE, stdin: 'terminal', stdout: 'terminal' });
    const end = guest.wait();
    own.terminal.type('abX\x7fc\r');
    await end;
    expect(screen).toBe('abX\b \bc\r\nabc\r\n');
  });

  it('sends ^C of its terminal to the program', async () => {
    const own = machine({ terminal: { onOutput: () => {} } });
    const guest = own.spawn({ path: '/loop', bytes: tinyProgram(LOOP), stdin: 'terminal' });
    const end = guest.wait();
    setTimeout(() => own.terminal.type('\x03'), 20);
    expect(await end).toEqual({ code: 130, signal: 2, dumpedCore: false });
  });

  it('kills a program by signal', async () => {
    const guest = machine().spawn({ path: '/loop', bytes: tinyProgram(LOOP) });
    const end = guest.wait();
    setTimeout(() => guest.kill(15), 20);
    expect(await end).toEqual({ code: 143, signal: 15, dumpedCore: false });
  });

  it('ends everything at its time limit and says so', async () => {
    const warnings: string[] = [];
    const own = new Machine({ host: plainHost(warnings), timeoutMs: 30 });
    const end = await own.spawn({ path: '/loop', bytes: tinyProgram(LOOP) }).wait();
    expect(end.signal).toBe(9);
    expect(warnings).toEqual(['the time limit of 0.03 s is reached; every process is killed']);
  });

  it('lets a hook answer a system call instead of the kernel', async () => {
    const own = machine();
    const seen: number[] = [];
    const remove = own.hookSyscall('write', (_, { fd = -1 }) => {
      seen.push(fd);
      return -28;
    });
    const guest = own.spawn({ path: '/hello', bytes: program('hello') });
    await guest.wait();
    remove();
    expect(seen[0]).toBe(1);
    expect(guest.outputText).toBe('');
  });

  it('joins observers: each sees every call', async () => {
    const own = machine();
    const counts = [0, 0];
    for (const index of [0, 1]) {
      own.observe({
        syscallEnter: () => {
          counts[index] = (counts[index] ?? 0) + 1;
          return undefined;
        },
      });
    }
    await own.spawn({ path: '/hello', bytes: program('hello') }).wait();
    expect(counts[0]).toBeGreaterThan(1);
    expect(counts[1]).toBe(counts[0]);
  });

  it('says with an errno why a program cannot start', () => {
    const own = machine();
    own.writeFile('/text', 'hello', 0o755);
    own.writeFile('/data', 'hello', 0o644);
    const codeOf = (path: string): string => {
      try {
        own.spawn({ path });
      } catch (error) {
        return (error as SpawnError).code;
      }
      return 'started';
    };
    expect(['/none', '/text', '/data', '/tmp', 'none'].map(codeOf)).toEqual([
      'ENOENT',
      'ENOEXEC',
      'EACCES',
      'EACCES',
      'ENOENT',
    ]);
    expect(() => own.readFile('/none')).toThrow(SpawnError);
  });

  it('starts a program with resource limits, and refuses those that cannot be', async () => {
    const own = machine();
    own.writeFile('/loop', tinyProgram(LOOP), 0o755);
    const { pid } = own.spawn({ path: '/loop', limits: { nofile: { soft: 5, hard: 9 } } });
    const limits = own.kernel.pids.process(pid)?.limits;
    expect(limits?.get(RLIMIT_NOFILE)).toEqual({ soft: 5, hard: 9 });
    expect(limits?.get(RLIMIT_CORE)).toEqual({ soft: 0, hard: Number.POSITIVE_INFINITY });
    const refused = { nofile: { soft: 10, hard: 9 } };
    expect(() => own.spawn({ path: '/loop', limits: refused })).toThrow(
      '/loop: the soft limit is above the hard one',
    );
    const alone = machine({ virtualTime: true });
    const guest = alone.spawn({
      path: '/loop',
      bytes: tinyProgram(LOOP),
      limits: { cpu: { soft: 1, hard: 1 } },
    });
    expect(await guest.wait()).toMatchObject({ signal: 9 });
  });

  it('is the same run again with a seed and virtual time', async () => {
    const run = async (): Promise<number> => {
      const own = machine({ seed: 5, virtualTime: true });
      await own.spawn({ path: '/both', bytes: program('pair') }).wait();
      return own.kernel.clock.monotonicNs();
    };
    expect(await run()).toBe(await run());
  });
});
