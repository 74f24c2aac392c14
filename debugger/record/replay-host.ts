// The host as a recording remembers it: each call gets the answer it got then.
// A replay's kernel has this instead of the real one, so it runs on any machine, with none of the files there.
// A call that was never made then has no answer: of files that do not exist, and of anything else a RecordingError.
import { EIO, ENOENT } from '../../kernel/errno.ts';
import type { Host, HostError, HostFile, HostFiles, HostStat, HostTerminal } from '../../kernel/host.ts';
import { ClockReader } from './clock-tape.ts';
import { callKey } from './recorder.ts';
import { type HostAnswer, type Recording, RecordingError } from './recording.ts';

type Output = (stream: 1 | 2, bytes: Uint8Array) => void;

export class ReplayHost implements Host {
  readonly files: HostFiles;
  readonly terminal: HostTerminal;
  readonly #recording: Recording;
  readonly #warn: (line: string) => void;
  /** How many answers were given, by call. */
  readonly #given = new Map<string, number>();
  readonly #monotonic: ClockReader;
  #realtime = 0;
  #random = 0;
  #writes = 0;

  constructor(recording: Recording, output: Output, warn: (line: string) => void) {
    this.#recording = recording;
    this.#warn = warn;
    this.#monotonic = new ClockReader(recording.monotonic);
    this.files = this.#makeFiles();
    this.terminal = this.#makeTerminal(output);
  }

  /** The clock stands still when the recording has no more to say. */
  monotonicNs(): number {
    return this.#monotonic.next();
  }

  realtimeNs(): bigint {
    const { realtime } = this.#recording;
    return realtime[this.#realtime++] ?? realtime[realtime.length - 1] ?? 0n;
  }

  random(bytes: Uint8Array): void {
    const recorded = this.#recording.random[this.#random++];
    if (recorded === undefined || recorded.length !== bytes.length) {
      throw new RecordingError('the recording has other random bytes than this run asks for');
    }
    bytes.set(recorded);
  }

  /** Nothing of the clock's is left. */
  get isClockOver(): boolean {
    return this.#monotonic.isOver;
  }

  warn(line: string): void {
    this.#warn(line);
  }

  /** The next answer to `call`; the last one again when there are no more, since looking twice changes nothing. */
  #next(call: string): HostAnswer | undefined {
    const answers = this.#recording.answers[call];
    if (answers === undefined) return undefined;
    const index = this.#given.get(call) ?? 0;
    this.#given.set(call, index + 1);
    return answers[Math.min(index, answers.length - 1)];
  }

  #isAnswered(name: string, args: readonly unknown[]): boolean {
    return this.#recording.answers[callKey(name, args)] !== undefined;
  }

  #answer(name: string, args: readonly unknown[]): unknown {
    const answer = this.#next(callKey(name, args));
    if (answer === undefined) throw hostError(ENOENT, 'not in the recording');
    if ('hostErrno' in answer) throw hostError(answer.hostErrno, answer.message);
    return answer.value;
  }

  #makeFiles(): HostFiles {
    const done = (name: string, args: readonly unknown[]): void => void this.#answer(name, args);
    return {
      lstat: (path) => this.#answer('lstat', [path]) as HostStat,
      readdir: (path) => this.#answer('readdir', [path]) as readonly string[],
      readlink: (path) => this.#answer('readlink', [path]) as string,
      open: (path, write) => {
        done('open', [path, write]);
        return this.#makeFile(path, write);
      },
      mkdir: (path) => done('mkdir', [path]),
      rmdir: (path) => done('rmdir', [path]),
      unlink: (path) => done('unlink', [path]),
      rename: (from, to) => done('rename', [from, to]),
      link: (from, to) => done('link', [from, to]),
      symlink: (target, path) => done('symlink', [target, path]),
      chmod: (path) => done('chmod', [path]),
      chown: (path) => done('chown', [path]),
      utimes: (path) => done('utimes', [path]),
      statfs: (path) => this.#answer('statfs', [path]) as ReturnType<HostFiles['statfs']>,
    };
  }

  #makeFile(path: string, write: boolean): HostFile {
    const whole = write ? undefined : this.#recording.contents[path];
    return {
      read: (into, position) => {
        const args = [path, position, into.length];
        const piece =
          whole === undefined || this.#isAnswered('read', args)
            ? (this.#answer('read', args) as Uint8Array)
            : whole.subarray(position, position + into.length);
        if (piece.length > into.length) throw new RecordingError('more was read than was asked for');
        into.set(piece);
        return piece.length;
      },
      write: (bytes, position) => {
        const count = this.#answer('write', [path, position, bytes.length]) as number;
        if (count === 0 || count > bytes.length) throw new RecordingError('more was written than was given');
        return count;
      },
      truncate: (size) => void this.#answer('truncate', [path, size]),
      sync: () => void this.#answer('sync', [path]),
      stat: () => this.#answer('stat', [path]) as HostStat,
      close: () => {},
    };
  }

  #makeTerminal(output: Output): HostTerminal {
    const refused = new Set(this.#recording.refusedWrites);
    const value = (call: string): unknown => {
      const answer = this.#next(call);
      return answer !== undefined && 'value' in answer ? answer.value : undefined;
    };
    return {
      write: (stream, bytes) => {
        output(stream, bytes);
        return !refused.has(this.#writes++);
      },
      isTerminal: (stream) => value(callKey('is-terminal', [stream])) === true,
      size: () =>
        (value('terminal-size') as { rows: number; columns: number } | undefined) ?? {
          rows: 24,
          columns: 80,
        },
      setRaw: () => {},
    };
  }
}

function hostError(hostErrno: number, message: string): HostError {
  return { hostErrno: hostErrno === 0 ? EIO : hostErrno, message };
}
