import { describe, expect, it } from 'vitest';
import { describeEnd, formatExpectation, parseExpectation } from './expectation.ts';

describe('an expectation', () => {
  it('has how to run the program in its header', () => {
    const file =
      '# Linux 6.18\n# args: a "b c" \'d e\' "f\\n\\x41"\n# stdin: one\\ntwo\\\\\n# env: A=1 B\n# options: --uid 7\n# timeout: 2.5\n#\nexit 0\n# output\n';
    const { directives, text, header } = parseExpectation(file);
    expect(directives).toEqual({
      args: ['a', 'b c', 'd e', 'f\nA'],
      run: undefined,
      stdin: 'one\ntwo\\',
      env: ['A=1', 'B'],
      options: ['--uid', '7'],
      timeoutSeconds: 2.5,
      skip: undefined,
    });
    expect(text).toBe('exit 0\n# output\n');
    expect(header[0]).toBe('Linux 6.18');
  });

  it('survives being read and written', () => {
    const file = '# Linux 6.18, 2026-11-21\n# args: one\nexit 3\n# not a header\n';
    const { header, text } = parseExpectation(file);
    expect(formatExpectation(header, text)).toBe(file);
  });

  it('says what is wrong with it', () => {
    expect(() => parseExpectation('# argz: x\nexit 0\n')).toThrow('"# argz:" is none of "# args:"');
    expect(() => parseExpectation('# timeout: soon\nexit 0\n')).toThrow('"# timeout: soon" must be a number');
    expect(() => parseExpectation('hello\n')).toThrow('is "hello", and must be "exit N"');
    expect(parseExpectation('').text).toBe('');
  });

  it('ends output with a line feed', () => {
    expect(describeEnd(1, 'x')).toBe('exit 1\nx\n');
    expect(describeEnd(0, '')).toBe('exit 0\n');
  });
});
