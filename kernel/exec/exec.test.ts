import { describe, expect, it } from 'vitest';
import { S_IFREG } from '../abi/stat.ts';
import { CONTEXT_REPLACED } from '../context-replaced.ts';
import { E2BIG, EACCES, EINVAL, EIO, ENOEXEC, ENOMEM, ETXTBSY } from '../errno.ts';
import { BufferSource } from '../file/buffer.ts';
import { Mount } from '../fs/mount.ts';
import { Dentry, Path } from '../fs/path.ts';
import type { RegularInode } from '../fs/regular-inode.ts';
import { MemoryFileSystem } from '../fs/tmpfs/memory-fs.ts';
import { TASK_SIZE } from '../mm/layout.ts';
import { unmapRange } from '../mm/mapping.ts';
import { errnoOf, MemoryLab, PAGE } from '../mm/memory-lab.test-support.ts';
import { ElfHeader, PF_R, PF_W, PF_X, ProgramHeader } from './elf-header.ts';
import { execve } from './exec.ts';

const BASE = 0x1_0000;
const ENTRY = BASE + 0x200;

type Header = Parameters<typeof ElfHeader.encode>[0];
type Program = Parameters<typeof ProgramHeader.encode>[0];

const HEADER: Header = {
  ident: Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 2, 1, 1),
  type: 2,
  machine: 243,
  version: 1,
  entry: ENTRY,
  phoff: 64,
  shoff: 0,
  flags: 5,
  ehsize: 64,
  phentsize: 56,
  phnum: 2,
  shentsize: 0,
  shnum: 0,
  shstrndx: 0,
};
const TEXT: Program = {
  type: 1,
  flags: PF_R | PF_X,
  offset: 0,
  vaddr: BASE,
  paddr: BASE,
  filesz: 0x400,
  memsz: 0x400,
  align: 4096,
};
const DATA: Program = {
  type: 1,
  flags: PF_R | PF_W,
  offset: 0x400,
  vaddr: BASE + 0x1400,
  paddr: 0,
  filesz: 0x200,
  memsz: 0x3000,
  align: 4096,
};

/** A small program: headers, text of 0x13 (nop) bytes, data of 0x55 and bss. */
function program(
  header: Partial<Header> = {},
  text: Partial<Program> = {},
  data: Partial<Program> = {},
): Uint8Array {
  const bytes = new Uint8Array(0x600).fill(0x13, 0x200, 0x400).fill(0x55, 0x400);
  bytes.set(ElfHeader.encode({ ...HEADER, ...header }));
  bytes.set(ProgramHeader.encode({ ...TEXT, ...text }), 64);
  bytes.set(ProgramHeader.encode({ ...DATA, ...data }), 64 + 56);
  return bytes;
}

class ExecLab extends MemoryLab {
  readonly fs = new MemoryFileSystem(this.thread.kernel);
  readonly mount = new Mount(1, this.fs, new Dentry('', undefined, this.fs.root), undefined, 0, 'tmpfs');

  constructor() {
    super();
    this.thread.fs.root = this.mount.rootPath;
    this.thread.fs.cwd = this.mount.rootPath;
  }

  put(name: string, content: Uint8Array | string, mode = 0o755): Path {
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    const inode = this.fs.root.create(name, { mode: S_IFREG | mode, uid: 0, gid: 0 }) as RegularInode;
    if (bytes.length > 0) inode.write(new BufferSource(bytes), 0, bytes.length);
    return new Path(this.mount, this.mount.root.child(name, inode));
  }

  /** 0 when the program was replaced, else the errno. */
  exec(path: Path, argv = ['prog'], envp: string[] = []): number {
    try {
      return errnoOf(() => execve(this.thread, path, argv, envp));
    } catch (thrown) {
      if (thrown === CONTEXT_REPLACED) return 0;
      throw thrown;
    }
  }
}

describe('execve', () => {
  it('maps text, data and bss, pages them in on touch, and starts at the entry', () => {
    const lab = new ExecLab();
    expect(lab.exec(lab.put('prog', program()))).toBe(0);
    const { hart } = lab.thread;
    expect(hart.pc).toBe(ENTRY);
    expect(hart.xLo(2) % 16).toBe(0);
    expect(lab.load(ENTRY)).toBe(0x13);
    expect(lab.load(BASE + 0x1400)).toBe(0x55);
    expect(lab.load(BASE + 0x1600)).toBe(0);
    expect(lab.load(BASE + 0x3000)).toBe(0);
    expect(lab.store(BASE + 0x4000 + 0x3ff, 1)).toBeUndefined();
    expect(lab.store(ENTRY, 1)).toMatchObject({ code: 2 });
    expect(lab.mm.brk).toBe(BASE + 0x5000);
  });

  it('gives argc, argv, envp and the auxiliary vector', () => {
    const lab = new ExecLab();
    lab.exec(lab.put('prog', program()), ['a', 'bc'], ['X=1']);
    const { user } = lab.mm;
    const sp = lab.thread.hart.xLo(2);
    expect(user.readU64(sp)).toBe(2);
    const text = (at: number) => String.fromCharCode(...user.readCString(user.readU64(at), 100));
    expect([text(sp + 8), text(sp + 16), text(sp + 32)]).toEqual(['a', 'bc', 'X=1']);
    expect([user.readU64(sp + 24), user.readU64(sp + 40)]).toEqual([0, 0]);
    const vector = new Map<number, number>();
    for (let at = sp + 48; user.readU64(at) !== 0; at += 16)
      vector.set(user.readU64(at), user.readU64(at + 8));
    expect(vector.get(9)).toBe(ENTRY);
    expect(vector.get(3)).toBe(BASE + 64);
    expect(vector.get(6)).toBe(PAGE);
    expect(String.fromCharCode(...user.readCString(vector.get(31) as number, 100))).toBe('/prog');
    expect(lab.thread.name).toBe('prog');
  });

  it('a position-independent program lies low, its stack and mappings above', () => {
    const lab = new ExecLab();
    const file = program({ type: 3, entry: 0x200 }, { vaddr: 0 }, { vaddr: 0x1400 });
    expect(lab.exec(lab.put('pie', file))).toBe(0);
    expect(lab.thread.hart.pc).toBe(lab.mm.image.startCode + 0x200);
    expect(lab.mm.layout.stackTop).toBeLessThan(256 << 20);
  });

  it('a position-independent program survives that it unmaps the first 4 MiB', () => {
    const lab = new ExecLab();
    expect(
      lab.exec(lab.put('pie', program({ type: 3, entry: 0x200 }, { vaddr: 0 }, { vaddr: 0x1400 }))),
    ).toBe(0);
    const before = lab.mm.vmas.count;
    unmapRange(lab.mm, 0, 4 << 20);
    expect(lab.mm.vmas.count).toBe(before);
  });

  it('a file cut anywhere fails with an errno or starts, and never breaks the machine', () => {
    const whole = program();
    const outcomes = new Set<number>();
    const lab = new ExecLab();
    for (let length = 0; length <= whole.length; length += length < 200 ? 1 : 37) {
      outcomes.add(lab.exec(lab.put(`cut${length}`, whole.slice(0, length))));
    }
    expect([...outcomes].sort((a, b) => a - b)).toEqual([0, ENOEXEC]);
  });

  it('headers that make no sense are refused', () => {
    const lab = new ExecLab();
    let count = 0;
    const errno = (...parts: Parameters<typeof program>) =>
      lab.exec(lab.put(`bad${count++}`, program(...parts)));
    expect(errno({ machine: 62 })).toBe(ENOEXEC);
    expect(errno({ type: 1 })).toBe(ENOEXEC);
    expect(errno({ phentsize: 32 })).toBe(ENOEXEC);
    expect(errno({ phnum: 0 })).toBe(ENOEXEC);
    expect(errno({ phnum: 60_000 })).toBe(ENOEXEC);
    expect(errno({ phoff: 2 ** 60 })).toBe(ENOEXEC);
    expect(errno({ entry: 2 ** 40 })).toBe(EINVAL);
    expect(errno({}, { memsz: 1 })).toBe(EINVAL);
    expect(errno({}, {}, { memsz: 2 ** 62 })).toBe(EINVAL);
    expect(errno({}, {}, { vaddr: 2 ** 63 })).toBe(EINVAL);
    expect(errno({}, {}, { offset: 0x401 })).toBe(EINVAL);
    expect(errno({}, { vaddr: 0, offset: 0 })).toBe(EINVAL);
    expect(errno({}, { type: 0 }, { type: 0 })).toBe(EINVAL);
    expect(errno({}, { type: 3, offset: 0x10_0000, filesz: 20 })).toBe(EIO);
    expect(errno({}, { type: 3, filesz: 5000 })).toBe(ENOEXEC);
    expect(errno({ type: 3 }, { vaddr: 0 }, { vaddr: TASK_SIZE + 0x400 })).toBe(EINVAL);
    const vaddr = TASK_SIZE - 0x8000 + 0x400;
    expect(errno({ type: 3, entry: 0x200 }, { vaddr: 0 }, { vaddr })).toBe(ENOMEM);
  });

  it('a program linked near the top has its stack below it', () => {
    const lab = new ExecLab();
    const vaddr = 0xf000_0400;
    expect(lab.exec(lab.put('high', program({}, {}, { vaddr })))).toBe(0);
    expect(lab.load(vaddr)).toBe(0x55);
    expect(lab.load(ENTRY)).toBe(0x13);
    expect(lab.store(lab.thread.hart.xLo(2) - 64, 1)).toBeUndefined();
  });

  it('a failed exec leaves nothing behind and the program as it was', () => {
    const lab = new ExecLab();
    lab.exec(lab.put('prog', program()));
    const { mm } = lab;
    const used = lab.thread.kernel.memory.usedPages;
    expect(lab.exec(lab.put('bad', program({}, {}, { memsz: 2 ** 62 })))).toBe(EINVAL);
    expect(lab.mm).toBe(mm);
    expect(lab.thread.kernel.memory.usedPages).toBe(used);
  });

  it('a script runs its interpreter with one argument and its own name', () => {
    const lab = new ExecLab();
    lab.put('interp', program());
    expect(lab.exec(lab.put('script', '#! /interp  -x y \nrest'), ['zero', 'one'])).toBe(0);
    expect(lab.thread.process.commandLine).toEqual(['/interp', '-x y', '/script', 'one']);
    expect(lab.thread.name).toBe('script');
  });

  it('scripts of scripts end with ELOOP, nonsense with ENOEXEC', () => {
    const lab = new ExecLab();
    expect(lab.exec(lab.put('loop', '#!/loop\n'))).toBe(40);
    expect(lab.exec(lab.put('text', 'hello'))).toBe(ENOEXEC);
    expect(lab.exec(lab.put('blank', '#!   \n'))).toBe(ENOEXEC);
    expect(lab.exec(lab.put('gone', '#!/nowhere\n'))).toBe(2);
    expect(lab.exec(lab.put('plain', program(), 0o644))).toBe(EACCES);
  });

  it('nobody writes a running program, and a program open for writing does not run', () => {
    const lab = new ExecLab();
    const path = lab.put('prog', program());
    const inode = path.inode as RegularInode;
    inode.addWriter();
    expect(lab.exec(path)).toBe(ETXTBSY);
    inode.removeWriter();
    expect(lab.exec(path)).toBe(0);
    const child = lab.fork();
    expect(errnoOf(() => inode.addWriter())).toBe(ETXTBSY);
    lab.exec(lab.put('other', program()));
    expect(errnoOf(() => inode.addWriter())).toBe(ETXTBSY);
    child.mm.release();
    expect(errnoOf(() => inode.addWriter())).toBe(0);
  });

  it('arguments are limited one by one and together', () => {
    const lab = new ExecLab();
    const path = lab.put('prog', program());
    expect(lab.exec(path, ['x'.repeat(131_072)])).toBe(E2BIG);
    expect(lab.exec(path, Array(20).fill('x'.repeat(131_071)))).toBe(E2BIG);
    expect(lab.exec(path, Array(15).fill('x'.repeat(131_071)))).toBe(0);
    expect(lab.exec(path, Array(300_000).fill(''))).toBe(E2BIG);
  });
});
