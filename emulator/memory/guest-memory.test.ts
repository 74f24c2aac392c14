import { describe, expect, it } from 'vitest';
import { GuestMemory, PageNote, Perm } from './guest-memory.ts';
import { GUEST_LIMIT, PAGE_SIZE, READ_PAIR_MAP, WRITE_PAIR_MAP } from './layout.ts';

const RW = Perm.R | Perm.W;

/** What the pair maps say of a page. */
function pairs(memory: GuestMemory, page: number): number[] {
  const bytes = new Uint8Array(memory.memory.buffer);
  return [bytes[READ_PAIR_MAP + page] ?? -1, bytes[WRITE_PAIR_MAP + page] ?? -1];
}

describe('guest memory', () => {
  it('grants nothing at first', () => {
    const memory = new GuestMemory();
    expect([memory.granted(5), memory.fast(5), memory.hasCode(5)]).toEqual([0, 0, false]);
  });

  it('grows on demand, and not past the limit', () => {
    const memory = new GuestMemory();
    expect(memory.grow(0x12345)).toBe(true);
    expect(memory.limit).toBeGreaterThanOrEqual(0x12345);
    memory.setU8(0x12344, 7);
    expect(memory.grow(0x20_0000)).toBe(true);
    expect(memory.u8(0x12344)).toBe(7);
    expect(memory.grow(GUEST_LIMIT + 1)).toBe(false);
  });

  it('knows for each page whether the next allows the same', () => {
    const memory = new GuestMemory();
    memory.grow(16 * PAGE_SIZE);
    memory.setPermission(4, 3, RW);
    expect([3, 4, 5, 6].map((page) => pairs(memory, page))).toEqual([
      [0, 0],
      [1, 1],
      [1, 1],
      [0, 0],
    ]);
    memory.setPermission(7, 1, Perm.R);
    expect(pairs(memory, 6)).toEqual([1, 0]);
    memory.setPermission(5, 1, 0);
    expect([4, 5, 6].map((page) => pairs(memory, page))).toEqual([
      [0, 0],
      [0, 0],
      [1, 0],
    ]);
  });

  it('withholds writing from a page with code until the code is invalidated', () => {
    const memory = new GuestMemory();
    memory.grow(16 * PAGE_SIZE);
    memory.setPermission(4, 3, RW | Perm.X);
    const invalidated: number[][] = [];
    memory.listener = { codeInvalidated: (_memory, first, count) => invalidated.push([first, count]) };
    memory.noteCode(5, PageNote.DECODED);
    expect([memory.fast(5) & Perm.W, memory.isWriteWithheld(5), memory.granted(5) & Perm.W]).toEqual([
      0,
      true,
      2,
    ]);
    expect([pairs(memory, 4), pairs(memory, 5)]).toEqual([
      [1, 0],
      [1, 0],
    ]);
    memory.prepareKernelWrite(4);
    memory.prepareKernelWrite(5);
    expect(invalidated).toEqual([[5, 1]]);
    expect([memory.fast(5) & Perm.W, pairs(memory, 4)]).toEqual([Perm.W, [1, 1]]);
  });

  it('reads and writes numbers at any alignment', () => {
    const memory = new GuestMemory();
    memory.grow(2 * PAGE_SIZE);
    for (const value of [0, 1, -1, 2 ** 40 + 3, -(2 ** 40) - 3, Number.MAX_SAFE_INTEGER]) {
      memory.writeU64Number(0xfff, value);
      expect(memory.readU64(0xfff)).toBe(BigInt.asUintN(64, BigInt(value)));
    }
    memory.writeU64(0x13, 0x0012_3456_89ab_cdefn);
    expect([memory.readU64Number(0x13), memory.u32(0x13), memory.i32(0x13), memory.u16(0x15)]).toEqual([
      0x0012_3456_89ab_cdef,
      0x89ab_cdef,
      0x89ab_cdef | 0,
      0x89ab,
    ]);
  });

  it('copies pages from another memory', () => {
    const [from, to] = [new GuestMemory(), new GuestMemory()];
    for (const memory of [from, to]) memory.grow(8 * PAGE_SIZE);
    from.fill(PAGE_SIZE, 2 * PAGE_SIZE, 0x5a);
    to.copyPagesFrom(from, 1, 3, 2);
    expect([
      to.u8(3 * PAGE_SIZE - 1),
      to.u8(3 * PAGE_SIZE),
      to.u8(5 * PAGE_SIZE - 1),
      to.u8(5 * PAGE_SIZE),
    ]).toEqual([0, 0x5a, 0x5a, 0]);
  });

  it('is all zero again when it is wiped for reuse', () => {
    const memory = new GuestMemory();
    memory.grow(16 * PAGE_SIZE);
    memory.setPermission(2, 4, RW);
    memory.fill(2 * PAGE_SIZE, 4 * PAGE_SIZE, 1);
    memory.setPermission(3, 1, 0);
    memory.release();
    expect(memory.isReusable).toBe(true);
    memory.wipe();
    expect(memory.bytes(0, 16 * PAGE_SIZE).every((byte) => byte === 0)).toBe(true);
    expect([memory.granted(2), memory.fast(2), pairs(memory, 4)]).toEqual([0, 0, [0, 0]]);
  });
});
