// Lists of address ranges, as ranges.ts and location-lists.ts read them: what stands for each range (nothing, or an
// expression) is theirs. DWARF 5, sections 2.6.2, 2.17.3, 7.25 and 7.29; DWARF 4, the same sections of its chapter 2.
// Addresses are the file's own.
import { Attribute } from './attributes.ts';
import { ByteReader } from './byte-reader.ts';
import { numberOf, type Unit } from './entry.ts';
import type { AttributeValue } from './forms.ts';

/** One sort of lists: where they lie, and what the entries of version 5 mean by their number. */
export interface ListSort {
  readonly section4: string;
  readonly section5: string;
  /** The attribute of the unit that says where its lists are counted from. */
  readonly base: number;
  readonly entries: readonly ListEntry[];
  /** Ranges that end where they begin are listed too. */
  readonly keepsEmpty: boolean;
}

type ListEntry =
  | 'end'
  | 'base index'
  | 'start and end index'
  | 'start index and length'
  | 'offset pair'
  | 'default'
  | 'base'
  | 'start and end'
  | 'start and length'
  | 'view pair';

const COMMON = [
  'end',
  'base index',
  'start and end index',
  'start index and length',
  'offset pair',
] as const satisfies readonly ListEntry[];

export const RANGE_LISTS: ListSort = {
  section4: '.debug_ranges',
  section5: '.debug_rnglists',
  base: Attribute.RNGLISTS_BASE,
  entries: [...COMMON, 'base', 'start and end', 'start and length'],
  keepsEmpty: false,
};

export const LOCATION_LISTS: ListSort = {
  section4: '.debug_loc',
  section5: '.debug_loclists',
  base: Attribute.LOCLISTS_BASE,
  entries: [...COMMON, 'default', 'base', 'start and end', 'start and length', 'view pair'],
  keepsEmpty: true,
};

/** An attribute that says which list is meant. */
export type ListValue = Extract<AttributeValue, { readonly kind: 'offset' | 'list-index' }>;

export function isList(value: AttributeValue | undefined): value is ListValue {
  return value?.kind === 'offset' || value?.kind === 'list-index';
}

/**
 * What `take` makes of each range; it reads what follows the addresses, and is told of the default of a list, which holds
 * where no other range does, last, as one from 0 to Infinity. Undefined when the list is broken.
 */
export function readAddressList<T>(
  unit: Unit,
  sort: ListSort,
  value: ListValue,
  take: (low: number, high: number, reader: ByteReader) => T,
): T[] | undefined {
  try {
    if (unit.version < 5) return readList4(unit, sort, value.value, take);
    const offset = value.kind === 'offset' ? value.value : offsetOf(unit, sort, value.value);
    return readList5(unit, sort, offset, take);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Of a list that is known by its number. */
function offsetOf(unit: Unit, sort: ListSort, index: number): number {
  // in split units no base is said: the lists begin behind the section's header
  const base = numberOf(unit.root, sort.base) ?? (unit.offsetSize === 8 ? 20 : 12);
  const place = base + index * unit.offsetSize;
  return base + sectionReader(unit, sort.section5, place).unsigned(unit.offsetSize);
}

function sectionReader(unit: Unit, section: string, offset: number): ByteReader {
  return new ByteReader(unit.sections(section) ?? new Uint8Array(), offset);
}

/** What offsets of lists count from until a list says otherwise. */
function baseAddress(unit: Unit): number {
  return numberOf(unit.root, Attribute.LOW_PC) ?? 0;
}

const LARGEST_ADDRESS = 0xffff_ffff_ffff_ffffn;

function readList4<T>(
  unit: Unit,
  sort: ListSort,
  offset: number,
  take: (low: number, high: number, reader: ByteReader) => T,
): T[] {
  const reader = sectionReader(unit, sort.section4, offset);
  const found: T[] = [];
  let base = baseAddress(unit);
  for (;;) {
    const [low, high] = [reader.u64Big(), reader.u64Big()];
    if (low === 0n && high === 0n) return found;
    if (low === LARGEST_ADDRESS) base = Number(high);
    else if (sort.keepsEmpty || low < high) found.push(take(base + Number(low), base + Number(high), reader));
  }
}

function readList5<T>(
  unit: Unit,
  sort: ListSort,
  offset: number,
  take: (low: number, high: number, reader: ByteReader) => T,
): T[] {
  const reader = sectionReader(unit, sort.section5, offset);
  const found: T[] = [];
  const defaults: T[] = [];
  let base = baseAddress(unit);
  const add = (low: number, high: number): void => {
    if (sort.keepsEmpty || low < high) found.push(take(low, high, reader));
  };
  const indexed = (): number => unit.addressOfIndex(reader.uleb());
  for (;;) {
    const kind = reader.u8();
    const entry = sort.entries[kind];
    switch (entry) {
      case 'end':
        return [...found, ...defaults];
      case 'base index':
        base = indexed();
        break;
      case 'start and end index':
        add(indexed(), indexed());
        break;
      case 'start index and length': {
        const low = indexed();
        add(low, low + reader.uleb());
        break;
      }
      case 'offset pair':
        add(base + reader.uleb(), base + reader.uleb());
        break;
      case 'default':
        defaults.push(take(0, Number.POSITIVE_INFINITY, reader));
        break;
      case 'base':
        base = reader.u64();
        break;
      case 'start and end':
        add(reader.u64(), reader.u64());
        break;
      case 'start and length': {
        const low = reader.u64();
        add(low, low + reader.uleb());
        break;
      }
      case 'view pair': // DW_LLE_GNU_view_pair: tells apart rows of one address, which are not told apart here
        reader.uleb();
        reader.uleb();
        break;
      case undefined:
        throw new RangeError(`the list entry ${kind} is not known`);
      default:
        entry satisfies never;
    }
  }
}
