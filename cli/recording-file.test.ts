// Recordings as files: what is written is read again; cut short, damaged or made up, they are one clear line.
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Recorder } from '../debugger/record/recorder.ts';
import { type Recording, RecordingError } from '../debugger/record/recording.ts';
import { makeReplay, runReplay } from '../debugger/record/replay.ts';
import { RLIM_INFINITY, RLIMIT_CORE } from '../kernel/task/rlimits.ts';
import { Machine } from '../machine/machine.ts';
import { CommandError } from './failure.ts';
import { nodeHost } from './node-host.ts';
import { demandWritable, parseRecording, readRecording, writeRecording } from './recording-file.ts';

const HELLO = readFileSync(new URL('../guest-programs/prebuilt/hello', import.meta.url));

const LIMITS = { core: { soft: 4096, hard: 'unlimited' } } as const;

let directory: string;
let file: string;
let recording: Recording;
let bytes: Buffer;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'rivulet-recording-'));
  file = join(directory, 'hello.rec');
  const recorder = new Recorder();
  const root = join(directory, 'root');
  mkdirSync(root);
  writeFileSync(join(root, 'hello'), HELLO, { mode: 0o755 });
  const machine = new Machine({ host: nodeHost(), journal: recorder, root });
  recorder.attach(machine);
  const guest = machine.spawn({ path: '/hello', env: { $big: '1', $bytes: '2' }, limits: LIMITS });
  guest.end();
  await machine.run();
  const settings = { root, memory: undefined, maxProcesses: undefined, seed: undefined };
  recording = recorder.finish({ ...settings, virtualTime: false, quantum: undefined }, 0);
  writeRecording(file, recording);
  bytes = readFileSync(file);
});
afterAll(() => rmSync(directory, { recursive: true }));

function replay(of: Recording): number | undefined {
  return runReplay(of, makeReplay(of, { output: () => {}, warn: () => {}, machine: { jit: false } }))
    .differsBefore;
}

it('gives back what was written, names that look like its own marks included', () => {
  const again = readRecording(file);
  expect(again).toEqual(recording);
  expect(replay(again)).toBeUndefined();
});

it('is written to what is no file without taking its place, and through links', () => {
  writeRecording('/dev/null', recording);
  expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
  const link = join(directory, 'link');
  symlinkSync('behind.rec', link);
  writeFileSync(join(directory, 'behind.rec'), 'old');
  writeRecording(link, recording);
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(readRecording(join(directory, 'behind.rec'))).toEqual(recording);
});

it('says before a run that it could not be written', () => {
  const missing = join(directory, 'missing', 'x.rec');
  expect(() => demandWritable(missing)).toThrow(/x\.rec: the recording cannot be written: ENOENT/);
  expect(() => demandWritable(directory)).toThrow(/: the recording cannot be written: is a directory$/);
  demandWritable(file);
  demandWritable(join(directory, 'new.rec'));
  expect(readdirSync(directory).filter((name) => /new|part/.test(name))).toEqual([]);
  expect(readRecording(file)).toEqual(recording);
});

it('a replay has the same resource limits', () => {
  const { guest, machine } = makeReplay(readRecording(file), { output: () => {}, warn: () => {} });
  expect(machine.kernel.pids.process(guest.pid)?.limits.get(RLIMIT_CORE)).toEqual({
    soft: 4096,
    hard: RLIM_INFINITY,
  });
});

/** What reading these bytes gives: a recording, or undefined for one clear line. */
function parsed(content: Buffer): Recording | undefined {
  try {
    return parseRecording(file, content);
  } catch (error) {
    if (error instanceof CommandError) return undefined;
    throw error;
  }
}

it('refuses a file cut short at any byte', () => {
  for (let length = 0; length < bytes.length; length++) {
    if (parsed(bytes.subarray(0, length)) !== undefined) expect.fail(`was read when cut at ${length}`);
  }
});

it('refuses a file with any byte changed', () => {
  for (let place = 0; place < bytes.length; place++) {
    const changed = Buffer.from(bytes);
    changed[place] = (changed[place] ?? 0) ^ 0x41;
    const result = parsed(changed);
    if (result !== undefined) expect(result).toEqual(recording); // gzip's header has bytes that mean nothing
  }
});

const ODD = [null, true, -1, 0.5, 3, 1e300, 2 ** 40, '', 'x', '/', 7n, [], {}, new Uint8Array(3)];

/** `value` with each part of it, at any depth, replaced by something odd in turn. */
function* variants(value: unknown): Generator<unknown> {
  yield* ODD;
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return;
  for (const [key, part] of Object.entries(value)) {
    for (const odd of variants(part)) {
      yield Array.isArray(value) ? value.with(Number(key), odd) : { ...value, [key]: odd };
    }
  }
}

it('refuses a made-up recording, or repeats what it can of it', () => {
  const outcomes = { refused: 0, repeated: 0, different: 0, impossible: 0 };
  for (const variant of variants(recording)) {
    if ((variant as Recording | null)?.version !== recording.version) continue; // another version says no more
    writeRecording(file, variant as Recording);
    try {
      const difference = replay(readRecording(file));
      outcomes[difference === undefined ? 'repeated' : 'different']++;
    } catch (error) {
      if (error instanceof CommandError) outcomes.refused++;
      else if (error instanceof RecordingError) outcomes.impossible++;
      else throw error;
    }
  }
  expect(Math.min(...Object.values(outcomes))).toBeGreaterThan(0);
});
