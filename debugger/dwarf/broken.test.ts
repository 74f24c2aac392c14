// Debug information with wrong bytes in it, which a program may have: whatever it says, nothing throws and nothing hangs.
// Each run flips some bytes of the debug sections and looks at all that debuggers look at.
import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { promptOn } from '../prompt/prompt.test-support.ts';
import { readElfSections } from './elf-sections.ts';

const PROGRAMS = ['variables', 'optimized'].map((name) => `build/guests/riscv64/debug/${name}`);
const why = PROGRAMS.every(existsSync) ? '' : ' [skipped: guest programs are not compiled: npm test does it]';

/** Places in the file that say something to debuggers. */
function debugPlaces(bytes: Uint8Array): { start: number; length: number }[] {
  const sections = readElfSections(bytes)?.sections ?? new Map();
  return [...sections]
    .filter(([name]) => name.startsWith('.debug_') || name === '.eh_frame')
    .map(([, section]) => ({
      start: section.bytes.byteOffset - bytes.byteOffset,
      length: section.bytes.length,
    }))
    .filter(({ length }) => length > 0);
}

const COMMANDS = [
  'info sharedlibrary',
  'break main',
  'break 20',
  'continue',
  'bt',
  'info frame',
  'info locals',
  'info args',
  'info source',
  'info line main',
  'info scope main',
  'info types .',
  'info variables .',
  'info functions ma',
  'list main',
  'ptype struct record',
  'step',
  'next',
  'up',
  'info locals',
  'finish',
  'break work',
  'break square',
  'continue',
  'bt',
  'info locals',
  'p *record',
  'p record',
  'p pair',
  'whatis grid',
  'disassemble /s',
];

describe.skipIf(why !== '')(`debug information with flipped bytes${why}`, () => {
  for (const program of PROGRAMS) {
    it(`of ${program.split('/').pop()} leads to other answers, not to errors`, async () => {
      const bytes = readFileSync(program);
      const places = debugPlaces(bytes);
      const flips = fc.array(
        fc.record({
          place: fc.nat(places.length - 1),
          at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
          value: fc.nat(255),
          length: fc.integer({ min: 1, max: 6 }),
        }),
        { minLength: 1, maxLength: 12 },
      );
      await fc.assert(
        fc.asyncProperty(flips, async (chosen) => {
          const broken = Uint8Array.from(bytes);
          for (const { place, at, value, length } of chosen) {
            const { start, length: size } = places[place] as { start: number; length: number };
            const from = start + Math.floor(at * size);
            broken.fill(value, from, Math.min(from + length, start + size));
          }
          const begun = performance.now();
          for (const command of await outputs(broken)) expect(command).toBeTypeOf('string');
          expect(performance.now() - begun).toBeLessThan(20_000);
        }),
        {
          numRuns: Number(process.env.BROKEN_RUNS ?? 25),
          seed: Number(process.env.BROKEN_SEED ?? 1),
          endOnFailure: true,
        },
      );
    });
  }
});

async function outputs(program: Uint8Array): Promise<string[]> {
  const prompt = promptOn(program);
  const said: string[] = [];
  for (const command of COMMANDS) said.push(await prompt.run(command));
  return said;
}
