import { expect, test } from 'vitest';
import { readDirectives } from '../../cli/testing/expectation.ts';
import { listGuestPrograms } from './catalogue.ts';
import { describeObservation, directivesOf, formatGolden, parseGolden } from './observation.ts';

test('an observation names exit status and output, and its partner’s', () => {
  expect(describeObservation({ status: 3, stdout: 'one\n' })).toBe('exit 3\none\n');
  const pair = { status: 0, stdout: 'a\n', partner: { status: 1, stdout: '' } };
  expect(describeObservation(pair)).toBe('exit 0\na\n--- partner: exit 1\n');
});

test('output without a last line feed gets one, so that sections stay apart', () => {
  expect(describeObservation({ status: 0, stdout: 'no end' })).toBe('exit 0\nno end\n');
});

test('a golden survives being written and read', () => {
  const golden = {
    recorded: 'Linux 6.18.0 x86_64, 2026-01-02',
    directives: ['args: one'],
    text: 'exit 0\n# not a header\n',
  };
  expect(parseGolden(formatGolden(golden))).toEqual(golden);
});

test('directives are written as rivulet test reads them', () => {
  const program = listGuestPrograms().find(({ name }) => name === 'process/arguments');
  if (program === undefined) throw new Error('process/arguments is gone');
  const { args, env, stdin } = readDirectives(directivesOf(program));
  expect({ args, env, stdin }).toEqual({
    args: program.args,
    env: Object.entries(program.env).map(([key, value]) => `${key}=${value}`),
    stdin: program.stdin,
  });
});
