// What the sleeping threads of a machine that stands still wait for, one line each, and who waits for whom in a ring.
// explore asks at the end of a run that does not end; the lines also tell different standstills apart.
import type { Kernel } from '../../kernel/kernel.ts';
import type { Thread } from '../../kernel/task/thread.ts';
import { cycleText, reasonText, type Sleeper, threadName, waitGraph } from '../inspect/wait-graph.ts';
import type { Symbols } from '../symbols.ts';
import { CallText } from '../trace/call-text.ts';

const STYLE = { stringLimit: 32, decodeFds: 0 } as const;

/** `pid 2 (server) sleeps in recvfrom(4, …) for data on fd 4 (…), which is up to pid 3`; rings come last. */
export function standstillLines(kernel: Kernel, symbols?: Symbols): string[] {
  const { sleepers, cycles } = waitGraph(kernel, symbols);
  return [...sleepers.map(sleeperText), ...cycles.map((cycle) => `deadlock: ${cycleText(cycle)}`)];
}

function sleeperText({ thread, reasons }: Sleeper): string {
  const what = reasons.map(reasonText).join('; or ');
  return `${threadName(thread)} sleeps in ${callLine(thread)}${what === '' ? '' : ` for ${what}`}`;
}

function callLine(thread: Thread): string {
  const { call } = thread;
  if (call === undefined) return '';
  const entry = new CallText(thread, call, STYLE).entry();
  return `${call.syscall.name}(${entry.endsWith(', ') ? `${entry}…` : entry})`;
}
