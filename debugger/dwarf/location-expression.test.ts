// Location expressions, byte by byte as compilers write them.
import { describe, expect, it } from 'vitest';
import type { Entry, Unit } from './entry.ts';
import { type ExpressionFrame, locate } from './location-expression.ts';

const FLOAT: Entry = {
  tag: 0x24,
  offset: 0x40,
  unit: undefined as unknown as Unit,
  attributes: new Map([
    [0x3e, { kind: 'number', value: 4 }],
    [0x0b, { kind: 'number', value: 4 }],
  ]),
  children: [],
};
const SHORT: Entry = {
  ...FLOAT,
  offset: 0x50,
  attributes: new Map([
    [0x3e, { kind: 'number', value: 5 }],
    [0x0b, { kind: 'number', value: 2 }],
  ]),
};
const UNIT: Unit = {
  offset: 0,
  version: 5,
  offsetSize: 4,
  sections: () => undefined,
  root: FLOAT,
  entries: new Map([
    [0x40, FLOAT],
    [0x50, SHORT],
  ]),
  addressOfIndex: (index) => 0x9000 + index,
  textOfIndex: () => '',
  typeOf: () => undefined,
  entryAt: () => undefined,
  importer: () => undefined,
};

const FRAME: ExpressionFrame = {
  bias: 0x10_0000,
  unit: UNIT,
  register: (number) => (number === 9 ? undefined : BigInt(number) * 0x100n),
  cfa: 0x8000,
  frameBase: Uint8Array.of(0x9c),
  read: (address, length) => (address === 0x800 ? Uint8Array.from({ length }, (_, at) => at + 1) : undefined),
  entryValue: (expression) => (expression[0] === 0x5a ? 7n : undefined),
  parameterValue: (entry) => (entry === 0x1d8 ? 8n : undefined),
  threadLocal: (offset) => 0x7000 + offset,
};

const located = (...bytes: number[]) =>
  locate(Uint8Array.from(bytes), FRAME).map(({ piece, bits }) =>
    bits === undefined ? piece : { bits, piece },
  );
const value = (bits: bigint) => [{ kind: 'value', bits }];
const memory = (address: number) => [{ kind: 'memory', address }];
const lost = (why: string) => [{ kind: 'lost', why }];

describe('a location', () => {
  it('is memory, moved with the file, at the frame, at a register, or in the memory of a thread', () => {
    expect(located(0x03, 0, 0x20, 0, 0, 0, 0, 0, 0)).toEqual(memory(0x10_2000));
    expect(located(0x91, 0x50)).toEqual(memory(0x8000 - 0x30)); // fbreg -48
    expect(located(0x72, 0x10)).toEqual(memory(0x210)); // breg2 16
    expect(located(0xa1, 4)).toEqual(memory(0x10_9004)); // addrx
    expect(located(0x08, 0x18, 0xe0)).toEqual(memory(0x7018)); // const1u, GNU_push_tls_address
  });

  it('is a register, a number, or bytes', () => {
    expect(located(0x5a)).toEqual([{ kind: 'register', number: 10 }]);
    expect(located(0x90, 42)).toEqual([{ kind: 'register', number: 42 }]);
    expect(located(0x09, 0xfe, 0x9f)).toEqual(value(0xffff_ffff_ffff_fffen)); // const1s -2, stack_value
    expect(located(0x9e, 2, 5, 6)).toEqual([{ kind: 'bytes', bytes: Uint8Array.of(5, 6) }]);
    expect(located(0xa0, 0x27, 4, 0, 0, 3)).toEqual([{ kind: 'synthetic', entry: 0x427, offset: 3 }]);
  });

  it('has pieces, of which some are gone', () => {
    expect(located(0x5a, 0x93, 4, 0x93, 4, 0x72, 0, 0x93, 8)).toEqual([
      { bits: 32, piece: { kind: 'register', number: 10 } },
      { bits: 32, piece: { kind: 'lost', why: 'optimized out' } },
      { bits: 64, piece: { kind: 'memory', address: 0x200 } },
    ]);
  });

  it('is what was given at the entry of the function, as far as that is known', () => {
    expect(located(0xa3, 1, 0x5a, 0x23, 3, 0x9f)).toEqual(value(10n)); // entry_value(a0) + 3
    expect(located(0xf3, 1, 0x5b, 0x9f)).toEqual(lost('optimized out'));
    expect(located(0xfa, 0xd8, 1, 0, 0, 0x9f)).toEqual(value(8n)); // GNU_parameter_ref
  });

  it('is computed, with branches, memory and signs', () => {
    expect(located(0x78, 0, 0x06, 0x9f)).toEqual(value(0x0807_0605_0403_0201n)); // breg8, deref
    expect(located(0x78, 0, 0x94, 2, 0x9f)).toEqual(value(0x201n)); // deref_size 2
    expect(located(0x39, 0x33, 0x1c, 0x9f)).toEqual(value(6n)); // 9 - 3
    expect(located(0x33, 0x39, 0x1c, 0x32, 0x1b, 0x9f)).toEqual(value(0xffff_ffff_ffff_fffdn)); // (3 - 9) / 2
    expect(located(0x33, 0x39, 0x2d, 0x9f)).toEqual(value(1n)); // 3 < 9
    expect(located(0x31, 0x28, 1, 0, 0x35, 0x37, 0x9f)).toEqual(value(7n)); // 1 bra over lit5
    expect(located(0x35, 0x36, 0x16, 0x1c, 0x9f)).toEqual(value(1n)); // 6 - 5, swapped
  });

  it('is computed in the types that it names', () => {
    // 0xffff as a short is -1: converted to a word, 2 more is 1
    expect(located(0x0a, 0xff, 0xff, 0xa8, 0x50, 0xa8, 0, 0x32, 0x22, 0x9f)).toEqual(value(1n));
    // 2.5f + 2.5f is 5
    const half = [0xa4, 0x40, 4, 0, 0, 0x20, 0x40];
    expect(located(...half, ...half, 0x22, 0xa8, 0, 0x9f)).toEqual(value(5n));
  });

  it('that cannot be known says why, and a broken one is no crash', () => {
    expect(located()).toEqual(lost('optimized out'));
    expect(located(0x79, 0)).toEqual(lost('not saved'));
    expect(located(0x9f)).toEqual(lost('its location is not understood'));
    expect(located(0x03, 1)).toEqual(lost('its location is not understood'));
    expect(located(0xc0)).toEqual(lost('its location has the operation 0xc0, which is not known'));
    expect(located(0x2f, 0xfd, 0xff)).toEqual(lost('its location has no end')); // skip -3
    expect(located(0x2f, 0, 0x80)).toEqual(lost('its location is not understood'));
  });
});
