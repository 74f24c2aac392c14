// What the sleeping threads of a machine that stands still wait for, one line each.
// explore asks at the end of a run that does not end; the lines also tell different standstills apart.
import type { Kernel } from '../../kernel/kernel.ts';
import type { Thread } from '../../kernel/task/thread.ts';
import { CallText } from '../trace/call-text.ts';
import { threadsOf } from './trial.ts';

const STYLE = { stringLimit: 32, isVerbose: false, decodeFds: 2 } as const;

/** `pid 2 (server) sleeps in recvfrom(4<UNIX-STREAM:[5->6]>, …)`, in order of thread. */
export function standstillLines(kernel: Kernel): string[] {
  return threadsOf(kernel)
    .sort((a, b) => a.tid - b.tid)
    .map((thread) => `${threadName(thread)} ${stateText(thread)}`);
}

/** `pid 2 (server)`, `thread 3 (worker) of pid 2`. */
export function threadName(thread: Thread): string {
  const { tid, process, name } = thread;
  return tid === process.pid ? `pid ${tid} (${name})` : `thread ${tid} (${name}) of pid ${process.pid}`;
}

function stateText(thread: Thread): string {
  const { call, state } = thread;
  if (call === undefined) return `is ${state}`;
  return `sleeps in ${callLine(thread)}`;
}

function callLine(thread: Thread): string {
  const { call } = thread;
  if (call === undefined) return '';
  const entry = new CallText(thread, call, STYLE).entry();
  return `${call.syscall.name}(${entry.endsWith(', ') ? `${entry}…` : entry})`;
}
