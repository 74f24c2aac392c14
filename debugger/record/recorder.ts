// Keeps what comes from outside while a machine runs: the host's answers in order, events with the moment they came in.
// Given to Machine as its journal; `finish` makes the recording.
// Files are kept whole when they are first opened, so that a replay, or a debugger on it, can read any part of them;
// what is read later and was different then (a file that grows, one of the host's /proc) is kept beside.

import { S_IFMT, S_IFREG } from '../../kernel/abi/stat.ts';
import { CallHash } from '../../kernel/call-hash.ts';
import type { Host, HostFile, HostFiles, HostTerminal } from '../../kernel/host.ts';
import type { MachineJournal, OutsideEvent, SetupStep } from '../../machine/journal.ts';
import type { Machine } from '../../machine/machine.ts';
import { ClockTape } from './clock-tape.ts';
import {
  HASH_INTERVAL,
  type HostAnswer,
  RECORDING_VERSION,
  type RecordedMachine,
  type Recording,
  type TimedEvent,
} from './recording.ts';

/** Larger host files are kept as far as they are read. */
const LARGEST_WHOLE = 64 << 20;

export class Recorder implements MachineJournal {
  readonly #monotonic = new ClockTape();
  readonly #realtime: bigint[] = [];
  readonly #random: Uint8Array[] = [];
  readonly #answers: Record<string, HostAnswer[]> = {};
  readonly #contents: Record<string, Uint8Array> = {};
  /** How often a part of a file that is kept whole was read, by call. */
  readonly #wholeReads = new Map<string, number>();
  readonly #setup: SetupStep[] = [];
  readonly #events: TimedEvent[] = [];
  readonly #hash = new CallHash(HASH_INTERVAL);
  #machine: Machine | undefined;
  readonly #refusedWrites: number[] = [];
  #writes = 0;
  #runs = 0;

  /** Begins to count; before the first run of `machine`, whose journal this is. */
  attach(machine: Machine): void {
    this.#machine = machine;
    machine.kernel.callHash = this.#hash;
    machine.kernel.beforeRun = () => {
      this.#runs++;
    };
  }

  /** False when nothing was started, so that there is nothing to repeat. */
  get hasProgram(): boolean {
    return this.#machine?.kernel.pids.isEmpty === false || this.#runs > 0;
  }

  setUp(step: SetupStep): void {
    this.#setup.push(step);
  }

  happened(event: OutsideEvent): void {
    this.#events.push({ runs: this.#runs, event });
  }

  host(real: Host): Host {
    return {
      monotonicNs: () => {
        const now = real.monotonicNs();
        this.#monotonic.add(now);
        return now;
      },
      realtimeNs: () => {
        const now = real.realtimeNs();
        this.#realtime.push(now);
        return now;
      },
      random: (bytes) => {
        real.random(bytes);
        this.#random.push(bytes.slice());
      },
      files: real.files && this.#files(real.files),
      terminal: real.terminal && this.#terminal(real.terminal),
      warn: (line) => real.warn(line),
    };
  }

  /** What was recorded. `status` is the first program's for the shell. */
  finish(machine: RecordedMachine, status: number | undefined): Recording {
    const kernel = this.#machine?.kernel;
    if (kernel !== undefined) {
      kernel.callHash = undefined;
      kernel.beforeRun = undefined;
    }
    return {
      version: RECORDING_VERSION,
      machine,
      setup: this.#setup,
      monotonic: this.#monotonic.bytes,
      realtime: this.#realtime,
      random: this.#random,
      answers: this.#answers,
      contents: this.#contents,
      refusedWrites: this.#refusedWrites,
      events: [...this.#events],
      checkpoints: this.#hash.checkpoints,
      end: { runs: this.#runs, status, calls: this.#hash.count, hash: this.#hash.value },
    };
  }

  /** Asks the host and keeps the answer, or what `kept` makes of it, under `call`. */
  #ask<T>(call: string, ask: () => T, kept: (value: T) => unknown = (value) => value): T {
    this.#answers[call] ??= [];
    const answers = this.#answers[call];
    try {
      const value = ask();
      answers.push({ value: kept(value) });
      return value;
    } catch (thrown) {
      if (isHostError(thrown)) answers.push({ hostErrno: thrown.hostErrno, message: thrown.message });
      throw thrown;
    }
  }

  #files(real: HostFiles): HostFiles {
    const ask = <T>(name: string, args: readonly unknown[], call: () => T): T =>
      this.#ask(callKey(name, args), call);
    return {
      lstat: (path) => ask('lstat', [path], () => real.lstat(path)),
      readdir: (path) => ask('readdir', [path], () => real.readdir(path)),
      readlink: (path) => ask('readlink', [path], () => real.readlink(path)),
      open: (path, write, create) => {
        const open = (): HostFile => real.open(path, write, create);
        return this.#file(
          path,
          write,
          this.#ask(callKey('open', [path, write]), open, () => null),
        );
      },
      mkdir: (path, mode) => ask('mkdir', [path], () => real.mkdir(path, mode)),
      rmdir: (path) => ask('rmdir', [path], () => real.rmdir(path)),
      unlink: (path) => ask('unlink', [path], () => real.unlink(path)),
      rename: (from, to) => ask('rename', [from, to], () => real.rename(from, to)),
      link: (from, to) => ask('link', [from, to], () => real.link(from, to)),
      symlink: (target, path) => ask('symlink', [target, path], () => real.symlink(target, path)),
      chmod: (path, mode) => ask('chmod', [path], () => real.chmod(path, mode)),
      chown: (path, uid, gid) => ask('chown', [path], () => real.chown(path, uid, gid)),
      utimes: (path, atimeNs, mtimeNs) => ask('utimes', [path], () => real.utimes(path, atimeNs, mtimeNs)),
      statfs: (path) => ask('statfs', [path], () => real.statfs(path)),
    };
  }

  #file(path: string, write: boolean, real: HostFile): HostFile {
    const whole = write ? undefined : this.#keepWhole(path, real);
    const ask = <T>(name: string, args: readonly unknown[], call: () => T): T =>
      this.#ask(callKey(name, [path, ...args]), call);
    return {
      read: (into, position) => {
        const call = callKey('read', [path, position, into.length]);
        const read = (): number => real.read(into, position);
        if (whole === undefined) return this.#ask(call, read, (count) => into.slice(0, count));
        return this.#readWhole(call, whole.subarray(position, position + into.length), into, read);
      },
      write: (bytes, position) => ask('write', [position, bytes.length], () => real.write(bytes, position)),
      truncate: (size) => ask('truncate', [size], () => real.truncate(size)),
      sync: () => ask('sync', [], () => real.sync()),
      stat: () => ask('stat', [], () => real.stat()),
      close: () => real.close(),
    };
  }

  /** The file's content at its first opening, when it is kept as a whole. */
  #keepWhole(path: string, file: HostFile): Uint8Array | undefined {
    const known = this.#contents[path];
    if (known !== undefined) return known;
    const { mode, size } = file.stat();
    if ((mode & S_IFMT) !== S_IFREG || size > LARGEST_WHOLE) return undefined;
    const content = new Uint8Array(size);
    let length = 0;
    for (let count = -1; length < size && count !== 0; length += count) {
      count = file.read(content.subarray(length), length);
    }
    const whole = content.subarray(0, length);
    this.#contents[path] = whole;
    return whole;
  }

  /** A read of a file that is kept whole: the answers are kept from the first one on that is not `known`. */
  #readWhole(call: string, known: Uint8Array, into: Uint8Array, read: () => number): number {
    const reads = this.#wholeReads.get(call) ?? 0;
    this.#wholeReads.set(call, reads + 1);
    const wasDifferent = this.#answers[call] !== undefined;
    this.#answers[call] ??= Array.from({ length: reads }, () => ({ value: known }));
    const count = this.#ask(call, read, (length) => into.slice(0, length));
    const isSame = count === known.length && known.every((byte, i) => byte === into[i]);
    if (isSame && !wasDifferent) delete this.#answers[call];
    return count;
  }

  #terminal(real: HostTerminal): HostTerminal {
    return {
      write: (stream, bytes) => {
        const isThere = real.write(stream, bytes);
        if (!isThere) this.#refusedWrites.push(this.#writes);
        this.#writes++;
        return isThere;
      },
      isTerminal: (stream) => this.#ask(callKey('is-terminal', [stream]), () => real.isTerminal(stream)),
      size: () => this.#ask('terminal-size', () => real.size()),
      setRaw: (raw) => real.setRaw(raw),
    };
  }
}

/** The name under which a host call's answers are kept. */
export function callKey(name: string, args: readonly unknown[]): string {
  return `${name} ${JSON.stringify(args)}`;
}

function isHostError(thrown: unknown): thrown is { hostErrno: number; message: string } {
  return typeof thrown === 'object' && thrown !== null && 'hostErrno' in thrown;
}
