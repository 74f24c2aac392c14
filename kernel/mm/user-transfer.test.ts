// Moving bytes between a kernel's buffer and several of a program's: where one ends, and what is given back over such an end.
import { describe, expect, it } from 'vitest';
import { EFAULT } from '../errno.ts';
import { errnoOf, MemoryLab, PAGE } from './memory-lab.test-support.ts';

/** Three buffers of 3, 0 and 4 bytes that hold 1 to 7, with other bytes between them. */
function threeBuffers() {
  const lab = new MemoryLab();
  const at = lab.map(PAGE);
  const { user } = lab.thread;
  user.write(at, Uint8Array.of(1, 2, 3, 99, 99, 4, 5, 6, 7, 99));
  const iovecs = [
    { base: at, length: 3 },
    { base: at + 4, length: 0 },
    { base: at + 5, length: 4 },
  ];
  return { lab, user, at, iovecs };
}

describe('a transfer', () => {
  it('takes the buffers one after the other, and again what is given back over the end of one', () => {
    const { user, iovecs } = threeBuffers();
    const source = user.transfer(iovecs);
    expect(source.remaining).toBe(7);
    expect([...source.take(10)]).toEqual([1, 2, 3]);
    expect([...source.take(2)]).toEqual([4, 5]);
    source.giveBack(4);
    expect(source.remaining).toBe(6);
    const bytes = new Uint8Array(8);
    let done = 1;
    for (let moved = 1; moved > 0; done += moved) moved = source.copyTo(bytes, done, 8 - done);
    expect([...bytes]).toEqual([0, 2, 3, 4, 5, 6, 7, 0]);
    expect(source.remaining).toBe(0);
    expect(source.take(1)).toHaveLength(0);
  });

  it('puts a part of what it is given into each buffer, and no more than fits', () => {
    const { user, at, iovecs } = threeBuffers();
    const sink = user.transfer(iovecs);
    const bytes = Uint8Array.of(0, 11, 12, 13, 14, 15, 16, 17, 18, 19);
    expect(sink.put(bytes, 1, 6)).toBe(5);
    expect(sink.remaining).toBe(2);
    expect(sink.put(bytes, 6)).toBe(2);
    expect([...user.read(at, 10)]).toEqual([11, 12, 13, 99, 99, 14, 15, 16, 17, 99]);
  });

  it('moves many bytes as it moves few, up to where the memory ends', () => {
    const lab = new MemoryLab();
    const at = lab.map(PAGE);
    const { user } = lab.thread;
    const bytes = Uint8Array.from({ length: 300 }, (_, i) => i);
    expect(user.buffer(at, 200).put(bytes, 100)).toBe(200);
    expect([...user.read(at, 200)]).toEqual([...bytes.subarray(100)]);
    const back = new Uint8Array(300);
    expect(user.buffer(at, 200).copyTo(back, 50, 1000)).toBe(200);
    expect([...back.subarray(50, 250)]).toEqual([...bytes.subarray(100)]);
    expect(user.buffer(at + PAGE - 2, 10).put(bytes)).toBe(2);
    expect(errnoOf(() => user.buffer(at + PAGE, 10).put(bytes))).toBe(EFAULT);
    expect(errnoOf(() => user.buffer(at + PAGE, 10).copyTo(back, 0, 10))).toBe(EFAULT);
  });
});
