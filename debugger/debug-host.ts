// What is asked of the host for debug information that lies apart from the program, or is compressed.
// cli/ has one for Node; separate-files.ts and dwarf/debug-file.ts use it. Without a host there is just what the program has.
// Nothing of it reaches the guest, so runs do not depend on it.

export type CompressionFormat = 'zlib' | 'zstd';

export interface DebugHost {
  /** Before paths of the guest: its root directory on the host, and '' for the host itself. All paths are byte strings. */
  readonly roots: readonly string[];
  /** Where else files may lie that go with a program. */
  readonly directories: readonly string[];
  /** Undefined when it is not there, or cannot be read. */
  readFile(path: string): Uint8Array | undefined;
  /** `size` bytes; undefined when the format is not known here, or what is there is broken. */
  inflate(format: CompressionFormat, bytes: Uint8Array, size: number): Uint8Array | undefined;
  knows(format: CompressionFormat): boolean;
}

export const NO_DEBUG_HOST: DebugHost = {
  roots: [],
  directories: [],
  readFile: () => undefined,
  inflate: () => undefined,
  knows: () => false,
};
