import { describe, expect, it } from 'vitest';
import { COMPRESSIBLE } from './compressed.ts';
import { decode, isCompressed } from './decode.ts';
import { ENCODINGS } from './encodings.ts';
import { SEMANTICS } from './semantics/table.ts';

describe('the encodings', () => {
  it('do not overlap', () => {
    for (const a of ENCODINGS) {
      for (const b of ENCODINGS) {
        if (a === b) continue;
        const both = a.mask & b.mask;
        expect((a.match & both) === (b.match & both), `${a.name} and ${b.name}`).toBe(false);
      }
    }
  });

  it('have no fixed bit outside their mask', () => {
    for (const { name, match, mask } of ENCODINGS) expect(match & ~mask, name).toBe(0);
  });

  it('each have a meaning, and each meaning an encoding', () => {
    expect(Object.keys(SEMANTICS).sort()).toEqual(ENCODINGS.map(({ name }) => name).sort());
  });

  it('say which of them compressed instructions stand for', () => {
    const found = new Set<string>();
    for (let half = 0; half < 0x1_0000; half++) if (isCompressed(half)) found.add(decode(half)?.name ?? '');
    found.delete('');
    expect([...found].sort()).toEqual([...COMPRESSIBLE].sort());
  });

  it('each decode to themselves', () => {
    for (const { name, match } of ENCODINGS) expect(decode(match)?.name).toBe(name);
  });
});
