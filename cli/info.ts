// `rivulet info FILE`: what is in an ELF file, for people and as JSON.
// main.ts imports it when asked; debugger/elf-info.ts does the reading.
import fs from 'node:fs';
import { type ElfFile, readElfFile } from '../debugger/elf-info.ts';
import { CommandError } from './failure.ts';
import { writeAll } from './node-host.ts';

export interface InfoOptions {
  readonly symbols?: boolean;
  readonly json?: boolean;
}

/** Prints on stdout. Throws CommandError for what is no readable ELF file. */
export async function showInfo(path: string, options: InfoOptions): Promise<void> {
  const bytes = read(path);
  if (bytes.length < 4 || bytes.readUInt32BE(0) !== 0x7f454c46)
    throw new CommandError(`${path}: not an ELF file`);
  let elf: ElfFile;
  try {
    elf = await readElfFile(bytes);
  } catch (error) {
    throw new CommandError(`${path}: ${(error as Error).message}`);
  }
  const { symbols, ...rest } = elf;
  const text = options.json
    ? `${JSON.stringify(options.symbols ? elf : { ...rest, symbolCount: symbols.length }, undefined, 2)}\n`
    : plainText(path, elf, options.symbols === true);
  writeAll(1, Buffer.from(text));
}

function read(path: string): Buffer {
  try {
    return fs.readFileSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reasons: Record<string, string> = {
      ENOENT: 'no such file',
      EISDIR: 'a directory',
      EACCES: 'may not be read',
    };
    throw new CommandError(`${path}: ${reasons[code ?? ''] ?? `cannot be read (${code})`}`);
  }
}

const hex = (value: number): string => `0x${value.toString(16)}`;

function plainText(path: string, elf: ElfFile, withSymbols: boolean): string {
  const linkage =
    elf.interpreter === undefined
      ? 'statically linked'
      : `dynamically linked, interpreter ${elf.interpreter}`;
  const lines = [
    `${path}: ELF ${elf.bits}-bit, ${elf.machine}, ${elf.type}, ${linkage}`,
    `entry      ${hex(elf.entry)}`,
    ...(elf.libraries.length === 0 ? [] : [`libraries  ${elf.libraries.join(' ')}`]),
    '',
    'segments',
    ...table(
      ['type', 'flags', 'offset', 'address', 'in file', 'in memory'],
      elf.segments.map((segment) => [
        segment.type,
        segment.flags,
        hex(segment.offset),
        hex(segment.address),
        hex(segment.fileSize),
        hex(segment.memorySize),
      ]),
    ),
    '',
    'sections',
    ...table(
      ['name', 'type', 'address', 'offset', 'size'],
      elf.sections
        .filter((section) => section.name !== '')
        .map((section) => [
          section.name,
          section.type,
          hex(section.address),
          hex(section.offset),
          hex(section.size),
        ]),
    ),
    '',
    withSymbols ? 'symbols' : `${elf.symbols.length} symbols (--symbols lists them)`,
    ...(withSymbols
      ? table(
          ['address', 'size', 'kind', 'name'],
          elf.symbols.map((symbol) => [hex(symbol.address), String(symbol.size), symbol.kind, symbol.name]),
        )
      : []),
  ];
  return `${lines.join('\n')}\n`;
}

/** Columns as wide as their widest entry, two spaces apart. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((title, column) =>
    rows.reduce((width, row) => Math.max(width, (row[column] ?? '').length), title.length),
  );
  return [head, ...rows].map((row) =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd(),
  );
}
