// A recording as a file: a line that says what it is and its format, then, gzipped: the length of the JSON, the JSON, and the bytes
// that it refers to by place and length. record.ts writes one, replay.ts and debug.ts read them; it is the bug report.
// What is not such a file, or was cut short, or comes from another version gets one clear line.
import fs from 'node:fs';
import zlib from 'node:zlib';
import { RECORDING_VERSION, type Recording } from '../debugger/record/recording.ts';
import { isRecording } from '../debugger/record/recording-check.ts';
import { CommandError } from './failure.ts';

const FIRST_LINE = /^RIVULET RECORDING(?: (\d{1,9}))?\n/;
const LONGEST_LINE = 40;
const LENGTH_SIZE = 4;
/** Most of a recording is program text, read once: more effort costs more time than it saves space. */
const COMPRESSION_LEVEL = 1;

/**
 * Writes `recording` to `path`: a file, which is replaced only when all of it was written, or what is no file (a pipe, a
 * device). Throws CommandError.
 */
export function writeRecording(path: string, recording: Recording): void {
  const { target, draft } = placeOf(path);
  try {
    const body = zlib.gzipSync(pack(recording), { level: COMPRESSION_LEVEL });
    const bytes = Buffer.concat([Buffer.from(`RIVULET RECORDING ${recording.version}\n`), body]);
    fs.writeFileSync(draft ?? target, bytes);
    if (draft !== undefined) fs.renameSync(draft, target);
  } catch (error) {
    if (draft !== undefined) fs.rmSync(draft, { force: true });
    throw cannotWrite(path, error);
  }
}

/** To be asked before a run that would be recorded for nothing. Throws CommandError. */
export function demandWritable(path: string): void {
  const { target, draft } = placeOf(path);
  try {
    if (draft === undefined) {
      if (fs.statSync(target).isDirectory()) throw new Error('is a directory');
      return; // opening a pipe would wait
    }
    fs.closeSync(fs.openSync(draft, 'w'));
    fs.rmSync(draft);
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

/** Behind links: only files have a draft, which takes their place. */
function placeOf(path: string): { target: string; draft: string | undefined } {
  let target = path;
  try {
    target = fs.realpathSync(path);
    if (!fs.statSync(target).isFile()) return { target, draft: undefined };
  } catch {
    // not there yet
  }
  return { target, draft: `${target}.part` };
}

function cannotWrite(path: string, error: unknown): CommandError {
  return new CommandError(`${path}: the recording cannot be written: ${(error as Error).message}`);
}

/** Makes the directory that recordings go to. Throws CommandError. */
export function makeDirectory(path: string): void {
  try {
    // not recursive: in some file systems Node would try for ever
    if (!fs.existsSync(path)) fs.mkdirSync(path);
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
  return parseRecording(path, bytes);
}

/** The recording in the bytes of the file `path`. Throws CommandError. */
export function parseRecording(path: string, bytes: Buffer): Recording {
  const line = FIRST_LINE.exec(bytes.subarray(0, LONGEST_LINE).toString('latin1'));
  if (line === null) {
    throw new CommandError(`${path}: is not a recording (rivulet record -o FILE PROG makes one)`);
  }
  const version = Number(line[1] ?? 1); // the first format did not say
  if (version !== RECORDING_VERSION) {
    throw new CommandError(
      `${path}: was recorded by another version (format ${version}, this one reads ${RECORDING_VERSION})`,
    );
  }
  let recording: unknown;
  try {
    recording = unpack(zlib.gunzipSync(bytes.subarray(line[0].length)));
  } catch {
    recording = undefined;
  }
  if (isRecording(recording)) return recording;
  throw new CommandError(`${path}: the recording is damaged or was cut short`);
}

function pack(recording: Recording): Buffer {
  const pieces: Uint8Array[] = [];
  let length = 0;
  const json = JSON.stringify(recording, (_key, value: unknown) => {
    if (typeof value === 'bigint') return { $big: [value.toString()] };
    if (!(value instanceof Uint8Array)) return value;
    pieces.push(value);
    length += value.length;
    return { $bytes: [length - value.length, value.length] };
  });
  const text = Buffer.from(json);
  const head = Buffer.alloc(LENGTH_SIZE);
  head.writeUInt32LE(text.length);
  return Buffer.concat([head, text, ...pieces]);
}

/** Throws some error or other for what `pack` does not make. */
function unpack(packed: Buffer): unknown {
  const start = LENGTH_SIZE + packed.readUInt32LE(0);
  const text = packed.subarray(LENGTH_SIZE, start).toString();
  return JSON.parse(text, (_key, value: unknown) => {
    if (typeof value !== 'object' || value === null) return value;
    // the guest's own names have strings as values, never lists
    if ('$big' in value && Array.isArray(value.$big)) return BigInt(value.$big[0]);
    if (!('$bytes' in value && Array.isArray(value.$bytes))) return value;
    const [offset, length] = value.$bytes as [number, number];
    return new Uint8Array(packed.buffer, packed.byteOffset + start + offset, length);
  });
}
