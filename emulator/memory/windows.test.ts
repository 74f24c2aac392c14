import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GuestMemory, Perm } from './guest-memory.ts';
import {
  ADDRESS_LIMIT,
  BIAS,
  byOffset,
  FAST_MAP,
  GUEST_LIMIT,
  PAGE_SIZE,
  READ_PAIR_MAP,
  REGION_ENTRIES,
  REGION_ENTRY_COUNT,
  REGION_ENTRY_SIZE,
  WINDOW_SIZE,
  WRITE_PAIR_MAP,
} from './layout.ts';
import { WINDOW_PAGES } from './windows.ts';

const RW = Perm.R | Perm.W;
const HIGH = 2 ** 37 / PAGE_SIZE;
/** Pages around the ends of some windows, high ones and low ones that lie where those may come to lie. */
const PAGES = [
  HIGH,
  HIGH + 4 * WINDOW_PAGES,
  HIGH + 900 * WINDOW_PAGES,
  8 * WINDOW_PAGES,
  10 * WINDOW_PAGES,
].flatMap((first) =>
  [0, 1, 2, 3].flatMap((window) => [-1, 0, 1].map((page) => first + window * WINDOW_PAGES + page)),
);

type Action =
  | { kind: 'grant'; page: number; permission: number; value: number }
  | { kind: 'unback'; page: number };

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('grant' as const),
      page: fc.constantFrom(...PAGES),
      permission: fc.constantFrom(0, Perm.R, RW),
      value: fc.nat(255),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('unback' as const), page: fc.constantFrom(...PAGES) }),
  },
);

/** What is at each page: its permission, and the byte that fills it. */
type Model = Map<number, { permission: number; value: number }>;

function isFilled(bytes: Uint8Array, value: number): boolean {
  return Buffer.alloc(bytes.length, value).equals(bytes);
}

function windowOf(page: number): number {
  return page - (page % WINDOW_PAGES);
}

function act(memory: GuestMemory, model: Model, step: Action): void {
  const { page } = step;
  if (step.kind === 'grant') {
    const { permission, value } = step;
    expect(memory.back(page, 1)).toBe(true);
    memory.setPermission(page, 1, RW);
    memory.fill(page * PAGE_SIZE, PAGE_SIZE, value);
    memory.setPermission(page, 1, permission);
    model.set(page, { permission, value });
    return;
  }
  const first = windowOf(page);
  if (first * PAGE_SIZE < GUEST_LIMIT) return;
  memory.unback(first, WINDOW_PAGES);
  for (const other of model.keys()) if (windowOf(other) === first) model.delete(other);
}

/** Where a page's bytes are, as generated code finds them: by what an access there would see. */
function checkPairs(memory: GuestMemory, model: Model, page: number): void {
  const bytes = new Uint8Array(memory.memory.buffer);
  const offset = memory.bytes(page * PAGE_SIZE, 1).byteOffset;
  const index = Math.floor(offset / PAGE_SIZE);
  const isTogether = memory.together(page * PAGE_SIZE, 2 * PAGE_SIZE) === 2 * PAGE_SIZE;
  const both = (model.get(page)?.permission ?? 0) & (model.get(page + 1)?.permission ?? 0);
  expect(bytes[byOffset(FAST_MAP) + index]).toBe(model.get(page)?.permission);
  expect(bytes[byOffset(READ_PAIR_MAP) + index]).toBe(isTogether ? both & Perm.R : 0);
  expect(bytes[byOffset(WRITE_PAIR_MAP) + index]).toBe(isTogether ? (both & Perm.W) >> 1 : 0);
}

describe('windows', () => {
  it('show each page its own bytes and permission, wherever they come to lie', () => {
    fc.assert(
      fc.property(fc.array(action, { minLength: 5, maxLength: 60 }), (actions) => {
        const memory = new GuestMemory();
        const model: Model = new Map();
        for (const step of actions) act(memory, model, step);
        for (const [page, { permission, value }] of model) {
          expect([memory.granted(page), memory.fast(page)]).toEqual([permission, permission]);
          expect(isFilled(memory.bytes(page * PAGE_SIZE, PAGE_SIZE), value)).toBe(true);
          checkPairs(memory, model, page);
        }
        for (const page of PAGES) if (!model.has(page)) expect(memory.fast(page)).toBe(0);
        memory.wipe();
        expect(memory.hasWindows).toBe(false);
        expect(isFilled(memory.bytes(0, 24 * WINDOW_SIZE), 0)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it('are not made for low addresses, and not for what is no address', () => {
    const memory = new GuestMemory();
    expect([memory.back(0, 16), memory.hasWindows]).toEqual([true, false]);
    expect([memory.back(ADDRESS_LIMIT / PAGE_SIZE, 1), memory.hasWindows]).toEqual([false, false]);
    expect([memory.back(GUEST_LIMIT / PAGE_SIZE - 1, 2), memory.hasWindows]).toEqual([true, true]);
  });

  it('values across their ends are whole, and what lies between the fields of a struct stays', () => {
    const memory = new GuestMemory();
    const end = 2 ** 37 + WINDOW_SIZE;
    // the second has another window before it, so the first does not come to lie there
    for (const page of [end / PAGE_SIZE + WINDOW_PAGES, HIGH + 5000 * WINDOW_PAGES, end / PAGE_SIZE, HIGH])
      memory.back(page, 1);
    memory.back(HIGH, 2 * WINDOW_PAGES);
    memory.fill(end - 16, 32, 0xee);
    memory.writeU64Number(end - 3, 0x1_0203_0405_0607);
    expect([memory.readU64Number(end - 3), memory.readU64(end - 3)]).toEqual([
      0x1_0203_0405_0607,
      0x1_0203_0405_0607n,
    ]);
    expect([memory.u8(end - 4), memory.u8(end + 5)]).toEqual([0xee, 0xee]);
    memory.setU32(end - 1, 0x89ab_cdef);
    memory.setU16(end - 7, 0x1234);
    expect([memory.u32(end - 1), memory.i32(end - 1), memory.u16(end - 7)]).toEqual([
      0x89ab_cdef,
      0x89ab_cdef | 0,
      0x1234,
    ]);
    const sparse = {
      size: 16,
      read: (view: DataView, at: number) => view.getUint8(at + 15),
      write: (view: DataView, at: number, value: number) => view.setUint8(at + 15, value),
    };
    memory.encode(end - 8, sparse, 7);
    expect([memory.decode(end - 8, sparse), memory.u32(end - 1)]).toEqual([7, 0x89ab_cdef]);
  });

  it('that lie nowhere lead to bytes of the maps that are always 0', () => {
    const [first, end] = [byOffset(FAST_MAP), byOffset(FAST_MAP) + WINDOW_PAGES];
    expect(first).toBeGreaterThanOrEqual(REGION_ENTRIES + REGION_ENTRY_COUNT * REGION_ENTRY_SIZE);
    expect(end).toBeLessThanOrEqual(FAST_MAP);
    for (const map of [READ_PAIR_MAP, WRITE_PAIR_MAP]) {
      // the end of the map before, of pages that no Memory has
      expect(byOffset(map)).toBe(map - BIAS / PAGE_SIZE);
      expect(WINDOW_PAGES).toBeLessThanOrEqual(BIAS / PAGE_SIZE);
    }
  });
});
