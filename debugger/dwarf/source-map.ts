// Lines of source for guest addresses and back, over all files that a thread has mapped.
// The debugger's Frames ask; line tables are read when a file is first met, and kept for later machines.
// Files are known by guest path and size, as in symbols.ts.
import { RegularInode } from '../../kernel/fs/regular-inode.ts';
import { absolutePath } from '../../kernel/fs/resolve.ts';
import type { Vma } from '../../kernel/mm/vma.ts';
import { PROT_EXEC } from '../../kernel/mm/vma.ts';
import type { Thread } from '../../kernel/task/thread.ts';
import { type DebugHost, NO_DEBUG_HOST } from '../debug-host.ts';
import { fileKey } from '../file-key.ts';
import { mappingsOf } from '../mappings.ts';
import { SeparateFiles } from '../separate-files.ts';
import { countUpTo } from '../sorted.ts';
import { type DebugFile, readDebugFile } from './debug-file.ts';
import type { SourceLine } from './source-line.ts';

/** Files beyond this are not read: a debugger's start should not take seconds. */
const LARGEST = 64 * 1024 * 1024;

/** A file, and what is to be added to its addresses where it is mapped. */
export interface MappedFile {
  readonly file: DebugFile;
  readonly bias: number;
}

export class SourceMap {
  /** Debug information that lies apart. */
  readonly separate: SeparateFiles;
  readonly #host: DebugHost;
  readonly #files = new Map<string, DebugFile | undefined>();
  readonly #warnings: string[] = [];
  #told = 0;

  constructor(host = NO_DEBUG_HOST) {
    this.#host = host;
    this.separate = new SeparateFiles(host, (line) => this.#warn(line));
  }

  /** The line an address comes from, with its range as mapped. */
  lineAt(thread: Thread, address: number): SourceLine | undefined {
    const mapped = this.fileAt(thread, address);
    if (mapped === undefined) return undefined;
    const { lines } = mapped.file;
    const wanted = address - mapped.bias;
    const count = countUpTo(lines.length, (index) => (lines[index] as SourceLine).start, wanted);
    for (let index = count - 1; index >= 0 && index > count - 4; index--) {
      const line = lines[index] as SourceLine;
      if (wanted < line.end) return moved(line, mapped.bias);
    }
    return undefined;
  }

  /**
   * Where code of a line begins; of the next line that has code, when this one has none. Undefined: no such file.
   */
  addressesOf(thread: Thread, name: string, line: number): number[] | undefined {
    let isKnown = false;
    let nearest = Number.POSITIVE_INFINITY;
    const found: SourceLine[] = [];
    for (const { file, bias } of this.#mapped(thread)) {
      for (const each of file.lines) {
        if (!isSameFile(each.file, name)) continue;
        isKnown = true;
        if (!each.isStatement || each.line < line || each.line > nearest) continue;
        nearest = each.line;
        found.push(moved(each, bias));
      }
    }
    if (!isKnown) return undefined;
    return found.filter((each) => each.line === nearest).map(({ start }) => start);
  }

  /** A source file by its name, or the end of it. */
  sourceNamed(thread: Thread, name: string): { file: string; name: string } | undefined {
    for (const { file } of this.#mapped(thread)) {
      const found = file.lines.find((line) => isSameFile(line.file, name));
      if (found !== undefined) return { file: found.file, name: found.name };
    }
    return undefined;
  }

  /** All that is mapped with code, the program first. */
  files(thread: Thread): MappedFile[] {
    const found = new Map<DebugFile, MappedFile>();
    for (const mapped of this.#mapped(thread)) if (!found.has(mapped.file)) found.set(mapped.file, mapped);
    return [...found.values()];
  }

  /** The second row of the function's table: where its frame is set up. `start` itself without lines. */
  afterPrologue(thread: Thread, start: number, end: number): number {
    const first = this.lineAt(thread, start);
    if (first === undefined || first.start !== start) return start;
    let at = first;
    while (at.end < end) {
      const next = this.lineAt(thread, at.end);
      if (next === undefined) return start;
      if (next.line !== 0 && next.isStatement) return next.start;
      at = next;
    }
    return start;
  }

  /** The debug information of what is mapped at `address`. */
  fileAt(thread: Thread, address: number): MappedFile | undefined {
    const vma = mappingsOf(thread).find(address);
    return vma === undefined ? undefined : this.#fileOf(thread, vma);
  }

  *#mapped(thread: Thread): Generator<MappedFile> {
    for (const vma of mappingsOf(thread)) {
      const mapped = (vma.prot & PROT_EXEC) === 0 ? undefined : this.#fileOf(thread, vma);
      if (mapped !== undefined) yield mapped;
    }
  }

  #fileOf(thread: Thread, vma: Vma): MappedFile | undefined {
    const open = vma.backing?.file;
    if (open === undefined || open.path === undefined) return undefined;
    const key = fileKey(thread, open);
    if (!this.#files.has(key)) {
      const { inode } = open.descriptor;
      this.#files.set(
        key,
        inode instanceof RegularInode && inode.size <= LARGEST
          ? this.#readFile(inode, absolutePath(thread, open.path))
          : undefined,
      );
    }
    const file = this.#files.get(key);
    const segment = file?.segments.find(
      ({ offset, fileSize }) => vma.offset < offset + fileSize && offset < vma.offset + (vma.end - vma.start),
    );
    if (file === undefined || segment === undefined) return undefined;
    return { file, bias: vma.start - vma.offset + segment.offset - segment.address };
  }

  #readFile(inode: RegularInode, path: string): DebugFile | undefined {
    const bytes = new Uint8Array(inode.size);
    inode.readAt(0, bytes);
    return readDebugFile(bytes, path, this.separate, this.#host, (line) => this.#warn(line));
  }

  #warn(line: string): void {
    if (!this.#warnings.includes(line)) this.#warnings.push(line);
  }

  /** What there is to say of debug information that cannot be used, once. */
  takeWarnings(): readonly string[] {
    const lines = this.#warnings.slice(this.#told);
    this.#told = this.#warnings.length;
    return lines;
  }
}

function moved(line: SourceLine, bias: number): SourceLine {
  return bias === 0 ? line : { ...line, start: line.start + bias, end: line.end + bias };
}

/** `a/b.c` is meant by `b.c` and by `a/b.c`. */
export function isSameFile(path: string, name: string): boolean {
  return path === name || path.endsWith(`/${name}`);
}
