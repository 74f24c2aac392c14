// A regular file of the host behind a read-only or read-write mount: each read and write goes to the host.
// A host descriptor is held while the guest has the file open or mapped, so that it outlives its name.
import { PAGE_SIZE } from '../../../emulator/memory/layout.ts';
import { EOPNOTSUPP, fail } from '../../errno.ts';
import type { Sink, Source } from '../../file/file-descriptor.ts';
import type { HostFile, HostStat } from '../../host.ts';
import type { AttributeChange } from '../inode.ts';
import { takeAfter } from '../page-store.ts';
import { RegularInode } from '../regular-inode.ts';
import { hostCall } from './host-call.ts';
import type { HostLink } from './host-link.ts';

const TRANSFER = 65536;

export class HostRegular extends RegularInode {
  readonly onHost: HostLink;
  #file: HostFile | undefined;
  #openCount = 0;

  constructor(link: HostLink, ino: number, stat: HostStat) {
    super(link.fs, ino, stat.mode, stat.uid, stat.gid);
    this.onHost = link;
  }

  /** The host descriptor, opened when first needed; for writing wherever the mount and the host allow it. */
  #host(): HostFile {
    if (this.#file !== undefined) return this.#file;
    const { host } = this.onHost.fs;
    const { path } = this.onHost;
    this.#file = hostCall(() => host.open(path, !this.onHost.fs.readOnly && (this.mode & 0o222) !== 0));
    return this.#file;
  }

  /** Its name is about to go: what has it open goes on using it. */
  keepOpen(): void {
    if (this.#openCount > 0) this.#host();
  }

  override opened(): void {
    this.#openCount++;
  }

  override closed(): void {
    if (--this.#openCount > 0 || this.sharedPages !== undefined) return;
    this.#file?.close();
    this.#file = undefined;
  }

  override get size(): number {
    this.refresh();
    return this.onHost.size;
  }

  override refresh(): void {
    if (this.#file === undefined) {
      this.onHost.refresh(this);
      return;
    }
    const file = this.#file;
    this.onHost.take(
      this,
      hostCall(() => file.stat()),
    );
  }

  override setAttributes(change: AttributeChange): void {
    this.onHost.set(this, change);
  }

  protected override readContent(sink: Sink, position: number): number {
    const file = this.#host();
    const buffer = new Uint8Array(Math.min(TRANSFER, sink.remaining));
    let done = 0;
    while (sink.remaining > 0) {
      const count = hostCall(() =>
        file.read(buffer.subarray(0, Math.min(TRANSFER, sink.remaining)), position + done),
      );
      if (count === 0) break;
      const taken = sink.put(buffer.subarray(0, count));
      done += taken;
      if (taken < count) break;
    }
    return done;
  }

  protected override readBytes(position: number, into: Uint8Array): number {
    const file = this.#host();
    let done = 0;
    while (done < into.length) {
      const count = hostCall(() => file.read(into.subarray(done), position + done));
      if (count === 0) break;
      done += count;
    }
    return done;
  }

  protected override writeContent(source: Source, position: number, limit: number): number {
    const file = this.#host();
    let done = 0;
    while (done < limit) {
      const bytes = takeAfter(source, Math.min(limit - done, TRANSFER), done);
      if (bytes === undefined || bytes.length === 0) break;
      this.#write(file, bytes, position + done);
      done += bytes.length;
    }
    return done;
  }

  protected override writeBytes(position: number, bytes: Uint8Array): void {
    this.#write(this.#host(), bytes, position);
  }

  #write(file: HostFile, bytes: Uint8Array, position: number): void {
    for (let done = 0; done < bytes.length; ) {
      done += hostCall(() => file.write(bytes.subarray(done), position + done));
    }
  }

  protected override setSize(size: number): void {
    const file = this.#host();
    hostCall(() => file.truncate(size));
  }

  protected override sync(): void {
    const file = this.#host();
    hostCall(() => file.sync());
  }

  override readPage(index: number): Uint8Array | undefined {
    if (index * PAGE_SIZE >= this.size) return undefined;
    const page = new Uint8Array(PAGE_SIZE);
    this.readBytes(index * PAGE_SIZE, page);
    return page;
  }

  override writePage(index: number, bytes: Uint8Array): void {
    const length = Math.min(PAGE_SIZE, this.size - index * PAGE_SIZE);
    if (length > 0) this.writeBytes(index * PAGE_SIZE, bytes.subarray(0, length));
  }

  /** Growing is all that can be asked of the host. */
  override allocate(mode: number, _from: number, to: number): void {
    if (mode !== 0) fail(EOPNOTSUPP, 'host files know plain allocation only');
    if (to > this.size) this.truncate(to);
  }
}
