import { expect, test } from 'vitest';
import { array, b64, bytes, bytesOf, i32, struct, u16, u64, valueIn } from './struct.ts';

const Mixed = struct('mixed', {
  small: u16,
  name: bytes(5),
  list: array(i32, 3),
  inner: struct('inner', { big: b64, number: u64 }),
});
const VALUE = {
  small: 0xfffe,
  name: Uint8Array.of(1, 2, 3, 0, 0),
  list: [-1, 0, 0x7fff_ffff],
  inner: { big: 2n ** 64n - 3n, number: 2 ** 52 },
};

test('functions made for a struct that is used much read and write as before', () => {
  const first = Mixed.encode(VALUE);
  for (let i = 0; i < 300; i++) {
    expect(Mixed.encode(VALUE)).toEqual(first);
    expect(Mixed.decode(first)).toEqual(VALUE);
  }
  expect([...first.subarray(0, 8)]).toEqual([0xfe, 0xff, 1, 2, 3, 0, 0, 0]);
});

test('a byte array is padded and cut; items that are not there stay as they were', () => {
  const codec = bytes(4);
  expect([...bytesOf(codec, Uint8Array.of(7))]).toEqual([7, 0, 0, 0]);
  expect([...bytesOf(codec, Uint8Array.of(1, 2, 3, 4, 5))]).toEqual([1, 2, 3, 4]);
  const view = new DataView(new ArrayBuffer(12));
  view.setInt32(8, 9, true);
  array(i32, 3).write(view, 0, [1, 2]);
  expect([view.getInt32(0, true), view.getInt32(4, true), view.getInt32(8, true)]).toEqual([1, 2, 9]);
});

test('values small and large are bytes of their own, with nothing of the value before', () => {
  const before = bytesOf(b64, 2n ** 64n - 1n);
  expect([...bytesOf(i32, -2)]).toEqual([0xfe, 0xff, 0xff, 0xff]);
  expect(Math.min(...before)).toBe(0xff);
  const padded = struct('padded', { at: u16, wide: u64 });
  expect([...bytesOf(padded, { at: 1, wide: 2 })]).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0]);
  const long = array(u16, 100);
  const numbers = Array.from({ length: 100 }, (_, i) => i);
  expect(valueIn(long, bytesOf(long, numbers))).toEqual(numbers);
  expect(valueIn(i32, Uint8Array.of(0xfe, 0xff, 0xff, 0xff, 1))).toBe(-2);
});
