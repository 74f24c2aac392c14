import { describe, expect, it } from 'vitest';
import {
  datagramCharge,
  splicedCharge,
  streamCharge,
  streamLayout,
  streamPiece,
} from './buffer-accounting.ts';

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

  it('of pages that are spliced in: a head, and the bytes', () => {
    expect([1, 4096, 65_536].map(splicedCharge)).toEqual([769, 4864, 66_304]);
  });

  it('a send lies in its head and in blocks of pages, the largest first', () => {
    expect(streamLayout(3776)).toEqual({ head: 3776, pages: [] });
    expect(streamLayout(3777)).toEqual({ head: 0, pages: [3777] });
    expect(streamLayout(16_000)).toEqual({ head: 3712, pages: [8192, 4096] });
    expect(streamLayout(28_992)).toEqual({ head: 320, pages: [16_384, 8192, 4096] });
    expect(streamLayout(36_544)).toEqual({ head: 3776, pages: [32_768] });
  });
});
