// Which addresses an entry of .debug_info has code at: DW_AT_low_pc and DW_AT_high_pc, or a list of ranges.
// debug-info.ts, scopes.ts and name-index.ts ask. DWARF 5, section 2.17.
// Addresses are the file's own.
import { isList, RANGE_LISTS, readAddressList } from './address-lists.ts';
import { Attribute } from './attributes.ts';
import { type Entry, numberOf } from './entry.ts';

/** From an address to the one behind the last. */
export type Range = readonly [low: number, high: number];

const known = new WeakMap<Entry, readonly Range[] | 'none'>();

/** Undefined when the entry says nothing of code, or what it says is broken. */
export function rangesOf(entry: Entry): readonly Range[] | undefined {
  let ranges = known.get(entry);
  if (ranges === undefined) {
    ranges = readRanges(entry) ?? 'none';
    known.set(entry, ranges);
  }
  return ranges === 'none' ? undefined : ranges;
}

function readRanges(entry: Entry): readonly Range[] | undefined {
  const list = entry.attributes.get(Attribute.RANGES);
  if (isList(list)) return readAddressList(entry.unit, RANGE_LISTS, list, (low, high): Range => [low, high]);
  const low = numberOf(entry, Attribute.LOW_PC);
  const high = entry.attributes.get(Attribute.HIGH_PC);
  if (low === undefined || high === undefined) return undefined;
  return [[low, high.kind === 'number' ? low + high.value : (numberOf(entry, Attribute.HIGH_PC) ?? low)]];
}

/** Is `address` code of this entry? False also when nothing is known. */
export function covers(entry: Entry, address: number): boolean {
  return rangesOf(entry)?.some(([low, high]) => address >= low && address < high) === true;
}

/** Where the code of an entry is entered; undefined when it has none. */
export function entryAddress(entry: Entry): number | undefined {
  return (
    numberOf(entry, Attribute.ENTRY_PC) ?? numberOf(entry, Attribute.LOW_PC) ?? rangesOf(entry)?.[0]?.[0]
  );
}
