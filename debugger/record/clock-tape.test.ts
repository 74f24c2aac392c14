// A tape of clock readings gives back what was written, and never throws for what is no tape.
import { expect, it } from 'vitest';
import { ClockReader, ClockTape } from './clock-tape.ts';

function repeat(readings: readonly number[]): { read: number[]; size: number } {
  const tape = new ClockTape();
  for (const reading of readings) tape.add(reading);
  const reader = new ClockReader(tape.bytes);
  return { read: readings.map(() => reader.next()), size: tape.bytes.length };
}

it('gives back the readings, whatever lies between them', () => {
  const steps = [0, 1, 127, 128, 16383, 16384, 2 ** 21 - 1, 2 ** 21, 2 ** 28 - 1, 2 ** 28, 2 ** 31, 2 ** 40];
  const readings = steps.map((_, i) => steps.slice(0, i + 1).reduce((sum, step) => sum + step, 0));
  const odd = [5, 4, -3, 0.5, 0.25, 2 ** 53 - 1, 0, Number.POSITIVE_INFINITY, 7];
  expect(repeat(readings).read).toEqual(readings);
  expect(repeat(odd).read).toEqual(odd);
});

it('takes two bytes for a reading a few microseconds after the one before, however many there are', () => {
  const readings = Array.from({ length: 100_000 }, (_, i) => 1000 + i * 3001);
  const { read, size } = repeat(readings);
  expect(read).toEqual(readings);
  expect(size).toBe(2 * readings.length);
});

it('stands still at the end, and for a tape that was cut', () => {
  const tape = new ClockTape();
  tape.add(300);
  tape.add(-1);
  for (let length = 0; length < tape.bytes.length; length++) {
    const reader = new ClockReader(tape.bytes.slice(0, length));
    const read = [reader.next(), reader.next(), reader.next()];
    expect(read.every((reading) => Number.isFinite(reading))).toBe(true);
    expect(read[2]).toBe(read[1]);
  }
});
