// /proc/PID/mem: a process's memory as a file; the position is the address (proc_pid_mem(5)).
// Debuggers use it, so that the protection of private pages does not matter.
import { EINVAL, EIO, fail } from '../../errno.ts';
import { FileDescriptor, type Sink, type Source } from '../../file/file-descriptor.ts';
import type { OpenFile } from '../../file/open-file.ts';
import { forcedRead, forcedWrite } from '../../mm/forced-access.ts';
import type { Process } from '../../task/process.ts';
import type { Thread } from '../../task/thread.ts';
import type { Inode } from '../inode.ts';

const PIECE = 4096;

export class MemFile extends FileDescriptor {
  readonly kind = 'proc-mem';
  override readonly inode: Inode;
  readonly #process: Process;

  constructor(inode: Inode, process: Process) {
    super();
    this.inode = inode;
    this.#process = process;
  }

  override get seekable(): boolean {
    return true;
  }

  override seek(file: OpenFile, offset: number, whence: number): number {
    if (whence > 1) fail(EINVAL, 'memory has no end');
    return super.seek(file, offset, whence);
  }

  /** EIO where nothing is mapped; 0 once the process has ended. */
  override tryRead(_thread: Thread, _file: OpenFile, sink: Sink, position: number): number {
    if (this.#process.state !== 'alive') return 0;
    let done = 0;
    while (sink.remaining > 0) {
      const wanted = Math.min(sink.remaining, PIECE);
      const bytes = forcedRead(this.#process.mm, position + done, wanted);
      const taken = sink.put(bytes);
      done += taken;
      if (taken < wanted) break;
    }
    return done > 0 || sink.remaining === 0 ? done : fail(EIO, 'no readable memory at this address');
  }

  /** As under ptrace: read-only private memory can be written. */
  override tryWrite(_thread: Thread, _file: OpenFile, source: Source, position: number): number {
    if (this.#process.state !== 'alive') return 0;
    let done = 0;
    while (source.remaining > 0) {
      const bytes = source.take(PIECE);
      const length = forcedWrite(this.#process.mm, position + done, bytes);
      done += length;
      if (length < bytes.length) break;
    }
    return done > 0 ? done : fail(EIO, 'no writable memory at this address');
  }
}
