// A fanotify group (fanotify(7)): its marks, and the queue of events that a program reads and answers.
// syscalls/fanotify.ts makes it; marks.ts tells it what happens. Events of one process about one file are told as one.
import {
  FAN_ALLOW,
  FAN_AUDIT,
  FAN_CLASS_CONTENT,
  FAN_CLASS_PRE_CONTENT,
  FAN_DENY,
  FAN_ENABLE_AUDIT,
  FAN_EVENT_INFO_TYPE_PIDFD,
  FAN_ONDIR,
  FAN_Q_OVERFLOW,
  FAN_RENAME,
  FAN_REPORT_FD_ERROR,
  FAN_REPORT_PIDFD,
  FAN_REPORT_TID,
  FAN_UNLIMITED_QUEUE,
  FanotifyEventInfoHeader,
  FanotifyEventMetadata,
  FanotifyResponse,
  FID_BITS,
} from '../abi/fanotify.ts';
import { O_CLOEXEC } from '../abi/fcntl.ts';
import { FIONREAD } from '../abi/ioctl.ts';
import { READ_EVENTS } from '../abi/poll.ts';
import { EFAULT, EINVAL, ENOENT, ENOTTY, fail, isFailure } from '../errno.ts';
import { FileDescriptor, type Sink, type Source } from '../file/file-descriptor.ts';
import { OpenFile } from '../file/open-file.ts';
import type { Inode } from '../fs/inode.ts';
import type { Happening } from '../fs/notify.ts';
import type { Path } from '../fs/path.ts';
import type { Kernel } from '../kernel.ts';
import { openPidFd } from '../task/pid-fd.ts';
import type { Process } from '../task/process.ts';
import { RLIMIT_NOFILE } from '../task/rlimits.ts';
import type { Thread } from '../task/thread.ts';
import { type Wait, WaitQueue, wait } from '../wait.ts';
import { Mark, type Markable, MarkSet, type PlaceKind } from './marks.ts';
import type { Question } from './questions.ts';
import { encodeReport, isSameReport, makeReport, type Report } from './records.ts';

const QUEUE_LIMIT = 16_384;
const FAN_NOFD = -1;
const FAN_NOPIDFD = -1;
const METADATA_VERSION = 3;
const PIDFD_RECORD_SIZE = 8;
/** How far back an event is looked for that a new one can be told with. */
const MERGED_EVENTS = 128;
const ERRNO_SHIFT = 24;
/** EIO, EPERM, EBUSY, ETXTBSY, EAGAIN, ENOSPC, EDQUOT: what pre-content groups may deny with. */
const DENIALS: readonly number[] = [0, 5, 1, 16, 26, 11, 28, 122];

interface Event extends Question {
  mask: number;
  readonly pid: number;
  /** Who did it, for a pidfd. */
  readonly process: Process | undefined;
  /** Opened for who reads the event. */
  readonly path: Path | undefined;
  /** For groups that report handles. */
  readonly report: Report | undefined;
  /** The thread that waits for an answer. */
  readonly asks: Thread | undefined;
  /** By which it is answered. */
  fd: number;
}

export class FanotifyGroup extends FileDescriptor {
  readonly kind = 'fanotify';
  override get takesFlags(): boolean {
    return false;
  }

  override get signalsOwner(): boolean {
    return true;
  }

  override readonly inode: Inode;
  readonly kernel: Kernel;
  readonly flags: number;
  /** Its maker had CAP_SYS_ADMIN: it may mark more than files. */
  isPrivileged = false;
  /** O_* of the descriptors that events bring. */
  readonly eventFlags: number;
  /** Woken by answers. */
  readonly answered = new WaitQueue('the answer of a fanotify group');
  readonly #arrived = new WaitQueue('fanotify events');
  readonly #marks = new Set<Mark>();
  readonly #queue: Event[] = [];
  /** Read, and not answered. */
  readonly #asked = new Set<Event>();

  constructor(kernel: Kernel, inode: Inode, flags: number, eventFlags: number) {
    super();
    this.kernel = kernel;
    this.inode = inode;
    this.flags = flags;
    this.eventFlags = eventFlags;
  }

  /** Pre-content groups are asked first, and those of no class not at all. */
  get priority(): number {
    if ((this.flags & FAN_CLASS_PRE_CONTENT) !== 0) return 2;
    return (this.flags & FAN_CLASS_CONTENT) !== 0 ? 1 : 0;
  }

  get markCount(): number {
    return this.#marks.size;
  }

  markAt(place: Markable): Mark | undefined {
    return place.marks instanceof MarkSet ? place.marks.marks.get(this) : undefined;
  }

  add(kind: PlaceKind, place: Markable): Mark {
    const mark = new Mark(this, kind, place);
    MarkSet.at(place).marks.set(this, mark);
    this.#marks.add(mark);
    return mark;
  }

  remove(mark: Mark): void {
    this.#marks.delete(mark);
    const { place } = mark;
    if (!(place.marks instanceof MarkSet)) return;
    place.marks.marks.delete(this);
    if (place.marks.marks.size === 0) place.marks = undefined;
  }

  /** FAN_MARK_FLUSH. */
  removeAll(kind: PlaceKind): void {
    for (const mark of [...this.#marks]) if (mark.kind === kind) this.remove(mark);
  }

  happened(happening: Happening, mask: number, roles: ReadonlySet<string>): void {
    const event = this.#event(happening, mask, roles, undefined);
    if (this.#isMerged(event)) return;
    if ((this.flags & FAN_UNLIMITED_QUEUE) !== 0 || this.#queue.length < QUEUE_LIMIT) this.#queue.push(event);
    else if (this.#queue.at(-1)?.mask === FAN_Q_OVERFLOW) return;
    else this.#queue.push({ ...event, mask: FAN_Q_OVERFLOW, pid: 0, path: undefined, report: undefined });
    this.#arrived.wake(READ_EVENTS);
  }

  /** Asks; the answer comes by write. */
  question(thread: Thread, happening: Happening, mask: number): Question {
    const event = this.#event(happening, mask, new Set(), thread);
    this.#queue.push(event);
    this.#arrived.wake(READ_EVENTS);
    return event;
  }

  #event(happening: Happening, mask: number, roles: ReadonlySet<string>, asks: Thread | undefined): Event {
    const actor = asks ?? this.kernel.running;
    const pid = (this.flags & FAN_REPORT_TID) === 0 ? actor?.process.pid : actor?.tid;
    const reportsFids = (this.flags & FID_BITS) !== 0;
    return {
      mask,
      pid: pid ?? 0,
      process: actor?.process,
      path: reportsFids ? undefined : happening.path,
      report: reportsFids ? makeReport(this.kernel, this.flags, happening, mask, roles) : undefined,
      asks,
      isAllowed: undefined,
      fd: FAN_NOFD,
    };
  }

  /** An event that waits in the queue is told with this one (fanotify_should_merge). */
  #isMerged(event: Event): boolean {
    for (let at = this.#queue.length - 1, seen = 0; at >= 0 && seen < MERGED_EVENTS; at--, seen++) {
      const old = this.#queue[at] as Event;
      if (!isAlike(old, event)) continue;
      old.mask |= event.mask;
      return true;
    }
    return false;
  }

  override get changed(): WaitQueue {
    return this.#arrived;
  }

  override poll(): number {
    this.#dropAbandoned();
    return this.#queue.length > 0 ? READ_EVENTS : 0;
  }

  /** Who asked may have been killed meanwhile. */
  #dropAbandoned(): void {
    while (this.#queue[0]?.asks?.state === 'dead') this.#queue.shift();
  }

  /** As many whole events as fit. EINVAL when not even the first does; what opening a file fails with. */
  override tryRead(thread: Thread, _file: OpenFile, sink: Sink): number | Wait {
    let done = 0;
    for (;;) {
      this.#dropAbandoned();
      const [event] = this.#queue;
      if (event === undefined) break;
      const records = this.#records(event);
      const pidfd = (this.flags & FAN_REPORT_PIDFD) === 0 ? 0 : PIDFD_RECORD_SIZE;
      const size = FanotifyEventMetadata.size + records.length + pidfd;
      if (size > sink.remaining) {
        if (done === 0) fail(EINVAL, 'the buffer is too small for the next event');
        break;
      }
      this.#queue.shift();
      try {
        this.#tell(thread, event, { size, records }, sink);
      } catch (failure) {
        if (event.asks !== undefined) this.#answer(event, false);
        if (done === 0 || !isFailure(failure) || failure.errno === EFAULT) throw failure;
        break;
      }
      done += size;
    }
    return done > 0 ? done : wait(this.#arrived);
  }

  #records({ report, mask }: Event): Uint8Array {
    return report === undefined ? NOTHING : encodeReport(report, this.flags, mask);
  }

  #tell(
    thread: Thread,
    event: Event,
    { size, records }: { readonly size: number; readonly records: Uint8Array },
    sink: Sink,
  ): void {
    const { files } = thread;
    const pidfd = (this.flags & FAN_REPORT_PIDFD) === 0 ? undefined : this.#openPidFd(thread, event);
    const fd = event.path === undefined ? FAN_NOFD : this.#open(thread, event.path);
    const bytes = new Uint8Array(size);
    const { mask, pid } = event;
    bytes.set(
      FanotifyEventMetadata.encode({
        event_len: size,
        vers: METADATA_VERSION,
        reserved: 0,
        metadata_len: FanotifyEventMetadata.size,
        mask,
        fd,
        // without privileges nobody learns what others do (copy_event_to_user)
        pid: this.isPrivileged || pid === thread.process.pid ? thread.process.shownPid(pid) : 0,
      }),
    );
    bytes.set(records, FanotifyEventMetadata.size);
    if (pidfd !== undefined) bytes.set(pidfdRecord(pidfd), size - PIDFD_RECORD_SIZE);
    if (sink.put(bytes) < size) {
      if (fd >= 0) files.close(thread, fd);
      if (pidfd !== undefined && pidfd >= 0) files.close(thread, pidfd);
      fail(EFAULT, 'the buffer is only partly writable');
    }
    if (event.asks === undefined) return;
    event.fd = fd;
    this.#asked.add(event);
  }

  #openPidFd(thread: Thread, { process }: Event): number {
    if (process === undefined || process.state === 'reaped') return FAN_NOPIDFD;
    return openPidFd(thread, process, undefined, 0);
  }

  /** The file of an event, which tells nobody what is done with it. A negative errno with FAN_REPORT_FD_ERROR. */
  #open(thread: Thread, path: Path): number {
    try {
      const flags = this.eventFlags & ~O_CLOEXEC;
      const descriptor = path.inode.open(thread, path, flags);
      if (descriptor.kind === 'wait') return FAN_NOFD;
      const file = new OpenFile(descriptor as FileDescriptor, flags, path);
      file.isUnwatched = true;
      const limit = thread.process.limits.get(RLIMIT_NOFILE).soft;
      try {
        return thread.files.install(file, limit, (this.eventFlags & O_CLOEXEC) !== 0);
      } catch (failure) {
        file.release();
        throw failure;
      }
    } catch (failure) {
      if (!isFailure(failure) || (this.flags & FAN_REPORT_FD_ERROR) === 0) throw failure;
      return -failure.errno;
    }
  }

  /** The answer to a question. EINVAL; ENOENT: no such question. */
  override tryWrite(_thread: Thread, _file: OpenFile, source: Source): number {
    const length = source.remaining;
    if (length < FanotifyResponse.size) fail(EINVAL, 'no whole answer');
    const bytes = new Uint8Array(FanotifyResponse.size);
    for (let at = 0; at < bytes.length; ) at += source.copyTo(bytes, at, bytes.length - at);
    const { fd, response } = FanotifyResponse.decode(bytes);
    this.#demandAnswer(response);
    if (fd < 0) fail(EINVAL, 'no descriptor');
    const event = [...this.#asked].find((one) => one.fd === fd) ?? fail(ENOENT, 'no question with it');
    this.#answer(event, (response & FAN_ALLOW) !== 0);
    return length;
  }

  #demandAnswer(response: number): void {
    const errno = response >>> ERRNO_SHIFT;
    const decision = response & (FAN_ALLOW | FAN_DENY);
    const known = FAN_ALLOW | FAN_DENY | FAN_AUDIT | (0xff << ERRNO_SHIFT);
    if ((response & ~known) !== 0 || (decision !== FAN_ALLOW && decision !== FAN_DENY))
      fail(EINVAL, 'neither FAN_ALLOW nor FAN_DENY');
    const mayChoose = decision === FAN_DENY && (this.flags & FAN_CLASS_PRE_CONTENT) !== 0;
    if (errno !== 0 && !(mayChoose && DENIALS.includes(errno))) fail(EINVAL, 'no errno to answer with');
    if ((response & FAN_AUDIT) !== 0 && (this.flags & FAN_ENABLE_AUDIT) === 0)
      fail(EINVAL, 'a group without FAN_ENABLE_AUDIT');
  }

  #answer(event: Event, isAllowed: boolean): void {
    this.#asked.delete(event);
    event.isAllowed = isAllowed;
    this.answered.wake();
  }

  override seek(): number {
    return 0;
  }

  override ioctl(thread: Thread, _file: OpenFile, request: number, argument: number): number {
    if (request !== FIONREAD) fail(ENOTTY, 'fanotify knows FIONREAD only');
    thread.user.writeU32(argument, this.#queue.length * FanotifyEventMetadata.size);
    return 0;
  }

  override fdinfo(): string {
    const hex = (value: number): string => (value >>> 0).toString(16);
    let text = `fanotify flags:${hex(this.flags)} event-flags:${hex(this.eventFlags)}\n`;
    for (const mark of this.#marks) {
      const survives = mark.survivesChange ? 0x40 : 0;
      const mflags = survives | (mark.isEvictable ? 0x200 : 0) | (mark.hasIgnoreFlags ? 0x400 : 0);
      text += `fanotify ${placeText(mark)} mflags:${hex(mflags)} mask:${hex(mark.mask)} ignored_mask:${hex(mark.ignored)}\n`;
    }
    return text;
  }

  /** Whoever waits for an answer may go on. */
  override close(): void {
    for (const mark of [...this.#marks]) this.remove(mark);
    for (const event of [...this.#queue, ...this.#asked]) event.isAllowed = true;
    this.#queue.length = 0;
    this.#asked.clear();
    this.answered.wake();
  }
}

const NOTHING = new Uint8Array(0);

function placeText({ kind, place }: Mark): string {
  const { ino, fs, id, dev } = place as { ino?: number; fs?: { dev: number }; id?: number; dev?: number };
  if (kind === 'mount') return `mnt_id:${(id ?? 0).toString(16)}`;
  if (kind === 'fs') return `sdev:${(dev ?? 0).toString(16)}`;
  return `ino:${(ino ?? 0).toString(16)} sdev:${(fs?.dev ?? 0).toString(16)}`;
}

function pidfdRecord(pidfd: number): Uint8Array {
  const bytes = new Uint8Array(PIDFD_RECORD_SIZE);
  const header = { info_type: FAN_EVENT_INFO_TYPE_PIDFD, pad: 0, len: PIDFD_RECORD_SIZE };
  bytes.set(FanotifyEventInfoHeader.encode(header));
  new DataView(bytes.buffer).setInt32(4, pidfd, true);
  return bytes;
}

function isAlike(old: Event, event: Event): boolean {
  const kinds = FAN_ONDIR | FAN_RENAME;
  if (old.asks !== undefined || old.pid !== event.pid || ((old.mask ^ event.mask) & kinds) !== 0)
    return false;
  if (old.mask === FAN_Q_OVERFLOW) return false;
  if (old.path !== undefined || event.path !== undefined)
    return old.path !== undefined && event.path !== undefined && old.path.equals(event.path);
  return old.report !== undefined && event.report !== undefined && isSameReport(old.report, event.report);
}
