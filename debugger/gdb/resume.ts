// vCont and its older kin as lists of actions: which threads run, which one steps, and with which signals.
// The server parses with it. Source: gdb manual, E.2 "Packets", vCont.
import { hexNumber } from './packet.ts';
import { linuxSignal } from './signals.ts';
import type { ResumeAction } from './target.ts';
import { parseThreadId, type ThreadId } from './thread-ids.ts';

const EVERYTHING: ThreadId = { pid: -1, tid: -1 };
const KINDS: Readonly<Record<string, ResumeAction['kind']>> = {
  c: 'continue',
  C: 'continue',
  s: 'step',
  S: 'step',
  r: 'step',
  t: 'stay',
};

/** The actions of `;c:p1.-1;s:p2.3`; undefined when they make no sense. */
export function parseActions(text: string): ResumeAction[] | undefined {
  const actions: ResumeAction[] = [];
  for (const part of text.split(';').slice(1)) {
    const colon = part.indexOf(':');
    const word = colon < 0 ? part : part.slice(0, colon);
    const id = colon < 0 ? EVERYTHING : parseThreadId(part.slice(colon + 1));
    const action = id && parseAction(word, id);
    if (action === undefined) return undefined;
    actions.push(action);
  }
  return actions.length > 0 ? actions : undefined;
}

function parseAction(word: string, id: ThreadId): ResumeAction | undefined {
  const letter = word.charAt(0);
  const rest = word.slice(1);
  const kind = KINDS[letter];
  if (kind === undefined) return undefined;
  if (letter === 'C' || letter === 'S') {
    const number = hexNumber(rest);
    return Number.isNaN(number) ? undefined : { kind, signo: linuxSignal(number), id };
  }
  if (letter === 'r') {
    const [start = '', end = ''] = rest.split(',');
    const range = { start: hexNumber(start), end: hexNumber(end) };
    return Number.isNaN(range.start + range.end) ? undefined : { kind, signo: 0, range, id };
  }
  return rest === '' ? { kind, signo: 0, id } : undefined;
}

/** c, s, C and S: `chosen` is what Hc named. undefined for an address to go on at, which gdb no longer sends. */
export function parseOldAction(packet: string, chosen: ThreadId): ResumeAction[] | undefined {
  const action = parseAction(packet, chosen.tid === 0 ? EVERYTHING : chosen);
  if (action === undefined || action.kind === 'stay') return undefined;
  return action.kind === 'step' ? [action, { kind: 'continue', signo: 0, id: EVERYTHING }] : [action];
}
