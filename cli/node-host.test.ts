// What programs get as random is never given twice.
import { expect, it } from 'vitest';
import { nodeHost } from './node-host.ts';

it('random bytes are new at every call, few or many', () => {
  const { random } = nodeHost();
  const seen = new Set<string>();
  let calls = 0;
  for (const length of [16, 8, 64, 65, 16, 500, 256, 24]) {
    for (let i = 0; i < 20; i++) {
      const bytes = new Uint8Array(length);
      random(bytes);
      for (let at = 0; at + 8 <= length; at += 8) {
        seen.add(Buffer.from(bytes.subarray(at, at + 8)).toString('hex'));
        calls++;
      }
    }
  }
  expect(seen.size).toBe(calls);
});
