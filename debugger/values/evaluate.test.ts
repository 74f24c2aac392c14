// Expressions against what gdb prints for them.
import { describe, expect, it } from 'vitest';
import { PromptError } from '../prompt/prompt-error.ts';
import { type CType, INT, LONG, pointerTo, type StructType } from './c-types.ts';
import { stringText } from './character-text.ts';
import { evaluate, evaluatePrefix, type Scope, shownValueOf, typeOfText } from './evaluate.ts';
import { describedType, typeText } from './type-text.ts';
import { shownText } from './value-text.ts';
import { makeInteger, type Value, valueAt } from './values.ts';

const MEMORY = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 0x88, 0x68, 0x69, 0);

const PAIR: StructType = {
  kind: 'struct',
  keyword: 'struct',
  name: 'pair',
  size: 8,
  isIncomplete: false,
  members: [
    { name: 'first', type: INT, offset: 0 },
    { name: 'low', type: INT, offset: 4, bits: { from: 0, count: 4 } },
    { name: 'high', type: INT, offset: 4, bits: { from: 4, count: 4 } },
  ],
};
const TYPES: Readonly<Record<string, CType>> = {
  'struct pair': PAIR,
  Pair: { kind: 'typedef', name: 'Pair', to: PAIR },
};

const stored: [Value, Value][] = [];

const read = (address: number, length: number): Uint8Array => {
  const from = address - 0x1000;
  if (from < 0 || from + length > MEMORY.length) throw new PromptError('Cannot access memory');
  return MEMORY.slice(from, from + length);
};

const scope: Scope = {
  dollar: (name) => {
    if (name === 'a0') return makeInteger(LONG, -1n);
    throw new PromptError(`no $${name}`);
  },
  symbol: (name) => {
    if (name === 'counter') return { address: 0x1000, isFunction: false, size: 4 };
    if (name === 'main') return { address: 0x1004, isFunction: true, size: 4 };
    if (name === 'blob') return { address: 0x1000, isFunction: false, size: 11 };
    throw new PromptError(`No symbol "${name}" in current context.`);
  },
  variable: (name) => {
    if (name === 'pair') return valueAt(PAIR, 0x1000, read);
    if (name === 'pair.total') return makeInteger(INT, 11n); // as Go has names
    if (name === 'to_pair') return makeInteger(pointerTo(PAIR), 0x1000n);
    if (name === 'gone_pair') return { type: pointerTo(PAIR), content: { why: 'optimized out' } };
    if (name === 'gone') return { type: INT, content: { why: 'optimized out' } };
    return undefined;
  },
  isVariable: (name) => ['pair', 'pair.total', 'to_pair', 'gone', 'gone_pair'].includes(name),
  isSymbol: (name) => name === 'main.part.0',
  typeNamed: (keyword, name) => TYPES[keyword === undefined ? name : `${keyword} ${name}`],
  assign: (target, value) => {
    stored.push([target, value]);
    return value;
  },
  call: () => {
    throw new PromptError('Functions of the program cannot be called here.');
  },
  put: () => 0,
  read,
};

const context = {
  symbolOf: (address: number) => (address === 0x1004 ? 'main' : undefined),
  read: () => undefined,
};
const text = (expression: string, format?: string): string =>
  shownText(shownValueOf(expression, scope), format, context);

describe('expressions', () => {
  it.each([
    ['1 + 2 * 3', '7'],
    ['"na\\357ve é"', '"na\\357ve \\303\\251"'],
    ['$_streq("\\351", "\\303\\251")', '0'],
    ['pair.total + 1', '12'],
    ['(1 + 2) * 3', '9'],
    ['-7 / 2', '-3'],
    ['-7 % 2', '-1'],
    ['7 > 3 && 0 == 0', '1'],
    ['1 ? 10 : 20', '10'],
    ['0x10 | 1', '17'],
    ['010', '8'],
    ['~0', '-1'],
    ['1 << 4', '16'],
    ["'a'", "97 'a'"],
    ["'\\n' + 0", '10'],
    ['2147483647 + 1', '-2147483648'],
    ['2147483648', '2147483648'],
    ['1.5 * 2', '3'],
    ['sizeof(long)', '8'],
    ['sizeof(unsigned char *)', '8'],
    ['(char)0x141', "65 'A'"],
    ['(unsigned short)-1', '65535'],
    ['$a0', '-1'],
    ['(unsigned)$a0', '4294967295'],
    ['counter', '67305985'],
    ['&counter', '(int *) 0x1000'],
    ['*(unsigned char *)&counter', "1 '\\001'"],
    ['((short *)0x1000)[1]', '1027'],
    ['{unsigned char} 0x1007', "136 '\\210'"],
    ['main', '{<text variable, no debug info>} 0x1004 <main>'],
    ['main + 0', '(void *) 0x1004 <main>'],
    ['pair', '{first = 67305985, low = 5, high = 0}'],
    ['pair.low + 1', '6'],
    ['to_pair->first', '67305985'],
    ['*to_pair', '{first = 67305985, low = 5, high = 0}'],
    ['&pair', '(struct pair *) 0x1000'],
    ['&to_pair->first', '(int *) 0x1000'],
    ['to_pair + 1', '(struct pair *) 0x1008'],
    ['(Pair *)0x1000', '(Pair *) 0x1000'],
    ['*(unsigned char *)0x1000@3', '"\\001\\002\\003"'],
    ['(int (*)[2])0x1000', '(int (*)[2]) 0x1000'],
    ['{1, 2, 3}', '{1, 2, 3}'],
    ['sizeof(struct pair)', '8'],
    ['sizeof pair', '8'],
    ['gone', '<optimized out>'],
    ['"abc"', '"abc"'],
    ['1, 2', '2'],
    ['0.1', '0.10000000000000001'],
    ['0.1f', '0.100000001'],
    ['1e100', '1e+100'],
    ['1.0/0', 'inf'],
    ['pair.first = 3', '3'],
    ['0 && *(int *)0', '0'],
    ['1 || *(int *)0', '1'],
    ['(long unsigned int) -1', '18446744073709551615'],
  ])('%s is %s', (expression, value) => expect(text(expression)).toBe(value));

  it.each([
    ['10', 'x', '0xa'],
    ['-1', 'x', '0xffffffff'],
    ['10', 't', '1010'],
    ['8', 'o', '010'],
    ['65', 'c', "65 'A'"],
    ['0x1004', 'a', '0x1004 <main>'],
    ['10', 'z', '0x0000000a'],
  ])('%s in format %s is %s', (expression, format, value) => expect(text(expression, format)).toBe(value));

  it.each([
    ['nosuch', 'No symbol "nosuch" in current context.'],
    ['1 +', "A syntax error in expression, near `'."],
    ['1 / 0', 'Division by zero'],
    ['(1', "A syntax error in expression, near `'."],
    ['1 2', "A syntax error in expression, near `2'."],
    ['*(void *)0x1000', 'Attempt to take contents of a non-pointer value.'],
    ['&1', 'Attempt to take address of value not located in memory.'],
    ['`', "Invalid character '`' in expression."],
    ['blob', "'blob' has unknown type; cast it to its declared type"],
    ['gone + 1', 'value has been optimized out'],
    ['pair.x', 'There is no member named x.'],
    ['counter.x', 'Attempt to extract a component of a value that is not a structure.'],
    ['struct nosuch', 'No struct type named nosuch.'],
    ['1@2', "Only values in memory can be extended with '@'."],
    ['"abc', 'Unterminated string in expression.'],
    ['0x1ffffffffffffffff', 'Numeric constant too large.'],
    ['08', 'Invalid number "08".'],
    ['', 'Argument required (expression to compute).'],
    ['p->x', 'No symbol "p" in current context.'],
  ])('%s: %s', (expression, message) => {
    expect(() => shownValueOf(expression, scope)).toThrow(new PromptError(message));
  });

  it('deep nesting is an error, not a crash', () => {
    expect(() => evaluate('('.repeat(100_000), scope)).toThrow(PromptError);
    expect(() => evaluate('-'.repeat(100_000), scope)).toThrow(PromptError);
  });

  it('takes a leading expression and leaves the rest', () => {
    expect(evaluatePrefix('0x1000 16', scope).rest).toBe('16');
  });

  it('assigns where a value is kept, also a bit-field', () => {
    stored.length = 0;
    evaluate('pair.high = 2', scope);
    evaluate('counter += 1', scope);
    expect(stored.map(([target, value]) => [target.place, value.content])).toEqual([
      [{ kind: 'memory', address: 0x1004, bits: { from: 4, count: 4 } }, 2n],
      [{ kind: 'memory', address: 0x1000 }, 67305986n],
    ]);
  });

  it.each([
    ['pair', 'struct pair'],
    ['&gone_pair->first', 'int *'],
    ['&pair.first', 'int *'],
    ['*(int (*)[3])0', 'int [3]'],
    ['1.0f + 1', 'float'],
    ['1u + 1', 'unsigned int'],
    ['unsigned char *[4]', 'unsigned char *[4]'],
    ['char *(*)(int, const char *)', 'char *(*)(int, const char *)'],
    ['long unsigned int', 'unsigned long'],
  ])('the type of %s is %s, without a look at memory', (expression, type) => {
    expect(typeText(typeOfText(expression, scope).type)).toBe(type);
  });

  it('describes structures with their bit-fields', () => {
    expect(describedType(typeOfText('to_pair', scope).type)).toBe(
      'struct pair {\n    int first;\n    int low : 4;\n    int high : 4;\n} *',
    );
  });

  it('counts long runs in strings, and leaves one NUL at the end out', () => {
    expect(stringText(Uint8Array.from([97, ...new Array(12).fill(0)]))).toBe(
      '"a", \'\\000\' <repeats 11 times>',
    );
    expect(stringText(Uint8Array.from([97, 0, 0, 49]))).toBe('"a\\000\\000\\061"');
  });

  it('shows strings as C does', () => {
    expect(stringText(Uint8Array.of(104, 34, 10, 200), true)).toBe('"h\\"\\n\\310"...');
  });
});
