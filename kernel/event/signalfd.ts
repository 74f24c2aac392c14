// signalfd(2): pending signals read as structs by whichever thread reads.
// syscalls/event.ts makes it and changes its mask; delivery never sees the signals that are taken here.
// Readiness is that of the process which asks (fs/signalfd.c looks at current), so it needs the running thread.
import { POLLIN } from '../abi/poll.ts';
import { SignalfdSiginfo } from '../abi/signalfd.ts';
import { EINVAL, fail, isFailure } from '../errno.ts';
import { FileDescriptor, type Sink } from '../file/file-descriptor.ts';
import type { OpenFile } from '../file/open-file.ts';
import type { Inode } from '../fs/inode.ts';
import type { Kernel } from '../kernel.ts';
import { pendingSet, takeSignal } from '../task/signal-delivery.ts';
import { type SignalInfo, siginfoLayout } from '../task/signal-info.ts';
import type { Thread } from '../task/thread.ts';
import { type Wait, WaitQueue, wait } from '../wait.ts';

const ALL = 0xffff_ffff_ffff_ffffn;

export class SignalFd extends FileDescriptor {
  readonly kind = 'signalfd';
  override get knowsNowait(): boolean {
    return true;
  }

  override readonly inode: Inode;
  readonly #kernel: Kernel;
  readonly #nobody = new WaitQueue('signals');
  mask: bigint;

  constructor(kernel: Kernel, inode: Inode, mask: bigint) {
    super();
    this.#kernel = kernel;
    this.inode = inode;
    this.mask = mask;
  }

  override get changed(): WaitQueue {
    return this.#kernel.running?.process.signals.arrived ?? this.#nobody;
  }

  /** As many whole structs as fit and are pending. EINVAL when not one fits. */
  override tryRead(thread: Thread, _file: OpenFile, sink: Sink): number | Wait {
    if (sink.remaining < SignalfdSiginfo.size) fail(EINVAL, 'a signalfd is read in structs of 128 bytes');
    let done = 0;
    while (sink.remaining >= SignalfdSiginfo.size) {
      const info = takeSignal(thread, ALL & ~this.mask);
      if (info === undefined) break;
      try {
        done += sink.put(encode(info));
      } catch (failure) {
        if (done > 0 && isFailure(failure)) return done;
        throw failure;
      }
    }
    return done > 0 ? done : wait(thread.process.signals.arrived);
  }

  /** Always where it is (noop_llseek). */
  override seek(): number {
    return 0;
  }

  override poll(): number {
    const thread = this.#kernel.running;
    return thread !== undefined && (pendingSet(thread) & this.mask) !== 0n ? POLLIN : 0;
  }

  override fdinfo(): string {
    return `sigmask:\t${this.mask.toString(16).padStart(16, '0')}\n`;
  }
}

/** signalfd_copyinfo: which fields are filled follows from the siginfo's layout. */
function encode(info: SignalInfo): Uint8Array {
  const layout = siginfoLayout(info);
  const { pid = 0, uid = 0, value = 0n } = info;
  const isTimer = layout === 'timer';
  const isQueued = layout === 'rt' || isTimer;
  return SignalfdSiginfo.encode({
    signo: info.signo,
    errno: info.errno ?? 0,
    code: info.code,
    pid: layout === 'kill' || layout === 'rt' || layout === 'child' ? pid : 0,
    uid: layout === 'kill' || layout === 'rt' || layout === 'child' ? uid : 0,
    fd: layout === 'poll' ? (info.fd ?? info.status ?? 0) : 0, // a child's facts lie there, with another signal than SIGCHLD
    tid: isTimer ? (info.timerId ?? 0) : 0,
    band: layout === 'poll' ? (info.band ?? pid) : 0,
    overrun: isTimer ? (info.overrun ?? 0) : 0,
    trapno: 0,
    status: layout === 'child' ? (info.status ?? 0) : 0,
    int: isQueued ? Number(BigInt.asIntN(32, value)) : 0,
    ptr: isQueued ? value : 0n,
    utime: layout === 'child' ? (info.utime ?? 0) : 0,
    stime: layout === 'child' ? (info.stime ?? 0) : 0,
    addr: layout === 'fault' ? BigInt(info.addr ?? 0) : 0n,
    addr_lsb: 0,
    pad2: 0,
    syscall: 0,
    call_addr: 0,
    arch: 0,
    pad: new Uint8Array(28),
  });
}
