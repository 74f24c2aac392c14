// The host's memory does not grow with what guests did: neither over a long run, nor with many programs.
// RIVULET_MEMORY=full makes it 10^9 instructions and 10,000 programs; `npm run bench -- memory` prints the same figures.
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { EXEC_ROUNDS, FULL, type Reading, SHORT, STEADY_WORK, watchMemory } from '../scripts/bench/memory.ts';
import { binaryOf } from '../scripts/guests/compile.ts';

const MIB = 1 << 20;
const rounds = process.env.RIVULET_MEMORY === 'full' ? FULL : SHORT;

/** From the first reading, when everything was used once, to the last. */
function growth(readings: readonly Reading[], what: keyof Omit<Reading, 'at'>): number {
  return (readings.at(-1)?.[what] ?? 0) - (readings[0]?.[what] ?? 0);
}

const table = (readings: readonly Reading[]): string =>
  readings.map((reading) => JSON.stringify(reading)).join('\n');

describe('host memory', () => {
  it.skipIf(!existsSync(binaryOf(STEADY_WORK, 'riscv64')))(
    'stays while one program runs for long (needs the riscv64 guest programs)',
    async () => {
      const readings = await watchMemory(STEADY_WORK, rounds.steadyWork, rounds.steadyWork / 6);
      expect(growth(readings, 'heap'), table(readings)).toBeLessThan(2 * MIB);
      expect(growth(readings, 'external'), table(readings)).toBeLessThan(4 * MIB);
      expect(growth(readings, 'resident'), table(readings)).toBeLessThan(24 * MIB);
      expect(growth(readings, 'memories'), table(readings)).toBeLessThanOrEqual(0);
    },
    240_000,
  );

  it.skipIf(!existsSync(binaryOf(EXEC_ROUNDS, 'riscv64')))(
    'keeps no Memory, module or instance of programs that have ended (needs the riscv64 guest programs)',
    async () => {
      const readings = await watchMemory(EXEC_ROUNDS, rounds.execRounds, rounds.execRounds / 500);
      for (const what of ['memories', 'modules', 'instances'] as const) {
        expect(growth(readings, what), table(readings)).toBeLessThan(8);
      }
      expect(growth(readings, 'external'), table(readings)).toBeLessThan(4 * MIB);
      expect(growth(readings, 'heap'), table(readings)).toBeLessThan(8 * MIB);
    },
    400_000,
  );
});
