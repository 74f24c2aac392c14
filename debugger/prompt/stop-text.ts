// Why the machine stands still, as lines for the person; the same for commands that look where they are.
// debugger.ts prints them at each stop.
// The wording follows gdb where gdb has the same stop, and strace where a call is shown.
import { disassemble } from '../../emulator/isa/disassemble.ts';
import { siginfoText, signalName } from '../../kernel/abi/kinds/signal-text.ts';
import { upcomingCall } from '../../kernel/dispatch.ts';
import { upcomingDeath } from '../../kernel/task/signal-delivery.ts';
import type { SignalInfo } from '../../kernel/task/signal-info.ts';
import type { Thread } from '../../kernel/task/thread.ts';
import { waitLines } from '../inspect/wait-text.ts';
import type { WatchedFor, Watchpoint } from '../session/breakpoints.ts';
import type { Debugger, PromptStop } from './debugger.ts';
import { fromBytes, LONG, longValue, scalarText, TYPE_NAMES } from './values.ts';

/** All lines of a stop. `changes` are those of the call that ended. */
export function stopLines(debugging: Debugger, stop: PromptStop, changes: readonly string[]): string[] {
  switch (stop.kind) {
    case 'entry':
      return [...catchTitle(debugging, stop.thread, 'call to'), entryLine(stop.thread, stop.text)];
    case 'exit':
      return [
        ...catchTitle(debugging, stop.thread, 'returned from'),
        `[pid ${stop.thread.tid}] ${stop.text}`,
        ...changes.map((line) => `    ${line}`),
      ];
    case 'break': {
      if (stop.point.id < 0) return placeLines(debugging, stop.thread);
      const title = `${stop.point.isTemporary ? 'Temporary breakpoint' : 'Breakpoint'} ${stop.point.id}, `;
      const [first = '', ...rest] = placeLines(debugging, stop.thread);
      return [`${title}pid ${stop.thread.tid} at ${first.replace(/^=> /, '')}`, ...rest];
    }
    case 'watch':
      return [...watchLines(stop.point, stop.was), ...placeLines(debugging, stop.thread)];
    case 'signal':
      return [...signalTitle(debugging, stop.thread, stop.info), ...placeLines(debugging, stop.thread)];
    case 'fork':
      return [forkTitle(stop.thread)];
    case 'exec': {
      const { thread } = stop;
      const program = thread.process.commandLine[0] ?? thread.name;
      return [`Catchpoint (exec'd ${program}), pid ${thread.tid}`, ...placeLines(debugging, thread)];
    }
    case 'stepped':
    case 'moved':
    case 'start':
      return whereLines(debugging);
    case 'interrupted':
      return ['Interrupted.', ...whereLines(debugging)];
    case 'idle':
      return [
        'Nothing can go on: every thread sleeps and no timer runs.',
        ...waitLines(debugging.kernel, debugging.session.symbols),
      ];
    case 'loaded':
      return []; // nobody is told
    case 'finished':
      return ['The program has ended.'];
  }
}

/** Where the machine is: before a call it is the call, else the instruction or line. */
export function whereLines(debugging: Debugger): string[] {
  const thread = debugging.anyThread;
  if (thread === undefined) return ['The program has ended.'];
  const { session } = debugging;
  if (session.isAtCall && session.thread === thread) {
    return [entryLine(thread, debugging.history.upcomingText(thread))];
  }
  return placeLines(debugging, thread);
}

/** A call that has not begun: arguments that only its end shows are missing. */
function entryLine(thread: Thread, text: string): string {
  return `[pid ${thread.tid}] ${text.trimEnd()} ...`;
}

/** A thread's place: line of source, or instruction; in a call, the call. */
export function placeLines(debugging: Debugger, thread: Thread): string[] {
  if (thread.call !== undefined) {
    return [
      `pid ${thread.tid} is in ${thread.call.syscall.name}, at ${instructionText(debugging, thread, thread.hart.pc)}`,
    ];
  }
  const { pc } = thread.hart;
  const { frames } = debugging;
  const line = frames.line(pc);
  if (line === undefined || line.line === 0) return [`=> ${instructionText(debugging, thread, pc)}`];
  const symbol = debugging.symbolText(pc)?.replace(/\+\d+$/, '') ?? '??';
  const isExact = line.start === pc;
  const head = `${isExact ? '' : `0x${pc.toString(16)} in `}${symbol} () at ${line.file.split('/').pop()}:${line.line}`;
  const text = frames.sourceText(line);
  return text === undefined ? [head] : [head, `${line.line}\t${text}`];
}

/** `0x10234 <main+4>:	addi	a0,a0,1`. */
export function instructionText(debugging: Debugger, thread: Thread, address: number): string {
  const symbol = debugging.symbolText(address);
  const place = `0x${address.toString(16)}${symbol === undefined ? '' : ` <${symbol}>`}:`;
  const found = instructionAt(debugging, thread, address);
  return found === undefined ? `${place}\tnot mapped` : `${place}\t${found.text}`;
}

/** One instruction as text with its length in bytes; undefined where nothing can be read. */
export function instructionAt(
  debugging: Debugger,
  thread: Thread,
  address: number,
): { text: string; length: number; word: number } | undefined {
  const { session } = debugging;
  const bytes = session.read(thread, address, 4) ?? session.read(thread, address, 2);
  if (bytes === undefined) return undefined;
  const word = (bytes[0] ?? 0) | ((bytes[1] ?? 0) << 8) | ((bytes[2] ?? 0) << 16) | ((bytes[3] ?? 0) << 24);
  const { mnemonic, operands, length } = disassemble(word, address, {
    symbolOf: (target) => debugging.symbolText(target) ?? null,
  });
  return { text: operands === '' ? mnemonic : `${mnemonic}\t${operands}`, length, word };
}

function catchTitle(debugging: Debugger, thread: Thread, verb: string): string[] {
  const { session, kernel } = debugging;
  const call =
    thread.call ?? (session.isAtCall ? upcomingCall(kernel, thread) : debugging.history.newest?.call);
  if (call === undefined) return [];
  const point = session.points.catchingCall(thread, call);
  return point === undefined || point.id < 0 ? [] : [`Catchpoint ${point.id} (${verb} ${call.syscall.name})`];
}

/** The catchpoint, or as gdb tells of a signal that nobody caught, which is a deadly one. */
function signalTitle(debugging: Debugger, thread: Thread, info: SignalInfo): string[] {
  const lines: string[] = [];
  const sender = info.pid === undefined || info.pid === 0 ? '' : `, sent by pid ${info.pid}`;
  if (debugging.session.points.catching('catch-signal', info.signo) !== undefined)
    lines.push(`Catchpoint (signal ${signalName(info.signo)}), pid ${thread.tid}${sender}`);
  if (upcomingDeath(thread)?.signo === info.signo)
    lines.push(
      `[pid ${thread.tid}] received signal ${signalName(info.signo)}, which ends it: ${siginfoText(info)}`,
    );
  return lines;
}

/** A process that was forked has one thread, which is new as well. */
function forkTitle(thread: Thread): string {
  const { process } = thread;
  if (process.threads.size > 1) return `Catchpoint (new thread ${thread.tid} of pid ${process.pid})`;
  return `Catchpoint (forked process ${process.pid}), child of pid ${process.parent?.pid ?? 0}`;
}

export const WATCHPOINTS: Readonly<Record<WatchedFor, string>> = {
  change: 'Watchpoint',
  read: 'Read watchpoint',
  access: 'Access (read/write) watchpoint',
};

function watchLines(point: Watchpoint, was: Uint8Array | undefined): string[] {
  const title = `${WATCHPOINTS[point.watchedFor]} ${point.id}: ${point.length} bytes at 0x${point.address.toString(16)} of pid ${point.pid}`;
  const isSame = point.watchedFor !== 'change' && watchedText(was) === watchedText(point.bytes);
  if (isSame || point.watchedFor === 'read') return [title, `Value = ${watchedText(point.bytes)}`];
  return [title, `Old value = ${watchedText(was)}`, `New value = ${watchedText(point.bytes)}`];
}

/** Up to eight bytes as a number, more as bytes. */
function watchedText(bytes: Uint8Array | undefined): string {
  if (bytes === undefined) return '<not mapped>';
  const type = { 1: TYPE_NAMES.uint8_t, 2: TYPE_NAMES.short, 4: TYPE_NAMES.int, 8: LONG }[bytes.length];
  if (type !== undefined && type !== null) {
    const value = fromBytes(type, bytes);
    return `${scalarText(value, 'd', () => undefined)} (${scalarText(value, 'x', () => undefined)})`;
  }
  return [...bytes].map((byte) => scalarText(longValue(byte), 'x', () => undefined)).join(' ');
}
