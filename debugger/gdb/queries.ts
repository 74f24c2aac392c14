// q and Q packets: what gdb asks about the machine, and what it tells of itself (gdb manual, E.4 "General Query Packets").
// The server hands them over by name; answers are texts, undefined means the packet is not known.

import { bytesToText, textToBytes } from '../../kernel/mm/user-memory.ts';
import { encodeSiginfo } from '../../kernel/task/signal-info.ts';
import type { Thread } from '../../kernel/task/thread.ts';
import { LIBRARY_NUMBER_FIELD, libraryVariable, programVariable } from '../thread-local.ts';
import type { CallCatches } from './call-catches.ts';
import { monitorCommand } from './monitor.ts';
import { bytesOfHex, hexNumber, hexOf, PACKET_SIZE } from './packet.ts';
import { TARGET_XML } from './registers.ts';
import { executablePath } from './replies.ts';
import { linuxSignal } from './signals.ts';
import type { GdbTarget, TargetStop } from './target.ts';
import { parseThreadId, threadIdText } from './thread-ids.ts';

/** What the server lets questions see and change. */
export interface QueryContext {
  readonly target: GdbTarget;
  readonly catches: CallCatches;
  readonly clientFeatures: Set<string>;
  readonly isMultiprocess: boolean;
  /** Hg's thread. */
  readonly selected: Thread | undefined;
  readonly lastStop: TargetStop | undefined;
  /** By pid, where gdb says that LIBRARY_NUMBER_FIELD is. */
  readonly libraryNumberFields: Map<number, number>;
  leaveAcks(): void;
}

export const BAD_REQUEST = 'E16';
const NOT_THERE = 'E03';
const NO_ANNEX = 'E00';
const OWN_FEATURES = [
  `PacketSize=${PACKET_SIZE.toString(16)}`,
  'QStartNoAckMode+',
  'multiprocess+',
  'swbreak+',
  'hwbreak+',
  'vContSupported+',
  'fork-events+',
  'vfork-events+',
  'exec-events+',
  'QPassSignals+',
  'QCatchSyscalls+',
  'ReverseStep+',
  'ReverseContinue+',
  'qXfer:features:read+',
  'qXfer:auxv:read+',
  'qXfer:exec-file:read+',
  'qXfer:threads:read+',
  'qXfer:siginfo:read+',
];

/** The answer to a q or Q packet; undefined when it is not known, which gdb takes as "not supported". */
export function answerQuery(packet: string, context: QueryContext): string | undefined {
  const name = /^[^:,;]*/.exec(packet)?.[0] ?? '';
  const rest = packet.slice(name.length + 1);
  const { target } = context;
  switch (name) {
    case 'qSupported':
      return supported(rest, context);
    case 'QStartNoAckMode':
      context.leaveAcks();
      return 'OK';
    case 'qC':
      return context.selected && `QC${threadIdText(context.selected, context.isMultiprocess)}`;
    case 'qAttached':
      return '0'; // we started it: gdb kills it when it leaves
    case 'qfThreadInfo':
      return threadList(context);
    case 'qsThreadInfo':
      return 'l';
    case 'qThreadExtraInfo':
      return threadExtra(rest, target);
    case 'qSymbol':
      return symbolTold(rest, context);
    case 'qGetTLSAddr':
      return threadLocalAddress(rest, context);
    case 'qRcmd':
      return monitor(rest, context);
    case 'qXfer':
      return transfer(rest, context);
    case 'QPassSignals':
      return passSignals(rest, target);
    case 'QProgramSignals':
    case 'QThreadEvents':
      return name === 'QProgramSignals' ? 'OK' : undefined;
    case 'QCatchSyscalls':
      return catchSyscalls(rest, context);
    default:
      return undefined;
  }
}

function supported(text: string, { clientFeatures, target }: QueryContext): string {
  for (const feature of text.split(';')) {
    if (feature.endsWith('+')) clientFeatures.add(feature.slice(0, -1));
  }
  target.watch.followsForks = clientFeatures.has('fork-events');
  return OWN_FEATURES.join(';');
}

function threadList({ target, isMultiprocess }: QueryContext): string {
  const { threads } = target.watch;
  return threads.length === 0 ? 'l' : `m${threads.map((t) => threadIdText(t, isMultiprocess)).join(',')}`;
}

function threadExtra(text: string, target: GdbTarget): string {
  const id = parseThreadId(text);
  const thread = target.watch.threads.find(({ tid }) => tid === id?.tid);
  return thread === undefined ? NOT_THERE : hexOf(textToBytes(threadState(thread)));
}

function threadState(thread: Thread): string {
  const { call, state } = thread;
  if (thread.isHeld && state === 'runnable') return 'held';
  if (state === 'blocked' && call !== undefined) return `sleeps in ${call.syscall.name}`;
  return state;
}

/** gdb has new symbols: `:`. We ask for the one that libraries' thread-local variables need; it tells: `ADDRESS:NAME`. */
function symbolTold(text: string, context: QueryContext): string {
  const name = hexOf(textToBytes(LIBRARY_NUMBER_FIELD));
  const [address = '', of = ''] = text.split(':');
  if (of === '') return `qSymbol:${name}`;
  const pid = context.selected?.process.pid;
  if (of === name && address !== '' && pid !== undefined)
    context.libraryNumberFields.set(pid, hexNumber(address));
  return 'OK';
}

/** THREAD,OFFSET,LINK_MAP: where the thread has a thread-local variable. No library: the program itself. */
function threadLocalAddress(text: string, { target, libraryNumberFields }: QueryContext): string | undefined {
  const [id = '', offsetText = '', mapText = ''] = text.split(',');
  const wanted = parseThreadId(id);
  const thread = target.watch.threads.find(({ tid }) => tid === wanted?.tid);
  const offset = hexNumber(offsetText);
  const linkMap = hexNumber(mapText);
  if (thread === undefined || Number.isNaN(offset + linkMap)) return BAD_REQUEST;
  // a process that was forked has its parent's libraries, of which gdb does not tell again
  const field = libraryNumberFields.get(thread.process.pid) ?? [...libraryNumberFields.values()].at(-1);
  const found =
    linkMap === 0
      ? programVariable(thread, offset)
      : field === undefined
        ? undefined
        : libraryVariable(thread, (from, length) => target.session.read(thread, from, length), {
            linkMap,
            field,
            offset,
          });
  return found === undefined ? NOT_THERE : found.toString(16);
}

function monitor(hex: string, { target, catches }: QueryContext): string {
  const bytes = bytesOfHex(hex);
  if (bytes === undefined) return BAD_REQUEST;
  return hexOf(new TextEncoder().encode(monitorCommand(target, catches, bytesToText(bytes)))) || 'OK';
}

function passSignals(list: string, target: GdbTarget): string {
  const numbers = list === '' ? [] : list.split(';').map((text) => linuxSignal(hexNumber(text)));
  target.passSignals = new Set(numbers);
  return 'OK';
}

function catchSyscalls(text: string, { catches }: QueryContext): string {
  const [flag, ...numbers] = text.split(';');
  if (flag === '0') {
    catches.clear();
    return 'OK';
  }
  return flag === '1' && catches.setNumbers(numbers.map(hexNumber)) ? 'OK' : BAD_REQUEST;
}

/** qXfer:OBJECT:read:ANNEX:OFFSET,LENGTH: a piece of a document. */
function transfer(text: string, context: QueryContext): string | undefined {
  const parts = /^([\w-]+):read:([^:]*):([0-9a-f]{1,12}),([0-9a-f]{1,12})$/i.exec(text);
  if (parts === null) return undefined;
  const [, object = '', annex = '', offset = '', length = ''] = parts;
  const known = document(object, annex, context);
  if (known === undefined || known.startsWith('E')) return known;
  const content = known.slice(1);
  const start = hexNumber(offset);
  const end = start + Math.min(hexNumber(length), PACKET_SIZE / 2);
  return `${end < content.length ? 'm' : 'l'}${content.slice(start, end)}`;
}

/** A whole document after a `=`, an error, or undefined for an object that is not here. */
function document(object: string, annex: string, context: QueryContext): string | undefined {
  const { target, selected, lastStop } = context;
  switch (object) {
    case 'features':
      return annex === 'target.xml' ? `=${TARGET_XML}` : NO_ANNEX;
    case 'auxv':
      return selected === undefined ? NOT_THERE : `=${bytesToText(selected.mm.image.auxv)}`;
    case 'exec-file': {
      const pid = annex === '' ? selected?.process.pid : hexNumber(annex);
      const thread = target.watch.threads.find(({ process }) => process.pid === pid);
      return thread === undefined ? NOT_THERE : `=${executablePath(thread)}`;
    }
    case 'threads':
      return `=${threadsXml(context)}`;
    case 'siginfo':
      return lastStop?.kind === 'signal' ? `=${bytesToText(encodeSiginfo(lastStop.info))}` : NOT_THERE;
    default:
      return undefined;
  }
}

function threadsXml({ target, isMultiprocess }: QueryContext): string {
  const lines = target.watch.threads.map((thread) => {
    const id = threadIdText(thread, isMultiprocess);
    return `<thread id="${id}" core="0" name="${xml(thread.name)}">${xml(threadState(thread))}</thread>`;
  });
  return `<?xml version="1.0"?>\n<threads>\n${lines.join('\n')}\n</threads>\n`;
}

/** Names are bytes of the guest's choice: what XML cannot hold becomes a question mark. */
function xml(text: string): string {
  return text.replace(/[^ -~]/g, '?').replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
}
