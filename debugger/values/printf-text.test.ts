// printf's conversions, against what C prints.
import { describe, expect, it } from 'vitest';
import { PromptError } from '../prompt/prompt-error.ts';
import { CHAR, DOUBLE, INT, LONG, pointerTo } from './c-types.ts';
import { floatText, generalText, quadrupleText } from './float-text.ts';
import { printfText, splitFormatString } from './printf-text.ts';
import { quadrupleBytes, quadrupleOf } from './quadruple.ts';
import { makeInteger, stringValue, type Value } from './values.ts';

const number = (bits: number): Value => makeInteger(INT, BigInt(bits));
const double = (content: number): Value => ({ type: DOUBLE, content });
const text = (format: string, ...values: Value[]): string =>
  printfText(format, values, (address) => `text at ${address}`);

describe('printf', () => {
  it.each([
    ['%d|%5d|%-5d|%05d|%+d', [1, 2, 3, -4, 5], '1|    2|3    |-0004|+5'],
    ['%x|%#x|%X|%o|%u', [255, 255, 255, 8, -1], 'ff|0xff|FF|10|4294967295'],
    ['%c%%%c', [65, 66], 'A%B'],
    ['%hhd %hd', [257, 65_537], '1 1'],
  ] as const)('%s', (format, values, expected) => {
    expect(text(format, ...values.map(number))).toBe(expected);
  });

  it('prints longs whole, and others as ints', () => {
    const large = makeInteger(LONG, 5_000_000_000n);
    expect(text('%ld %d %lx', large, large, large)).toBe('5000000000 705032704 12a05f200');
  });

  it('prints floating-point numbers in three ways', () => {
    expect(text('%5.2f|%g|%e|%.3g', double(0.1), double(1e10), double(12345.678), double(0.00012345))).toBe(
      ' 0.10|1e+10|1.234568e+04|0.000123',
    );
  });

  it('prints strings of arrays, of pointers, and of nothing', () => {
    const pointer = (address: bigint): Value => makeInteger(pointerTo(CHAR), address);
    expect(
      text(
        '%s|%s|%s|%.2s|%p',
        stringValue('array'),
        pointer(0x10n),
        pointer(0n),
        stringValue('abc'),
        pointer(16n),
      ),
    ).toBe('array|text at 16|(null)|ab|0x10');
  });

  it('wants as many values as the format has', () => {
    expect(() => text('%d')).toThrow(
      new PromptError('Wrong number of arguments for specified format-string'),
    );
    expect(() => text('x', number(1))).toThrow(PromptError);
    expect(() => splitFormatString('"%d')).toThrow(PromptError);
    expect(splitFormatString('"a \\"b\\" %d", 1, 2')).toEqual({ format: 'a \\"b\\" %d', values: '1, 2' });
  });
});

describe('floating-point numbers', () => {
  it('have as many digits as tell them apart, as with %g', () => {
    expect([0.1, 1e100, 1e-5, -0, 1 / 3, 123456789, 1e17, 5e-324].map((each) => floatText(each, 8))).toEqual([
      '0.10000000000000001',
      '1e+100',
      '1.0000000000000001e-05',
      '-0',
      '0.33333333333333331',
      '123456789',
      '1e+17',
      '4.9406564584124654e-324',
    ]);
    expect(floatText(Math.fround(0.1), 4)).toBe('0.100000001');
    expect(generalText(100, 3)).toBe('100');
  });

  it('of 16 bytes are exact', () => {
    // 1.1L on riscv64
    const bytes = Uint8Array.from([
      0x9a, 0x99, 0x99, 0x99, 0x99, 0x99, 0x99, 0x99, 0x99, 0x99, 0x99, 0x99, 0x99, 0x19, 0xff, 0x3f,
    ]);
    expect(quadrupleText(quadrupleOf(bytes))).toBe('1.10000000000000000000000000000000008');
    for (const each of [0, 1, -2.5, 1e300, Number.POSITIVE_INFINITY])
      expect(quadrupleOf(quadrupleBytes(each)).nearest).toBe(each);
    expect(quadrupleText(quadrupleOf(quadrupleBytes(-2.5)))).toBe('-2.5');
  });
});
