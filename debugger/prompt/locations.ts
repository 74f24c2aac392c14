// Locations of code as typed: FUNCTION, *ADDRESS, [FILE:]LINE, FILE:FUNCTION, SYMBOL+N, +N, -N.
// break, tbreak, until, advance, list and info line resolve them here; one may have several addresses.
// An address by name belongs to one program: with fork and exec another may have different code there.
import type { Thread } from '../../kernel/task/thread.ts';
import { Attribute } from '../dwarf/attributes.ts';
import { type Entry, textOf } from '../dwarf/entry.ts';
import { entryAddress } from '../dwarf/ranges.ts';
import { scopesAt } from '../dwarf/scopes.ts';
import { isSameFile } from '../dwarf/source-map.ts';
import { functionsNamed, hasMovingVariables, inlinedCopies } from '../dwarf/unit-names.ts';
import type { Breakpoint } from '../session/breakpoints.ts';
import { addressOf } from '../values/values.ts';
import type { Debugger } from './debugger.ts';
import { PromptError } from './prompt-error.ts';

export interface Location {
  readonly address: number;
  /** All of them in order, when it has several: copies that were inlined, loops that were unrolled. */
  readonly addresses: readonly number[];
  /** As it was typed. */
  readonly text: string;
  /** Does the address mean the same in that thread's program? */
  readonly appliesTo?: (thread: Thread) => boolean;
}

/** What a breakpoint there is made of. */
export function breakAt({
  address,
  addresses,
  text,
  appliesTo,
}: Location): Pick<Breakpoint, 'kind' | 'address' | 'locations' | 'text' | 'appliesTo'> {
  return {
    kind: 'break',
    address,
    text,
    ...(addresses.length > 1 ? { locations: addresses.map((each) => ({ address: each })) } : {}),
    ...(appliesTo === undefined ? {} : { appliesTo }),
  };
}

/** Throws PromptError with one line. */
export function resolveLocation(debugging: Debugger, text: string): Location {
  const found = findLocation(debugging, text);
  if (typeof found === 'string') throw new PromptError(found);
  return found;
}

/** As resolveLocation; a line of text when there is no such place now, but may be when more code is loaded. */
export function findLocation(debugging: Debugger, text: string): Location | string {
  const trimmed = text.trim();
  if (trimmed === '') return only(debugging.frames.selected.pc, 'here');
  if (trimmed.startsWith('*')) return only(addressOf(debugging.evaluate(trimmed.slice(1))), trimmed);
  const byLine = /^(?:(.+[^:]):)?([+-]?\d+)$/.exec(trimmed);
  if (byLine !== null) return lineLocation(debugging, byLine[1], byLine[2] ?? '', trimmed);
  const inFile = /^([^:]+\.\w+):(?!:)([A-Za-z_'].*)$/.exec(trimmed);
  const [, typed = trimmed, offset] =
    /^([A-Za-z_.$][\w.$:]*)\s*(?:\+\s*(\w+))?$/.exec(inFile?.[2] ?? trimmed) ?? [];
  const name = withoutQuotes(inFile !== null && offset === undefined ? (inFile[2] ?? typed) : typed);
  const { programThread: thread } = debugging;
  if (offset !== undefined) {
    const symbol = debugging.session.symbols.find(thread, name);
    if (symbol === undefined) return `Function "${trimmed}" not defined.`;
    return inProgram(debugging, [symbol.address + addressOf(debugging.evaluate(offset))], trimmed);
  }
  const addresses = functionAddresses(debugging, name, inFile?.[1]);
  if (addresses.length > 0) return inProgram(debugging, addresses, trimmed);
  if (debugging.session.symbols.names(thread).length === 0)
    return 'No symbol table is loaded.  Use the "file" command.';
  return inFile === null
    ? `Function "${trimmed}" not defined.`
    : `Function "${name}" not defined in "${inFile[1]}".`;
}

/** `'hello::main'` and `-function hello::main` as well. */
function withoutQuotes(name: string): string {
  return name.replace(/^'(.*)'$/, '$1');
}

function only(address: number, text: string): Location {
  return { address, addresses: [address], text };
}

/** Where functions of that name begin, behind the code that makes their frames, and where they were inlined. */
function functionAddresses(debugging: Debugger, name: string, file: string | undefined): number[] {
  const { programThread: thread, session } = debugging;
  const found = new Set<number>();
  for (const mapped of session.symbols.sources.files(thread)) {
    const { info } = mapped.file;
    for (const unit of info.unitsNaming(name)) {
      if (file !== undefined && !isSameFile(textOf(unit.root, Attribute.NAME) ?? '', file)) continue;
      for (const entry of functionsNamed(info, unit, name)) {
        const address = bodyOf(debugging, entry, mapped.bias);
        if (address !== undefined) found.add(address);
      }
      for (const { address } of inlinedCopies(info, unit, name)) found.add(address + mapped.bias);
    }
  }
  if (found.size > 0 || file !== undefined) return [...found].sort((a, b) => a - b);
  const symbols = session.symbols.renamed(thread, name);
  const whole = symbols.filter((symbol) => !symbol.name.includes('.cold'));
  const chosen = whole.some(({ isFunction }) => isFunction)
    ? whole.filter(({ isFunction }) => isFunction)
    : whole;
  return [...new Set(chosen.map(({ address }) => debugging.frames.afterPrologue(address)))].sort(
    (a, b) => a - b,
  );
}

/** Optimised code says where its variables are from the first instruction on; other code makes its frame first. */
function bodyOf(debugging: Debugger, entry: Entry, bias: number): number | undefined {
  const start = entryAddress(entry);
  if (start === undefined) return undefined;
  return hasMovingVariables(entry.unit) ? start + bias : debugging.frames.afterPrologue(start + bias);
}

function lineLocation(
  debugging: Debugger,
  file: string | undefined,
  typed: string,
  text: string,
): Location | string {
  const { frames, programThread: thread, session } = debugging;
  const name = file ?? frames.currentFile();
  if (name === undefined) return 'No symbol table is loaded.  Use the "file" command.';
  const here = frames.here?.line ?? 0;
  const line = /^[+-]/.test(typed) ? here + Number(typed) : Number(typed);
  const found = frames.addressesOf(name, line);
  if (found === undefined) return `No source file named ${name}.`;
  if (found.length === 0)
    return file === undefined ? `No line ${line} in the current file.` : `No line ${line} in file "${name}".`;
  // of one block the first counts
  const seen = new Set<unknown>();
  const addresses: number[] = [];
  for (const address of found) {
    const mapped = session.symbols.sources.fileAt(thread, address);
    const scope = mapped && scopesAt(mapped.file.info, address - mapped.bias)[0];
    const block = scope?.blocks[0] ?? address;
    if (seen.has(block)) continue;
    seen.add(block);
    // where a function begins it has no frame yet, as with its name
    const isEntry =
      scope !== undefined && mapped !== undefined && entryAddress(scope.subprogram) === address - mapped.bias;
    addresses.push((isEntry ? bodyOf(debugging, scope.subprogram, mapped.bias) : undefined) ?? address);
  }
  return inProgram(debugging, addresses, text);
}

/** Only where the same file is mapped at that address. */
function inProgram(debugging: Debugger, addresses: readonly number[], text: string): Location {
  const { symbols } = debugging.session;
  const [address = 0] = addresses;
  const file = symbols.place(debugging.programThread, address)?.file;
  if (file === undefined) return { address, addresses, text };
  return { address, addresses, text, appliesTo: (other) => symbols.place(other, address)?.file === file };
}

/** ` at 0x10754: file values.c, line 101.`, or how many places there are. */
export function placesText(debugging: Debugger, { address, addresses, text }: Location): string {
  const hex = debugging.settings.isOn('print address') ? ` at 0x${address.toString(16)}` : '';
  if (addresses.length > 1) return `${hex}: ${text}. (${addresses.length} locations)`;
  const line = debugging.frames.line(address);
  return line === undefined ? hex : `${hex}: file ${line.name}, line ${line.line}.`;
}
