import { describe, expect, it } from 'vitest';
import { fuzzSockets, whyNoSocketFuzz } from './fuzz.ts';

const reason = await whyNoSocketFuzz();

describe('random scripts of socket calls', () => {
  it.skipIf(reason !== undefined)(
    `give what the host's kernel gives${reason === undefined ? '' : ` (${reason})`}`,
    async () => {
      const lines: string[] = [];
      const outcome = await fuzzSockets({ seed: 1, count: 500, log: (line) => lines.push(line) });
      expect(outcome, lines.join('\n')).toEqual({ done: 500, differences: 0 });
    },
    120_000,
  );
});
