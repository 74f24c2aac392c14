// The open description of a regular file, wherever its bytes are.
// read, write, splice and mmap reach the inode through it; O_APPEND's position is the caller's to choose.

import { SIGXFSZ } from '../abi/signal.ts';
import { EFBIG, EINVAL, ENXIO, fail } from '../errno.ts';
import { FileDescriptor, type Sink, type Source } from '../file/file-descriptor.ts';
import type { OpenFile } from '../file/open-file.ts';
import { CAP_FSETID, hasCapability } from '../task/credentials.ts';
import { RLIMIT_FSIZE } from '../task/rlimits.ts';
import { sendToThread } from '../task/send-signal.ts';
import { ownSignal } from '../task/signal-info.ts';
import type { Thread } from '../task/thread.ts';
import { fileIoctl } from './file-ioctl.ts';
import { opensForWriting } from './open-flags.ts';
import type { Path } from './path.ts';
import { modeAfterWrite } from './permission.ts';
import type { RegularInode } from './regular-inode.ts';
import { touchAccess, touchChange } from './times.ts';

const SEEK_HOLE = 4;

export class RegularFile extends FileDescriptor {
  readonly kind = 'regular';
  override readonly inode: RegularInode;
  readonly path: Path;
  /** What it is counted as; undefined: nobody opened it by a name (alloc_file_pseudo). */
  readonly #role: 'writer' | 'reader' | undefined;

  /** ETXTBSY when opened for writing while a program runs from it. */
  constructor(inode: RegularInode, path: Path, flags: number, isUncounted = false) {
    super();
    this.inode = inode;
    this.path = path;
    this.#role = isUncounted ? undefined : opensForWriting(flags) ? 'writer' : 'reader';
    if (this.#role === 'writer') inode.addWriter();
    else if (this.#role === 'reader') inode.readerCount++;
    inode.opened();
  }

  override get knowsNowait(): boolean {
    return this.inode.fs.type !== 'tmpfs';
  }

  override get seekable(): boolean {
    return true;
  }

  override tryRead(thread: Thread, file: OpenFile, sink: Sink, position: number): number {
    const count = this.inode.read(sink, position);
    touchAccess(thread, this.path, file.flags);
    return count;
  }

  /** EFBIG with SIGXFSZ at RLIMIT_FSIZE; ENOSPC, EPERM when sealed. */
  override tryWrite(thread: Thread, _file: OpenFile, source: Source, position: number): number {
    if (source.remaining === 0) return 0;
    const limit = thread.process.limits.get(RLIMIT_FSIZE).soft;
    if (position >= limit) failWithSizeSignal(thread);
    const { inode } = this;
    // before it is known whether the buffer can be read (file_remove_privs, file_update_time)
    if ((inode.mode & 0o6000) !== 0) dropPrivileges(thread, inode);
    touchChange(thread, inode);
    return inode.write(source, position, Math.min(source.remaining, limit - position));
  }

  /** SEEK_DATA and SEEK_HOLE: ENXIO past the end. */
  override seek(file: OpenFile, offset: number, whence: number): number {
    if (whence <= 2) return super.seek(file, offset, whence);
    const { inode } = this;
    if (offset < 0 || offset >= inode.size) fail(ENXIO, 'past the end of the file');
    if (whence === SEEK_HOLE) return inode.nextHole(offset);
    return inode.nextData(offset) ?? fail(ENXIO, 'no data up to the end of the file');
  }

  override ioctl(thread: Thread, file: OpenFile, request: number, argument: number): number {
    return fileIoctl(thread, file, request, argument);
  }

  override close(_file: OpenFile): void {
    if (this.#role === 'writer') this.inode.removeWriter();
    else if (this.#role === 'reader') this.inode.readerCount--;
    this.inode.closed();
  }
}

/** A write takes set-user-id and set-group-id away unless the writer has CAP_FSETID (write(2)). */
export function dropPrivileges(thread: Thread, inode: RegularInode): void {
  if (hasCapability(thread.credentials, CAP_FSETID)) return;
  const mode = modeAfterWrite(inode.mode);
  if (mode !== inode.mode) inode.setAttributes({ mode, ctimeNs: thread.kernel.clock.realtimeNs() });
}

/** RLIMIT_FSIZE reached: SIGXFSZ to the thread, EFBIG to the call (mm/filemap.c, generic_write_check_limits). */
export function failWithSizeSignal(thread: Thread): never {
  sendToThread(thread, ownSignal(SIGXFSZ, thread.process, thread.credentials.ruid));
  fail(EFBIG, 'RLIMIT_FSIZE reached');
}

/** The size a truncate or fallocate asks for: EINVAL when negative, EFBIG past the limits. */
export function demandSizeAllowed(thread: Thread, size: number, oldSize: number): void {
  if (size < 0) fail(EINVAL, 'a negative size');
  if (size > oldSize && size > thread.process.limits.get(RLIMIT_FSIZE).soft) failWithSizeSignal(thread);
  if (size > Number.MAX_SAFE_INTEGER) fail(EFBIG, 'larger than a file may be');
}
