// The beginning of a dump to a server that is asked first, @@ in core_pattern (fs/coredump.c, coredump_sock_request):
// the kernel sends what it can do, the server what is to be done, and the kernel what it thinks of that.
// dump.ts goes on with one whenever the process that dies is woken.
import {
  COREDUMP_KERNEL,
  COREDUMP_MARK_CONFLICTING,
  COREDUMP_MARK_MAXSIZE,
  COREDUMP_MARK_MINSIZE,
  COREDUMP_MARK_REQACK,
  COREDUMP_MARK_UNSUPPORTED,
  COREDUMP_REJECT,
  COREDUMP_USERSPACE,
  COREDUMP_WAIT,
  CoredumpAck,
  CoredumpReq,
} from '../abi/coredump.ts';
import { MSG_NOSIGNAL, MSG_PEEK } from '../abi/socket.ts';
import { EPIPE, fail } from '../errno.ts';
import { BufferSink, BufferSource } from '../file/buffer.ts';
import type { OpenFile } from '../file/open-file.ts';
import { UNIX } from '../net/unix.ts';
import type { Thread } from '../task/thread.ts';
import { isWait, type Wait } from '../wait.ts';

const KNOWN = COREDUMP_KERNEL | COREDUMP_USERSPACE | COREDUMP_REJECT | COREDUMP_WAIT;
/** Of which a server has to choose one. */
const CHOICES = [COREDUMP_KERNEL, COREDUMP_USERSPACE, COREDUMP_REJECT];
const SIZE_OF_SIZE = 4;

export class ServerProtocol {
  readonly #file: OpenFile;
  readonly #ack = new BufferSink(new Uint8Array(CoredumpAck.size));

  /** Sends the request. As send(2). */
  constructor(thread: Thread, file: OpenFile) {
    this.#file = file;
    const { size } = CoredumpReq;
    this.#send(thread, CoredumpReq.encode({ size, size_ack: CoredumpAck.size, mask: BigInt(KNOWN) }));
  }

  /** The mask that the server wants; undefined when it makes no sense. As send(2) and recv(2). */
  advance(thread: Thread): number | undefined | Wait {
    if (this.#ack.filled.length === 0) {
      const size = this.#peekSize(thread);
      if (size === undefined || isWait(size)) return size;
      if (size < CoredumpAck.size) return this.#refuse(thread, COREDUMP_MARK_MINSIZE);
      if (size > CoredumpAck.size) return this.#refuse(thread, COREDUMP_MARK_MAXSIZE);
    }
    while (this.#ack.remaining > 0) {
      const got = this.#receive(thread, this.#ack, 0);
      if (isWait(got)) return got;
      if (got === 0) return undefined;
    }
    const { spare, mask } = CoredumpAck.decode(this.#ack.filled);
    if ((mask & ~BigInt(KNOWN)) !== 0n) return this.#refuse(thread, COREDUMP_MARK_UNSUPPORTED);
    const wanted = Number(mask);
    if (CHOICES.filter((choice) => (wanted & choice) !== 0).length !== 1)
      return this.#refuse(thread, COREDUMP_MARK_CONFLICTING);
    if (spare !== 0) return this.#refuse(thread, COREDUMP_MARK_UNSUPPORTED);
    this.#mark(thread, COREDUMP_MARK_REQACK);
    return wanted;
  }

  /** It has to come in one piece. */
  #peekSize(thread: Thread): number | undefined | Wait {
    const sink = new BufferSink(new Uint8Array(SIZE_OF_SIZE));
    const got = this.#receive(thread, sink, MSG_PEEK);
    if (isWait(got)) return got;
    const { buffer, byteOffset } = sink.filled;
    return got < SIZE_OF_SIZE ? undefined : new DataView(buffer, byteOffset).getUint32(0, true);
  }

  #refuse(thread: Thread, mark: number): undefined {
    this.#mark(thread, mark);
    return undefined;
  }

  #mark(thread: Thread, mark: number): void {
    this.#send(thread, new Uint8Array(Uint32Array.of(mark).buffer));
  }

  /** There is always room for so little. */
  #send(thread: Thread, bytes: Uint8Array): void {
    const message = { flags: MSG_NOSIGNAL, name: undefined, control: undefined };
    const sent = UNIX.send(thread, this.#file, message, new BufferSource(bytes));
    if (sent !== bytes.length) fail(EPIPE, 'the server takes nothing');
  }

  #receive(thread: Thread, sink: BufferSink, flags: number): number | Wait {
    return UNIX.receive(
      thread,
      this.#file,
      { flags, control: undefined, name: undefined, outFlags: 0 },
      sink,
    );
  }
}
