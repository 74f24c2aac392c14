import { expect, test } from 'vitest';
import { describeObservation, formatGolden, parseGolden } from './observation.ts';

test('an observation names exit status and output, and its partner’s', () => {
  expect(describeObservation({ status: 3, stdout: 'one\n' })).toBe('exit 3\none\n');
  const pair = { status: 0, stdout: 'a\n', partner: { status: 1, stdout: '' } };
  expect(describeObservation(pair)).toBe('exit 0\na\n--- partner: exit 1\n');
});

test('output without a last line feed gets one, so that sections stay apart', () => {
  expect(describeObservation({ status: 0, stdout: 'no end' })).toBe('exit 0\nno end\n');
});

test('a golden survives being written and read', () => {
  const golden = { recorded: 'Linux 6.18.0 x86_64, 2026-01-02', text: 'exit 0\n# not a header\n' };
  expect(parseGolden(formatGolden(golden))).toEqual(golden);
});
