import { describe, expect, it } from 'vitest';
import type { Thread } from '../kernel/task/thread.ts';
import { libraryVariable, linkMapAt, programVariable, type ReadMemory } from './thread-local.ts';

const TP = 0x9000;
const [LIST, FIRST, SECOND, FIELD, VECTOR] = [0x1000, 0x2000, 0x3000, 0x4000, 0x5000];
const NUMBER_AT = 1000;

const threadAt = (tp: number): Thread => ({ hart: { x: () => BigInt(tp) } }) as unknown as Thread;

/** Two libraries, the second of which is number 2; each word by its address. */
function memory(words: Readonly<Record<number, bigint>> = {}): ReadMemory {
  const all: Record<number, bigint> = {
    [LIST + 8]: BigInt(FIRST),
    [FIRST]: 0n,
    [FIRST + 24]: BigInt(SECOND),
    [SECOND]: 0x40_0000n,
    [SECOND + 24]: 0n,
    [SECOND + NUMBER_AT]: 2n,
    [FIELD + 8]: BigInt(NUMBER_AT),
    [TP - 16]: BigInt(VECTOR),
    [VECTOR + 32]: 0x7000n,
    ...words,
  };
  return (address, length) => {
    const word = all[address];
    return word === undefined
      ? undefined
      : new Uint8Array(new BigUint64Array([word]).buffer).slice(0, length);
  };
}

describe('thread-local variables', () => {
  it('of the program lie at tp', () => {
    expect(programVariable(threadAt(TP), 0x20)).toBe(TP + 0x20);
    expect(programVariable(threadAt(0), 0x20)).toBeUndefined();
  });

  it('of a library lie where the vector says, by the number in its link_map', () => {
    const place = { linkMap: SECOND, field: FIELD, offset: 8 };
    expect(libraryVariable(threadAt(TP), memory(), place)).toBe(0x7008);
  });

  it('of a library are nowhere while the thread has not used them, or where nothing can be read', () => {
    const place = { linkMap: SECOND, field: FIELD, offset: 8 };
    expect(libraryVariable(threadAt(TP), memory({ [VECTOR + 32]: 2n ** 64n - 1n }), place)).toBeUndefined();
    expect(libraryVariable(threadAt(TP), memory({ [SECOND + NUMBER_AT]: 0n }), place)).toBeUndefined();
    expect(libraryVariable(threadAt(TP), () => undefined, place)).toBeUndefined();
  });

  it('find the link_map of a library by where it is mapped, in a list that may be a ring', () => {
    expect(linkMapAt(memory(), LIST, 0x40_0000)).toBe(SECOND);
    expect(linkMapAt(memory(), LIST, 0x50_0000)).toBeUndefined();
    expect(linkMapAt(memory({ [SECOND + 24]: BigInt(FIRST) }), LIST, 0x50_0000)).toBeUndefined();
  });
});
