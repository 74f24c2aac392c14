// A recording as a file: a line that says what it is, then gzipped JSON in which bytes are base64 and bigints marked.
// record.ts writes one, replay.ts and debug.ts read them; the whole file is the bug report.
// What is not such a file, or was cut short, or comes from another version gets one clear line.
import fs from 'node:fs';
import zlib from 'node:zlib';
import { RECORDING_VERSION, type Recording } from '../debugger/record/recording.ts';
import { CommandError } from './failure.ts';

const MAGIC = 'RIVULET RECORDING\n';

/** Writes `recording` to `path`, which is replaced only when all of it was written. Throws CommandError. */
export function writeRecording(path: string, recording: Recording): void {
  const body = zlib.gzipSync(JSON.stringify(recording, toJson), { level: 6 });
  const draft = `${path}.part`;
  try {
    fs.writeFileSync(draft, Buffer.concat([Buffer.from(MAGIC), body]));
    fs.renameSync(draft, path);
  } catch (error) {
    fs.rmSync(draft, { force: true });
    throw new CommandError(`${path}: the recording cannot be written: ${(error as Error).message}`);
  }
}

/** Makes the directory that recordings go to. Throws CommandError. */
export function makeDirectory(path: string): void {
  try {
    fs.mkdirSync(path, { recursive: true });
  } catch (error) {
    throw new CommandError(`${path}: the directory cannot be made: ${(error as Error).message}`);
  }
}

/** Reads a recording. Throws CommandError. */
export function readRecording(path: string): Recording {
  let bytes: Buffer;
  try {
    bytes = fs.readFileSync(path);
  } catch (error) {
    throw new CommandError(`${path}: cannot be read: ${(error as Error).message}`);
  }
  if (bytes.subarray(0, MAGIC.length).toString('latin1') !== MAGIC) {
    throw new CommandError(`${path}: is not a recording (rivulet record -o FILE PROG makes one)`);
  }
  let recording: Recording;
  try {
    recording = JSON.parse(zlib.gunzipSync(bytes.subarray(MAGIC.length)).toString(), fromJson);
  } catch {
    throw new CommandError(`${path}: the recording is damaged or was cut short`);
  }
  if (recording.version !== RECORDING_VERSION) {
    throw new CommandError(
      `${path}: was recorded by another version (format ${recording.version}, this one reads ${RECORDING_VERSION})`,
    );
  }
  return recording;
}

/** The monotonic clock is read most often: differences are short. */
function toJson(this: unknown, key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return { $big: value.toString() };
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64') };
  if (key === 'monotonic') return { $differences: differences(value as number[]) };
  return value;
}

function fromJson(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if ('$big' in value) return BigInt(value.$big as string);
  if ('$bytes' in value) return new Uint8Array(Buffer.from(value.$bytes as string, 'base64'));
  if ('$differences' in value) return sums(value.$differences as number[]);
  return value;
}

function differences(numbers: readonly number[]): number[] {
  return numbers.map((number, i) => number - (numbers[i - 1] ?? 0));
}

function sums(numbers: readonly number[]): number[] {
  let sum = 0;
  return numbers.map((number) => {
    sum += number;
    return sum;
  });
}
