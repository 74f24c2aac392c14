import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { fuzz } from './fuzz.ts';
import { QEMU } from './tiers.ts';

/** RIVULET_FUZZ_SEED and RIVULET_FUZZ_CASES widen the search; `npm run fuzz:isa` is the real one. */
const SEED = Number(process.env.RIVULET_FUZZ_SEED ?? 1);
const CASES = Number(process.env.RIVULET_FUZZ_CASES ?? 1500);

describe('random instruction sequences', () => {
  it.skipIf(spawnSync(QEMU, ['--version']).status !== 0)(
    `leave the same state in the interpreter, the JIT and qemu (needs ${QEMU})`,
    async () => {
      const lines: string[] = [];
      const { differences } = await fuzz({
        seed: SEED,
        from: 0,
        count: CASES,
        batch: 750,
        log: (line) => lines.push(line),
      });
      expect(differences, lines.join('\n')).toBe(0);
    },
  );
});
