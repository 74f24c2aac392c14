import { describe, expect, it } from 'vitest';
import { AF_INET, AF_UNIX } from '../../abi/socket.ts';
import { EINVAL } from '../../errno.ts';
import { asksForAutobind, autobindAddress, parseAddress } from './address.ts';

const sockaddr = (family: number, path: string): Uint8Array =>
  Uint8Array.from([family, 0, ...[...path].map((c) => c.charCodeAt(0))]);

describe('unix addresses', () => {
  it('end a path at its first NUL and store it with one', () => {
    const address = parseAddress(sockaddr(AF_UNIX, '/tmp/x\0junk'));
    expect(address).toMatchObject({ kind: 'path', path: '/tmp/x' });
    expect(address.bytes).toEqual(sockaddr(AF_UNIX, '/tmp/x\0'));
  });

  it('take 108 bytes without NUL and give 111 back', () => {
    expect(parseAddress(sockaddr(AF_UNIX, 'p'.repeat(108))).bytes.length).toBe(111);
  });

  it('count every byte of an abstract name', () => {
    expect(parseAddress(sockaddr(AF_UNIX, '\0a\0\0'))).toMatchObject({ kind: 'abstract', name: '\0a\0\0' });
  });

  it('are refused when too short, too long or of another family', () => {
    for (const bad of [sockaddr(AF_UNIX, ''), sockaddr(AF_UNIX, 'x'.repeat(109)), sockaddr(AF_INET, 'x')]) {
      expect(() => parseAddress(bad)).toThrow(expect.objectContaining({ errno: EINVAL }) as Error);
    }
  });

  it('of two bytes ask for a name of five hex digits', () => {
    expect(asksForAutobind(sockaddr(AF_UNIX, ''))).toBe(true);
    expect(autobindAddress(0xabc).bytes).toEqual(sockaddr(AF_UNIX, '\x0000abc'));
    expect(autobindAddress(0x1_00001).name).toBe('\x0000001');
  });
});
