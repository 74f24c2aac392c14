// Whether something read from a file is a recording: every part has the form that recording.ts says.
// cli/ asks before it gives a recording to a replay, which then need not doubt it.
// Whether the parts fit together is seen only by repeating the run: ReplayHost says where they do not.
import { RESOURCES } from '../../kernel/abi/limits.ts';
import { errnoNumber } from '../../kernel/errno.ts';
import type { Recording } from './recording.ts';

type Check = (value: unknown) => boolean;

const anything: Check = () => true;
const nothing: Check = () => false;
const flag: Check = (value) => typeof value === 'boolean';
const text: Check = (value) => typeof value === 'string';
const bytes: Check = (value) => value instanceof Uint8Array;
const integer: Check = (value) => Number.isSafeInteger(value);
const number: Check = (value) => typeof value === 'number';
/** Inode numbers and the like: whole, but maybe past what is exact. */
const amount: Check = (value) => Number.isInteger(value) && (value as number) >= 0;
const big: Check = (value) => typeof value === 'bigint';
const within =
  (low: number, high: number): Check =>
  (value) =>
    integer(value) && (value as number) >= low && (value as number) <= high;
const count = within(0, Number.MAX_SAFE_INTEGER);
const u32 = within(0, 0xffff_ffff);
const literal =
  (...values: readonly unknown[]): Check =>
  (value) =>
    values.includes(value);
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const list =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const either =
  (...checks: readonly Check[]): Check =>
  (value) =>
    checks.some((check) => check(value));

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !bytes(value);
}

const table =
  (check: (key: string) => Check): Check =>
  (value) =>
    isObject(value) && Object.entries(value).every(([key, entry]) => check(key)(entry));

const object =
  (fields: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isObject(value) && Object.entries(fields).every(([key, check]) => check(value[key]));

const MACHINE = object({
  root: optional(text),
  memory: optional(count),
  maxProcesses: optional(count),
  seed: optional(integer),
  virtualTime: flag,
  quantum: optional(within(1, Number.MAX_SAFE_INTEGER)),
  fault: optional(
    object({
      tid: count,
      name: text,
      occurrence: count,
      error: (value) => text(value) && errnoNumber(value as string) !== undefined,
    }),
  ),
  schedule: optional(text),
});

const MODE = within(0, 0o7777);
const STREAM = literal('terminal', 'sink');
const LIMIT = either(count, literal('unlimited'));
const resourceLimit = (name: string): Check =>
  literal(...RESOURCES)(name) ? object({ soft: LIMIT, hard: LIMIT }) : nothing;
const SETUP = either(
  object({ kind: literal('mount'), host: text, guest: text, writable: flag }),
  object({ kind: literal('mount-file'), host: text, guest: text }),
  object({ kind: literal('file'), path: text, bytes, mode: MODE }),
  object({ kind: literal('directory'), path: text, mode: MODE }),
  object({
    kind: literal('spawn'),
    path: text,
    argv: optional(list(text)),
    env: table(() => text),
    cwd: text,
    uid: u32,
    gid: u32,
    groups: list(u32),
    limits: optional(table(resourceLimit)),
    stdin: literal('empty', 'null', 'pipe', 'terminal'),
    stdout: STREAM,
    stderr: STREAM,
  }),
);

const SIZE = within(0, 0xffff);
const EVENT = either(
  object({ kind: literal('input', 'type'), bytes }),
  object({ kind: literal('end', 'hang-up') }),
  object({ kind: literal('resize'), rows: SIZE, columns: SIZE }),
  object({ kind: literal('kill', 'kill-group', 'kill-all'), signal: within(1, 64) }),
);

const STAT = object({
  mode: u32,
  uid: u32,
  gid: u32,
  size: amount,
  ino: amount,
  dev: amount,
  nlink: amount,
  rdev: amount,
  atimeNs: big,
  mtimeNs: big,
  ctimeNs: big,
});
/** What calls of the host give, by the name their keys begin with; others give nothing that is looked at. */
const VALUES: Readonly<Record<string, Check>> = {
  lstat: STAT,
  stat: STAT,
  readdir: list(text),
  readlink: text,
  read: bytes,
  write: count,
  statfs: object({ blockSize: number, blocks: number, blocksFree: number, files: number, filesFree: number }),
  'is-terminal': flag,
  'terminal-size': object({ rows: SIZE, columns: SIZE }),
};
const FAILURE = object({ hostErrno: within(0, 4095), message: text });
const answers = (key: string): Check => {
  const name = key.split(' ', 1)[0] ?? '';
  const value = Object.hasOwn(VALUES, name) ? VALUES[name] : anything;
  return list(either(FAILURE, object({ value: value ?? anything })));
};

const RECORDING = object({
  version: count,
  machine: MACHINE,
  setup: list(SETUP),
  monotonic: bytes,
  realtime: list(big),
  random: list(bytes),
  answers: table(answers),
  contents: table(() => bytes),
  refusedWrites: list(count),
  events: list(object({ runs: count, event: EVENT })),
  checkpoints: list(integer),
  end: object({ runs: count, status: optional(within(0, 255)), calls: count, hash: u32 }),
});

/** True when `value` has the form of a recording. */
export function isRecording(value: unknown): value is Recording {
  return RECORDING(value);
}
