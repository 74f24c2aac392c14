// The line tables of .debug_line, versions 2 to 5: the byte programs that say which address came from which line.
// source-map.ts calls it once for each file. Opcodes and forms: DWARF 5, sections 6.2 and 7.22.
// A unit that is not understood is left out; the others count.
import { ByteReader, textAt } from './byte-reader.ts';
import type { SourceLine } from './source-line.ts';

/** The sections that line tables refer to. */
export interface LineSections {
  readonly line: Uint8Array;
  /** .debug_line_str and .debug_str, for DWARF 5. */
  readonly lineStrings: Uint8Array | undefined;
  readonly strings: Uint8Array | undefined;
}

const DWARF64 = 0xffff_ffff;

/** All lines of all units, in order of address. */
export function readLines(sections: LineSections): SourceLine[] {
  const lines: SourceLine[] = [];
  const { line } = sections;
  for (let at = 0; at + 4 <= line.length; ) {
    const start = new ByteReader(line, at);
    const first = start.u32();
    const offsetSize = first === DWARF64 ? 8 : 4;
    let length = first;
    try {
      if (first === DWARF64) length = start.u64();
      lines.push(
        ...readUnit(
          sections,
          new ByteReader(line, start.at, Math.min(start.at + length, line.length)),
          offsetSize,
        ),
      );
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
    if (!(length > 0)) break;
    at = start.at + length;
  }
  return lines.sort((a, b) => a.start - b.start);
}

interface Header {
  readonly minimumLength: number;
  readonly defaultIsStatement: boolean;
  readonly lineBase: number;
  readonly lineRange: number;
  readonly opcodeBase: number;
  /** Operands of standard opcodes, by opcode. */
  readonly operands: readonly number[];
  readonly files: readonly SourceFile[];
}

/** By its number in the table. */
export interface SourceFile {
  /** With its directory. */
  readonly path: string;
  /** As it was named to the compiler. */
  readonly name: string;
}

function readUnit(sections: LineSections, reader: ByteReader, offsetSize: number): SourceLine[] {
  const header = readHeader(sections, reader, offsetSize);
  return header === undefined ? [] : runProgram(reader, header);
}

/** The files of the table at an offset of .debug_line. */
export function readFiles(sections: LineSections, offset: number): readonly SourceFile[] {
  try {
    const reader = new ByteReader(sections.line, offset);
    const isLarge = reader.u32() === DWARF64;
    if (isLarge) reader.skip(8);
    return readHeader(sections, reader, isLarge ? 8 : 4)?.files ?? [];
  } catch (error) {
    if (error instanceof RangeError) return [];
    throw error;
  }
}

/** Leaves the reader at the program. */
function readHeader(sections: LineSections, reader: ByteReader, offsetSize: number): Header | undefined {
  const version = reader.u16();
  if (version < 2 || version > 5) return undefined;
  if (version >= 5) reader.skip(2); // address size, segment selector size
  const headerLength = reader.unsigned(offsetSize);
  const program = reader.at + headerLength;
  const minimumLength = reader.u8();
  if (version >= 4) reader.skip(1); // operations of one instruction: 1 but for VLIW
  const defaultIsStatement = reader.u8() !== 0;
  const lineBase = reader.i8();
  const lineRange = reader.u8();
  const opcodeBase = reader.u8();
  const operands = [0];
  for (let opcode = 1; opcode < opcodeBase; opcode++) operands.push(reader.u8());
  const files = version >= 5 ? readTables5(sections, reader, offsetSize) : readTables4(reader);
  reader.at = program;
  return { minimumLength, defaultIsStatement, lineBase, lineRange, opcodeBase, operands, files };
}

/** Directories and files of versions 2 to 4: number 0 of either is not in the table. */
function readTables4(reader: ByteReader): SourceFile[] {
  const directories = [''];
  for (let name = reader.text(); name !== ''; name = reader.text()) directories.push(name);
  const files = [{ path: '', name: '' }];
  for (let name = reader.text(); name !== ''; name = reader.text()) {
    const directory = directories[reader.uleb()] ?? '';
    reader.uleb(); // time
    reader.uleb(); // size
    const path = joined(directory, name);
    files.push({ path, name: path });
  }
  return files;
}

const DW_LNCT_PATH = 1;
const DW_LNCT_DIRECTORY = 2;

interface Entry {
  readonly path: string;
  readonly directory: number;
}

function readTables5(sections: LineSections, reader: ByteReader, offsetSize: number): SourceFile[] {
  const directories = readEntries(sections, reader, offsetSize);
  const root = directories[0]?.path ?? '';
  return readEntries(sections, reader, offsetSize).map(({ path, directory }) => {
    const name = directory === 0 ? path : joined(directories[directory]?.path ?? '', path);
    return { path: joined(root, name), name };
  });
}

function readEntries(sections: LineSections, reader: ByteReader, offsetSize: number): Entry[] {
  const formats = Array.from({ length: reader.u8() }, () => ({
    content: reader.uleb(),
    form: reader.uleb(),
  }));
  const count = reader.uleb();
  const entries: Entry[] = [];
  for (let index = 0; index < count; index++) {
    let path = '';
    let directory = 0;
    for (const { content, form } of formats) {
      const value = readForm(sections, reader, form, offsetSize);
      if (content === DW_LNCT_PATH) path = String(value);
      else if (content === DW_LNCT_DIRECTORY) directory = Number(value);
    }
    entries.push({ path, directory });
  }
  return entries;
}

function readForm(
  sections: LineSections,
  reader: ByteReader,
  form: number,
  offsetSize: number,
): string | number {
  switch (form) {
    case 0x08: // DW_FORM_string
      return reader.text();
    case 0x1f: // DW_FORM_line_strp
      return textAt(sections.lineStrings, reader.unsigned(offsetSize));
    case 0x0e: // DW_FORM_strp
      return textAt(sections.strings, reader.unsigned(offsetSize));
    case 0x0b: // DW_FORM_data1
      return reader.u8();
    case 0x05: // DW_FORM_data2
      return reader.u16();
    case 0x06: // DW_FORM_data4
      return reader.u32();
    case 0x07: // DW_FORM_data8
      return reader.u64();
    case 0x0f: // DW_FORM_udata
      return reader.uleb();
    case 0x1e: // DW_FORM_data16: an MD5
      reader.skip(16);
      return 0;
    case 0x09: // DW_FORM_block
      reader.skip(reader.uleb());
      return 0;
    default:
      throw new RangeError(`form 0x${form.toString(16)} is not known in line tables`);
  }
}

function joined(directory: string, name: string): string {
  return directory === '' || name.startsWith('/') ? name : `${directory}/${name}`;
}

/** The state machine of section 6.2.2; a row reaches to the next one. */
class LineMachine {
  readonly lines: SourceLine[] = [];
  readonly #header: Header;
  #row: { address: number; file: number; line: number; isStatement: boolean } | undefined;
  address = 0;
  file = 1;
  line = 1;
  isStatement: boolean;
  /** The present line has code in several blocks. */
  #hasDiscriminator = false;
  discriminator = 0;

  constructor(header: Header) {
    this.#header = header;
    this.isStatement = header.defaultIsStatement;
  }

  advance(operations: number): void {
    this.address += operations * this.#header.minimumLength;
  }

  moveLine(by: number): void {
    this.line += by;
    if (by !== 0) this.#hasDiscriminator = this.discriminator !== 0;
  }

  /** A row of the table: what came before it reaches to here. */
  emit(): void {
    const { address, file, line, isStatement } = this;
    this.#hasDiscriminator ||= this.discriminator !== 0;
    this.discriminator = 0;
    const row = this.#row;
    if (line === 0) return; // made up by the compiler: it belongs to the row before
    // as gdb has it, further blocks of a line are not rows of their own
    if (row?.line === line && row.file === file && this.#hasDiscriminator) return;
    // of two rows at one address the later counts, unless it alone is no place to stop at
    if (row?.address === address && row.isStatement && !isStatement) return;
    this.#close();
    this.#row = { address, file, line, isStatement };
  }

  endSequence(): void {
    this.#close();
    this.#row = undefined;
    this.address = 0;
    this.file = 1;
    this.line = 1;
    this.isStatement = this.#header.defaultIsStatement;
    this.discriminator = 0;
    this.#hasDiscriminator = false;
  }

  #close(): void {
    const row = this.#row;
    if (row === undefined || this.address <= row.address) return;
    const { path = '', name = '' } = this.#header.files[row.file] ?? {};
    const { address: start, line, isStatement } = row;
    this.lines.push({ start, end: this.address, file: path, name, line, isStatement });
  }
}

function runProgram(reader: ByteReader, header: Header): SourceLine[] {
  const machine = new LineMachine(header);
  while (!reader.isAtEnd) {
    const opcode = reader.u8();
    if (opcode < header.opcodeBase) {
      standard(reader, header, machine, opcode);
      continue;
    }
    const adjusted = opcode - header.opcodeBase;
    machine.advance(Math.floor(adjusted / header.lineRange));
    machine.moveLine(header.lineBase + (adjusted % header.lineRange));
    machine.emit();
  }
  return machine.lines;
}

function standard(reader: ByteReader, header: Header, machine: LineMachine, opcode: number): void {
  switch (opcode) {
    case 0: {
      const length = reader.uleb();
      const next = reader.at + length;
      const extended = length === 0 ? 0 : reader.u8();
      if (extended === 1) machine.endSequence();
      else if (extended === 2)
        machine.address = reader.unsigned(length - 1); // DW_LNE_set_address
      else if (extended === 4) machine.discriminator = reader.uleb(); // DW_LNE_set_discriminator
      reader.at = next;
      break;
    }
    case 1: // DW_LNS_copy
      machine.emit();
      break;
    case 2: // DW_LNS_advance_pc
      machine.advance(reader.uleb());
      break;
    case 3: // DW_LNS_advance_line
      machine.moveLine(reader.sleb());
      break;
    case 4: // DW_LNS_set_file
      machine.file = reader.uleb();
      break;
    case 6: // DW_LNS_negate_stmt
      machine.isStatement = !machine.isStatement;
      break;
    case 8: // DW_LNS_const_add_pc
      machine.advance(Math.floor((255 - header.opcodeBase) / header.lineRange));
      break;
    case 9: // DW_LNS_fixed_advance_pc
      machine.address += reader.u16();
      break;
    default: // DW_LNS_set_column and others that change nothing here
      for (let operand = 0; operand < (header.operands[opcode] ?? 0); operand++) reader.uleb();
  }
}
