// Where a variable is kept while the program is at an address: one expression for its life, or a list by ranges of code.
// variables.ts and entry-values.ts ask. DWARF 5, section 2.6.2.
// Views (DW_AT_GNU_locviews) only tell apart rows of one address, which are not told apart here.
import { isList, LOCATION_LISTS, readAddressList } from './address-lists.ts';
import { Attribute } from './attributes.ts';
import type { Entry } from './entry.ts';

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
  const list = readList(entry, attribute);
  return list?.find(({ low, high }) => address >= low && address < high)?.expression;
}

/** All expressions of a list, with the addresses of the file that each is good for. */
export function expressionsOf(entry: Entry, attribute: number): readonly Located[] {
  return readList(entry, attribute) ?? [];
}

/** Does the variable move? */
export function hasLocationList(entry: Entry): boolean {
  return isList(entry.attributes.get(Attribute.LOCATION));
}

function readList(entry: Entry, attribute: number): Located[] | undefined {
  const value = entry.attributes.get(attribute);
  if (!isList(value)) return undefined;
  return readAddressList(entry.unit, LOCATION_LISTS, value, (low, high, reader) => {
    const length = entry.unit.version < 5 ? reader.u16() : reader.uleb();
    return { low, high, expression: reader.take(length) };
  });
}
