// `info breakpoints`: stop points with their places, conditions, hits and commands.
// commands/info.ts prints it.
// The columns are gdb's.
import { signalName } from '../../kernel/abi/kinds/signal-text.ts';
import type { Breakpoint, StopPoint, WatchedFor } from '../session/breakpoints.ts';
import { VOID } from '../values/c-types.ts';
import { indented } from './block-collector.ts';
import type { Debugger } from './debugger.ts';
import { wideAddress } from './frame-text.ts';
import { watchedText } from './stop-text.ts';

const WIDTHS: readonly number[] = [7, 14, 4, 3, 18];
const TYPE_COLUMN = 1;
const ADDRESS_COLUMN = 4;

const WATCHPOINTS: Readonly<Record<WatchedFor, string>> = {
  change: 'hw watchpoint',
  read: 'read watchpoint',
  access: 'acc watchpoint',
};

/** Lines of the table; of watchpoints alone with `isWatched`. */
export function breakpointLines(debugging: Debugger, isWatched = false): string[] {
  const points = debugging.session.points.all.filter(
    ({ id, kind }) => id > 0 && (!isWatched || kind === 'watch'),
  );
  if (points.length === 0) return [isWatched ? 'No watchpoints.' : 'No breakpoints or watchpoints.'];
  const last = points.filter((point) => point.kind === 'break').at(-1);
  if (last !== undefined) debugging.examined.last = { address: last.address, type: VOID };
  const head = ['Num', 'Type', 'Disp', 'Enb', 'Address', 'What'];
  const rows = [head, ...points.flatMap((point) => pointRows(debugging, point))];
  return inColumns(rows, debugging.settings.isOn('print address'));
}

/** Cells in columns; that of the types is as wide as the widest. */
function inColumns(rows: readonly (readonly string[])[], hasAddresses: boolean): string[] {
  const widest = Math.max(
    ...rows.map((cells) => (cells.length === 1 ? 0 : (cells[TYPE_COLUMN] ?? '').length)),
  );
  return rows.map((cells) =>
    cells.length === 1
      ? (cells[0] ?? '')
      : cells
          .map((cell, column) =>
            cell.padEnd(Math.max(WIDTHS[column] ?? 0, column === TYPE_COLUMN ? widest : 0)),
          )
          .filter((_, column) => hasAddresses || column !== ADDRESS_COLUMN)
          .join(' '),
  );
}

/** Rows of cells; lines below them are rows of one. */
type Rows = (readonly string[])[];

function pointRows(debugging: Debugger, point: StopPoint): Rows {
  const type =
    point.kind === 'watch'
      ? WATCHPOINTS[point.watchedFor]
      : /^catch/.test(point.kind) || ('exception' in point && point.exception !== undefined)
        ? 'catchpoint'
        : point.kind === 'break' && point.prints !== undefined
          ? 'dprintf'
          : 'breakpoint';
  const isSeveral = point.kind === 'break' && (point.locations?.length ?? 0) > 1;
  const address =
    point.kind === 'pending'
      ? '<PENDING>'
      : point.kind !== 'break'
        ? ''
        : isSeveral
          ? '<MULTIPLE>'
          : wideAddress(point.address);
  const enabled = point.isDisabled === true ? 'n' : 'y';
  const disposition = point.isTemporary ? 'del' : point.remaining === undefined ? 'keep' : 'dis';
  const ofThread = point.tid === undefined ? '' : ` thread ${point.tid}`;
  const what = isSeveral ? '' : `${whatText(debugging, point)}${ofThread}`;
  const rows: Rows = [[String(point.id), type, disposition, enabled, address, what]];
  if ('condition' in point && point.condition !== undefined) rows.push([`\tstop only if ${point.condition}`]);
  if (point.tid !== undefined) rows.push([`\tstop only in thread ${point.tid}`]);
  if (point.hits > 0) rows.push([`\tbreakpoint already hit ${point.hits} time${point.hits > 1 ? 's' : ''}`]);
  if ((point.ignores ?? 0) > 0) rows.push([`\tignore next ${point.ignores} hits`]);
  if ((point.remaining ?? 0) > 1)
    rows.push([
      `\tdisable after ${(point.ignores ?? 0) > 0 ? 'additional' : 'next'} ${point.remaining} hits`,
    ]);
  if (point.kind === 'break' && point.prints !== undefined) rows.push([`        printf ${point.prints}`]);
  rows.push(...indented(debugging.stopCommands.linesOf(point.id)).map((line) => [`        ${line}`]));
  if (isSeveral) rows.push(...locationRows(debugging, point));
  return rows;
}

function locationRows(debugging: Debugger, { id, locations = [] }: Breakpoint): Rows {
  return locations.map(({ address, isDisabled }, at) => [
    `${id}.${at + 1}`,
    '',
    '',
    isDisabled === true ? 'n' : 'y',
    wideAddress(address),
    codeText(debugging, address),
  ]);
}

/** ` in twice at steps.c:10`, or the symbol where there are no lines. */
function codeText(debugging: Debugger, address: number): string {
  const line = debugging.frames.line(address);
  const symbol = debugging.symbolText(address);
  if (line === undefined) return symbol === undefined ? '' : `<${symbol}>`;
  return `in ${debugging.frames.signatureAt(address) ?? symbol?.replace(/\+\d+$/, '') ?? '??'} at ${line.name}:${line.line}`;
}

function whatText(debugging: Debugger, point: StopPoint): string {
  switch (point.kind) {
    case 'pending':
      return point.exception === undefined ? point.text : `exception ${point.exception}`;
    case 'break':
      if (point.exception !== undefined) return `exception ${point.exception}`;
      return codeText(debugging, point.address);
    case 'watch':
      return watchedText(point);
    case 'catch-syscall':
      if (point.subject !== undefined) return `calls about ${point.subject}`;
      return point.names.size === 0
        ? '<any syscall>'
        : `syscall ${[...point.names].map((name) => `"${name}"`).join(', ')}`;
    case 'catch-signal':
      return point.signals === undefined
        ? 'signal "<any signal>"'
        : `signal "${[...point.signals].map((signo) => signalName(signo)).join(' ')}"`;
    default:
      return point.kind.replace('catch-', '');
  }
}
