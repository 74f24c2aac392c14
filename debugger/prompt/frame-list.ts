// The frames of a thread as a person sees them: those of debugger/stack.ts, with a frame for each inlined function.
// frames.ts keeps the list of the thread that is looked at.
// An inlined function has the registers of the function that it is in; its caller's line is where it was inlined.

import type { Thread } from '../../kernel/task/thread.ts';
import { Attribute } from '../dwarf/attributes.ts';
import { numberOf } from '../dwarf/entry.ts';
import { rangesOf } from '../dwarf/ranges.ts';
import { callPlace, type Scope, scopesAt } from '../dwarf/scopes.ts';
import type { SourceLine } from '../dwarf/source-line.ts';
import type { MappedFile } from '../dwarf/source-map.ts';
import type { FrameRegisters } from '../dwarf/unwind.ts';
import { type Frame, stackFrames } from '../stack.ts';
import type { Symbols } from '../symbols.ts';

/** A place in the source; the range of its code where that is known. */
export interface FrameLine {
  readonly file: string;
  readonly name: string;
  readonly line: number;
  /** Where the line's code begins; undefined of a call that was inlined. */
  readonly start: number | undefined;
  /** False in the middle of another line's code. */
  readonly isStatement: boolean;
}

export interface PromptFrame extends Frame {
  /** Undefined where there is no debug information. */
  readonly scope: Scope | undefined;
  readonly mapped: MappedFile | undefined;
  /** It is a copy of a function inside the next frame. */
  readonly isInlined: boolean;
  /** A copy of a function was inlined here: the address is that one's. */
  readonly callsInlined: boolean;
  readonly line: FrameLine | undefined;
  /** The frame that really called; undefined when there is none, or it is not known. */
  readonly caller: Frame | undefined;
  /** Nobody's: it stands for the debugger, which called the frame before it. */
  readonly isByHand?: boolean;
}

/**
 * Innermost first; never empty. `hidden`: how many inlined functions that begin at pc are not entered yet. With `most`
 * those of so many real frames at most. Of `registers` when they are not the thread's.
 */
export function listFrames(
  thread: Thread,
  symbols: Symbols,
  hidden: number,
  most?: number,
  registers?: FrameRegisters,
): PromptFrame[] {
  const physical = stackFrames(thread, symbols, most, registers);
  return physical.flatMap((frame, index) =>
    framesOf(thread, symbols, frame, physical[index + 1], index === 0 ? hidden : 0),
  );
}

function framesOf(
  thread: Thread,
  symbols: Symbols,
  frame: Frame,
  caller: Frame | undefined,
  hidden: number,
): PromptFrame[] {
  const mapped = symbols.sources.fileAt(thread, frame.address);
  const line = symbols.sources.lineAt(thread, frame.address);
  const scopes = mapped === undefined ? [] : scopesAt(mapped.file.info, frame.address - mapped.bias);
  const own = lineOf(line);
  if (mapped === undefined || scopes.length === 0) {
    return [{ ...frame, scope: undefined, mapped, isInlined: false, callsInlined: false, line: own, caller }];
  }
  const skipped = Math.min(hidden, scopes.length - 1);
  return scopes.slice(skipped).map((scope, index) => {
    const inner = scopes[skipped + index - 1];
    return {
      ...frame,
      scope,
      mapped,
      isInlined: scope.isInlined,
      callsInlined: inner !== undefined,
      line: inner === undefined ? own : (callLine(mapped, inner) ?? own),
      caller,
    };
  });
}

function lineOf(line: SourceLine | undefined): FrameLine | undefined {
  return (
    line && {
      file: line.file,
      name: line.name,
      line: line.line,
      start: line.start,
      isStatement: line.isStatement,
    }
  );
}

/** Where `scope` was inlined. */
function callLine({ file }: MappedFile, scope: Scope): FrameLine | undefined {
  const place = callPlace(scope);
  const table = numberOf(scope.entry.unit.root, Attribute.STMT_LIST);
  const source = place && table !== undefined ? file.filesAt(table)[place.file] : undefined;
  return (
    place &&
    source && { file: source.path, name: source.name, line: place.line, start: undefined, isStatement: true }
  );
}

/** The inlined functions around an address that begin there, innermost first. */
export function inlinedFrom(symbols: Symbols, thread: Thread, address: number): Scope[] {
  const mapped = symbols.sources.fileAt(thread, address);
  if (mapped === undefined) return [];
  const found: Scope[] = [];
  for (const scope of scopesAt(mapped.file.info, address - mapped.bias)) {
    const starts = rangesOf(scope.entry)?.some(([low]) => low === address - mapped.bias) === true;
    if (!scope.isInlined || !starts) break;
    found.push(scope);
  }
  return found;
}
