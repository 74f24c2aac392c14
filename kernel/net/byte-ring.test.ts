import { describe, expect, it } from 'vitest';
import { MemoryAccount } from '../mm/account.ts';
import { BufferPool, ByteRing } from './byte-ring.ts';
import { TestSink, TestSource } from './unix/unix.test-support.ts';

describe('byte ring', () => {
  it('keeps bytes over any mix of appends and reads, growing on the way', () => {
    const ring = new ByteRing(new BufferPool(new MemoryAccount(1e9)));
    let written = 0;
    let read = 0;
    let seed = 1;
    const random = (limit: number): number => {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
      return seed % limit;
    };
    let head = 0;
    for (let step = 0; step < 3000; step++) {
      const count = random(step % 100 === 0 ? 5000 : 50);
      const start = ring.append(
        new TestSource(Uint8Array.from({ length: count }, (_, i) => (written + i) & 0xff)),
        count,
      );
      if (written === read) head = start;
      written += count;
      const take = Math.min(random(60), written - read);
      const sink = new TestSink(take);
      expect(ring.copyOut(sink, head, take)).toBe(take);
      for (const byte of sink.bytes) expect(byte).toBe(read++ & 0xff);
      head += take;
      ring.discardTo(head);
      if (written === read) head = 0;
    }
  });

  it('is unchanged when the source faults', () => {
    const ring = new ByteRing(new BufferPool(new MemoryAccount(1e9)));
    ring.append(new TestSource('abc'), 3);
    const faulty = new TestSource('xy');
    faulty.take = () => {
      throw { errno: 14 };
    };
    expect(() => ring.append(faulty, 2)).toThrow();
    ring.append(new TestSource('def'), 3);
    const sink = new TestSink(6);
    ring.copyOut(sink, 0, 6);
    expect(sink.text).toBe('abcdef');
  });
});
