import { describe, expect, it } from 'vitest';
import { FAMILIES } from './families.ts';
import { fuzzCalls, whyNoFuzz } from './fuzz.ts';

const reasons = new Map<string, string | undefined>();
for (const family of FAMILIES) reasons.set(family.name, await whyNoFuzz(family));

describe('random scripts of system calls', () => {
  for (const family of FAMILIES.filter(({ inTest }) => inTest > 0)) {
    const reason = reasons.get(family.name);
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
    );
  }
});
