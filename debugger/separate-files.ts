// Debug information that was split off a program into a file of its own (objcopy --only-keep-debug), found by the build ID
// or by the name and checksum that the program has of it. symbols.ts and dwarf/source-map.ts ask for it.
// Where it is looked for and in which order: gdb manual, 18.3 "Debugging Information in Separate Files".
import type { DebugHost } from './debug-host.ts';
import { ByteReader } from './dwarf/byte-reader.ts';
import { type ElfSections, readElfSections } from './dwarf/elf-sections.ts';

const DEBUG_DIRECTORY = '/usr/lib/debug';
const NT_GNU_BUILD_ID = 3;

export interface SeparateFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

export class SeparateFiles {
  readonly #host: DebugHost;
  readonly #known = new Map<string, SeparateFile | undefined>();
  readonly #warn: (line: string) => void;

  constructor(host: DebugHost, warn: (line: string) => void) {
    this.#host = host;
    this.#warn = warn;
  }

  /** The file for a program or library that the guest has at `path`; undefined when there is none. */
  find(elf: ElfSections, path: string): SeparateFile | undefined {
    if (!this.#known.has(path)) this.#known.set(path, this.#byBuildId(elf) ?? this.#byLink(elf, path));
    return this.#known.get(path);
  }

  /** What a file shares with others, by .gnu_debugaltlink: the name of another file, and its build ID. */
  supplement(elf: ElfSections, path: string): SeparateFile | undefined {
    const section = elf.sections.get('.gnu_debugaltlink')?.bytes;
    const end = section?.indexOf(0) ?? -1;
    if (section === undefined || end <= 0) return undefined;
    const name = String.fromCharCode(...section.subarray(0, end));
    const id = hexadecimal(section.subarray(end + 1));
    const directory = path.slice(0, path.lastIndexOf('/') + 1);
    const base = name.slice(name.lastIndexOf('/') + 1);
    const places = name.startsWith('/') ? this.#host.roots.map((root) => root + name) : [directory + name];
    const found =
      this.#first([...places, ...this.#host.directories.map((each) => `${each}/${base}`)], (_, bytes) => {
        const other = readElfSections(bytes);
        return other !== undefined && buildId(other) === id;
      }) ?? this.#withBuildId(id);
    if (found === undefined) this.#warn(`could not find supplementary DWARF file (${name}) for ${path}`);
    return found;
  }

  #byBuildId(elf: ElfSections): SeparateFile | undefined {
    const id = buildId(elf);
    return id === undefined ? undefined : this.#withBuildId(id);
  }

  #withBuildId(id: string): SeparateFile | undefined {
    if (id.length < 4) return undefined;
    const name = `${DEBUG_DIRECTORY}/.build-id/${id.slice(0, 2)}/${id.slice(2)}.debug`;
    return this.#first(
      this.#host.roots.map((root) => root + name),
      (_, bytes) => {
        const other = readElfSections(bytes);
        return other !== undefined && buildId(other) === id;
      },
    );
  }

  #byLink(elf: ElfSections, path: string): SeparateFile | undefined {
    const section = elf.sections.get('.gnu_debuglink')?.bytes;
    const end = section?.indexOf(0) ?? -1;
    if (section === undefined || end <= 0) return undefined;
    const name = String.fromCharCode(...section.subarray(0, end)); // a byte string, as all paths of the guest
    const place = (end + 4) & ~3; // behind its NUL, at a multiple of 4
    // a program must not lead us anywhere else
    if (name.includes('/') || place + 4 > section.length) return undefined;
    const checksum = new ByteReader(section, place).u32();
    const directory = path.slice(0, path.lastIndexOf('/'));
    const places = (base: string): string[] => [`${base}/${name}`, `${base}/.debug/${name}`];
    return this.#first(
      [
        ...this.#host.roots.flatMap((root) => [
          ...places(root + directory),
          `${root}${DEBUG_DIRECTORY}${directory}/${name}`,
        ]),
        ...this.#host.directories.flatMap(places),
      ],
      (candidate, bytes) => {
        if (crc32(bytes) === checksum) return true;
        this.#warn(`the debug information found in "${candidate}" does not match "${path}" (CRC mismatch).`);
        return false;
      },
    );
  }

  #first(
    paths: readonly string[],
    isRight: (path: string, bytes: Uint8Array) => boolean,
  ): SeparateFile | undefined {
    for (const path of new Set(paths)) {
      const bytes = this.#host.readFile(path);
      if (bytes !== undefined && isRight(path, bytes)) return { path, bytes };
    }
    return undefined;
  }
}

/** In hexadecimal. */
export function buildId({ sections }: ElfSections): string | undefined {
  const section = sections.get('.note.gnu.build-id');
  try {
    if (section === undefined) return undefined;
    const reader = new ByteReader(section.bytes);
    const [nameSize, size, type] = [reader.u32(), reader.u32(), reader.u32()];
    reader.skip((nameSize + 3) & ~3);
    if (type !== NT_GNU_BUILD_ID) return undefined;
    return hexadecimal(reader.take(size));
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function hexadecimal(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ 0xedb8_8320;
  return crc;
});

/** Of ISO 3309, as in .gnu_debuglink. */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) crc = (CRC_TABLE[(crc ^ byte) & 0xff] as number) ^ (crc >>> 8);
  return ~crc >>> 0;
}
