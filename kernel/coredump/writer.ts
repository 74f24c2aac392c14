// Writes a core to an open file, as far as it takes it: all at once to a file, in parts to a pipe or a socket.
// dump.ts goes on with one whenever its process is woken, so that nothing is kept but how far it came.
import { PAGE_SIZE } from '../../emulator/memory/layout.ts';
import { BufferSource } from '../file/buffer.ts';
import type { OpenFile } from '../file/open-file.ts';
import { RegularInode } from '../fs/regular-inode.ts';
import type { Thread } from '../task/thread.ts';
import { isWait, type Wait } from '../wait.ts';
import { type CoreImage, readExtent } from './image.ts';

/** Bytes. */
const ZEROS = new Uint8Array(PAGE_SIZE);

export class CoreWriter {
  readonly file: OpenFile;
  readonly #image: CoreImage;
  /** Bytes that may still be written; holes are free. */
  #allowed: number;
  #extent = 0;
  /** Of the present extent. */
  #done = 0;
  /** Of the file. */
  #position = 0;

  constructor(file: OpenFile, image: CoreImage, limit: number) {
    this.file = file;
    this.#image = image;
    this.#allowed = limit;
  }

  /** Writes what can be written now: true when that was all, false when the limit is reached. As write(2). */
  advance(thread: Thread): boolean | Wait {
    const { inode } = this.file.descriptor;
    const isFile = inode instanceof RegularInode;
    for (;;) {
      const extent = this.#image.extents[this.#extent];
      const next = extent === undefined ? this.#image.size : extent.offset + this.#done;
      if (isFile) this.#position = next;
      let bytes: Uint8Array;
      if (this.#position < next) bytes = ZEROS.subarray(0, next - this.#position);
      else if (extent !== undefined) bytes = readExtent(this.#image, extent, this.#done);
      else {
        if (isFile && inode.size < next) inode.truncate(next);
        return true;
      }
      const isFit = bytes.length <= this.#allowed;
      if (!isFit) bytes = bytes.subarray(0, this.#allowed - (this.#allowed % PAGE_SIZE));
      const count = bytes.length === 0 ? 0 : this.#write(thread, bytes, isFile ? this.#position : 0);
      if (isWait(count)) return count;
      if (this.#position === next && extent !== undefined) this.#done += count;
      this.#position += count;
      this.#allowed -= count;
      if (!isFit || count === 0) return false;
      if (extent !== undefined && this.#done === extent.length) {
        this.#extent++;
        this.#done = 0;
      }
    }
  }

  #write(thread: Thread, bytes: Uint8Array, position: number): number | Wait {
    const { file } = this;
    return file.descriptor.tryWrite(thread, file, new BufferSource(bytes), position);
  }
}
