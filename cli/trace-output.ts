// Where the lines of a trace go: stderr, a file, a file for each thread, or a command of the shell.
// trace.ts writes them as they come, and closes it when the program has ended.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { EIO, errnoMessage, errnoNumber } from '../kernel/errno.ts';
import { CommandError, complain, UsageError } from './failure.ts';
import { whyUnwritten } from './node-host.ts';

export interface TraceOutput {
  /** Text in bytes, a character each; `tid` is the thread that it is of, 0 = of all. */
  write(text: string, tid: number): void;
  /** All is written, and a command has ended. */
  close(): Promise<void>;
}

/** As -o says, with -A and -ff; undefined = stderr. Throws UsageError and CommandError. */
export function traceOutput(file: string | undefined, appends: boolean, isSeparate: boolean): TraceOutput {
  const command = file !== undefined && /^[|!]/.test(file) ? file.slice(1) : undefined;
  if (command === undefined) return new TraceFiles(file, appends, isSeparate);
  if (isSeparate) throw new UsageError(`-o ${file}: a command gets one trace, so not with -ff`);
  return new TraceCommand(command);
}

/** `-o '|command'`: the shell's command reads the trace; what it writes goes where ours does. */
class TraceCommand implements TraceOutput {
  readonly #child;
  readonly #ended: Promise<unknown>;

  constructor(command: string) {
    this.#child = spawn(command, { shell: true, stdio: ['pipe', 'inherit', 'inherit'] });
    this.#ended = once(this.#child, 'close').catch(() => undefined);
    this.#child.stdin.on('error', () => undefined); // it reads no more: its own business, as with strace
  }

  write(text: string): void {
    if (this.#child.stdin.writable) this.#child.stdin.write(Buffer.from(text, 'latin1'));
  }

  async close(): Promise<void> {
    this.#child.stdin.end();
    await this.#ended;
  }
}

/** stderr, a file, or with -ff a file for each thread. */
class TraceFiles implements TraceOutput {
  readonly #file: string | undefined;
  readonly #mode: 'a' | 'w';
  readonly #isSeparate: boolean;
  readonly #fds = new Map<number, number>();
  /** Lines could not be written, which was told. */
  #isIncomplete = false;

  constructor(file: string | undefined, appends: boolean, isSeparate: boolean) {
    this.#file = file;
    this.#mode = appends ? 'a' : 'w';
    this.#isSeparate = isSeparate;
    if (file !== undefined && !isSeparate) this.#fdOf(0); // what is wrong with it is told at once
  }

  write(text: string, tid: number): void {
    const code = whyUnwritten(this.#fdOf(tid), Buffer.from(text, 'latin1'));
    if (code === undefined || code === 'EPIPE' || this.#file === undefined || this.#isIncomplete) return;
    this.#isIncomplete = true;
    const why = errnoMessage(errnoNumber(code) ?? EIO);
    complain(`-o ${this.#file}: ${why}: lines of the trace are missing`);
  }

  #fdOf(tid: number): number {
    if (this.#file === undefined) return 2;
    let fd = this.#fds.get(tid);
    if (fd === undefined) {
      fd = openOutput(this.#isSeparate && tid !== 0 ? `${this.#file}.${tid}` : this.#file, this.#mode);
      this.#fds.set(tid, fd);
    }
    return fd;
  }

  async close(): Promise<void> {
    for (const fd of this.#fds.values()) fs.closeSync(fd);
  }
}

function openOutput(file: string, mode: 'a' | 'w'): number {
  try {
    return fs.openSync(file, mode);
  } catch (error) {
    throw new CommandError(
      `-o ${file}: ${(error as Error).message.split(':')[1]?.split(',')[0]?.trim() ?? 'cannot be written'}`,
    );
  }
}
