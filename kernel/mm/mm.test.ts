import { describe, expect, it } from 'vitest';
import { O_RDONLY, O_WRONLY } from '../abi/fcntl.ts';
import { BUS_ADRERR, SEGV_ACCERR, SEGV_MAPERR, SIGBUS, SIGKILL, SIGSEGV } from '../abi/signal.ts';
import { EACCES, EEXIST, EINVAL, ENODEV, ENOMEM } from '../errno.ts';
import { BufferSource } from '../file/buffer.ts';
import { MADV_DONTNEED, MADV_WIPEONFORK, madvise } from './advise.ts';
import { brk } from './brk.ts';
import { LOW_LIMIT } from './layout.ts';
import { unmapRange } from './mapping.ts';
import { errnoOf, MemoryLab, PAGE, RW } from './memory-lab.test-support.ts';
import {
  MAP_ANONYMOUS,
  MAP_FIXED,
  MAP_FIXED_NOREPLACE,
  MAP_GROWSDOWN,
  MAP_NORESERVE,
  MAP_PRIVATE,
  MAP_SHARED,
} from './mmap.ts';
import { protectRange } from './protect.ts';
import { MREMAP_FIXED, MREMAP_MAYMOVE, mremap } from './remap.ts';
import { PROT_EXEC, PROT_READ } from './vma.ts';

const RESERVE = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;

describe('mmap', () => {
  it('anonymous memory is zero, also where something else was before', () => {
    const lab = new MemoryLab();
    const at = lab.map(4 * PAGE);
    expect(lab.load(at)).toBe(0);
    for (let page = 0; page < 4; page++) expect(lab.store(at + page * PAGE, 7)).toBeUndefined();
    unmapRange(lab.mm, at, at + 4 * PAGE);
    expect(lab.load(at)).toMatchObject({ signo: SIGSEGV, code: SEGV_MAPERR, addr: at });
    expect(lab.map(4 * PAGE, { address: at })).toBe(at);
    for (let page = 0; page < 4; page++) expect(lab.load(at + page * PAGE)).toBe(0);
  });

  it('refuses what Linux refuses, with the same errno', () => {
    const lab = new MemoryLab();
    const { fd } = lab.file(new Uint8Array(10), O_RDONLY);
    const writeOnly = lab.file(new Uint8Array(10), O_WRONLY);
    const at = lab.map(PAGE);
    expect(errnoOf(() => lab.map(0))).toBe(EINVAL);
    expect(errnoOf(() => lab.map(2 ** 64 - 1))).toBe(ENOMEM);
    expect(errnoOf(() => lab.map(2 ** 33))).toBe(ENOMEM);
    expect(errnoOf(() => lab.map(PAGE, { flags: MAP_ANONYMOUS }))).toBe(EINVAL);
    expect(
      errnoOf(() => lab.map(PAGE, { flags: MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, address: at + 1 })),
    ).toBe(EINVAL);
    const noReplace = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE;
    expect(errnoOf(() => lab.map(PAGE, { flags: noReplace, address: at }))).toBe(EEXIST);
    expect(errnoOf(() => lab.map(PAGE, { flags: MAP_SHARED, fd }))).toBe(EACCES);
    expect(errnoOf(() => lab.map(PAGE, { flags: MAP_PRIVATE, fd: writeOnly.fd }))).toBe(EACCES);
    expect(errnoOf(() => lab.map(PAGE, { flags: MAP_PRIVATE, fd, offset: 1 }))).toBe(EINVAL);
    expect(errnoOf(() => lab.map(PAGE, { flags: MAP_PRIVATE | MAP_GROWSDOWN, fd }))).toBe(EINVAL);
  });

  it('code of a large library lies above the first GiB, and what is mapped afterwards where it would have been', () => {
    const lab = new MemoryLab();
    const { fd } = lab.file(new Uint8Array(10));
    const code = { fd, flags: MAP_PRIVATE, prot: PROT_READ | PROT_EXEC };
    const small = lab.map(PAGE, code);
    const large = lab.map(16 << 20, code);
    expect(large).toBeGreaterThanOrEqual(2 ** 30);
    expect(large).toBeLessThan(LOW_LIMIT);
    expect(lab.map(16 << 20, { fd, flags: MAP_PRIVATE, prot: PROT_READ })).toBe(small + PAGE);
    expect(lab.map(PAGE, code)).toBe(small + PAGE + (16 << 20));
    const rest = LOW_LIMIT - large - (16 << 20);
    lab.map(rest, { flags: RESERVE, address: large + (16 << 20) });
    expect(lab.map(16 << 20, code)).toBeLessThan(2 ** 30);
  });

  it('a high hint is not followed, unless what was found instead is given back again and again', () => {
    const lab = new MemoryLab();
    const hint = 2 ** 37;
    const length = 128 << 20;
    const answers = [0, 1, 2, 3].map((time) => {
      const at = lab.map(length, { address: hint + time * PAGE, flags: RESERVE, prot: 0 });
      unmapRange(lab.mm, at, at + length);
      return at;
    });
    expect(answers.map((at) => at >= LOW_LIMIT)).toEqual([false, false, false, true]);
    expect(answers[3]).toBe(hint + 3 * PAGE);
    const small = [0, 1, 2, 3, 4].map(() => {
      const at = lab.map(PAGE, { address: hint });
      unmapRange(lab.mm, at, at + PAGE);
      return at >= LOW_LIMIT;
    });
    expect(small).toEqual([false, false, false, false, false]);
    const kept = [0, 1, 2, 3, 4].map(
      () => lab.map(length, { address: hint, flags: RESERVE, prot: 0 }) >= LOW_LIMIT,
    );
    expect(kept).toEqual([false, false, false, false, false]);
  });

  it('what is too long for the low addresses lies as high as can be, and costs nothing', () => {
    const lab = new MemoryLab();
    const before = lab.mm.rss;
    const at = lab.map(2 ** 37, { flags: RESERVE, prot: 0 });
    expect(at).toBe(2 ** 38 - 2 ** 37);
    expect(lab.map(8 * 2 ** 30, { flags: RESERVE, prot: 0 })).toBe(at - 8 * 2 ** 30);
    expect(lab.load(at)).toMatchObject({ signo: SIGSEGV, code: SEGV_ACCERR, addr: at });
    expect(lab.mm.memory.hasWindows).toBe(false);
    expect(errnoOf(() => lab.map(2 ** 38, { flags: RESERVE, prot: 0 }))).toBe(ENOMEM);
    expect(errnoOf(() => lab.map(PAGE, { address: 2 ** 38, flags: RESERVE | MAP_FIXED }))).toBe(ENOMEM);
    protectRange(lab.mm, at + 2 ** 36, PAGE, RW);
    expect(lab.store(at + 2 ** 36 + 5, 7)).toBeUndefined();
    expect([lab.load(at + 2 ** 36 + 5), lab.mm.rss - before]).toEqual([7, 1]);
    expect(lab.store(at + 2 ** 36 + PAGE, 7)).toMatchObject({ code: SEGV_ACCERR, addr: at + 2 ** 36 + PAGE });
  });

  it('a hint is taken when there is room, and one above the address space is only a hint', () => {
    const lab = new MemoryLab();
    const hint = 0x1000_0000;
    expect(lab.map(PAGE, { address: hint + 1 })).toBe(hint); // rounded down, as round_hint_to_min
    const other = lab.map(PAGE, { address: hint });
    expect(other).not.toBe(hint);
    expect(lab.map(PAGE, { address: 0x40_0000_0000 })).toBeLessThan(2 ** 32);
  });

  it('areas that are alike join, and a hole in the middle is used again', () => {
    const lab = new MemoryLab();
    const at = lab.map(2 * PAGE);
    expect(lab.map(2 * PAGE)).toBe(at + 2 * PAGE);
    expect(lab.areas(at)).toEqual(['0-4:3']);
    unmapRange(lab.mm, at + PAGE, at + 2 * PAGE);
    expect(lab.areas(at)).toEqual(['0-1:3', '2-4:3']);
    expect(lab.map(PAGE)).toBe(at + PAGE);
    expect(lab.areas(at)).toEqual(['0-4:3']);
    expect(lab.mm.vmas.totalPages).toBe(16 + 4);
  });

  it('a file that is no regular file cannot be mapped', () => {
    const lab = new MemoryLab();
    const { fd, file } = lab.file(new Uint8Array(1));
    Object.defineProperty(file.descriptor, 'inode', { value: { type: 0o010000, rdev: 0 } });
    expect(errnoOf(() => lab.map(PAGE, { flags: MAP_PRIVATE, fd }))).toBe(ENODEV);
  });
});

describe('faults', () => {
  it('the wrong access is SEGV_ACCERR, PROT_NONE refuses all', () => {
    const lab = new MemoryLab();
    const at = lab.map(2 * PAGE, { prot: PROT_READ });
    expect(lab.store(at + 5, 1)).toMatchObject({ signo: SIGSEGV, code: SEGV_ACCERR, addr: at + 5 });
    protectRange(lab.mm, at, PAGE, 0);
    expect(lab.load(at)).toMatchObject({ code: SEGV_ACCERR });
    expect(lab.load(at + PAGE)).toBe(0);
  });

  it('mprotect keeps the bytes through PROT_NONE and back', () => {
    const lab = new MemoryLab();
    const at = lab.map(3 * PAGE);
    lab.store(at + PAGE, 9);
    protectRange(lab.mm, at + PAGE, PAGE, 0);
    expect(lab.areas(at)).toEqual(['0-1:3', '1-2:0', '2-3:3']);
    protectRange(lab.mm, at + PAGE, PAGE, RW);
    expect(lab.areas(at)).toEqual(['0-3:3']);
    expect(lab.load(at + PAGE)).toBe(9);
    expect(errnoOf(() => protectRange(lab.mm, at, 4 * PAGE, PROT_READ))).toBe(ENOMEM);
    expect(lab.areas(at)).toEqual(['0-3:1']);
  });

  it('past the end of a file is SIGBUS with BUS_ADRERR, and the rest of its last page is zero', () => {
    const lab = new MemoryLab();
    const { fd } = lab.file(new Uint8Array(10).fill(5));
    const at = lab.map(2 * PAGE, { flags: MAP_PRIVATE, fd });
    expect(lab.load(at + 9)).toBe(5);
    expect(lab.load(at + 10)).toBe(0);
    expect(lab.load(at + PAGE)).toMatchObject({ signo: SIGBUS, code: BUS_ADRERR, addr: at + PAGE });
  });

  it('in a large area the next page comes as well, up to its end, and in a small one it does not', () => {
    const lab = new MemoryLab();
    const before = lab.mm.rss;
    const small = lab.map(31 * PAGE);
    lab.map(PAGE, { prot: 0 }); // keeps the two apart
    const large = lab.map(32 * PAGE);
    const added = (address: number): number => {
      const present = lab.mm.rss;
      expect(lab.store(address, 1)).toBeUndefined();
      return lab.mm.rss - present;
    };
    expect(lab.mm.rss).toBe(before);
    expect([added(small + 4 * PAGE), added(small + 9 * PAGE)]).toEqual([1, 1]);
    expect([added(large + 4 * PAGE), added(large + 5 * PAGE), added(large + 31 * PAGE)]).toEqual([2, 0, 1]);
  });

  it('a stack grows down to its limit and keeps away from what is below', () => {
    const lab = new MemoryLab();
    const at = lab.map(PAGE, {
      address: 0x2000_0000,
      flags: MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_FIXED,
    });
    expect(lab.store(at - 8 * PAGE, 1)).toBeUndefined();
    expect(lab.areas(at - 8 * PAGE)).toEqual(['0-9:3']);
    lab.thread.kernel.running = lab.thread;
    expect(lab.store(at - (9 << 20), 1)).toMatchObject({ code: SEGV_MAPERR });
    lab.map(PAGE, { address: at - (2 << 20), flags: MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED });
    expect(lab.store(at - (2 << 20) + 2 * PAGE, 1)).toMatchObject({ code: SEGV_MAPERR });
  });

  it('touching more than the machine has kills, with one line for the person', () => {
    const lab = new MemoryLab();
    const at = lab.map(60 << 20);
    const more = lab.map(60 << 20);
    let info: ReturnType<MemoryLab['store']>;
    for (let page = 0; page < 15_000; page++) lab.store(at + page * PAGE, 1);
    for (let page = 0; info === undefined; page++) info = lab.store(more + page * PAGE, 1);
    expect(info).toMatchObject({ signo: SIGKILL });
    expect(lab.thread.kernel.memory.freePages).toBe(0);
  });
});

describe('fork', () => {
  it('copies private memory, leaves out what was asked to be wiped, and gives all back at the end', () => {
    const lab = new MemoryLab();
    const at = lab.map(2 * PAGE);
    lab.store(at, 1);
    const secret = lab.map(PAGE, { prot: RW, address: 0x3000_0000 });
    lab.store(secret, 2);
    madvise(lab.thread, secret, PAGE, MADV_WIPEONFORK);
    const used = lab.thread.kernel.memory.usedPages;
    const child = lab.fork();
    child.store(at, 3);
    expect(lab.load(at)).toBe(1);
    expect(child.load(secret)).toBe(0);
    child.mm.release();
    expect(lab.thread.kernel.memory.usedPages).toBe(used);
  });

  it('shared memory is one: what either writes the other reads', () => {
    const lab = new MemoryLab();
    const at = lab.map(2 * PAGE, { flags: MAP_SHARED | MAP_ANONYMOUS });
    lab.store(at, 1);
    const child = lab.fork();
    expect(child.load(at)).toBe(1);
    child.store(at, 2);
    expect(lab.load(at)).toBe(2);
    lab.store(at, 3);
    expect(child.load(at)).toBe(3);
    child.store(at + PAGE, 4);
    child.mm.release();
    expect(lab.load(at + PAGE)).toBe(4);
    unmapRange(lab.mm, at, at + 2 * PAGE);
    expect(lab.thread.kernel.memory.usedPages).toBe(lab.mm.rss);
  });

  it('a futex in shared memory has one key in all processes, wherever it is mapped', () => {
    const lab = new MemoryLab();
    const at = lab.map(2 * PAGE, { flags: MAP_SHARED | MAP_ANONYMOUS });
    const child = lab.fork();
    const moved = mremap(child.thread, {
      address: at,
      oldLength: 2 * PAGE,
      newLength: 2 * PAGE,
      flags: MREMAP_MAYMOVE | MREMAP_FIXED,
      newAddress: 0x3000_0000,
    });
    expect(child.mm.futexKey(moved + PAGE + 8)).toBe(lab.mm.futexKey(at + PAGE + 8));
    expect(lab.mm.futexKey(lab.map(PAGE))).toBeUndefined();
  });
});

describe('a shared file mapping', () => {
  const content = new Uint8Array(3 * PAGE).fill(1);

  it('stores reach read(2), and write(2) reaches loads', () => {
    const lab = new MemoryLab();
    const { fd, inode } = lab.file(content);
    const at = lab.map(3 * PAGE, { flags: MAP_SHARED, fd });
    lab.store(at + PAGE, 42);
    const bytes = new Uint8Array(2);
    inode.readAt(PAGE, bytes);
    expect([...bytes]).toEqual([42, 1]);
    inode.write(new BufferSource(Uint8Array.of(7, 8)), PAGE, 2);
    expect(lab.load(at + PAGE)).toBe(7);
    lab.store(at + PAGE + 1, 9);
    inode.readAt(PAGE, bytes);
    expect([...bytes]).toEqual([7, 9]);
  });

  it('two mappings of one file in one process show the same bytes', () => {
    const lab = new MemoryLab();
    const { fd } = lab.file(content);
    const a = lab.map(PAGE, { flags: MAP_SHARED, fd });
    const b = lab.map(PAGE, { flags: MAP_SHARED, fd });
    for (let value = 10; value < 14; value++) {
      lab.store(value % 2 === 0 ? a : b, value);
      expect(lab.load(a)).toBe(value);
      expect(lab.load(b)).toBe(value);
    }
  });

  it('a private mapping sees writes of others until it has its own copy', () => {
    const lab = new MemoryLab();
    const { fd, inode } = lab.file(content);
    const at = lab.map(2 * PAGE, { flags: MAP_PRIVATE, fd });
    const shared = lab.map(2 * PAGE, { flags: MAP_SHARED, fd });
    expect(lab.load(at)).toBe(1);
    lab.store(shared, 2);
    expect(lab.load(at)).toBe(2);
    lab.store(at, 3);
    lab.store(shared, 4);
    expect(lab.load(at)).toBe(3);
    const bytes = new Uint8Array(1);
    inode.readAt(0, bytes);
    expect(bytes[0]).toBe(4);
  });

  it('truncation takes pages away, private copies too, and growing brings zeroes', () => {
    const lab = new MemoryLab();
    const { fd, inode } = lab.file(content);
    const shared = lab.map(3 * PAGE, { flags: MAP_SHARED, fd });
    const own = lab.map(3 * PAGE, { flags: MAP_PRIVATE, fd });
    lab.store(shared + PAGE, 2);
    lab.store(own + PAGE, 3);
    inode.truncate(100);
    expect(lab.load(shared + 99)).toBe(1);
    expect(lab.load(shared + 100)).toBe(0);
    expect(lab.load(shared + PAGE)).toMatchObject({ signo: SIGBUS });
    expect(lab.load(own + PAGE)).toMatchObject({ signo: SIGBUS });
    inode.truncate(2 * PAGE);
    expect(lab.load(shared + PAGE)).toBe(0);
  });

  it('keeps the file open, and the last bytes written survive munmap', () => {
    const lab = new MemoryLab();
    const { fd, inode, file } = lab.file(content);
    const at = lab.map(PAGE, { flags: MAP_SHARED, fd });
    lab.thread.files.close(lab.thread, fd);
    expect(file.references).toBe(1);
    lab.store(at, 77);
    unmapRange(lab.mm, at, at + PAGE);
    expect(file.references).toBe(0);
    const bytes = new Uint8Array(1);
    inode.readAt(0, bytes);
    expect(inode.size === 0 || bytes[0] === 77).toBe(true);
  });
});

describe('mremap, brk and madvise', () => {
  it('an area moves with its bytes when it cannot grow where it is', () => {
    const lab = new MemoryLab();
    const at = lab.map(2 * PAGE);
    lab.store(at + PAGE, 6);
    protectRange(lab.mm, lab.map(PAGE), PAGE, 0);
    const base = { address: at, oldLength: 2 * PAGE, newLength: 8 * PAGE, newAddress: 0 };
    expect(errnoOf(() => mremap(lab.thread, { ...base, flags: 0 }))).toBe(ENOMEM);
    const moved = mremap(lab.thread, { ...base, flags: MREMAP_MAYMOVE });
    expect(lab.load(moved + PAGE)).toBe(6);
    expect(lab.load(moved + 7 * PAGE)).toBe(0);
    expect(lab.load(at + PAGE)).toMatchObject({ code: SEGV_MAPERR });
    expect(
      mremap(lab.thread, { ...base, address: moved, oldLength: 8 * PAGE, newLength: PAGE, flags: 0 }),
    ).toBe(moved);
  });

  it('brk moves the end of the heap and never fails loudly', () => {
    const lab = new MemoryLab();
    lab.mm.layout = { ...lab.mm.layout, brkStart: 0x400_0000 };
    lab.mm.brk = 0x400_0000;
    expect(brk(lab.thread, 0)).toBe(0x400_0000);
    expect(brk(lab.thread, 0x400_0010)).toBe(0x400_0010);
    expect(lab.store(0x400_0008, 1)).toBeUndefined();
    expect(brk(lab.thread, 2 ** 40)).toBe(0x400_0010);
    expect(brk(lab.thread, 0x400_0000)).toBe(0x400_0000);
    expect(lab.load(0x400_0008)).toMatchObject({ code: SEGV_MAPERR });
  });

  it('MADV_DONTNEED makes private memory zero and file memory fresh', () => {
    const lab = new MemoryLab();
    const { fd } = lab.file(new Uint8Array(PAGE).fill(1));
    const plain = lab.map(PAGE);
    const file = lab.map(PAGE, { flags: MAP_PRIVATE, fd });
    lab.store(plain, 5);
    lab.store(file, 5);
    madvise(lab.thread, plain, PAGE, MADV_DONTNEED);
    madvise(lab.thread, file, PAGE, MADV_DONTNEED);
    expect([lab.load(plain), lab.load(file)]).toEqual([0, 1]);
  });
});

describe('regressions', () => {
  it('mremap to a fixed place inside the same area finds its pages again after making room', () => {
    const lab = new MemoryLab();
    const at = lab.map(8 * PAGE);
    lab.store(at + 6 * PAGE, 8);
    const request = { address: at + 6 * PAGE, oldLength: PAGE, newLength: PAGE, newAddress: at + PAGE };
    expect(mremap(lab.thread, { ...request, flags: MREMAP_MAYMOVE | MREMAP_FIXED })).toBe(at + PAGE);
    expect(lab.load(at + PAGE)).toBe(8);
    expect(lab.areas(at)).toEqual(['0-6:3', '7-8:3']);
  });

  it('copyout reaches both instances of a page that is mapped twice in a row', () => {
    const lab = new MemoryLab();
    const { fd, inode } = lab.file(new Uint8Array(PAGE));
    const at = lab.map(2 * PAGE);
    for (const address of [at, at + PAGE]) lab.map(PAGE, { address, fd, flags: MAP_SHARED | MAP_FIXED });
    lab.mm.user.write(at + PAGE - 2, Uint8Array.of(1, 2, 3, 4));
    const bytes = new Uint8Array(PAGE);
    inode.readAt(0, bytes);
    expect([bytes[PAGE - 2], bytes[PAGE - 1], bytes[0], bytes[1]]).toEqual([1, 2, 3, 4]);
    expect([lab.load(at), lab.load(at + PAGE - 1)]).toEqual([3, 2]);
  });
});
