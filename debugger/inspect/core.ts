// A process as the core that it would leave (core(5)), while it lives on: for `generate-core-file` and for gdb.
// The kernel lays the core out; everything is read by glances, so that the run goes on as if nobody had looked.
import { SIGTRAP } from '../../kernel/abi/signal.ts';
import { type CoreExtent, type CoreImage, coreImage, readExtent } from '../../kernel/coredump/image.ts';
import { glanceAt } from '../../kernel/mm/glance.ts';
import { kernelSignal, type SignalInfo } from '../../kernel/task/signal-info.ts';
import type { Thread } from '../../kernel/task/thread.ts';

/** `info`: the signal at which it stands. Other stops are a SIGTRAP in a core, as gdb has it. */
export function coreOf(thread: Thread, info: SignalInfo = kernelSignal(SIGTRAP)): CoreImage {
  return glanceAt(thread.mm, () => coreImage(thread, info));
}

/** Bytes of a file, and where in it they lie. */
export interface FilePiece {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** The file but for its holes. */
export function* corePieces(image: CoreImage): Generator<FilePiece> {
  for (const extent of image.extents) {
    for (let done = 0; done < extent.length; ) {
      const bytes = bytesOf(image, extent, done);
      yield { offset: extent.offset + done, bytes };
      done += bytes.length;
    }
  }
}

/** `length` bytes of the file from `offset` on, holes as zeros; fewer at its end. */
export function readCore(image: CoreImage, offset: number, length: number): Uint8Array {
  const end = Math.min(offset + length, image.size);
  const found = new Uint8Array(Math.max(0, end - offset));
  for (const extent of image.extents) {
    const last = Math.min(end, extent.offset + extent.length);
    for (let at = Math.max(offset, extent.offset); at < last; ) {
      const bytes = bytesOf(image, extent, at - extent.offset).subarray(0, last - at);
      found.set(bytes, at - offset);
      at += bytes.length;
    }
  }
  return found;
}

function bytesOf(image: CoreImage, extent: CoreExtent, done: number): Uint8Array {
  return glanceAt(image.mm, () => readExtent(image, extent, done));
}
