// The lines that stood below the panels, as they are written again.
import { expect, it } from 'vitest';
import { Transcript } from './transcript.ts';

it('gives its last lines with the one that is open, and those since a mark', () => {
  const transcript = new Transcript();
  expect(transcript.isAtLineStart).toBe(true);
  transcript.add('one\ntwo\nthr');
  expect(transcript.isAtLineStart).toBe(false);
  transcript.add('ee');
  expect(transcript.last(1)).toBe('two\nthree');
  expect(transcript.last(5)).toBe('one\ntwo\nthree');
  expect(transcript.last(0)).toBe('');
  transcript.add('\n');
  transcript.mark();
  expect(transcript.sinceMark(5)).toBe('');
  transcript.add('four\n');
  expect(transcript.sinceMark(5)).toBe('four\n');
});

it('keeps no more than screens can show, of endless output too', () => {
  const transcript = new Transcript();
  for (let turn = 0; turn < 5000; turn++) transcript.add(`${turn}\n`);
  const kept = transcript.last(Number.POSITIVE_INFINITY).split('\n');
  expect(kept.length).toBeLessThan(1100);
  expect(kept.slice(-2)).toEqual(['4999', '']);
  for (let turn = 0; turn < 100; turn++) transcript.add('x'.repeat(1000));
  expect(transcript.last(1).length).toBeLessThan(5000);
});
