// Expressions against what gdb prints for them.
import { describe, expect, it } from 'vitest';
import { evaluate, evaluatePrefix, type Scope } from './expression.ts';
import { PromptError } from './prompt-error.ts';
import { splitAssignment } from './tokens.ts';
import { LONG, makeInteger, scalarText, stringText } from './values.ts';

const MEMORY = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 0x88, 0x68, 0x69, 0);

const scope: Scope = {
  dollar: (name) => {
    if (name === 'a0') return makeInteger(LONG, -1n);
    throw new PromptError(`no $${name}`);
  },
  symbol: (name) => {
    if (name === 'counter') return { address: 0x1000, isFunction: false, size: 4 };
    if (name === 'main') return { address: 0x1004, isFunction: true, size: 4 };
    throw new PromptError(`No symbol "${name}" in current context.`);
  },
  read: (address, length) => {
    const from = address - 0x1000;
    if (from < 0 || from + length > MEMORY.length) throw new PromptError('Cannot access memory');
    return MEMORY.slice(from, from + length);
  },
};

const text = (expression: string, format?: string): string =>
  scalarText(evaluate(expression, scope), format, (address) => (address === 0x1004 ? 'main' : undefined));

describe('expressions', () => {
  it.each([
    ['1 + 2 * 3', '7'],
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
    ['main', '(void *) 0x1004 <main>'],
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
    ['1 +', 'The expression ends too early.'],
    ['1 / 0', 'Division by zero'],
    ['(1', "A `)' is missing in the expression."],
    ['1 2', "A syntax error in expression, near `2'."],
    ['*(void *)0x1000', 'Attempt to take contents of a void pointer; cast it: *(long *)…'],
    ['&1', 'Attempt to take address of value not located in memory.'],
    ['`', "Invalid character or number in expression, near ``'."],
    ['08', 'Invalid number "08".'],
    ['', 'Argument required (expression to compute).'],
    ['p->x', 'No symbol "p" in current context.'],
  ])('%s: %s', (expression, message) => {
    expect(() => evaluate(expression, scope)).toThrow(new PromptError(message));
  });

  it('deep nesting is an error, not a crash', () => {
    expect(() => evaluate('('.repeat(100_000), scope)).toThrow(PromptError);
    expect(() => evaluate('-'.repeat(100_000), scope)).toThrow(PromptError);
  });

  it('takes a leading expression and leaves the rest', () => {
    expect(evaluatePrefix('0x1000 16', scope).rest).toBe('16');
  });

  it('tells an assignment from a comparison', () => {
    expect(splitAssignment('$a0 == 1')).toBeUndefined();
    expect(splitAssignment('$a0 = 1')).toMatchObject({ target: '$a0 ', operator: '', value: ' 1' });
    expect(splitAssignment('$a0 += 1')).toMatchObject({ operator: '+' });
  });

  it('shows strings as C does', () => {
    expect(stringText(Uint8Array.of(104, 34, 10, 200), true)).toBe('"h\\"\\n\\310"...');
  });
});
