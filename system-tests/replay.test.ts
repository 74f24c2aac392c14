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
import { listGuestPrograms } from '../scripts/guests/catalogue.ts';
import { binaryOf } from '../scripts/guests/compile.ts';
import { whyNotOurs } from '../scripts/guests/ours.ts';
import { rivulet } from './rivulet.ts';

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
const wantsAll = process.env.RIVULET_FULL !== undefined;
const PREBUILT = 'guest-programs/prebuilt';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'rivulet-replay-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

async function record(bytes: Uint8Array): Promise<{ recording: Recording; output: string }> {
  const recorder = new Recorder();
  const machine = new Machine({ host: nodeHost(), journal: recorder, jitThreshold: 50 });
  recorder.attach(machine);
  let output = '';
  const take = (piece: Uint8Array): void => {
    output += Buffer.from(piece).toString('latin1');
  };
  const guest = machine.spawn({ path: '/program', bytes, stdout: take, stderr: take });
  await machine.run();
  const { quantum, root, memory, maxProcesses, seed } = {} as Partial<Recording['machine']>;
  const settings = { quantum, root, memory, maxProcesses, seed, virtualTime: false };
  return { recording: recorder.finish(settings, guest.exitStatus?.code), output };
}

function replay(recording: Recording, jit: boolean): { output: string; status: number | undefined } {
  let output = '';
  const again = makeReplay(recording, {
    output: (_, piece) => {
      output += Buffer.from(piece).toString('latin1');
    },
    warn: (line) => expect(line).toBe(''),
    machine: { jit, jitThreshold: 5 },
  });
  const { differsBefore, calls, status } = runReplay(recording, again);
  expect([differsBefore, calls]).toEqual([undefined, recording.end.calls]);
  return { output, status };
}

describe('a recorded run', () => {
  const programs = listGuestPrograms().filter(
    ({ isPart, name }) => !isPart && (wantsAll || SAMPLE.has(name)),
  );
  for (const program of programs) {
    const reason = whyNotOurs(program);
    it.skipIf(reason)(
      `of ${program.name} is repeated exactly, compiled and interpreted${reason ? ` [skipped: ${reason}]` : ''}`,
      async () => {
        const { recording, output } = await record(readFileSync(binaryOf(program.name, 'riscv64')));
        const expected = { output, status: recording.end.status };
        expect(replay(recording, true)).toEqual(expected);
        expect(replay(recording, false)).toEqual(expected);
      },
      120_000,
    );
  }

  it('is the same after it was in a file', async () => {
    const { recording, output } = await record(readFileSync(`${PREBUILT}/both`));
    const file = join(directory, 'both.rec');
    writeRecording(file, recording);
    expect(replay(readRecording(file), true)).toEqual({ output, status: recording.end.status });
  });
});

describe('the command line', () => {
  it('records and replays, with input, without the program', async () => {
    const file = join(directory, 'cli.rec');
    const program = join(directory, 'program');
    writeFileSync(program, readFileSync(`${PREBUILT}/pair`), { mode: 0o755 });
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
    const { recording } = await record(readFileSync(`${PREBUILT}/hello`));
    writeRecording(file, recording);
    writeFileSync(file, readFileSync(file).subarray(0, -20));
    expect((await rivulet(['replay', file])).stderr).toContain('damaged');
    writeRecording(file, { ...recording, version: 99 });
    expect((await rivulet(['replay', file])).stderr).toContain('another version (format 99');
    expect((await rivulet(['replay', join(directory, 'none')])).status).toBe(125);
  });

  it('notices a run that goes another way', async () => {
    const file = join(directory, 'other.rec');
    const { recording } = await record(readFileSync(`${PREBUILT}/hello`));
    writeRecording(file, { ...recording, end: { ...recording.end, hash: 1 } });
    const { status, stderr } = await rivulet(['replay', file]);
    expect([status, stderr]).toEqual([125, expect.stringContaining('another way than recorded')]);
  });
});
