// timerfd_create(2): a timer that is read as a count of expirations.
// syscalls/timerfd.ts makes and sets it; the machine's timers fire it; reading arms the next period.
// Deadlines are monotonic ns; one on the real-time clock is moved when that clock is set.
import { POLLIN } from '../abi/poll.ts';
import { bytesOf, u64 } from '../abi/struct.ts';
import { NS_PER_SEC } from '../abi/time.ts';
import { ECANCELED, EFAULT, EINVAL, ENOTTY, fail } from '../errno.ts';
import { FileDescriptor, type Sink } from '../file/file-descriptor.ts';
import type { OpenFile } from '../file/open-file.ts';
import type { Inode } from '../fs/inode.ts';
import type { Kernel } from '../kernel.ts';
import type { Thread } from '../task/thread.ts';
import type { Timer } from '../time/timers.ts';
import { type Wait, type Waiter, WaitQueue, wait } from '../wait.ts';

const TFD_IOC_SET_TICKS = 0x40085400;

export interface TimerSetting {
  /** Monotonic ns of the first expiration; undefined disarms. */
  readonly deadlineNs: number | undefined;
  readonly intervalNs: number;
  /** Real-time ns since 1970 for an absolute timer on CLOCK_REALTIME: it follows the clock. */
  readonly realtimeNs: bigint | undefined;
  readonly cancelOnSet: boolean;
  /** timerfd_settime's flags, for fdinfo. */
  readonly flags: number;
}

const DISARMED: TimerSetting = {
  deadlineNs: undefined,
  intervalNs: 0,
  realtimeNs: undefined,
  cancelOnSet: false,
  flags: 0,
};

export class TimerFd extends FileDescriptor {
  readonly kind = 'timerfd';
  override get knowsNowait(): boolean {
    return true;
  }

  override readonly inode: Inode;
  readonly clockId: number;
  readonly #kernel: Kernel;
  readonly #expired = new WaitQueue('a timerfd');
  readonly #onClockSet: Waiter = { wake: () => this.#clockWasSet() };
  #setting: TimerSetting = DISARMED;
  /** Next expiration, monotonic ns; the last one once `#hasExpired`. */
  #deadlineNs: number | undefined;
  #timer: Timer | undefined;
  #hasExpired = false;
  #ticks = 0;
  #wasCancelled = false;

  constructor(kernel: Kernel, inode: Inode, clockId: number) {
    super();
    this.#kernel = kernel;
    this.inode = inode;
    this.clockId = clockId;
  }

  override get changed(): WaitQueue {
    return this.#expired;
  }

  /** Replaces the setting; expirations not read yet are forgotten. */
  set(setting: TimerSetting): void {
    this.#stop();
    this.#kernel.clock.realtimeSet.remove(this.#onClockSet);
    this.#setting = setting;
    this.#deadlineNs = setting.deadlineNs;
    this.#hasExpired = false;
    this.#ticks = 0;
    if (setting.realtimeNs !== undefined && setting.deadlineNs !== undefined) {
      this.#kernel.clock.realtimeSet.add(this.#onClockSet);
    }
    this.#start();
  }

  get intervalNs(): number {
    return this.#setting.intervalNs;
  }

  /** Time to the next expiration, 0 when disarmed (timerfd_gettime). Counts the periods that passed. */
  remainingNs(): number {
    if (this.#hasExpired && this.#setting.intervalNs > 0) this.#catchUp();
    if (this.#deadlineNs === undefined || this.#hasExpired) return 0;
    return Math.max(1, this.#deadlineNs - this.#kernel.clock.monotonicNs());
  }

  /** CLOCK_REALTIME was set (clock_settime, settimeofday). */
  #clockWasSet(): void {
    const { realtimeNs, cancelOnSet } = this.#setting;
    if (cancelOnSet) {
      this.#wasCancelled = true;
      this.#expired.wake(POLLIN);
    }
    if (realtimeNs === undefined || this.#hasExpired || this.#timer === undefined) return;
    this.#stop();
    this.#deadlineNs = Number(realtimeNs - this.#kernel.clock.realtimeOffsetNs);
    this.#start();
  }

  /** The expirations since the last read. ECANCELED after the clock was set under TFD_TIMER_CANCEL_ON_SET. */
  override tryRead(_thread: Thread, _file: OpenFile, sink: Sink): number | Wait {
    if (sink.remaining < 8) fail(EINVAL, 'a timerfd is read in 8 bytes');
    if (this.#wasCancelled) {
      this.#wasCancelled = false;
      this.#ticks = 0;
      this.#hasExpired = false;
      fail(ECANCELED, 'the real-time clock was set');
    }
    if (this.#ticks === 0) return wait(this.#expired);
    if (this.#hasExpired && this.#setting.intervalNs > 0) this.#catchUp();
    const bytes = bytesOf(u64, this.#ticks);
    this.#hasExpired = false;
    if (this.#timer === undefined) this.#deadlineNs = undefined;
    this.#ticks = 0;
    if (sink.put(bytes) < 8) fail(EFAULT, 'the buffer is only partly writable');
    return 8;
  }

  /** Always where it is (noop_llseek). */
  override seek(): number {
    return 0;
  }

  override poll(): number {
    return this.#ticks > 0 || this.#wasCancelled ? POLLIN : 0;
  }

  /** TFD_IOC_SET_TICKS: EINVAL for 0. */
  override ioctl(thread: Thread, _file: OpenFile, request: number, argument: number): number {
    if (request !== TFD_IOC_SET_TICKS) fail(ENOTTY, 'timerfds know TFD_IOC_SET_TICKS only');
    const ticks = thread.user.readB64(argument);
    if (ticks === 0n) fail(EINVAL, 'no ticks');
    this.#ticks = Number(ticks);
    this.#expired.wake(POLLIN);
    return 0;
  }

  override close(): void {
    this.#stop();
    this.#kernel.clock.realtimeSet.remove(this.#onClockSet);
  }

  override fdinfo(): string {
    const { flags, intervalNs } = this.#setting;
    return (
      `clockid: ${this.clockId}\nticks: ${this.#ticks}\nsettime flags: 0${flags.toString(8)}\n` +
      `it_value: ${pair(this.remainingNs())}\nit_interval: ${pair(intervalNs)}\n`
    );
  }

  #start(): void {
    if (this.#deadlineNs === undefined) return;
    const { timers, clock } = this.#kernel;
    this.#timer = timers.at(this.#deadlineNs, () => {
      this.#timer = undefined;
      this.#hasExpired = true;
      this.#ticks++;
      this.#expired.wake(POLLIN);
    });
    timers.fireDue(clock.monotonicNs()); // what is past expires before the call is over
  }

  #stop(): void {
    if (this.#timer !== undefined) this.#kernel.timers.cancel(this.#timer);
    this.#timer = undefined;
  }

  /** Counts the periods since the expiration and arms the next one (hrtimer_forward_now). */
  #catchUp(): void {
    const { intervalNs } = this.#setting;
    const from = this.#deadlineNs as number;
    const passed = Math.floor((this.#kernel.clock.monotonicNs() - from) / intervalNs) + 1;
    this.#ticks += passed - 1;
    this.#deadlineNs = from + passed * intervalNs;
    this.#hasExpired = false;
    this.#start();
  }
}

function pair(ns: number): string {
  const sec = Math.floor(ns / NS_PER_SEC);
  return `(${sec}, ${ns - sec * NS_PER_SEC})`;
}
