// Splicing out of a unix stream: the head of a message is copied, its pages change hands (net/core/skbuff.c, skb_splice_bits).
// stream-receive.ts calls it when what it reads goes to a pipe; the caller takes the bytes off the message.
// Each part of a message becomes one of the pipe's buffers, however long it is.
import { BufferSink } from '../../file/buffer.ts';
import type { Sink } from '../../file/file-descriptor.ts';
import { type PageRun, takeFragment } from '../../file/page-run.ts';
import type { Thread } from '../../task/thread.ts';
import { streamLayout } from './buffer-accounting.ts';
import type { Message, MessageQueue } from './message-queue.ts';

/** Where the heads of messages lie: in no page of their own. */
const HEAD = {};

/** Moves up to `count` bytes of `message` to a pipe; returns how many there was room for. */
export function spliceOut(
  thread: Thread,
  queue: MessageQueue,
  message: Message,
  count: number,
  sink: Sink,
): number {
  let moved = 0;
  for (const run of partsFor(thread, message, count)) {
    const bytes = new Uint8Array(run.length);
    queue.ring.copyOut(new BufferSink(bytes), message.start + moved, run.length);
    if (sink.putRun?.(bytes, run) !== true) break;
    moved += run.length;
  }
  return moved;
}

/** The next `count` bytes of a message, as they lie once the head is copied. */
function partsFor(thread: Thread, message: Message, count: number): PageRun[] {
  const parts: PageRun[] = [];
  message.runs ??= layoutOf(message.whole);
  let skip = message.whole - message.length;
  let left = count;
  for (const { length, block, at } of message.runs) {
    const part = Math.min(length - skip, left);
    if (part > 0 && block !== HEAD) parts.push({ length: part, block, at: at + skip });
    for (let done = 0; block === HEAD && done < part; done += parts.at(-1)?.length ?? 0)
      parts.push(takeFragment(thread, part - done));
    if (part > 0) left -= part;
    skip = Math.max(0, skip - length);
  }
  return parts;
}

/** How a send of its own laid the bytes out. */
function layoutOf(length: number): PageRun[] {
  const { head, pages } = streamLayout(length);
  const runs = pages.map((part): PageRun => ({ length: part, block: {}, at: 0 }));
  if (head > 0) runs.unshift({ length: head, block: HEAD, at: 0 });
  return runs;
}
