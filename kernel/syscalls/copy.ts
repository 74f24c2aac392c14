// copy_file_range(2): bytes from file to file inside the kernel.
// Rows for table.ts.

import { O_APPEND } from '../abi/fcntl.ts';
import { Fd, Hex32, Size } from '../abi/kinds/basic.ts';
import { OffsetInOut } from '../abi/kinds/io-kinds.ts';
import { S_IFREG } from '../abi/stat.ts';
import { EBADF, EINVAL, EISDIR, EOVERFLOW, EXDEV, fail } from '../errno.ts';
import { BufferSource } from '../file/buffer.ts';
import type { OpenFile } from '../file/open-file.ts';
import { opensForReading, opensForWriting } from '../fs/open-flags.ts';
import { RegularInode } from '../fs/regular-inode.ts';
import type { Thread } from '../task/thread.ts';
import { isWait } from '../wait.ts';
import { syscall } from './syscall.ts';

const PIECE = 65536;
/** At most this much in one call, so that no call runs for seconds; callers go on with the rest. */
const LIMIT = 16 * 1024 * 1024;

/** A file's own position, or the one at a guest address that is updated instead. */
class Position {
  readonly #thread: Thread;
  readonly #file: OpenFile;
  readonly #address: number;
  readonly start: number;

  constructor(thread: Thread, file: OpenFile, address: number) {
    this.#thread = thread;
    this.#file = file;
    this.#address = address;
    this.start = address === 0 ? file.position : Number(BigInt.asIntN(64, thread.user.readB64(address)));
  }

  /** EOVERFLOW where the sum does not fit 64 bits (generic_copy_file_checks); negative offsets are EINVAL for themselves. */
  demandRange(length: number): void {
    const wraps = this.start < 0 ? length >= -this.start : this.start > 0 && this.start + length >= 2 ** 64;
    if (wraps) fail(EOVERFLOW, 'the range does not end');
  }

  demandPositive(): void {
    if (this.start < 0) fail(EINVAL, 'a negative offset');
  }

  advance(count: number): void {
    if (this.#address === 0) this.#file.position = this.start + count;
    else this.#thread.user.writeU64(this.#address, this.start + count);
  }
}

/** EISDIR, EINVAL; before the access modes are looked at (fs/read_write.c, generic_file_rw_checks). */
function regularInodes(input: OpenFile, output: OpenFile): { source: RegularInode; target: RegularInode } {
  const source = input.descriptor.inode;
  const target = output.descriptor.inode;
  if (source.isDirectory || target.isDirectory) fail(EISDIR, 'a directory');
  if (source instanceof RegularInode && target instanceof RegularInode) return { source, target };
  const areFiles = source.type === S_IFREG && target.type === S_IFREG;
  return fail(areFiles && source.fs !== target.fs ? EXDEV : EINVAL, 'not files that can be copied');
}

/** EXDEV across file systems, as Linux without a copy of its own; EINVAL for overlapping ranges of one file. */
function copyFileRange(
  thread: Thread,
  from: { readonly fd: number; readonly offset: number },
  to: { readonly fd: number; readonly offset: number },
  length: number,
  flags: number,
): number {
  const input = thread.files.get(from.fd);
  const output = thread.files.get(to.fd);
  const inputAt = new Position(thread, input, from.offset);
  const outputAt = new Position(thread, output, to.offset);
  if (flags !== 0) fail(EINVAL, 'unknown flags');
  const { source, target } = regularInodes(input, output);
  if (!opensForReading(input.flags) || !opensForWriting(output.flags)) fail(EBADF, 'not open for that');
  if ((output.flags & O_APPEND) !== 0) fail(EBADF, 'the output is open with O_APPEND');
  if (source.fs !== target.fs) fail(EXDEV, 'the files are on different file systems');
  inputAt.demandRange(length);
  outputAt.demandRange(length);
  inputAt.demandPositive();
  outputAt.demandPositive();
  const wanted = Math.min(length, LIMIT, Math.max(0, source.size - inputAt.start));
  if (source === target && overlaps(inputAt.start, outputAt.start, wanted))
    fail(EINVAL, 'the ranges overlap');
  const done = copy(thread, { source, start: inputAt.start }, { output, start: outputAt.start }, wanted);
  if (done > 0) {
    inputAt.advance(done);
    outputAt.advance(done);
  }
  return done;
}

function overlaps(a: number, b: number, length: number): boolean {
  return a < b + length && b < a + length;
}

/** Returns the bytes copied; an error counts only when there are none. */
function copy(
  thread: Thread,
  from: { readonly source: RegularInode; readonly start: number },
  to: { readonly output: OpenFile; readonly start: number },
  wanted: number,
): number {
  const piece = new Uint8Array(Math.min(PIECE, wanted));
  let done = 0;
  while (done < wanted) {
    const read = from.source.readAt(from.start + done, piece.subarray(0, Math.min(PIECE, wanted - done)));
    if (read === 0) break;
    const source = new BufferSource(piece.subarray(0, read));
    try {
      const answer = to.output.descriptor.tryWrite(thread, to.output, source, to.start + done);
      if (isWait(answer) || answer === 0) break;
      done += answer;
      if (answer < read) break;
    } catch (failure) {
      if (done === 0) throw failure;
      break;
    }
  }
  return done;
}

export const COPY_CALLS = {
  285: syscall(
    'copy_file_range',
    { fd_in: Fd, off_in: OffsetInOut, fd_out: Fd, off_out: OffsetInOut, len: Size, flags: Hex32 },
    (thread, { fd_in, off_in, fd_out, off_out, len, flags }) => {
      const [from, to] = [
        { fd: fd_in, offset: off_in },
        { fd: fd_out, offset: off_out },
      ];
      return copyFileRange(thread, from, to, len, flags);
    },
  ),
};
