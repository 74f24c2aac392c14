import { describe, expect, it } from 'vitest';
import { RateLimit } from './rate-limit.ts';

const SECOND = 1e9;

describe('RateLimit', () => {
  it('lets ten messages through in five seconds, and then says how many it did not', () => {
    const limit = new RateLimit();
    const taken = Array.from({ length: 14 }, () => limit.take(3 * SECOND));
    expect(taken.filter(({ isAllowed }) => isAllowed)).toHaveLength(10);
    expect(taken.every(({ missed }) => missed === 0)).toBe(true);
    expect(limit.take(8 * SECOND)).toEqual({ isAllowed: false, missed: 0 });
    expect(limit.take(8 * SECOND + 1)).toEqual({ isAllowed: true, missed: 5 });
    expect(limit.take(8 * SECOND + 2)).toEqual({ isAllowed: true, missed: 0 });
  });
});
