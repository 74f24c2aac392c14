// Words of command lines that people copy into their shell.
import { expect, it } from 'vitest';
import { quoted } from './explore-support.ts';

it('a word is quoted as the shell wants it', () => {
  expect(quoted('3@2+66,4@2', false)).toBe('3@2+66,4@2');
  expect(quoted("it's *", false)).toBe("'it'\\''s *'");
  expect(quoted('a\\b', false)).toBe("'a\\b'");
});

it('on Windows \\ is no reason to quote, and quotes are double', () => {
  expect(quoted('C:\\src\\prog', true)).toBe('C:\\src\\prog');
  expect(quoted('a "b"', true)).toBe('"a \\"b\\""');
});
