// The person's stdin, stdout and stderr where they are not a terminal: real pipes whose other end is the embedder.
// Machine makes one per stream, puts `file` into the first process's descriptor table, and feeds or drains it.
// Output never waits for the host: each write is handed on before the call returns.

import { READ_EVENTS } from '../abi/poll.ts';
import type { OpenFile } from '../file/open-file.ts';
import type { Kernel } from '../kernel.ts';
import { makePipe } from '../pipe/make-pipe.ts';
import { PIPE_PAGE, type Pipe, type PipeSlot } from '../pipe/pipe.ts';
import { credentialsFor } from '../task/credentials.ts';
import type { Waiter } from '../wait.ts';

/** Bytes for the guest's stdin. */
export class HostInput {
  /** The guest's end, O_RDONLY; the caller passes its reference on. */
  readonly file: OpenFile;
  readonly #pipe: Pipe;
  readonly #writer: OpenFile;
  #hasEnded = false;

  constructor(kernel: Kernel, uid = 0, gid = 0) {
    const { reader, writer, pipe } = makePipe(kernel, credentialsFor(uid, gid));
    this.file = reader;
    this.#writer = writer;
    this.#pipe = pipe;
  }

  /** Bytes that no process has read yet: embedders that can pause their source do so above some amount. */
  get pendingBytes(): number {
    return this.#pipe.byteCount;
  }

  /** No process has the stream open any more. */
  get isAbandoned(): boolean {
    return !this.#pipe.hasReaders;
  }

  /** Appends input; the bytes are copied. More than a pipe's capacity is kept, since the host cannot be made to wait. */
  pushInput(bytes: Uint8Array): void {
    if (this.#hasEnded || this.isAbandoned || bytes.length === 0) return;
    const copy = bytes.slice();
    for (let at = 0; at < copy.length; at += PIPE_PAGE) {
      this.#pipe.appendShared(copy.subarray(at, at + PIPE_PAGE), 0, Math.min(PIPE_PAGE, copy.length - at));
    }
    this.#pipe.wakeReaders(READ_EVENTS);
  }

  /** End of file, once what was pushed has been read. */
  endInput(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#writer.release();
  }
}

/** Bytes from the guest's stdout or stderr. */
export class HostOutput implements Waiter {
  /** The guest's end, O_WRONLY; the caller passes its reference on. */
  readonly file: OpenFile;
  readonly #pipe: Pipe;
  readonly #reader: OpenFile;
  readonly #sink: (bytes: Uint8Array) => boolean;
  #isOpen = true;

  /** `sink` gets bytes that it must not keep without copying; false means that the reader is gone (EPIPE, SIGPIPE). */
  constructor(kernel: Kernel, sink: (bytes: Uint8Array) => boolean, uid = 0, gid = 0) {
    const { reader, writer, pipe } = makePipe(kernel, credentialsFor(uid, gid));
    this.file = writer;
    this.#reader = reader;
    this.#pipe = pipe;
    this.#sink = sink;
    pipe.readable.add(this);
  }

  /** The guest wrote. */
  wake(): void {
    while (this.#isOpen && !this.#pipe.isEmpty) {
      const { page, offset, length } = this.#pipe.slots[0] as PipeSlot;
      const isAlive = this.#sink(page.subarray(offset, offset + length));
      this.#pipe.dropFirst();
      if (!isAlive) this.close();
    }
  }

  /** The host's reader is gone: further writes of the guest fail. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#pipe.readable.remove(this);
    this.#reader.release();
  }
}
