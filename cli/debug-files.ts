// Debug information on this computer, as the debugger asks for it: separate files, and what is compressed.
// debug.ts and trace.ts hand it over. Only regular files are read, whole.
import fs from 'node:fs';
import zlib from 'node:zlib';
import type { CompressionFormat, DebugHost } from '../debugger/debug-host.ts';
import { byteString } from './host-paths.ts';

/** Node has zstd from 22.15 on. */
const { zstdDecompressSync } = zlib as { zstdDecompressSync?: typeof zlib.inflateSync };

const INFLATERS: Readonly<Record<CompressionFormat, typeof zlib.inflateSync | undefined>> = {
  zlib: zlib.inflateSync,
  zstd: zstdDecompressSync,
};

/** For a guest whose root directory is `root`; files may also lie in `directories`. */
export function debugHost(root: string | undefined, directories: readonly string[]): DebugHost {
  return {
    roots: root === undefined ? [''] : [root, ''],
    directories: directories.map(byteString),
    readFile,
    knows: (format) => INFLATERS[format] !== undefined,
    inflate: (format, bytes, size) => {
      try {
        return INFLATERS[format]?.(bytes, { maxOutputLength: size });
      } catch {
        return undefined; // broken, or longer than it says
      }
    },
  };
}

function readFile(path: string): Uint8Array | undefined {
  const name = Buffer.from(path, 'latin1');
  try {
    return fs.statSync(name).isFile() ? fs.readFileSync(name) : undefined;
  } catch {
    return undefined;
  }
}
