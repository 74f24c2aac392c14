import { describe, expect, test } from 'vitest';
import { AT_FDCWD, O_APPEND, O_CREAT, O_RDWR, O_TRUNC } from '../../abi/fcntl.ts';
import { ENOENT } from '../../errno.ts';
import { link, rename, rmdir, unlink } from '../entries.ts';
import { errnoOf, FakeHost, open, overlayMachine, readText, writeText } from '../fs-machine.test-support.ts';
import { resolve } from '../resolve.ts';

function at(text: string): { dirfd: number; text: string } {
  return { dirfd: AT_FDCWD, text };
}

describe('an overlay', () => {
  test('shows the host as it is', () => {
    const { thread } = overlayMachine(new FakeHost({ 'etc/motd': 'hello', link: ['etc/motd'] }));
    expect(readText(thread, open(thread, '/link'))).toBe('hello');
    const { inode } = resolve(thread, AT_FDCWD, '/etc/motd');
    expect([inode.uid, inode.gid, inode.size, inode.mtimeNs]).toEqual([7, 8, 5, 2n]);
  });

  test('never writes the host, whatever the guest does', () => {
    const host = new FakeHost({ 'a/one': 'one', 'a/two': 'two', 'b/three': 'three' });
    const { thread } = overlayMachine(host);
    writeText(thread, open(thread, '/a/one', O_RDWR | O_APPEND), 'X', 3);
    open(thread, '/a/two', O_RDWR | O_TRUNC);
    writeText(thread, open(thread, '/a/new', O_RDWR | O_CREAT), 'new');
    rename(thread, at('/b/three'), at('/a/moved'), 0);
    link(thread, at('/a/one'), at('/b/linked'), 0);
    unlink(thread, AT_FDCWD, '/a/two');
    resolve(thread, AT_FDCWD, '/a').inode.setAttributes({ mode: 0o700, uid: 1, atimeNs: 5n, ctimeNs: 6n });
    unlink(thread, AT_FDCWD, '/b/linked');
    rmdir(thread, AT_FDCWD, '/b');
    expect(host.changes).toEqual([]);
    expect(readText(thread, open(thread, '/a/one'))).toBe('oneX');
    expect(readText(thread, open(thread, '/a/moved'))).toBe('three');
    expect(errnoOf(() => open(thread, '/a/two'))).toBe(ENOENT);
    expect(errnoOf(() => open(thread, '/b'))).toBe(ENOENT);
  });

  test('a file removed and made again is empty', () => {
    const { thread } = overlayMachine(new FakeHost({ f: 'old' }));
    unlink(thread, AT_FDCWD, '/f');
    expect(readText(thread, open(thread, '/f', O_RDWR | O_CREAT))).toBe('');
  });

  test('inodes are the same at every look, and directories list both layers', () => {
    const { thread } = overlayMachine(new FakeHost({ 'd/low': '', 'd/gone': '' }));
    open(thread, '/d/up', O_RDWR | O_CREAT);
    unlink(thread, AT_FDCWD, '/d/gone');
    const { inode } = resolve(thread, AT_FDCWD, '/d');
    expect(
      inode
        .readdir()
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['low', 'up']);
    expect(resolve(thread, AT_FDCWD, '/d/low').inode).toBe(resolve(thread, AT_FDCWD, '/d/low').inode);
  });

  test('links cannot leave it', () => {
    const { thread } = overlayMachine(new FakeHost({ out: ['/../../etc/passwd'], 'etc/passwd': 'guest' }));
    expect(readText(thread, open(thread, '/out'))).toBe('guest');
  });

  test('reads content only when it is asked for', () => {
    const host = new FakeHost({ f: 'text', g: 'other' });
    const { thread } = overlayMachine(host);
    open(thread, '/f');
    expect(host.reads).toEqual([]);
    readText(thread, open(thread, '/g'));
    expect(host.reads).toEqual(['/host/g']);
  });
});
