import fc from 'fast-check';
import { expect, it } from 'vitest';
import { splitTime } from './split-time.ts';

const BILLION = 1_000_000_000n;

it('is what a division of bigints gives, rounded down', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
        fc.bigInt({ min: -(2n ** 82n), max: 2n ** 82n }),
      ),
      (time) => {
        const nsec = ((time % BILLION) + BILLION) % BILLION;
        expect(splitTime(time)).toEqual({ sec: Number((time - nsec) / BILLION), nsec: Number(nsec) });
      },
    ),
    { numRuns: 2000 },
  );
});

it('holds where seconds begin and end', () => {
  for (const sec of [-(2n ** 33n), -1n, 0n, 1n, 2n ** 31n, 2n ** 33n, 2n ** 34n])
    for (const off of [-1n, 0n, 1n]) {
      const nsec = off < 0n ? 999_999_999 : Number(off);
      expect(splitTime(sec * BILLION + off)).toEqual({ sec: Number(off < 0n ? sec - 1n : sec), nsec });
    }
});
