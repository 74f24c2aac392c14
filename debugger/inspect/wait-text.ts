// The wait graph as lines: each sleeper with what it waits for, and rings of them, which are deadlocks.
// `info wait` prints it, and every stop where nothing can go on.
// Times are those of the machine's own clock.
import { IORING_OPS } from '../../kernel/abi/io-uring.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Symbols } from '../symbols.ts';
import {
  cycleText,
  reasonText,
  type Sleeper,
  shortReasonText,
  threadName,
  type WaitReason,
  waitGraph,
} from './wait-graph.ts';

export function waitLines(kernel: Kernel, symbols: Symbols): string[] {
  const { sleepers, cycles } = waitGraph(kernel, symbols);
  const lines = sleepers.map((sleeper) => `${threadName(sleeper.thread)} ${sleepText(sleeper, kernel)}`);
  if (lines.length === 0) lines.push('No thread sleeps.');
  lines.push(...requestLines(kernel));
  for (const cycle of cycles) lines.push(`Deadlock: ${cycleText(cycle)}.`);
  return lines;
}

/** `io_uring request of pid 3 (user data 7): RECV on fd 5 waits for bytes of a socket`, in the order they were submitted. */
function requestLines(kernel: Kernel): string[] {
  const lines: string[] = [];
  for (const ring of kernel.rings.open)
    for (const {
      thread,
      isPending,
      sqe,
      usesRegisteredFile,
      operation,
      userData,
      waitsFor,
    } of ring.requests) {
      if (!isPending) continue;
      const file = `${usesRegisteredFile ? 'registered file' : 'fd'} ${sqe.fd}`;
      const what = `${IORING_OPS[sqe.opcode] ?? 'an operation'}${operation.needsFile ? ` on ${file}` : ''}`;
      const reason = waitsFor.length === 0 ? 'will be tried again' : `waits for ${waitsFor.join(' or ')}`;
      lines.push(`io_uring request of ${threadName(thread)} (user data ${userData}): ${what} ${reason}`);
    }
  return lines;
}

/** `sleeps in read: waits for data on fd 3 (…), which is up to pid 4`. */
function sleepText(sleeper: Sleeper, kernel: Kernel): string {
  const waits = sleeper.reasons.length === 0 ? 'waits' : 'waits for';
  return `sleeps in ${callName(sleeper)}: ${waits} ${whatText(sleeper, kernel, reasonText)}`;
}

/** `sleeps in read: data on fd 3 (…), up to pid 4`, for panels. */
export function shortSleepText(sleeper: Sleeper, kernel: Kernel): string {
  return `sleeps in ${callName(sleeper)}: ${whatText(sleeper, kernel, shortReasonText)}`;
}

function callName({ thread }: Sleeper): string {
  return thread.call?.syscall.name ?? 'a call';
}

function whatText(
  { reasons, untilNs }: Sleeper,
  kernel: Kernel,
  textOf: (reason: WaitReason) => string,
): string {
  const what = reasons.map(textOf);
  if (untilNs !== undefined) what.push(`until ${secondsText(untilNs - kernel.clock.monotonicNs())} from now`);
  return what.join('; or ');
}

function secondsText(ns: number): string {
  return `${(Math.max(ns, 0) / 1e9).toFixed(6).replace(/0+$/, '').replace(/\.$/, '')} s`;
}
