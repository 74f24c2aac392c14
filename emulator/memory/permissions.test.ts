import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GuestMemory, PageNote, Perm } from './guest-memory.ts';
import { PAGE_SIZE, READ_PAIR_MAP, WRITE_PAIR_MAP } from './layout.ts';

const PAGES = 12;
const { R, W } = Perm;

type Action =
  | { kind: 'grant'; first: number; count: number; permission: number }
  | { kind: 'code'; page: number };

const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({
    kind: fc.constant('grant' as const),
    first: fc.nat(PAGES - 1),
    count: fc.integer({ min: 1, max: 4 }),
    permission: fc.constantFrom(0, R, R | W, R | Perm.X, R | W | Perm.X),
  }),
  fc.record({ kind: fc.constant('code' as const), page: fc.nat(PAGES - 1) }),
);

describe('permission maps', () => {
  it('always follow from what was granted and which pages hold code', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 30 }), (actions) => {
        const memory = new GuestMemory();
        memory.grow((PAGES + 8) * PAGE_SIZE);
        const granted = new Array<number>(PAGES + 8).fill(0);
        const code = new Set<number>();
        for (const step of actions) {
          if (step.kind === 'grant') {
            memory.setPermission(step.first, step.count, step.permission);
            for (let page = step.first; page < step.first + step.count; page++) {
              granted[page] = step.permission;
              code.delete(page);
            }
          } else if (granted[step.page] !== 0) {
            memory.noteCode(step.page, PageNote.DECODED);
            code.add(step.page);
          }
        }
        const bytes = new Uint8Array(memory.memory.buffer);
        const expected = granted.map((permission, page) => (code.has(page) ? permission & ~W : permission));
        const both = (page: number) => (expected[page] ?? 0) & (expected[page + 1] ?? 0);
        for (let page = 0; page < PAGES + 4; page++) {
          expect(memory.granted(page)).toBe(granted[page]);
          expect(memory.fast(page)).toBe(expected[page]);
          expect(bytes[READ_PAIR_MAP + page]).toBe(both(page) & R);
          expect(bytes[WRITE_PAIR_MAP + page]).toBe((both(page) & W) >> 1);
        }
      }),
      { numRuns: 200 },
    );
  });
});
