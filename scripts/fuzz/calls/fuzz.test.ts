import { describe, expect, it } from 'vitest';
import { FAMILIES } from './families.ts';
import { fuzzCalls, whyNoFuzz } from './fuzz.ts';

const reason = await whyNoFuzz();

describe('random scripts of system calls', () => {
  for (const family of FAMILIES)
    it.skipIf(reason !== undefined)(
      `of ${family.name} give what the host's kernel gives${reason === undefined ? '' : ` (${reason})`}`,
      async () => {
        const lines: string[] = [];
        const outcome = await fuzzCalls({
          family,
          seed: 1,
          count: family.inTest,
          log: (line) => lines.push(line),
        });
        expect(outcome, lines.join('\n')).toMatchObject({ done: family.inTest, differences: 0 });
      },
      120_000,
    );
});
