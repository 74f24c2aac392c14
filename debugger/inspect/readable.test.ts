import { expect, it } from 'vitest';
import { readable } from './readable.ts';

const bytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

it('shows UTF-8 as text, and other bytes and control characters by their numbers', () => {
  expect(readable('/tmp/plain')).toBe('/tmp/plain');
  expect(readable(bytes('/tmp/é€😀'))).toBe('/tmp/é€😀');
  expect(readable('/tmp/caf\xe9')).toBe('/tmp/caf\\351');
  expect(readable('a\nb\x1b[m\xc3')).toBe('a\\012b\\033[m\\303');
  expect(readable('\xed\xa0\x80\xf5')).toBe('\\355\\240\\200\\365');
});
