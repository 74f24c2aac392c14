// An entry of .debug_info and the unit that it is of, as debug-info.ts parses them.
// All readers of this folder work on entries.
// Data, and the two looks at an attribute that everybody needs.
import type { AttributeValue, Sections } from './forms.ts';

/** A debugging information entry. */
export interface Entry {
  readonly tag: number;
  /** In the section. */
  readonly offset: number;
  readonly unit: Unit;
  readonly attributes: ReadonlyMap<number, AttributeValue>;
  readonly children: Entry[];
}

export interface Unit {
  /** Of its header in the section. */
  readonly offset: number;
  readonly version: number;
  readonly offsetSize: 4 | 8;
  readonly sections: Sections;
  readonly root: Entry;
  /** By offset in the section. */
  readonly entries: ReadonlyMap<number, Entry>;
  readonly addressOfIndex: (index: number) => number;
  readonly textOfIndex: (index: number) => string;
  /** The entry of another unit, in the section of this one or of the supplementary file. */
  readonly entryAt: (offset: number, isElsewhere: boolean) => Entry | undefined;
  /** Of a partial unit: one that has what is in it as its own. */
  readonly importer: () => Unit | undefined;
  /** A type that is known by its signature to the file that the unit was split off to. */
  readonly typeOf: (signature: bigint) => Entry | undefined;
}

export function numberOf(entry: Entry, attribute: number): number | undefined {
  const value = entry.attributes.get(attribute);
  if (value?.kind === 'number' || value?.kind === 'address' || value?.kind === 'offset') return value.value;
  return value?.kind === 'address-index' ? entry.unit.addressOfIndex(value.value) : undefined;
}

export function textOf(entry: Entry, attribute: number): string | undefined {
  const value = entry.attributes.get(attribute);
  if (value?.kind === 'text') return value.text;
  return value?.kind === 'text-index' ? entry.unit.textOfIndex(value.value) : undefined;
}
