// The code around the frame that is looked at: its source where the program has lines and the file is there, else instructions.
// session-view.ts shows it; `list` and `disassemble` print the same by hand.
// Instructions are found from the beginning of their function, as their lengths differ.
import type { Thread } from '../../kernel/task/thread.ts';
import type { CodeKind, Debugger } from '../prompt/debugger.ts';
import { instructionAt } from '../prompt/stop-text.ts';
import { type Breakpoint, placesOf } from '../session/breakpoints.ts';
import type { CodeRow, CodeView } from './view.ts';

/** Functions longer than this are shown from the present instruction on. */
const LONGEST_FUNCTION = 1 << 20;
const MNEMONIC_COLUMNS = 8;

/** Up to `rows` rows before and after the place of the selected frame. */
export function codeView(debugging: Debugger, thread: Thread, rows: number, kind: CodeKind): CodeView {
  return (
    (kind === 'auto' ? sourceView(debugging, thread, rows) : undefined) ??
    instructionView(debugging, thread, rows)
  );
}

function sourceView(debugging: Debugger, thread: Thread, rows: number): CodeView | undefined {
  const { frames } = debugging;
  const here = frames.selected.line;
  const lines = here === undefined || here.line === 0 ? undefined : frames.source(here.file);
  if (here === undefined || lines === undefined || here.line > lines.length) return undefined;
  const stops = new Set(
    breakpointsOf(debugging, thread)
      .flatMap(placesOf)
      .map((address) => {
        const line = frames.line(address);
        return line?.file === here.file ? line.line : 0;
      }),
  );
  const first = Math.max(1, here.line - rows);
  const shown = lines.slice(first - 1, here.line + rows).map((text, index): CodeRow => {
    const line = first + index;
    return {
      label: String(line),
      text,
      isCurrent: line === here.line,
      hasBreakpoint: stops.has(line),
    };
  });
  return { title: here.file.split('/').pop() ?? here.file, rows: shown, current: here.line - first };
}

function instructionView(debugging: Debugger, thread: Thread, rows: number): CodeView {
  const { pc, address: inside } = debugging.frames.selected;
  const around = debugging.session.symbols.functionAround(thread, inside);
  const stops = new Set(breakpointsOf(debugging, thread).flatMap(placesOf));
  const before = around === undefined ? [] : addressesBetween(debugging, thread, around.start, pc);
  const shown: CodeRow[] = [];
  const add = (address: number): number => {
    const instruction = instructionAt(debugging, thread, address);
    shown.push({
      label: address.toString(16),
      text: instruction === undefined ? 'not mapped' : inColumns(instruction.text),
      isCurrent: address === pc,
      hasBreakpoint: stops.has(address),
    });
    return instruction === undefined ? 0 : address + instruction.length;
  };
  for (const address of before.slice(-rows)) add(address);
  const current = shown.length;
  for (let address = pc, left = rows; left >= 0 && address !== 0; left--) address = add(address);
  const name = around === undefined ? undefined : debugging.symbolText(around.start);
  const file = debugging.session.symbols.place(thread, pc)?.file.split('/').pop() ?? 'no code';
  return { title: name === undefined ? file : `${name} in ${file}`, rows: shown, current };
}

/** Where instructions begin from `start` up to `end`, which must be one's beginning too: none otherwise. */
function addressesBetween(debugging: Debugger, thread: Thread, start: number, end: number): number[] {
  const bytes =
    end <= start || end - start > LONGEST_FUNCTION
      ? undefined
      : debugging.session.read(thread, start, end - start);
  if (bytes === undefined) return [];
  const addresses: number[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    addresses.push(start + offset);
    offset += ((bytes[offset] ?? 0) & 3) === 3 ? 4 : 2; // RISC-V unprivileged ISA, 1.5
  }
  return offset === bytes.length ? addresses : [];
}

function inColumns(text: string): string {
  const [mnemonic = '', operands] = text.split('\t');
  return operands === undefined ? mnemonic : `${mnemonic.padEnd(MNEMONIC_COLUMNS - 1)} ${operands}`;
}

function breakpointsOf(debugging: Debugger, thread: Thread): Breakpoint[] {
  return debugging.session.points.all.filter(
    (point): point is Breakpoint =>
      point.kind === 'break' &&
      point.id > 0 &&
      point.isDisabled !== true &&
      point.appliesTo?.(thread) !== false &&
      (point.tid ?? thread.tid) === thread.tid,
  );
}
