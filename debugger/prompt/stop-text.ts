// Why the machine stands still, as lines for the person; the same for commands that look where they are.
// debugger.ts prints them at each stop.
// The wording follows gdb where gdb has the same stop, and strace where a call is shown.
import { disassemble } from '../../emulator/isa/disassemble.ts';
import { siginfoText, signalName } from '../../kernel/abi/kinds/signal-text.ts';
import { SIGSEGV } from '../../kernel/abi/signal.ts';
import { upcomingCall } from '../../kernel/dispatch.ts';
import { upcomingDeath } from '../../kernel/task/signal-delivery.ts';
import type { Thread } from '../../kernel/task/thread.ts';
import { endOfFullStack } from '../inspect/stack-room.ts';
import { waitLines } from '../inspect/wait-text.ts';
import type {
  Breakpoint,
  CallCatch,
  EventCatch,
  ExceptionEvent,
  WatchedFor,
  Watchpoint,
} from '../session/breakpoints.ts';
import type { WatchHit } from '../session/stop.ts';
import { BYTE, INT, LONG, SHORT } from '../values/c-types.ts';
import { scalarText } from '../values/scalar-text.ts';
import { fromBytes } from '../values/values.ts';
import type { Debugger, PromptStop } from './debugger.ts';
import { placeText, showsAddress, wideAddress } from './frame-text.ts';
import { signalDescription } from './signal-descriptions.ts';

/** All lines of a stop. `changes` are those of the call that ended; `origin` is the frame that was stepped from, see `frameKey`. */
export function stopLines(
  debugging: Debugger,
  stop: PromptStop,
  changes: readonly string[],
  origin?: string,
): string[] {
  switch (stop.kind) {
    case 'entry':
      return [...catchTitle(debugging, stop, 'call to'), entryLine(stop.thread, stop.text)];
    case 'exit':
      return [
        ...catchTitle(debugging, stop, 'returned from'),
        `[pid ${stop.thread.tid}] ${stop.text}`,
        ...changes.map((line) => `    ${line}`),
      ];
    case 'break':
      if (stop.point.id < 0) return placeLines(debugging, stop.thread);
      return breakLines(debugging, stop.thread, stop.point);
    case 'watch':
      return [
        ...[stop, ...stop.others].flatMap((hit) => watchLines(debugging, stop.thread, hit)),
        ...(stop.reached === undefined || stop.reached.prints !== undefined
          ? placeLines(debugging, stop.thread)
          : breakLines(debugging, stop.thread, stop.reached)),
      ];
    case 'watch-end':
      return [
        '',
        `Watchpoint ${stop.point.id} deleted because the program has left the block in`,
        'which its expression is valid.',
        ...placeLines(debugging, stop.thread),
      ];
    case 'signal':
      return [...signalTitle(debugging, stop), ...placeLines(debugging, stop.thread)];
    case 'fork':
      return [forkTitle(stop.thread, stop.point)];
    case 'exec': {
      const { thread } = stop;
      const program = thread.process.commandLine[0] ?? thread.name;
      return [
        `${catchpointText(stop.point)} (exec'd ${program}), pid ${thread.tid}`,
        ...placeLines(debugging, thread),
      ];
    }
    case 'stepped':
    case 'moved':
      return whereLines(debugging, origin);
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
    case 'returned':
      return []; // nobody is told
    case 'finished':
      return ['The program has ended.'];
  }
}

/** `Breakpoint 1`, which of its places, and of which thread when there are several. */
function breakLines(debugging: Debugger, thread: Thread, point: Breakpoint): string[] {
  const [first = '', ...rest] = placeLines(debugging, thread);
  return ['', `${breakTitle(debugging, thread, point)}, ${first}`, ...rest];
}

const EXCEPTION_WORDS: Readonly<Record<ExceptionEvent, string>> = {
  throw: 'thrown',
  catch: 'caught',
  rethrow: 'rethrown',
};

function breakTitle(debugging: Debugger, thread: Thread, point: Breakpoint): string {
  const at = point.locations?.findIndex(({ address }) => address === thread.hart.pc) ?? 0;
  const place = (point.locations?.length ?? 0) > 1 ? `.${at + 1}` : '';
  const title =
    point.exception === undefined
      ? `${point.isTemporary ? 'Temporary breakpoint' : 'Breakpoint'} ${point.id}${place}`
      : `${point.isTemporary ? 'Temporary catchpoint' : 'Catchpoint'} ${point.id} (exception ${EXCEPTION_WORDS[point.exception]})`;
  const who = threadText(debugging, thread);
  return who === '' ? title : `${who} hit ${title}`;
}

/** `Thread 4 "server"`; nothing as long as there has been one alone. */
function threadText(debugging: Debugger, thread: Thread): string {
  return debugging.isAlone ? '' : `Thread ${thread.tid} "${thread.name}"`;
}

/** The same as long as the thread stays in one frame: stops in it are told by their line alone. */
export function frameKey(debugging: Debugger): string | undefined {
  const thread = debugging.anyThread;
  const frame = thread === undefined || thread.call !== undefined ? undefined : debugging.frames.top;
  if (thread === undefined || frame === undefined) return undefined;
  const { scope, cfa, address } = frame;
  const start = debugging.session.symbols.functionAround(thread, address)?.start ?? 0;
  return [thread.tid, cfa ?? 0, start, scope?.entry.offset ?? 0].join();
}

/** Where the machine is: before a call it is the call, else the instruction or line. */
export function whereLines(debugging: Debugger, origin?: string): string[] {
  const thread = debugging.anyThread;
  if (thread === undefined) return ['The program has ended.'];
  const { session } = debugging;
  if (session.isAtCall && session.thread === thread) {
    return [entryLine(thread, debugging.history.upcomingText(thread))];
  }
  return placeLines(debugging, thread, origin);
}

/** A call that has not begun: arguments that only its end shows are missing. */
function entryLine(thread: Thread, text: string): string {
  return `[pid ${thread.tid}] ${text.trimEnd()} ...`;
}

/** A thread's place: frame and line of source, or instruction; in a call, the call. */
export function placeLines(debugging: Debugger, thread: Thread, origin?: string): string[] {
  if (thread.call !== undefined) {
    return [
      `pid ${thread.tid} is in ${thread.call.syscall.name}, at ${instructionText(debugging, thread, thread.hart.pc)}`,
    ];
  }
  const { frames, settings } = debugging;
  const frame = frames.top;
  const isSame = origin !== undefined && origin === frameKey(debugging);
  const text = frame.line && frames.sourceText(frame.line);
  const lines: string[] = [];
  if (text !== undefined && frame.line !== undefined) {
    const source = `${frame.line.line}\t${text}`;
    if (isSame) lines.push(showsAddress(debugging, frame) ? `${wideAddress(frame.pc)}\t${source}` : source);
    else lines.push(placeText(debugging, frame), source);
  } else if (isSame && frame.line !== undefined) {
    const head = showsAddress(debugging, frame) ? `${wideAddress(frame.pc)}\t` : '';
    lines.push(`${head}${frame.line.line}\tin ${frame.line.name}`);
  } else lines.push(placeText(debugging, frame));
  const next = settings.get('disassemble-next-line');
  if (next !== 'on' && (next !== 'auto' || frame.line !== undefined)) return lines;
  const instruction = `=> ${instructionText(debugging, thread, frame.pc)}`;
  // from one instruction of a function without lines to the next, it is all there is to say
  return isSame && frame.line === undefined ? [instruction] : [...lines, instruction];
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
  // as gdb has it, and not objdump
  const isJump = /^(?:j|jal|b[a-z]+)$/.test(mnemonic);
  const shown = operands.replace(
    isJump ? /(^|,)([0-9a-f]+)( <[^>]*>)?$/ : /(^|,)([0-9a-f]+)( <[^>]*>)$/,
    '$10x$2$3',
  );
  return { text: shown === '' ? mnemonic : `${mnemonic}\t${shown}`, length, word };
}

function catchTitle(
  debugging: Debugger,
  { thread, point: hit }: Extract<PromptStop, { kind: 'entry' | 'exit' }>,
  verb: string,
): string[] {
  const { session, kernel } = debugging;
  const call =
    thread.call ?? (session.isAtCall ? upcomingCall(kernel, thread) : debugging.history.newest?.call);
  if (call === undefined) return [];
  const point = hit ?? session.points.catchingCall(thread, call);
  return point === undefined || point.id < 0
    ? []
    : [`${catchpointText(point)} (${verb} ${call.syscall.name})`];
}

/** The catchpoint, or as gdb tells of a signal that nobody caught, which is a deadly one. */
function signalTitle(
  debugging: Debugger,
  { thread, info, point }: Extract<PromptStop, { kind: 'signal' }>,
): string[] {
  const lines: string[] = [];
  const sender = info.pid === undefined || info.pid === 0 ? '' : `, sent by pid ${info.pid}`;
  if (point !== undefined && point.id > 0)
    lines.push(`${catchpointText(point)} (signal ${signalName(info.signo)}), pid ${thread.tid}${sender}`);
  const isDeadly = upcomingDeath(thread)?.signo === info.signo;
  if (isDeadly || debugging.signals.stopsAt(info.signo))
    lines.push(...receivedLines(debugging, thread, info.signo));
  if (isDeadly) lines.push(`[pid ${thread.tid}] ends by it: ${siginfoText(info)}`);
  const isBadAddress = isDeadly && info.signo === SIGSEGV && info.addr !== undefined;
  const stackEnd = isBadAddress ? endOfFullStack(thread, Number(info.addr)) : undefined;
  if (stackEnd !== undefined)
    lines.push(`[pid ${thread.tid}] has used up its stack, which ends at 0x${stackEnd.toString(16)}`);
  return lines;
}

/** As gdb tells of a signal. */
export function receivedLines(debugging: Debugger, thread: Thread, signo: number): string[] {
  const name = signalName(signo);
  const who = threadText(debugging, thread) || 'Program';
  return ['', `${who} received signal ${name}, ${signalDescription(name)}.`];
}

/** A process that was forked has one thread, which is new as well. */
function forkTitle(thread: Thread, point: EventCatch): string {
  const { process } = thread;
  const title = catchpointText(point);
  if (process.threads.size > 1) return `${title} (new thread ${thread.tid} of pid ${process.pid})`;
  const how = process.vforkDone === undefined ? 'forked' : 'vforked';
  return `${title} (${how} process ${process.pid}), child of pid ${process.parent?.pid ?? 0}`;
}

function catchpointText({ isTemporary, id }: EventCatch | CallCatch): string {
  return `${isTemporary ? 'Temporary catchpoint' : 'Catchpoint'} ${id}`;
}

export const WATCHPOINTS: Readonly<Record<WatchedFor, string>> = {
  change: 'Hardware watchpoint',
  read: 'Hardware read watchpoint',
  access: 'Hardware access (read/write) watchpoint',
};

function watchLines(debugging: Debugger, thread: Thread, { point, was }: WatchHit): string[] {
  const who = threadText(debugging, thread);
  const title = `${who === '' ? '' : `${who} hit `}${WATCHPOINTS[point.watchedFor]} ${point.id}: ${watchedText(point)}`;
  const [before, now] = [bytesText(point, was), bytesText(point, point.bytes)];
  const isSame = point.watchedFor !== 'change' && before === now;
  if (isSame || point.watchedFor === 'read') return ['', title, '', `Value = ${now}`];
  return ['', title, '', `Old value = ${before}`, `New value = ${now}`];
}

/** The expression that was typed, or the memory. */
export function watchedText({ text, length, address, pid }: Watchpoint): string {
  return text ?? `${length} bytes at 0x${address.toString(16)} of pid ${pid}`;
}

/** By the type of the expression, else as a number, or as bytes. */
function bytesText({ show }: Watchpoint, bytes: Uint8Array | undefined): string {
  if (bytes === undefined) return '<not mapped>';
  if (show !== undefined) return show(bytes);
  const type = { 1: BYTE, 2: SHORT, 4: INT, 8: LONG }[bytes.length];
  const none = (): undefined => undefined;
  if (type !== undefined) {
    const value = fromBytes(type, bytes);
    return `${scalarText(value, 'd', none)} (${scalarText(value, 'x', none)})`;
  }
  return [...bytes].map((byte) => `0x${byte.toString(16)}`).join(' ');
}
