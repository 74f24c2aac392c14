// The tracer's options on real guests: filters, injection, tables, JSON, and lines broken off by another process.
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { nodeHost } from '../../cli/node-host.ts';
import type { Syscall } from '../../kernel/syscalls/syscall.ts';
import { allSyscalls } from '../../kernel/syscalls/table.ts';
import { Machine } from '../../machine/machine.ts';
import { withHexStrings } from './hex-strings.ts';
import { parseDelay, parseWhen } from './injection.ts';
import { JsonTrace } from './json-trace.ts';
import { LineWriter } from './line-writer.ts';
import { DEFAULT_TRACE_OPTIONS, type TraceOptions } from './options.ts';
import { Summary } from './summary.ts';
import { Tracer } from './tracer.ts';

const PREBUILT = new URL('../../guest-programs/prebuilt/', import.meta.url);

const CHROOT = 'build/guests/riscv64/fs/chroot';
const LAST_THREAD = 'build/guests/riscv64/process/last-thread';

async function trace(program: string, options: Partial<TraceOptions>): Promise<string> {
  const machine = new Machine({ host: nodeHost(), virtualTime: true });
  let text = '';
  machine.observe(
    new Tracer(machine.kernel, { ...DEFAULT_TRACE_OPTIONS, ...options }, (piece) => {
      text += piece;
    }),
  );
  const file = program.includes('/') ? program : new URL(program, PREBUILT);
  machine.spawn({ path: `/${program}`, bytes: readFileSync(file) });
  await machine.run();
  return text;
}

describe('Tracer', () => {
  it('shows only the calls asked for, and the end of the process', async () => {
    const text = await trace('hello', { isTraced: (name) => name === 'write' });
    expect(text).toBe('write(1, "hello from a riscv64 program\\n", 29) = 29\n+++ exited with 0 +++\n');
  });

  const onlyWrites = { isTraced: (name: string) => name === 'write', quiet: new Set(['exit'] as const) };

  it('shows strings in hexadecimal, arguments as numbers, and all that was moved', async () => {
    expect(await trace('hello', { ...onlyWrites, hexStrings: 'all' })).toMatch(
      /^write\(1, "\\x68\\x65\\x6c\\x6c\\x6f(\\x[0-9a-f]{2}){24}", 29\) = 29\n$/,
    );
    expect(await trace('hello', { ...onlyWrites, hexStrings: 'non-ascii' })).toContain(
      '"hello from a riscv64',
    );
    expect(await trace('hello', { ...onlyWrites, isRaw: () => true })).toMatch(
      /^write\(0x1, 0x[0-9a-f]+, 0x1d\) +.*= 0x1d\n$/,
    );
    expect(await trace('hello', { ...onlyWrites, dumpsWrites: (fd) => fd === 1 })).toContain(
      ' | 00000  68 65 6c 6c 6f 20 66 72  6f 6d 20 61 20 72 69 73  hello from a ris |\n | 00010  63 76 36 34 20 70 72 6f  67 72 61 6d 0a           cv64 program.    |\n',
    );
  });

  it('shows strings that are in hexadecimal anyway as the same bytes with -xx', async () => {
    const both: readonly ('never' | 'all')[] = ['never', 'all'];
    const [own, all] = both.map((which) => withHexStrings('"\\x78\\x0a", 2', which));
    expect(all).toBe(own);
  });

  it('shows calls about chosen descriptors', async () => {
    const text = await trace('pair', { tracesFd: (fd) => fd === 4 });
    expect(text).toMatch(/^\[pid +\d+\] close\(4\)|^close\(4\)/m);
    expect(text).not.toMatch(/\((?:1|3)[,)]|execve|socketpair/);
  });

  it.skipIf(!existsSync(CHROOT))('shows nanoseconds of times that have none', async () => {
    const text = await trace(CHROOT, { isVerbose: () => true, isTraced: (name) => name === 'newfstatat' });
    const times = text.match(/st_[acm]time=/g) ?? [];
    expect(times.length).toBeGreaterThan(0);
    expect(text.match(/st_[acm]time_nsec=/g)).toHaveLength(times.length);
    expect(text).toContain('_nsec=0,');
  });

  it('shows a time spent for the first call too', async () => {
    const text = await trace('hello', { showsDuration: true });
    expect(text).toMatch(/^execve\(.*\) = 0 <0\.000000>\n/);
  });

  it('shows calls by how they ended, with their numbers and places', async () => {
    const ended = await trace('hello', { statuses: new Set(['unfinished'] as const) });
    expect(ended).toMatch(/^exit(_group)?\(0\) += \?\n\+\+\+ exited with 0 \+\+\+\n$/);
    expect(await trace('hello', { ...onlyWrites, showsNumber: true, showsPc: true })).toMatch(
      /^\[ {2}64\] \[[0-9a-f]{16}\] write\(1, /,
    );
  });

  it("cuts the first program's words as those of any other", async () => {
    const onlyExec = { isTraced: (name: string) => name === 'execve', quiet: new Set(['exit'] as const) };
    expect(await trace('hello', { ...onlyExec, stringLimit: 3 })).toMatch(
      /^execve\("\/hello", \["\/he"\.\.\.\], 0x/,
    );
    expect(await trace('hello', { ...onlyExec, stringLimit: 0 })).toMatch(
      /^execve\("\/hello", \[\.\.\.\], 0x/,
    );
  });

  it('shows times with as many digits as are wanted', async () => {
    const digits = { ...onlyWrites, isRelative: true, showsDuration: true } as const;
    expect(await trace('hello', { ...digits, relativeDigits: 9, durationDigits: 3 })).toMatch(
      /^ {5}\d\.\d{9} write\(.* <\d\.\d{3}>\n$/,
    );
    expect(await trace('hello', { ...digits, relativeDigits: 0, durationDigits: 0 })).toMatch(
      /^ {5}\d write\(.* <\d>\n$/,
    );
    expect(await trace('hello', { ...onlyWrites, isRelative: true })).toMatch(/^ {5}0\.000000 write\(/);
  });

  it('shows the stack of signals too', async () => {
    const text = await trace('pair', { showsStack: true, isTraced: () => false });
    expect(text).toMatch(/--- SIGCHLD \{.*\} ---\n > \/pair\(.*\[0x[0-9a-f]+\]\n/);
  });

  it.skipIf(!existsSync(LAST_THREAD))(
    'tells of the end of a first thread when its process ends, or when another takes its place',
    async () => {
      const options = { isTraced: (name: string) => /^(?:exit(_group)?|execve)$/.test(name) };
      const text = (await trace(LAST_THREAD, options)).replace(/(?:rivulet: .*|^---.*)\n/gm, '');
      expect(text).toContain(
        [
          '[pid     3] exit(3)                     = ?',
          '[pid     4] exit(5)                     = ?',
          '[pid     4] +++ exited with 5 +++',
          '[pid     3] +++ exited with 5 +++',
          '',
        ].join('\n'),
      );
      expect(text).toMatch(
        /^\[pid +8\] \+\+\+ killed by SIGTERM \+\+\+\n\[pid +7\] \+\+\+ killed by SIGTERM \+\+\+$/m,
      );
      expect(text).toMatch(
        /^\[pid +10\] execve\(.* <pid changed to 9 \.\.\.>\n\[pid +9\] \+\+\+ superseded by execve in pid 10 \+\+\+\n\[pid +9\] <\.\.\. execve resumed>\) +=/m,
      );
    },
  );

  it('gives each thread a text of its own', async () => {
    const machine = new Machine({ host: nodeHost() });
    const texts = new Map<number, string>();
    const options = { ...DEFAULT_TRACE_OPTIONS, isSeparate: true, isToFile: true };
    machine.observe(
      new Tracer(machine.kernel, options, (piece: string, tid: number): void => {
        texts.set(tid, (texts.get(tid) ?? '') + piece);
      }),
    );
    machine.spawn({ path: '/pair', bytes: readFileSync(new URL('pair', PREBUILT)) });
    await machine.run();
    expect([...texts.keys()]).toEqual([2, 3]);
    expect(texts.get(2)).toMatch(/^execve\([\s\S]*\+\+\+ exited with 0 \+\+\+\n$/);
    expect(texts.get(3)).toMatch(/\+\+\+ exited with 7 \+\+\+\n$/);
    expect([...texts.values()].join('')).not.toContain('unfinished');
  });

  it('makes an injected call fail and says so', async () => {
    const when = { first: 1, last: 1, step: 1 };
    const matches = (name: string): boolean => name === 'socketpair';
    const text = await trace('pair', {
      isTraced: matches,
      injections: [{ matches, result: -24, signal: undefined, when }],
    });
    expect(text).toContain('= -1 EMFILE (Too many open files) (INJECTED)\n');
  });

  it('delays calls in guest time, before they begin and before they return', async () => {
    const when = { first: 1, last: 1, step: 1 };
    const rule = { result: undefined, signal: undefined, when };
    const machine = new Machine({ host: nodeHost(), virtualTime: true, seed: 0 });
    let text = '';
    const injections = [
      { ...rule, matches: (name: string) => name === 'socketpair', delayEnterNs: 2e9, delayExitNs: 1e9 },
      { ...rule, matches: (name: string) => name === 'wait4', result: -10, delayEnterNs: 5e8 },
    ];
    const options = { ...DEFAULT_TRACE_OPTIONS, injections, showsDuration: true };
    machine.observe(
      new Tracer(machine.kernel, options, (piece) => {
        text += piece;
      }),
    );
    machine.spawn({ path: '/pair', bytes: readFileSync(new URL('pair', PREBUILT)) });
    await machine.run();
    expect(text).toMatch(/socketpair\(AF_UNIX, SOCK_STREAM, 0, \[3, 4\]\) = 0 \(DELAYED\) <3\.0000/);
    expect(text).toMatch(/= -1 ECHILD \(No child processes\) \(INJECTED\) \(DELAYED\) <0\.5000/);
  });

  it('names commands behind pids, and shows structures by address when told so', async () => {
    const text = await trace('pair', { namesPids: true, isTraced: (name) => name === 'clone' });
    expect(text).toMatch(/^clone\(.*\) += 3<pair>\n/);
    expect(text).toContain('[pid     3<pair>] +++ exited with 7 +++');
    const blind = await trace('pair', {
      isAddressOnly: () => true,
      isTraced: (name) => name === 'socketpair' || name === 'read',
    });
    expect(blind).toMatch(/^socketpair\(AF_UNIX, SOCK_STREAM, 0, 0x[0-9a-f]+\) = 0\n/);
    expect(blind).toContain('"good morning, child"');
  });

  it('lets go of a process at a call, and of all after so many', async () => {
    const text = await trace('pair', { detachesOn: (name) => name === 'socketpair' });
    expect(text).toMatch(
      /socketpair\(AF_UNIX, SOCK_STREAM, 0, {2}<unfinished \.\.\.>\nrivulet: Process 2 detached\n$/,
    );
    const three = await trace('pair', { callLimit: 3 });
    expect(three).toMatch(
      /^execve.*\nsocketpair.*\nclone.*\nrivulet: Process 3 attached\nrivulet: Process 2 detached\n/,
    );
  });

  it('writes into what arguments point to, and makes other calls instead', async () => {
    const rule = { result: undefined, signal: undefined, when: { first: 1, last: 1, step: 1 } };
    const matches = (name: string): boolean => name === 'write';
    const pokesBefore = [{ index: 1, bytes: Uint8Array.from([88, 89]) }];
    const poked = await trace('hello', { ...onlyWrites, injections: [{ ...rule, matches, pokesBefore }] });
    expect(poked).toMatch(/^write\(1, "XYllo.* = 29 \(INJECTED: args\)\n/);
    const instead = allSyscalls().find((row) => row?.name === 'getpid') as Syscall;
    const other = await trace('hello', { ...onlyWrites, injections: [{ ...rule, matches, instead }] });
    expect(other).toMatch(/^write\(1, "hello from.*, 29\) = 2 \(INJECTED\)\n/);
    const reads = (name: string): boolean => name === 'read';
    const pokesAfter = [{ index: 1, bytes: Uint8Array.from([81]) }];
    const changed = await trace('pair', {
      isTraced: reads,
      injections: [{ ...rule, matches: reads, pokesAfter }],
    });
    expect(changed).toContain('"Qood morning, child"');
  });

  it('injects into one thread only when told so', async () => {
    const when = { first: 1, last: 1, step: 1 };
    const matches = (name: string): boolean => name === 'write';
    const text = await trace('pair', {
      isTraced: matches,
      injections: [{ matches, result: -5, signal: undefined, when, tid: 3 }],
    });
    expect(text.match(/INJECTED/g)).toHaveLength(1);
    expect(text).toMatch(/\[pid +3\] (<\.\.\. )?write.*EIO/);
  });

  it('pads results to the column and puts pids first once there are several processes', async () => {
    const lines = (await trace('pair', {})).split('\n');
    expect(lines[1]).toBe('socketpair(AF_UNIX, SOCK_STREAM, 0, [3, 4]) = 0');
    expect(lines.some((line) => /^\[pid +\d+\] close\(4\) {20}= 0$/.test(line))).toBe(true);
    expect(lines.at(-2)).toBe('+++ exited with 0 +++');
  });

  it('shows descriptors as what they are', async () => {
    const text = await trace('rights', { decodeFds: 1, isTraced: (name) => name === 'lseek' });
    expect(text).toContain('lseek(4</tmp/rivulet-demo-rights>, 0, SEEK_SET)');
  });

  it('shows failed calls only, with the rule behind each', async () => {
    const text = await trace('both', { statuses: new Set(['failed'] as const), explainsFailures: true });
    expect(text).toContain('execve("/server"');
    expect(text).toMatch(/\n {4}ENOENT: /);
    expect(text).not.toContain('= 0\n');
  });
});

describe('JsonTrace', () => {
  it('writes one object a line with arguments, result and errno', async () => {
    const machine = new Machine({ host: nodeHost() });
    let text = '';
    machine.observe(
      new JsonTrace(machine.kernel, DEFAULT_TRACE_OPTIONS, (piece) => {
        text += piece;
      }),
    );
    machine.spawn({ path: '/hello', bytes: readFileSync(new URL('hello', PREBUILT)) });
    await machine.run();
    const events = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.find((event) => event.name === 'write')).toMatchObject({
      type: 'syscall',
      args: ['1', '"hello from a riscv64 program\\n"', '29'],
      result: 29,
    });
    expect(events.at(-1)).toMatchObject({ type: 'end', code: 0 });
  });
});

describe('Summary', () => {
  it('counts calls and errors as strace -c does', async () => {
    const machine = new Machine({ host: nodeHost() });
    const summary = new Summary(machine.kernel, () => true);
    machine.observe(summary);
    machine.spawn({ path: '/hello', bytes: readFileSync(new URL('hello', PREBUILT)) });
    await machine.run();
    expect(summary.table()).toMatch(/^% time +seconds +usecs\/call +calls +errors syscall\n-/);
    expect(summary.table()).toMatch(/ +1 +write\n/);
  });
});

describe('LineWriter', () => {
  it('breaks a line off when another thread writes, and messages wait for the end of a line', () => {
    let text = '';
    const writer = new LineWriter(
      (piece) => {
        text += piece;
      },
      { column: 10, leader: (tid) => `${tid} ` },
    );
    writer.begin(1);
    writer.append('read(3, ');
    writer.message('note');
    writer.line(2, 'close()');
    expect(writer.isOpenFor(1)).toBe(false);
    expect(text).toBe('1 read(3,  <unfinished ...>\nnote\n2 close()\n');
  });
});

describe('when=', () => {
  it('reads every form of strace', () => {
    expect(parseWhen('2')).toEqual({ first: 2, last: 2, step: 1 });
    expect(parseWhen('2+')).toEqual({ first: 2, last: Number.POSITIVE_INFINITY, step: 1 });
    expect(parseWhen('2+3')).toEqual({ first: 2, last: Number.POSITIVE_INFINITY, step: 3 });
    expect(parseWhen('2..8+3')).toEqual({ first: 2, last: 8, step: 3 });
    expect(parseWhen('0')).toBeUndefined();
    expect(parseWhen('x')).toBeUndefined();
  });

  it('reads every form of delays', () => {
    expect(['5', '1.5s', '20ms', '7us', '9ns', '1h', ''].map(parseDelay)).toEqual([
      5000,
      1.5e9,
      2e7,
      7000,
      9,
      undefined,
      undefined,
    ]);
  });
});
