// Where a variable is kept while the program is at an address: one expression for its life, or a list by ranges of code.
// variables.ts and entry-values.ts ask. DWARF 5, sections 2.6.2 and 7.29; DWARF 4, section 2.6.2.
// Views (DW_AT_GNU_locviews) only tell apart rows of one address, which are not told apart here.
import { Attribute } from './attributes.ts';
import { ByteReader } from './byte-reader.ts';
import { type Entry, numberOf, type Unit } from './entry.ts';
import { baseAddress, LARGEST_ADDRESS, listAt } from './ranges.ts';

export interface Located {
  readonly low: number;
  readonly high: number;
  readonly expression: Uint8Array;
}

/**
 * The expression that is good at `address`, of the file; undefined when the variable is nowhere then.
 */
export function expressionAt(entry: Entry, attribute: number, address: number): Uint8Array | undefined {
  const value = entry.attributes.get(attribute);
  if (value?.kind === 'block') return value.bytes;
  const list = readList(entry, value?.kind === 'offset' || value?.kind === 'list-index' ? value : undefined);
  return list?.find(({ low, high }) => address >= low && address < high)?.expression;
}

/** All expressions of a list, with the addresses of the file that each is good for. */
export function expressionsOf(entry: Entry, attribute: number): readonly Located[] {
  const value = entry.attributes.get(attribute);
  return readList(entry, value?.kind === 'offset' || value?.kind === 'list-index' ? value : undefined) ?? [];
}

/** Does the variable move? */
export function hasLocationList(entry: Entry): boolean {
  const kind = entry.attributes.get(Attribute.LOCATION)?.kind;
  return kind === 'offset' || kind === 'list-index';
}

function readList(
  { unit }: Entry,
  value: { readonly kind: 'offset' | 'list-index'; readonly value: number } | undefined,
): Located[] | undefined {
  if (value === undefined) return undefined;
  try {
    if (unit.version < 5) return readList4(unit, value.value);
    if (value.kind === 'offset') return readList5(unit, value.value);
    const base = numberOf(unit.root, Attribute.LOCLISTS_BASE) ?? 0;
    return readList5(unit, listAt(unit, '.debug_loclists', base, value.value));
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function take(reader: ByteReader, length: number): Uint8Array {
  const { at } = reader;
  reader.skip(length);
  return reader.bytes.subarray(at, at + length);
}

function readList4(unit: Unit, offset: number): Located[] {
  const reader = new ByteReader(unit.sections('.debug_loc') ?? new Uint8Array(), offset);
  const found: Located[] = [];
  let base = baseAddress(unit);
  for (;;) {
    const [low, high] = [reader.u64Big(), reader.u64Big()];
    if (low === 0n && high === 0n) return found;
    if (low === LARGEST_ADDRESS) base = Number(high);
    else {
      const expression = take(reader, reader.u16());
      found.push({ low: base + Number(low), high: base + Number(high), expression });
    }
  }
}

function readList5(unit: Unit, offset: number): Located[] {
  const reader = new ByteReader(unit.sections('.debug_loclists') ?? new Uint8Array(), offset);
  const found: Located[] = [];
  let base = baseAddress(unit);
  let byDefault: Uint8Array | undefined;
  const add = (low: number, high: number): void => {
    found.push({ low, high, expression: take(reader, reader.uleb()) });
  };
  const indexed = (): number => unit.addressOfIndex(reader.uleb());
  for (;;) {
    const kind = reader.u8();
    switch (kind) {
      case 0: // DW_LLE_end_of_list
        if (byDefault !== undefined)
          found.push({ low: 0, high: Number.POSITIVE_INFINITY, expression: byDefault });
        return found;
      case 1: // DW_LLE_base_addressx
        base = indexed();
        break;
      case 2: // DW_LLE_startx_endx
        add(indexed(), indexed());
        break;
      case 3: {
        // DW_LLE_startx_length
        const low = indexed();
        add(low, low + reader.uleb());
        break;
      }
      case 4: // DW_LLE_offset_pair
        add(base + reader.uleb(), base + reader.uleb());
        break;
      case 5: // DW_LLE_default_location
        byDefault = take(reader, reader.uleb());
        break;
      case 6: // DW_LLE_base_address
        base = reader.u64();
        break;
      case 7: // DW_LLE_start_end
        add(reader.u64(), reader.u64());
        break;
      case 8: {
        // DW_LLE_start_length
        const low = reader.u64();
        add(low, low + reader.uleb());
        break;
      }
      case 9: // DW_LLE_GNU_view_pair
        reader.uleb();
        reader.uleb();
        break;
      default:
        throw new RangeError(`the location list entry ${kind} is not known`);
    }
  }
}
