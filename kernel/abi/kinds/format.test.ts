// The words of a trace against what strace 6.1 prints.
import { describe, expect, it } from 'vitest';
import { openFlagsText } from './file-kinds.ts';
import { flagText, hex, nameOf, names, octal, quoteBytes, quoteLimited, toU64 } from './format.ts';
import { waitStatusText } from './process-kinds.ts';
import { signalNumber, signalSetText } from './signal-text.ts';
import { addressText, ipv6Text } from './socket-address.ts';
import { isoComment } from './stat-kinds.ts';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const text = (value: string): Uint8Array => Uint8Array.from(value, (character) => character.charCodeAt(0));

describe('quoting', () => {
  it('uses short octal escapes, and three digits before a digit', () => {
    expect(quoteBytes(text('hello\n\0\x01\x012\x80"\\\0'))).toBe('"hello\\n\\0\\1\\0012\\200\\"\\\\\\0"');
    expect(quoteBytes(bytes(0x7f, 0x45, 0x4c, 0x46, 2))).toBe('"\\177ELF\\2"');
  });

  it('marks what was cut with dots outside the quotes', () => {
    expect(quoteLimited(text('0123456789'), 4)).toBe('"0123"...');
    expect(quoteLimited(text('0123'), 4)).toBe('"0123"');
    expect(quoteLimited(text('0123'), 4, false)).toBe('"0123"...');
  });
});

describe('numbers', () => {
  it('prints modes with a leading zero and three digits at least', () => {
    expect([0o644, 0o1777, 0, 0o22].map(octal)).toEqual(['0644', '01777', '000', '022']);
  });

  it('clamps what rounding pushed over 64 bits', () => {
    expect(hex(2 ** 64)).toBe('0xffffffffffffffff');
    expect(hex(-1)).toBe('0xffffffffffffffff');
    expect(toU64(Number.NaN)).toBe(0xffff_ffff_ffff_ffffn);
  });

  it('names bits in order, leaves the rest in hex, and hints when none is known', () => {
    const table = names({ A: 1, B: 2, C: 0x8000_0000 });
    expect(flagText(3, table, 'X_???')).toBe('A|B');
    expect(flagText(0x8000_0011, table, 'X_???')).toBe('A|C|0x10');
    expect(flagText(0x10, table, 'X_???')).toBe('0x10 /* X_??? */');
    expect(flagText(0, table, 'X_???')).toBe('0');
    expect(nameOf(7, table, 'X_???')).toBe('0x7 /* X_??? */');
  });
});

describe('structures', () => {
  it('prints open flags with the access mode first', () => {
    expect(openFlagsText(0o102)).toBe('O_RDWR|O_CREAT');
    expect(openFlagsText(0o20200002)).toBe('O_RDWR|O_TMPFILE');
    expect(openFlagsText(3)).toBe('O_ACCMODE');
    expect(openFlagsText(0o4010000)).toBe('O_RDONLY|O_SYNC');
  });

  it('inverts sets of signals that hold more than two thirds', () => {
    expect(signalSetText(0n)).toBe('[]');
    expect(signalSetText((1n << 1n) | (1n << 36n))).toBe('[INT RT_5]');
    expect(signalSetText(~((1n << 31n) | (1n << 32n)))).toBe('~[RTMIN RT_1]');
  });

  it('knows signals by name and number', () => {
    expect([signalNumber('SIGINT'), signalNumber('term'), signalNumber('9'), signalNumber('x')]).toEqual([
      2,
      15,
      9,
      undefined,
    ]);
  });

  it('prints socket addresses as C initialisers', () => {
    expect(addressText(bytes(1, 0))).toBe('{sa_family=AF_UNIX}');
    expect(addressText(bytes(1, 0, 0, 97, 98))).toBe('{sa_family=AF_UNIX, sun_path=@"ab"}');
    expect(addressText(bytes(1, 0, 47, 97, 0, 98))).toBe('{sa_family=AF_UNIX, sun_path="/a"}');
    const inet = bytes(2, 0, 0, 80, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0);
    expect(addressText(inet)).toBe(
      '{sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("127.0.0.1")}',
    );
    expect(addressText(bytes(1))).toBeUndefined();
    expect(addressText(bytes(77, 0, 97))).toBe('{sa_family=0x4d /* AF_??? */, sa_data="a"}');
  });

  it('shortens IPv6 addresses as RFC 5952 says', () => {
    const address = new Uint8Array(16);
    expect(ipv6Text(address)).toBe('::');
    address[15] = 1;
    expect(ipv6Text(address)).toBe('::1');
    address[0] = 0x20;
    address[1] = 1;
    expect(ipv6Text(address)).toBe('2001::1');
  });

  it('spells wait statuses', () => {
    expect(waitStatusText(0x300)).toBe('{WIFEXITED(s) && WEXITSTATUS(s) == 3}');
    expect(waitStatusText(15)).toBe('{WIFSIGNALED(s) && WTERMSIG(s) == SIGTERM}');
    expect(waitStatusText(0x8b)).toBe('{WIFSIGNALED(s) && WTERMSIG(s) == SIGSEGV && WCOREDUMP(s)}');
    expect(waitStatusText(0x137f)).toBe('{WIFSTOPPED(s) && WSTOPSIG(s) == SIGSTOP}');
    expect(waitStatusText(0x857f)).toBe('{WIFSTOPPED(s) && WSTOPSIG(s) == SIGTRAP | 0x80}');
    expect(waitStatusText(0x3057f)).toBe(
      '{WIFSTOPPED(s) && WSTOPSIG(s) == SIGTRAP} | PTRACE_EVENT_CLONE << 16',
    );
    expect(waitStatusText(0xffff)).toBe('{WIFCONTINUED(s)}');
  });

  it('gives the date of a time, leap years and times before 1970 too', () => {
    expect(isoComment(1, 2)).toBe(' /* 1970-01-01T00:00:01.000000002+0000 */');
    expect(isoComment(951_782_400, 0)).toBe(' /* 2000-02-29T00:00:00+0000 */');
    expect(isoComment(-1, 0)).toBe(' /* 1969-12-31T23:59:59+0000 */');
    expect(isoComment(0, 0)).toBe('');
  });
});
