// The kernel's log (kernel/printk/printk.c): records of bounded size in all, the oldest of which go first.
// /dev/kmsg and the kernel itself write it; /dev/kmsg, /proc/kmsg and syslog(2) read it, each from its own position.
// A record that was written without a line feed is seen when the next one comes, as on Linux (prb_final_commit).
import { versionText } from '../identity.ts';
import type { Kernel } from '../kernel.ts';
import type { Clock } from '../time/clock.ts';
import { WaitQueue } from '../wait.ts';
import { RateLimit } from './rate-limit.ts';

/** What log_buf_len is (CONFIG_LOG_BUF_SHIFT=17). */
export const LOG_SIZE = 131_072;
/** What a record costs besides its text. */
const RECORD_COST = 96;
const MICROSECOND = 1000;
const LOG_WARNING = 4;
const LOG_NOTICE = 5;

export interface LogRecord {
  readonly sequence: number;
  readonly timeUs: number;
  /** Facility times eight, and the level. */
  readonly priority: number;
  /** Bytes as code units; may have line feeds inside. */
  readonly text: string;
}

export class KernelLog {
  readonly changed = new WaitQueue('a record of the kernel log');
  /** The console's level, of messages without one, the least and the first of the console: /proc/sys/kernel/printk. */
  levels: readonly [number, number, number, number] = [7, 4, 1, 7];
  /** Are faults told of that nobody handles? /proc/sys/debug/exception-trace. */
  showsUnhandled = true;
  /** Where SEEK_DATA and SYSLOG_ACTION_READ_ALL begin: behind what was cleared. */
  clearSequence = 0;
  /** What SYSLOG_ACTION_READ and /proc/kmsg read next: a record, and how much of its text was taken already. */
  readonly reader = { sequence: 0, taken: 0 };
  readonly #clock: Clock;
  readonly #records: LogRecord[] = [];
  readonly #limits = new Map<string, RateLimit>();
  #firstSequence = 0;
  #size = 0;
  #isLastOpen = false;
  #savedConsoleLevel: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get firstSequence(): number {
    return this.#firstSequence;
  }

  /** The next one's; records before it can be read. */
  get nextSequence(): number {
    return this.#firstSequence + this.#records.length - (this.#isLastOpen ? 1 : 0);
  }

  at(sequence: number): LogRecord | undefined {
    return sequence < this.nextSequence ? this.#records[sequence - this.#firstSequence] : undefined;
  }

  /** A line of the kernel's own. */
  say(level: number, text: string): void {
    this.store(level, `${text}\n`);
  }

  /**
   * May a place that can be reached over and over write now (printk_ratelimited)? `place` is its function, `what` tells it
   * from others there.
   */
  mayRepeat(place: string, what = ''): boolean {
    const key = `${place} ${what}`;
    const limit = this.#limits.get(key) ?? new RateLimit();
    this.#limits.set(key, limit);
    const { isAllowed, missed } = limit.take(this.#clock.monotonicNs());
    if (missed > 0) this.say(LOG_WARNING, `${place}: ${missed} callbacks suppressed`);
    return isAllowed;
  }

  /** One record; `text` ends with a line feed when nothing is to follow it. */
  store(priority: number, text: string, timeUs = Math.floor(this.#clock.monotonicNs() / MICROSECOND)): void {
    const isComplete = text.endsWith('\n');
    const kept = isComplete ? text.slice(0, -1) : text;
    const sequence = this.#firstSequence + this.#records.length;
    const couldRead = this.nextSequence;
    this.#records.push({ sequence, timeUs, priority, text: kept });
    this.#size += kept.length + RECORD_COST;
    this.#isLastOpen = !isComplete;
    while (this.#size > LOG_SIZE) {
      const oldest = this.#records.shift() as LogRecord;
      this.#size -= oldest.text.length + RECORD_COST;
      this.#firstSequence++;
    }
    if (this.nextSequence > couldRead) this.changed.wake();
  }

  set consoleLevel(level: number) {
    const [, ofMessages, least, first] = this.levels;
    this.levels = [Math.max(level, least), ofMessages, least, first];
  }

  /** SYSLOG_ACTION_CONSOLE_OFF, CONSOLE_ON. */
  muteConsole(): void {
    this.#savedConsoleLevel ??= this.levels[0];
    this.consoleLevel = this.levels[2];
  }

  unmuteConsole(): void {
    if (this.#savedConsoleLevel === undefined) return;
    this.consoleLevel = this.#savedConsoleLevel;
    this.#savedConsoleLevel = undefined;
  }
}

/** The log of a machine that has just started. */
export function makeLog({ clock, identity }: Kernel): KernelLog {
  const log = new KernelLog(clock);
  log.store(LOG_NOTICE, versionText(identity), 0);
  return log;
}

/** As syslog(2) shows it: each line with priority and time. */
export function syslogLines({ priority, timeUs, text }: LogRecord): string {
  const seconds = String(Math.floor(timeUs / 1e6)).padStart(5);
  const prefix = `<${priority}>[${seconds}.${String(timeUs % 1e6).padStart(6, '0')}] `;
  return text
    .split('\n')
    .map((line) => `${prefix}${line}\n`)
    .join('');
}

/** As /dev/kmsg shows it (Documentation/ABI/testing/dev-kmsg): one line, in which odd bytes are escaped. */
export function kmsgLine({ sequence, priority, timeUs, text }: LogRecord): string {
  let escaped = '';
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const isPlain = code >= 0x20 && code < 0x7f && code !== 0x5c;
    escaped += isPlain ? text[i] : `\\x${code.toString(16).padStart(2, '0')}`;
  }
  return `${priority},${sequence},${timeUs},-;${escaped}\n`;
}
