// What look-ups of addresses and names take from ELF files.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readElfSymbols } from './elf-symbols.ts';

const hello = new URL('../guest-programs/prebuilt/hello', import.meta.url);

it('symbols whose names are ends of others have them', () => {
  const [name, end] = ['memory_print', 'print'];
  expect(readElfSymbols(fileWith(name, [0, 7])).symbols.map((each) => each.name)).toEqual([name, end]);
});

it('a file of 32 bits in the other byte order is read too', () => {
  const bytes = new Uint8Array(52);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 1, 2, 1]);
  view.setUint16(16, 2);
  view.setUint16(18, 20);
  view.setUint32(24, 0x1000_0040);
  expect(readElfSymbols(bytes)).toMatchObject({ entry: 0x1000_0040, sections: [], symbols: [] });
});

it('a file that ends before what it says of itself is refused with one line', () => {
  const bytes = readFileSync(hello);
  for (const length of [20, 63, 100])
    expect(() => readElfSymbols(bytes.subarray(0, length))).toThrow(/broken/);
  expect(() => readElfSymbols(new Uint8Array(3))).toThrow('not an ELF file');
});

/** A file that has a symbol table alone, whose names begin at the given places of one string. */
function fileWith(names: string, starts: readonly number[]): Uint8Array {
  const strings = new TextEncoder().encode(`${names}\0`);
  const [headersAt, symbolsAt] = [64, 64 + 3 * 64];
  const stringsAt = symbolsAt + 24 * starts.length;
  const bytes = new Uint8Array(stringsAt + strings.length);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(18, 243, true);
  view.setBigUint64(40, BigInt(headersAt), true);
  view.setUint16(58, 64, true);
  view.setUint16(60, 3, true);
  const section = (index: number, type: number, offset: number, size: number, link: number): void => {
    const at = headersAt + 64 * index;
    view.setUint32(at + 4, type, true);
    view.setBigUint64(at + 24, BigInt(offset), true);
    view.setBigUint64(at + 32, BigInt(size), true);
    view.setUint32(at + 40, link, true);
  };
  section(1, 2, symbolsAt, 24 * starts.length, 2);
  section(2, 3, stringsAt, strings.length, 0);
  for (const [index, start] of starts.entries()) {
    const at = symbolsAt + 24 * index;
    view.setUint32(at, start, true);
    view.setUint8(at + 4, 0x12); // a global function
    view.setUint16(at + 6, 1, true);
    view.setBigUint64(at + 8, BigInt(0x1000 + 16 * index), true);
  }
  bytes.set(strings, stringsAt);
  return bytes;
}
