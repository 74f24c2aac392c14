// A recorded run repeats exactly: the same system calls to the tick, output and status, also interpreted and on the command line.
// A few programs of each kind; all of them with RIVULET_FULL=1. The clocks are real ones, so no two runs are alike by chance.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeHost } from '../cli/node-host.ts';
import { readRecording, writeRecording } from '../cli/recording-file.ts';
import { Recorder } from '../debugger/record/recorder.ts';
import type { Recording } from '../debugger/record/recording.ts';
import { makeReplay, runReplay } from '../debugger/record/replay.ts';
import { Machine } from '../machine/machine.ts';
import { type GuestProgram, listGuestPrograms } from '../scripts/guests/catalogue.ts';
import { binaryOf } from '../scripts/guests/compile.ts';
import { runOurs, whyNotOurs } from '../scripts/guests/ours.ts';
import { prebuilt, rivulet } from './rivulet.ts';

const SAMPLE = new Set([
  'demo/both',
  'demo/rights',
  'time/clocks',
  'time/timerfd',
  'time/posix-timers',
  'signal/siginfo',
  'process/clone3',
  'process/exec-self',
  'memory/protections',
  'poll/poll-select',
  'unix/u36-collector',
  'unix/u42-waitall',
]);
/** For programs without an end. */
const LIMITS = ['--timeout', '2', '--memory', '128M', '--max-processes', '30'];
const KERNELS = 'sieve bytecpy wordcpy libcmem chase qsort libqsort sha256 crc32 matmul nbody fib vm'.split(
  ' ',
);
/** For programs that want to be told what to do. */
const PARTS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  'bench/cpu-kernels': KERNELS.map((kernel) => ['1', kernel]),
  'bench/ipc': ['pipe', 'rights', 'fork', 'exec', 'epoll'].map((part) => [part]),
};
const wantsAll = process.env.RIVULET_FULL !== undefined;

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'rivulet-replay-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

/** The guest's own output, and the status for the shell. */
interface Shown {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number | undefined;
}

/** The program recorded on the command line, with the options that other system tests run it with. */
async function record(program: GuestProgram): Promise<{ recording: Recording; shown: Shown }> {
  const file = join(directory, 'program.rec');
  rmSync(file, { force: true });
  const limits = program.area === 'hostile' ? LIMITS : [];
  const { stdout, stderr, status } = await runOurs(program, ['record', '-o', file, ...limits]);
  if (!existsSync(file)) expect.fail(`nothing was recorded, status ${status}: ${stderr}`);
  const own = stderr.replace(/^rivulet: .*\n/gm, '');
  return { recording: readRecording(file), shown: { stdout, stderr: own, status } };
}

/** Repeats it compiled almost from the start, or interpreted. Registers must have been the same at every call. */
function replay(recording: Recording, jit: boolean): Shown {
  const pieces: Record<1 | 2, Uint8Array[]> = { 1: [], 2: [] };
  const again = makeReplay(recording, {
    output: (stream, piece) => pieces[stream].push(piece.slice()),
    warn: () => {},
    machine: { jit, jitThreshold: 5 },
  });
  const { differsBefore, calls, status } = runReplay(recording, again);
  expect([differsBefore, calls]).toEqual([undefined, recording.end.calls]);
  const text = (stream: 1 | 2): string => Buffer.concat(pieces[stream]).toString();
  return { stdout: text(1), stderr: text(2), status };
}

describe('a recorded run', () => {
  const programs = listGuestPrograms()
    .filter(({ isPart, name }) => !isPart && (wantsAll || SAMPLE.has(name)))
    .flatMap((program) =>
      (PARTS[program.name] ?? [program.args]).map((args) => ({ ...program, args: [...args] })),
    );
  for (const program of programs) {
    const reason = whyNotOurs(program);
    const name = [program.name, ...program.args].join(' ');
    it.skipIf(reason)(
      `of ${name} is repeated exactly, compiled and interpreted${reason ? ` [skipped: ${reason}]` : ''}`,
      async () => {
        const { recording, shown } = await record(program);
        expect(replay(recording, true)).toEqual(shown);
        expect(replay(recording, false)).toEqual(shown);
      },
    );
  }
});

const interruptible = binaryOf('tools/interruptible', 'riscv64');
const noProgram = existsSync(interruptible) ? undefined : 'not compiled: needs gcc-riscv64-linux-gnu';

it.skipIf(noProgram)(
  `what is typed at a terminal comes at the same moment again${noProgram ? ` [skipped: ${noProgram}]` : ''}`,
  async () => {
    const recorder = new Recorder();
    let stdout = '';
    const onOutput = (bytes: Uint8Array): void => {
      stdout += Buffer.from(bytes).toString();
      if (stdout === 'ready\r\n') setImmediate(() => machine.terminal.type('\x03'));
    };
    const machine = new Machine({ host: nodeHost(), journal: recorder, terminal: { onOutput } });
    recorder.attach(machine);
    const streams = { stdin: 'terminal', stdout: 'terminal', stderr: 'terminal' } as const;
    const guest = machine.spawn({ path: '/program', bytes: readFileSync(interruptible), ...streams });
    machine.terminal.resize(30, 90);
    await machine.run();
    const status = guest.exitStatus?.code;
    const settings = { root: undefined, memory: undefined, maxProcesses: undefined, seed: undefined };
    const recording = recorder.finish({ ...settings, virtualTime: false, quantum: undefined }, status);
    expect([stdout, status]).toEqual(['ready\r\n^Ccaught SIGINT\r\n', 3]);
    expect(replay(recording, true)).toEqual({ stdout, stderr: '', status });
    expect(replay(recording, false)).toEqual({ stdout, stderr: '', status });
  },
);

async function recordHello(): Promise<Recording> {
  const file = join(directory, 'hello.rec');
  await rivulet(['record', '-o', file, prebuilt('hello')]);
  return readRecording(file);
}

describe('the command line', () => {
  it('records and replays, with input, without the program', async () => {
    const file = join(directory, 'cli.rec');
    const program = join(directory, 'program');
    writeFileSync(program, readFileSync(prebuilt('pair')), { mode: 0o755 });
    const first = await rivulet(['record', '-o', file, program]);
    rmSync(program);
    const second = await rivulet(['replay', file]);
    expect([second.stdout, second.stderr, second.status]).toEqual([first.stdout, first.stderr, first.status]);
    expect(first.stdout).toContain('the child exited with 7');
  });

  it('keeps no recording of a program that cannot be started', async () => {
    const file = join(directory, 'nothing.rec');
    expect((await rivulet(['record', '-o', file, join(directory, 'no-such-program')])).status).toBe(127);
    expect(existsSync(file)).toBe(false);
  });

  it('says in one line what is no recording, damaged, or of another version', async () => {
    const file = join(directory, 'bad.rec');
    writeFileSync(file, 'something else');
    expect(await rivulet(['replay', file])).toMatchObject({
      status: 125,
      stderr: expect.stringContaining('is not a recording'),
    });
    const recording = await recordHello();
    writeRecording(file, recording);
    writeFileSync(file, readFileSync(file).subarray(0, -20));
    expect((await rivulet(['replay', file])).stderr).toContain('damaged');
    writeRecording(file, { ...recording, version: 99 });
    expect((await rivulet(['replay', file])).stderr).toContain('another version (format 99');
    expect((await rivulet(['replay', join(directory, 'none')])).status).toBe(125);
  });

  it('notices a run that goes another way', async () => {
    const file = join(directory, 'other.rec');
    const recording = await recordHello();
    writeRecording(file, { ...recording, end: { ...recording.end, hash: 1 } });
    const { status, stderr } = await rivulet(['replay', file]);
    expect([status, stderr]).toEqual([125, expect.stringContaining('another way than recorded')]);
  });
});
