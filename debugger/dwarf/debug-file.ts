// All that one program or library says for debuggers: lines, entries, unwind tables, from its own sections or a separate file's.
// source-map.ts reads each file once. Sections are inflated and parsed when they are first wanted.
// What cannot be used is told of through `warn`, and counts as absent.
import type { CompressionFormat, DebugHost } from '../debug-host.ts';
import type { SeparateFiles } from '../separate-files.ts';
import { ByteReader } from './byte-reader.ts';
import { DebugInfo } from './debug-info.ts';
import { type ElfSections, type LoadSegment, readElfSections, type Section } from './elf-sections.ts';
import type { Sections } from './forms.ts';
import { type LineSections, readFiles, readLines, type SourceFile } from './line-program.ts';
import type { SourceLine } from './source-line.ts';
import { UnwindTables } from './unwind-tables.ts';

/** What one file's debug sections say; addresses are the file's own. */
export interface DebugFile {
  /** In the guest. */
  readonly path: string;
  readonly lines: readonly SourceLine[];
  readonly segments: readonly LoadSegment[];
  /** From where to where the section .text reaches, by the file's own addresses. */
  readonly text: readonly [start: number, end: number] | undefined;
  readonly unwind: UnwindTables;
  readonly info: DebugInfo;
  /** The files of a unit's line table, by number. */
  filesAt(offset: number): readonly SourceFile[];
}

/** `bytes` are those of the guest's file `path`. Undefined when it is no ELF file. */
export function readDebugFile(
  bytes: Uint8Array,
  path: string,
  separate: SeparateFiles,
  host: DebugHost,
  warn: (line: string) => void,
): DebugFile | undefined {
  const own = readElfSections(bytes);
  if (own === undefined) return undefined;
  const section = wantedSections(own, path, separate, host, warn);
  const tables = (): LineSections | undefined => {
    const line = section('.debug_line');
    return line && { line, lineStrings: section('.debug_line_str'), strings: section('.debug_str') };
  };
  const text = own.sections.get('.text');
  let lines: readonly SourceLine[] | undefined;
  const filesByOffset = new Map<number, readonly SourceFile[]>();
  return {
    path,
    // stacks are wanted without lines more often than with them
    get lines() {
      if (lines === undefined) {
        const found = tables();
        lines = found === undefined ? [] : readLines(found);
      }
      return lines;
    },
    filesAt(offset) {
      let files = filesByOffset.get(offset);
      if (files === undefined) {
        const found = tables();
        files = found === undefined ? [] : readFiles(found, offset);
        filesByOffset.set(offset, files);
      }
      return files;
    },
    segments: own.segments,
    text: text && [text.address, text.address + text.bytes.length],
    unwind: new UnwindTables((name) => {
      const found = section(name);
      return found && { bytes: found, address: own.sections.get(name)?.address ?? 0 };
    }),
    info: new DebugInfo(section, (name, directory, version) => {
      if (version >= 5) return openSplit(name, directory, section, path, host, warn);
      warn(
        `Debug information of ${path} is in ${name} in the format of DWARF ${version}, which is not read here: -gdwarf-5 is.`,
      );
      return undefined;
    }),
  };
}

/** Sections of the file itself, or of the separate one that goes with it when it has no debug information. */
function wantedSections(
  own: ElfSections,
  path: string,
  separate: SeparateFiles,
  host: DebugHost,
  warn: (line: string) => void,
): Sections {
  const inflated = inflater(host, warn);
  let other: ElfSections | undefined | 'not looked for' = 'not looked for';
  /** The separate file with its path. */
  const apart = (): { elf: ElfSections | undefined; of: string } => {
    const found = separate.find(own, path);
    if (other === 'not looked for') other = found && readElfSections(found.bytes);
    return { elf: other, of: found?.path ?? path };
  };
  const sectionOf = (name: string): { section: Section; of: string } | undefined => {
    const section = own.sections.get(name);
    if (section !== undefined) return { section, of: path };
    if (!name.startsWith('.debug_') || own.sections.has('.debug_info')) return undefined;
    const { elf, of } = apart();
    const theirs = elf?.sections.get(name);
    return theirs && { section: theirs, of };
  };
  let shared: Sections | 'missing' | undefined;
  /** Of the supplementary file; 'missing' when there should be one. */
  const supplement = (): Sections | 'missing' => {
    const { elf, of } = own.sections.has('.debug_info') ? { elf: own, of: path } : apart();
    if (elf?.sections.has('.gnu_debugaltlink') !== true) return () => undefined;
    const found = separate.supplement(elf, of);
    const sections = found && readElfSections(found.bytes)?.sections;
    if (found === undefined || sections === undefined) return 'missing';
    const inflatedToo = inflater(host, warn);
    return (name) => {
      const section = sections.get(name);
      return section && inflatedToo(name, section, found.path);
    };
  };
  return (name, of) => {
    // entries without their names and types would say nothing
    if (of === 'supplement' || name === '.debug_info') {
      shared ??= supplement();
      if (shared === 'missing') return undefined;
      if (of === 'supplement') return shared(name);
    }
    const found = sectionOf(name);
    return found && inflated(name, found.section, found.of);
  };
}

/** Gives the bytes of sections by name, inflated once. */
function inflater(
  host: DebugHost,
  warn: (line: string) => void,
): (name: string, section: Section, of: string) => Uint8Array | undefined {
  const inflated = new Map<string, Uint8Array | undefined>();
  return (name, { isCompressed, bytes }, of) => {
    if (!isCompressed) return bytes;
    if (!inflated.has(name)) inflated.set(name, inflate(bytes, `section ${name} of ${of}`, host, warn));
    return inflated.get(name);
  };
}

/** `name` as the compiler wrote it down, which ran in `directory`; sections are called .debug_info.dwo and so on there. */
function openSplit(
  name: string,
  directory: string,
  main: Sections,
  path: string,
  host: DebugHost,
  warn: (line: string) => void,
): Sections | undefined {
  const whole = name.startsWith('/') ? name : `${directory}/${name}`;
  const base = name.slice(name.lastIndexOf('/') + 1);
  const places = [
    ...host.roots.map((root) => root + whole),
    ...host.directories.map((each) => `${each}/${base}`),
  ];
  for (const place of places) {
    const bytes = host.readFile(place);
    const elf = bytes && readElfSections(bytes);
    if (elf === undefined) continue;
    const inflated = inflater(host, warn);
    return (section, of) => {
      const found = of === undefined ? elf.sections.get(`${section}.dwo`) : undefined;
      return found === undefined ? main(section, of) : inflated(`${section}.dwo`, found, place);
    };
  }
  warn(`Could not find ${name}, which has the debug information of a part of ${path}.`);
  return undefined;
}

const FORMATS: Readonly<Record<number, CompressionFormat>> = { 1: 'zlib', 2: 'zstd' };
/** "ZLIB", as a little-endian number: what .zdebug_* begins with, before its size, whose highest byte comes first. */
const GNU_MAGIC = 0x4249_4c5a;
/** More than any section has: a broken size must not ask for all memory. */
const LARGEST = 1024 * 1024 * 1024;

/** Elf64_Chdr: gABI, chapter 4, "Compressed sections". */
function inflate(
  bytes: Uint8Array,
  what: string,
  host: DebugHost,
  warn: (line: string) => void,
): Uint8Array | undefined {
  if (bytes.length < 24) return undefined;
  const reader = new ByteReader(bytes);
  const type = reader.u32();
  const isGnu = type === GNU_MAGIC;
  const format = isGnu ? 'zlib' : FORMATS[type];
  const size = isGnu ? new DataView(bytes.buffer, bytes.byteOffset + 8).getUint32(0) : sizeIn(reader);
  if (format === undefined || !host.knows(format)) {
    const name = format ?? `method ${type}`;
    warn(`${what} is compressed with ${name}, which cannot be read here: it counts as absent.`);
    return undefined;
  }
  const inflated = size <= LARGEST ? host.inflate(format, bytes.subarray(isGnu ? 12 : 24), size) : undefined;
  if (inflated?.length === size) return inflated;
  warn(`${what} cannot be decompressed: it counts as absent.`);
  return undefined;
}

function sizeIn(reader: ByteReader): number {
  reader.skip(4);
  return reader.u64();
}
