import { describe, expect, it } from 'vitest';
import { datagramCharge, streamCharge, streamPiece } from './buffer-accounting.ts';

/** What a stream send of `length` bytes costs in all, with the default buffer. */
function wholeStream(length: number): number {
  let cost = 0;
  for (let left = length; left > 0; ) {
    const piece = streamPiece(left, 212_992);
    cost += streamCharge(piece);
    left -= piece;
  }
  return cost;
}

describe('true sizes, as SIOCOUTQ reads them on Linux 6.18', () => {
  it('of streams', () => {
    const measured = [
      [1, 768],
      [192, 768],
      [193, 1280],
      [704, 1280],
      [705, 2304],
      [1728, 2304],
      [1729, 4352],
      [3776, 4352],
      [3777, 4864],
      [4289, 5376],
      [7873, 8960],
      [16_065, 17_152],
      [36_544, 37_120],
      [36_545, 37_888],
      [40_000, 41_472],
      [65_536, 67_072],
      [150_000, 153_344],
      [212_000, 215_552],
    ] as const;
    for (const [length, cost] of measured) expect([length, wholeStream(length)]).toEqual([length, cost]);
  });

  it('of datagrams', () => {
    const measured = [
      [1, 768],
      [193, 1280],
      [3776, 4352],
      [3777, 8448],
      [7873, 16_640],
      [16_064, 16_640],
      [16_065, 20_736],
      [36_545, 41_216],
      [65_536, 69_888],
      [86_144, 102_656],
      [106_432, 135_424],
      [212_000, 332_032],
      [399_967, 594_176],
    ] as const;
    for (const [length, cost] of measured) expect([length, datagramCharge(length)]).toEqual([length, cost]);
  });

  it('pieces shrink with small send buffers and never vanish', () => {
    expect(streamPiece(100_000, 4608)).toBe(2240);
    expect(streamPiece(10, 4608)).toBe(10);
    expect(streamPiece(10, 100)).toBe(1);
  });
});
