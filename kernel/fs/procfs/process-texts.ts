// Small texts of /proc/PID: limits, io, comm, oom settings, syscall, wchan and the like (proc(5); fs/proc/base.c).
// process-rows.ts makes files of them.
import { EACCES, EINVAL, EPERM, ESRCH, fail } from '../../errno.ts';
import { CAP_SYS_NICE, CAP_SYS_RESOURCE, capable } from '../../task/credentials.ts';
import type { ResourceLimits } from '../../task/rlimits.ts';
import { DEFAULT_TIMER_SLACK_NS, type Thread } from '../../task/thread.ts';
import type { TextNode } from './nodes.ts';
import { nameOf } from './process-status.ts';
import type { Target } from './target.ts';

/** By number: name and unit. */
const LIMITS: readonly (readonly [name: string, unit: string])[] = [
  ['Max cpu time', 'seconds'],
  ['Max file size', 'bytes'],
  ['Max data size', 'bytes'],
  ['Max stack size', 'bytes'],
  ['Max core file size', 'bytes'],
  ['Max resident set', 'bytes'],
  ['Max processes', 'processes'],
  ['Max open files', 'files'],
  ['Max locked memory', 'bytes'],
  ['Max address space', 'bytes'],
  ['Max file locks', 'locks'],
  ['Max pending signals', 'signals'],
  ['Max msgqueue size', 'bytes'],
  ['Max nice priority', ''],
  ['Max realtime priority', ''],
  ['Max realtime timeout', 'us'],
];

export function limitsText(limits: ResourceLimits): string {
  const shown = (value: number): string => (value === Number.POSITIVE_INFINITY ? 'unlimited' : String(value));
  let text = 'Limit                     Soft Limit           Hard Limit           Units     \n';
  for (const [number, [name, unit]] of LIMITS.entries()) {
    const { soft, hard } = limits.get(number);
    text += `${name.padEnd(25)} ${shown(soft).padEnd(20)} ${shown(hard).padEnd(20)} `;
    text += unit === '' ? '\n' : `${unit.padEnd(10)}\n`;
  }
  return text;
}

export function commText(target: Target): string {
  return `${nameOf(target)}\n`;
}

/** Writing renames the thread; only the process itself may (comm_write). */
export function storeComm(target: Target, writer: Thread, text: string): void {
  if (writer.process !== target.process) fail(EINVAL, 'only the process itself renames its threads');
  const thread = target.thread ?? fail(ESRCH, 'the thread has ended');
  thread.name = text.replace(/\n$/, '').slice(0, 15);
}

export function oomScoreText(target: Target): string {
  return `${Math.max(0, 666 + Math.round((target.process.oomScoreAdjust * 2) / 3))}\n`;
}

/** -1000 to 1000; lowering takes CAP_SYS_RESOURCE. EINVAL, EACCES. */
export function storeOomScoreAdjust({ process }: Target, writer: Thread, text: string): void {
  const value = wholeNumber(text);
  if (value < -1000 || value > 1000) fail(EINVAL, 'outside -1000 to 1000');
  if (value < process.oomScoreAdjust && !capable(writer.credentials, CAP_SYS_RESOURCE)) {
    fail(EACCES, 'only the privileged may lower it');
  }
  process.oomScoreAdjust = value;
}

/** The older scale of -17 to 15. */
export function oomAdjustText({ process }: Target): string {
  const value = process.oomScoreAdjust;
  return `${value === 1000 ? 15 : Math.trunc((value * 17) / 1000)}\n`;
}

export function storeOomAdjust(target: Target, writer: Thread, text: string): void {
  const value = wholeNumber(text);
  if (value < -17 || value > 15) fail(EINVAL, 'outside -17 to 15');
  const scaled = value === 15 ? 1000 : Math.trunc((value * 1000) / 17);
  storeOomScoreAdjust(target, writer, String(scaled));
}

function wholeNumber(text: string): number {
  const trimmed = text.trim();
  return /^[+-]?\d{1,9}$/.test(trimmed) ? Number(trimmed) : fail(EINVAL, 'not a number');
}

/** Counts of calls and bytes are not kept per file: what is known is the number of system calls. */
export function ioText(): string {
  const names = ['rchar', 'wchar', 'syscr', 'syscw', 'read_bytes', 'write_bytes', 'cancelled_write_bytes'];
  return names.map((name) => `${name}: 0\n`).join('');
}

/** Where a blocked thread waits: the name of its system call stands for the kernel function. */
export function wchanText({ thread }: Target): string {
  return thread?.state === 'blocked' ? (thread.call?.syscall.name ?? '0') : '0';
}

const A0 = 10;
const A7 = 17;
const SP = 2;

/** Number, six arguments, stack pointer and pc of the call a thread is blocked in (fs/proc/base.c). */
export function syscallText({ thread, kernel }: Target): string {
  if (thread === undefined) fail(ESRCH, 'the process has ended');
  if (thread !== kernel.running && thread.state === 'runnable') return 'running\n';
  const { hart } = thread;
  const register = (number: number): string => {
    const value = (BigInt(hart.xHi(number) >>> 0) << 32n) | BigInt(hart.xLo(number) >>> 0);
    return `0x${value.toString(16)}`;
  };
  const places = `${register(SP)} 0x${hart.pc.toString(16)}`;
  if (thread.call === undefined) return `-1 ${places}\n`;
  const args = [0, 1, 2, 3, 4, 5].map((index) => register(A0 + index));
  return `${hart.xLo(A7)} ${args.join(' ')} ${places}\n`;
}

export function stackText({ thread }: Target): string {
  if (thread === undefined || thread.call === undefined) return '';
  return `[<0>] ${thread.call.syscall.name}\n`;
}

/** Which areas a core file has (core(5)). */
export function coredumpFilterText({ process }: Target): string {
  return `${process.coredumpFilter.toString(16).padStart(8, '0')}\n`;
}

const COREDUMP_FILTER_BITS = 0x1ff;

/** Decimal, octal or hexadecimal. EINVAL. */
export function storeCoredumpFilter({ process }: Target, _writer: Thread, text: string): void {
  const written = text.trim().replace(/^0(?=[0-7]+$)/, '0o');
  const value = /^(\d+|0o[0-7]+|0x[\da-f]+)$/i.test(written) ? Number(written) : Number.NaN;
  if (!(value < 2 ** 32)) fail(EINVAL, 'not a number');
  process.coredumpFilter = value & COREDUMP_FILTER_BITS;
}

/** Others need CAP_SYS_NICE, even to read it (timerslack_ns_show). EPERM. */
function demandSlack({ thread }: Target, other: Thread): Thread {
  if (thread === undefined) return fail(ESRCH, 'the process has ended');
  if (thread !== other && !capable(other.credentials, CAP_SYS_NICE)) fail(EPERM, 'needs CAP_SYS_NICE');
  return thread;
}

export function timerSlackText(target: Target, reader: Thread): string {
  return `${demandSlack(target, reader).timerSlackNs}\n`;
}

export function storeTimerSlack(target: Target, writer: Thread, text: string): void {
  const value = wholeNumber(text);
  const thread = demandSlack(target, writer);
  thread.timerSlackNs = value === 0 ? DEFAULT_TIMER_SLACK_NS : value;
}

/** Writing 1 to 4 forgets what was used since, of which nothing is kept; 5 forgets the peak of what was resident. */
export function clearRefsNode({ process }: Target): TextNode {
  return {
    kind: 'text',
    mode: 0o200,
    text: () => fail(EINVAL, 'only to be written'),
    store: (_, value) => {
      const what = wholeNumber(value);
      if (what < 1 || what > 5) fail(EINVAL, 'one of 1 to 5');
      if (what === 5) process.mm.peakPresent = process.mm.rss;
    },
  };
}
