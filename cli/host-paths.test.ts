import { describe, expect, it } from 'vitest';
import { byteString, guestPlace, hostPath, splitMount } from './host-paths.ts';

const WINDOWS = true;
const POSIX = false;

describe('hostPath', () => {
  it('has / between names on Windows, and leaves \\ alone where it is a letter of a name', () => {
    expect(hostPath('C:\\src\\a b\\prog', WINDOWS)).toBe('C:/src/a b/prog');
    expect(hostPath('\\\\server\\share\\prog', WINDOWS)).toBe('//server/share/prog');
    expect(hostPath('/src/back\\slash', POSIX)).toBe('/src/back\\slash');
  });

  it('is a string of bytes', () => {
    expect(hostPath('/ä', POSIX)).toBe('/\u00c3\u00a4');
    expect(byteString('€')).toHaveLength(3);
  });

  it('has the bytes that are no UTF-8, and whole pairs as they are', () => {
    expect(byteString('caf\udce9/é')).toBe('caf\u00e9/\u00c3\u00a9');
    expect(byteString('\ud83d\udc80')).toBe('\u00f0\u009f\u0092\u0080');
  });
});

describe('guestPlace', () => {
  it('is the path itself but on Windows', () => {
    expect(guestPlace('/home/me', POSIX)).toBe('/home/me');
    expect(guestPlace('c:/odd name', POSIX)).toBe('c:/odd name');
  });

  it('puts drives and shares below /mnt', () => {
    expect(guestPlace('C:/src/prog', WINDOWS)).toBe('/mnt/c/src/prog');
    expect(guestPlace('z:/', WINDOWS)).toBe('/mnt/z');
    expect(guestPlace('//server/share/prog', WINDOWS)).toBe('/mnt/unc/server/share/prog');
  });

  it('leaves relative paths relative', () => {
    expect(guestPlace('build/prog', WINDOWS)).toBe('build/prog');
  });
});

describe('splitMount', () => {
  it('finds the guest path behind a drive letter', () => {
    expect(splitMount('C:/dir:/guest', WINDOWS)).toEqual({
      host: 'C:/dir',
      guest: '/guest',
      isWritable: false,
    });
    expect(splitMount('C:\\dir:/guest:rw', WINDOWS)).toEqual({
      host: 'C:\\dir',
      guest: '/guest',
      isWritable: true,
    });
    expect(splitMount('dir:/guest:ro', WINDOWS)).toEqual({ host: 'dir', guest: '/guest', isWritable: false });
  });

  it('takes one letter for a directory elsewhere', () => {
    expect(splitMount('c:/guest', POSIX)).toEqual({ host: 'c', guest: '/guest', isWritable: false });
    expect(splitMount('/a:b:/guest:rw', POSIX)).toEqual({ host: '/a:b', guest: '/guest', isWritable: true });
  });

  it('wants both', () => {
    expect(splitMount('C:\\dir', WINDOWS)).toBeUndefined();
    expect(splitMount('/dir', POSIX)).toBeUndefined();
    expect(splitMount('/dir:guest', POSIX)).toBeUndefined();
  });
});
