import { describe, expect, test } from 'vitest';
import { PAGE_SIZE } from '../../emulator/memory/layout.ts';
import { ENOSPC } from '../errno.ts';
import { BufferSink, BufferSource } from '../file/buffer.ts';
import { CleanCache } from './clean-cache.ts';
import { errnoOf } from './fs-machine.test-support.ts';
import { PageStore } from './page-store.ts';
import { Storage } from './storage.ts';

function bytes(length: number, start = 1): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (start + i) % 251);
}

function read(store: PageStore, position: number, length: number): Uint8Array {
  const sink = new BufferSink(new Uint8Array(length));
  store.read(sink, position);
  return sink.filled;
}

describe('a page store', () => {
  test('keeps what is written across chunk borders', () => {
    const store = new PageStore(new Storage(1e6));
    const data = bytes(150_000);
    expect(store.write(new BufferSource(data), 1234, data.length)).toBe(150_000);
    expect(read(store, 1234, 150_000)).toEqual(data);
    expect(read(store, 1234 + 149_999, 10)).toEqual(data.subarray(149_999));
    expect(read(store, 0, 3)).toEqual(new Uint8Array(3));
  });

  test('reads zeros where a truncated file grows again', () => {
    const store = new PageStore(new Storage(1e6));
    store.writeAt(0, bytes(10_000));
    store.truncate(5000);
    store.truncate(10_000);
    expect(read(store, 4999, 3)).toEqual(Uint8Array.of(bytes(5000)[4999] ?? 0, 0, 0));
    expect(read(store, 9000, 1000)).toEqual(new Uint8Array(1000));
  });

  test('knows its holes', () => {
    const store = new PageStore(new Storage(1e7));
    store.writeAt(1_000_000, bytes(10));
    expect(store.nextData(0)).toBe(Math.floor(1_000_000 / PAGE_SIZE) * PAGE_SIZE);
    expect(store.nextHole(0)).toBe(0);
    expect(store.nextHole(1_000_000)).toBe(1_000_010);
    expect(store.nextData(1_000_010)).toBeUndefined();
    store.punch(0, 2_000_000);
    expect(store.nextData(0)).toBeUndefined();
    expect(store.size).toBe(1_000_010);
  });

  test('a sparse file pays for what the host holds, and gives it back', () => {
    const storage = new Storage(1e9);
    const store = new PageStore(storage);
    for (let i = 0; i < 10; i++) store.writeAt(i * 1_000_000 + 60_000, bytes(1));
    expect(store.allocatedBytes).toBe(10 * PAGE_SIZE);
    expect(storage.used).toBeGreaterThan(10 * PAGE_SIZE);
    store.truncate(0);
    expect(storage.used).toBe(0);
  });

  test('a write that runs out of room is short, the next one fails', () => {
    const store = new PageStore(new Storage(128 * 1024));
    const data = bytes(200_000);
    const written = store.write(new BufferSource(data), 0, data.length);
    expect(written).toBe(128 * 1024);
    expect(errnoOf(() => store.write(new BufferSource(data), written, 1))).toBe(ENOSPC);
  });
});

describe('a page store over a backing', () => {
  function over(content: Uint8Array, cacheSize = 1e9): { store: PageStore; loads: number[] } {
    const loads: number[] = [];
    const store = new PageStore(new Storage(1e9));
    const backing = {
      read: (into: Uint8Array, position: number) => {
        loads.push(position);
        into.set(content.subarray(position, position + into.length));
      },
    };
    store.setBacking(backing, content.length, new CleanCache(cacheSize));
    return { store, loads };
  }

  test('reads on demand, and a change leaves the rest as it was', () => {
    const content = bytes(200_000);
    const { store, loads } = over(content);
    store.writeAt(70_000, Uint8Array.of(255));
    expect(loads).toEqual([65_536]);
    const expected = content.slice();
    expected[70_000] = 255;
    expect(read(store, 0, 300_000)).toEqual(expected);
  });

  test('what was cut off does not come back', () => {
    const { store } = over(bytes(100_000));
    store.truncate(10);
    store.truncate(100_000);
    expect(read(store, 0, 12)).toEqual(Uint8Array.of(...bytes(10), 0, 0));
    expect(read(store, 80_000, 5)).toEqual(new Uint8Array(5));
  });

  test('a punched hole hides the backing', () => {
    const { store } = over(bytes(100_000));
    store.punch(4096, 90_000);
    expect(read(store, 4095, 2)).toEqual(Uint8Array.of(bytes(4096)[4095] ?? 0, 0));
    expect(read(store, 90_000, 1)).toEqual(bytes(1, 90_001));
  });

  test('clean chunks are forgotten and read again, changed ones are kept', () => {
    const content = bytes(300_000);
    const { store, loads } = over(content, 65_536);
    store.writeAt(0, Uint8Array.of(9));
    read(store, 0, 300_000);
    read(store, 70_000, 1);
    expect(loads.filter((position) => position === 65_536)).toHaveLength(2);
    expect(read(store, 0, 1)).toEqual(Uint8Array.of(9));
  });
});
