// `monitor …` in gdb (qRcmd): what this machine can do and gdb has no words for.
// The server prints what comes back. Catching calls is here too, since gdb refuses `catch syscall` on RISC-V up to 13.

import { AT_CALL, type Position } from '../../kernel/stepper.ts';
import { allSyscalls } from '../../kernel/syscalls/table.ts';
import { standstillLines } from '../explore/standstill.ts';
import type { CallCatches } from './call-catches.ts';
import type { GdbTarget } from './target.ts';

const HELP = `monitor help                    this text
monitor when                    where the run is: TICK.ADDRESS, or TICK.call before a system call
monitor goto TICK[.ADDRESS] to a moment that has been passed, as \`when\` wrote it
monitor catch syscall [NAME…]   stop at entry and end of system calls, of all or of those named; shows them decoded
monitor catch off               no longer
monitor info waits              who sleeps, what for, and whose doing could end it; deadlocks
monitor info processes          every process of the machine
`;
const STALE =
  'Now: maintenance flush register-cache, then frame: gdb does not know that the machine has moved.\n';

/** Runs one command and returns what it says. */
export function monitorCommand(target: GdbTarget, catches: CallCatches, line: string): string {
  const [command = '', ...rest] = line.trim().split(/\s+/);
  switch (command) {
    case '':
    case 'help':
      return HELP;
    case 'when':
      return `${positionText(target.session.position)}\n`;
    case 'goto':
      return goTo(target, rest[0] ?? '');
    case 'catch':
      return catchCalls(catches, rest);
    case 'info':
      return info(target, rest[0] ?? '');
    default:
      return `There is no monitor command "${command}"; monitor help lists them.\n`;
  }
}

function positionText({ tick, instruction }: Position): string {
  return `${tick}.${instruction === AT_CALL ? 'call' : instruction}`;
}

function goTo(target: GdbTarget, text: string): string {
  const parts = /^(\d{1,15})(?:\.(\d{1,15}|call))?$/.exec(text);
  if (parts === null) return 'Usage: monitor goto TICK[.ADDRESS]\n';
  const [, tick, instruction = '0'] = parts;
  target.goTo({ tick: Number(tick), instruction: instruction === 'call' ? AT_CALL : Number(instruction) });
  return `${positionText(target.session.position)}\n${STALE}`;
}

function catchCalls(catches: CallCatches, [what, ...names]: string[]): string {
  if (what === 'off') {
    catches.clear();
    return 'System calls are not caught.\n';
  }
  if (what !== 'syscall') return 'Usage: monitor catch syscall [NAME…], or monitor catch off\n';
  const unknown = names.find((name) => !allSyscalls().some((row) => row?.name === name));
  if (unknown !== undefined) return `There is no system call "${unknown}".\n`;
  catches.set(names, false);
  return `Caught: ${names.length === 0 ? 'every system call' : names.join(' ')}.\n`;
}

function info(target: GdbTarget, what: string): string {
  const { kernel } = target.session;
  if (what === 'waits') {
    const lines = standstillLines(kernel);
    return lines.length === 0 ? 'No thread sleeps.\n' : `${lines.join('\n')}\n`;
  }
  if (what !== 'processes') return 'Usage: monitor info waits|processes\n';
  let text = '';
  for (const process of kernel.processes) {
    if (process.isInit) continue;
    const held = target.watch.holds(process.pid) ? '' : ', detached';
    const parent = process.parent === undefined ? '' : `, child of ${process.parent.pid}`;
    const threads = process.threads.size === 1 ? '1 thread' : `${process.threads.size} threads`;
    const state = process.state === 'alive' ? threads : process.state;
    text += `pid ${process.pid} (${process.name}): ${state}${parent}${held}\n`;
  }
  return text;
}
