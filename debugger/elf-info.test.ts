// What `rivulet info` takes from ELF files, also from those that no RISC-V machine runs.
import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readElfFile } from './elf-info.ts';

const hello = new URL('../guest-programs/prebuilt/hello', import.meta.url);

it('headers are told in words', async () => {
  const elf = await readElfFile(readFileSync(hello));
  expect(elf).toMatchObject({ bits: 64, byteOrder: 'Little endian', machine: 'RISC-V' });
  expect(elf.segments).toContainEqual(expect.objectContaining({ type: 'Load' }));
  expect(elf.sections).toContainEqual(expect.objectContaining({ name: '.text' }));
});

it('a file that ends before what it says of itself is refused', async () => {
  const bytes = readFileSync(hello);
  for (const length of [20, 63, 100]) await expect(readElfFile(bytes.subarray(0, length))).rejects.toThrow();
});

it.skipIf(!existsSync('/bin/ls'))('a program of this computer is read', async () => {
  const elf = await readElfFile(readFileSync('/bin/ls'));
  expect(elf.libraries.some((name) => name.startsWith('libc.'))).toBe(true);
});
