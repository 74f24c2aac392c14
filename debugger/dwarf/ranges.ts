// Which addresses an entry of .debug_info has code at: DW_AT_low_pc and DW_AT_high_pc, or a list of ranges.
// debug-info.ts, scopes.ts and name-index.ts ask. DWARF 5, sections 2.17 and 7.25; DWARF 4, section 2.17.3.
// Addresses are the file's own.
import { Attribute } from './attributes.ts';
import { ByteReader } from './byte-reader.ts';
import { type Entry, numberOf, type Unit } from './entry.ts';

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
  try {
    if (list?.kind === 'offset')
      return entry.unit.version >= 5 ? readList5(entry.unit, list.value) : readList4(entry.unit, list.value);
    if (list?.kind === 'list-index') {
      const base = numberOf(entry.unit.root, Attribute.RNGLISTS_BASE) ?? 0;
      return readList5(entry.unit, listAt(entry.unit, '.debug_rnglists', base, list.value));
    }
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
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

/** The offset in its section of a list that is known by its number. */
export function listAt(unit: Unit, section: string, base: number, index: number): number {
  const bytes = unit.sections(section) ?? new Uint8Array();
  return base + new ByteReader(bytes, base + index * unit.offsetSize).unsigned(unit.offsetSize);
}

/** What offsets of lists count from until a list says otherwise. */
export function baseAddress(unit: Unit): number {
  return numberOf(unit.root, Attribute.LOW_PC) ?? 0;
}

export const LARGEST_ADDRESS = 0xffff_ffff_ffff_ffffn;

function readList4(unit: Unit, offset: number): Range[] {
  const reader = new ByteReader(unit.sections('.debug_ranges') ?? new Uint8Array(), offset);
  const ranges: Range[] = [];
  let base = baseAddress(unit);
  for (;;) {
    const [low, high] = [reader.u64Big(), reader.u64Big()];
    if (low === 0n && high === 0n) return ranges;
    if (low === LARGEST_ADDRESS) base = Number(high);
    else if (low < high) ranges.push([base + Number(low), base + Number(high)]);
  }
}

function readList5(unit: Unit, offset: number): Range[] {
  const reader = new ByteReader(unit.sections('.debug_rnglists') ?? new Uint8Array(), offset);
  const ranges: Range[] = [];
  let base = baseAddress(unit);
  const add = (low: number, high: number): void => {
    if (low < high) ranges.push([low, high]);
  };
  const indexed = (): number => unit.addressOfIndex(reader.uleb());
  for (;;) {
    const kind = reader.u8();
    switch (kind) {
      case 0: // DW_RLE_end_of_list
        return ranges;
      case 1: // DW_RLE_base_addressx
        base = indexed();
        break;
      case 2: // DW_RLE_startx_endx
        add(indexed(), indexed());
        break;
      case 3: {
        // DW_RLE_startx_length
        const low = indexed();
        add(low, low + reader.uleb());
        break;
      }
      case 4: // DW_RLE_offset_pair
        add(base + reader.uleb(), base + reader.uleb());
        break;
      case 5: // DW_RLE_base_address
        base = reader.u64();
        break;
      case 6: // DW_RLE_start_end
        add(reader.u64(), reader.u64());
        break;
      case 7: {
        // DW_RLE_start_length
        const low = reader.u64();
        add(low, low + reader.uleb());
        break;
      }
      default:
        throw new RangeError(`the range list entry ${kind} is not known`);
    }
  }
}
