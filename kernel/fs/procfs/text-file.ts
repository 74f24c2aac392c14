// An open file of /proc: a text computed at the first read and again whenever reading starts over at 0.
// proc-fs.ts opens it. Writes go to the row as they come, one call a value.
import { POLLERR, POLLPRI, READ_EVENTS } from '../../abi/poll.ts';
import { EINVAL, fail } from '../../errno.ts';
import { FileDescriptor, type Sink, type Source } from '../../file/file-descriptor.ts';
import type { OpenFile } from '../../file/open-file.ts';
import { bytesToText, textToBytes } from '../../mm/user-memory.ts';
import type { Thread } from '../../task/thread.ts';
import type { WaitQueue } from '../../wait.ts';
import type { Inode } from '../inode.ts';
import type { TextNode } from './nodes.ts';

/** A write of more than a page is cut (kernel/sysctl.c, proc_sys_call_handler). */
const WRITE_LIMIT = 4096;

export class TextFile extends FileDescriptor {
  readonly kind = 'proc';
  override readonly inode: Inode;
  readonly #node: TextNode;
  readonly #readOnlyError: number;
  #content: Uint8Array | undefined;
  /** The changes that poll has told of. */
  #seenChanges: number;

  /** `readOnlyError` is what a write gives where the row takes none. */
  constructor(inode: Inode, node: TextNode, readOnlyError: number) {
    super();
    this.inode = inode;
    this.#node = node;
    this.#readOnlyError = readOnlyError;
    this.#seenChanges = node.polled?.changes.count ?? 0;
  }

  /** A change is told once (proc_sys_poll, mounts_poll). */
  override poll(file: OpenFile): number {
    const { polled } = this.#node;
    if (polled === undefined) return super.poll(file);
    if (polled.changes.count === this.#seenChanges) return polled.ready;
    this.#seenChanges = polled.changes.count;
    return READ_EVENTS | POLLERR | POLLPRI;
  }

  override get changed(): WaitQueue | undefined {
    return this.#node.polled?.changes.queue;
  }

  override get seekable(): boolean {
    return true;
  }

  override seek(file: OpenFile, offset: number, whence: number): number {
    if (whence > 1) fail(EINVAL, 'the size is not known before it is read');
    return super.seek(file, offset, whence);
  }

  override tryRead(thread: Thread, _file: OpenFile, sink: Sink, position: number): number {
    if (position === 0 || this.#content === undefined) {
      const content = this.#node.text(thread);
      this.#content = typeof content === 'string' ? textToBytes(content) : content;
    }
    if (position > 0 && this.#node.isReadAtOnce?.(bytesToText(this.#content)) === true) return 0;
    const rest = this.#content.subarray(position, position + sink.remaining);
    return rest.length === 0 ? 0 : sink.put(rest);
  }

  override tryWrite(thread: Thread, _file: OpenFile, source: Source, position: number): number {
    const { store, storeAt } = this.#node;
    if (store === undefined) fail(this.#readOnlyError, 'nothing can be written here');
    const parts: string[] = [];
    let length = 0;
    while (source.remaining > 0 && length < WRITE_LIMIT) {
      const bytes = source.take(WRITE_LIMIT - length);
      parts.push(bytesToText(bytes));
      length += bytes.length;
    }
    if (storeAt !== undefined) return storeAt.call(this.#node, thread, parts.join(''), position);
    store.call(this.#node, thread, parts.join(''));
    return length;
  }
}
