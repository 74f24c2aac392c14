import { describe, expect, test } from 'vitest';
import { AT_FDCWD, O_CREAT, O_RDWR, O_TMPFILE } from '../abi/fcntl.ts';
import { EBUSY, EEXIST, EINVAL, EISDIR, ENOENT, ENOTDIR, ENOTEMPTY, EPERM } from '../errno.ts';
import { link, rename, rmdir, unlink } from './entries.ts';
import {
  become,
  errnoOf,
  type FsMachine,
  memoryMachine,
  open,
  readText,
  writeText,
} from './fs-machine.test-support.ts';
import { RENAME_EXCHANGE, RENAME_NOREPLACE } from './rename-flags.ts';
import { absolutePath, resolve } from './resolve.ts';

function machine(): FsMachine {
  const made = memoryMachine();
  made.tree.file('/w/one', '1');
  made.tree.file('/w/two', '22');
  made.tree.directory('/w/dir/sub');
  made.tree.directory('/w/empty');
  made.thread.fs.cwd = made.tree.find('/w');
  return made;
}

function move({ thread }: FsMachine, from: string, to: string, flags = 0): void {
  rename(thread, { dirfd: AT_FDCWD, text: from }, { dirfd: AT_FDCWD, text: to }, flags);
}

function exists({ thread }: FsMachine, text: string): boolean {
  return errnoOf(() => resolve(thread, AT_FDCWD, text)) === 0;
}

describe('rename', () => {
  test('replaces a file, and what had it open keeps it', () => {
    const m = machine();
    const old = open(m.thread, 'two');
    move(m, 'one', 'two');
    expect(readText(m.thread, open(m.thread, 'two'))).toBe('1');
    expect(readText(m.thread, old)).toBe('22');
    expect(old.descriptor.inode.nlink).toBe(0);
    expect(absolutePath(m.thread, old.path ?? m.thread.fs.cwd)).toBe('/w/two (deleted)');
  });

  test('moves a directory with everyone who is inside', () => {
    const m = machine();
    const inside = resolve(m.thread, AT_FDCWD, 'dir/sub');
    move(m, 'dir', '/tmp/moved');
    expect(absolutePath(m.thread, inside)).toBe('/tmp/moved/sub');
    expect(m.tree.find('/w').inode.nlink).toBe(3);
  });

  test('has an errno for every bad pair', () => {
    const m = machine();
    expect(errnoOf(() => move(m, 'one', 'dir'))).toBe(EISDIR);
    expect(errnoOf(() => move(m, 'dir', 'one'))).toBe(ENOTDIR);
    expect(errnoOf(() => move(m, 'empty', 'dir'))).toBe(ENOTEMPTY);
    expect(errnoOf(() => move(m, 'dir', 'dir/sub/x'))).toBe(EINVAL);
    expect(errnoOf(() => move(m, 'dir/sub', 'dir'))).toBe(ENOTEMPTY);
    expect(errnoOf(() => move(m, 'one', 'two', RENAME_NOREPLACE))).toBe(EEXIST);
    expect(errnoOf(() => move(m, 'one', 'none', RENAME_EXCHANGE))).toBe(ENOENT);
    expect(errnoOf(() => move(m, '.', 'x'))).toBe(EBUSY);
  });

  test('exchanges a file and a directory', () => {
    const m = machine();
    const sub = resolve(m.thread, AT_FDCWD, 'dir/sub');
    move(m, 'one', 'dir', RENAME_EXCHANGE);
    expect(readText(m.thread, open(m.thread, 'dir'))).toBe('1');
    expect(absolutePath(m.thread, sub)).toBe('/w/one/sub');
  });

  test('of two names of one file does nothing', () => {
    const m = machine();
    link(m.thread, { dirfd: AT_FDCWD, text: 'one' }, { dirfd: AT_FDCWD, text: 'same' }, 0);
    move(m, 'one', 'same');
    expect(exists(m, 'one') && exists(m, 'same')).toBe(true);
  });
});

describe('removing', () => {
  test('tells files from directories', () => {
    const m = machine();
    expect(errnoOf(() => unlink(m.thread, AT_FDCWD, 'dir'))).toBe(EISDIR);
    expect(errnoOf(() => rmdir(m.thread, AT_FDCWD, 'one'))).toBe(ENOTDIR);
    expect(errnoOf(() => rmdir(m.thread, AT_FDCWD, 'dir'))).toBe(ENOTEMPTY);
    expect(errnoOf(() => rmdir(m.thread, AT_FDCWD, 'dir/.'))).toBe(EINVAL);
    rmdir(m.thread, AT_FDCWD, 'empty');
    expect(exists(m, 'empty')).toBe(false);
  });

  test('gives the room back when the last description closes', () => {
    const m = machine();
    const file = open(m.thread, 'big', O_CREAT | O_RDWR);
    const before = m.kernel.vfs.storage.used;
    writeText(m.thread, file, 'x', 10_000_000);
    unlink(m.thread, AT_FDCWD, 'big');
    expect(m.kernel.vfs.storage.used).toBeGreaterThan(before);
    file.release();
    expect(m.kernel.vfs.storage.used).toBeLessThan(before);
  });

  test('in a sticky directory is for owners', () => {
    const m = machine();
    m.tree.file('/tmp/theirs', 'x', 0o666, { uid: 5 });
    become(m.thread, 1000);
    expect(errnoOf(() => unlink(m.thread, AT_FDCWD, '/tmp/theirs'))).toBe(EPERM);
    become(m.thread, 5);
    unlink(m.thread, AT_FDCWD, '/tmp/theirs');
  });

  test('a directory that is gone takes no new entries', () => {
    const m = machine();
    m.thread.fs.cwd = m.tree.find('/w/empty');
    rmdir(m.thread, AT_FDCWD, '/w/empty');
    expect(errnoOf(() => open(m.thread, 'new', O_CREAT | O_RDWR))).toBe(ENOENT);
  });
});

test('a file without a name gets one by linkat', () => {
  const m = machine();
  const file = open(m.thread, '.', O_TMPFILE | O_RDWR);
  const fd = m.thread.files.install(file, 100);
  writeText(m.thread, file, 'hidden');
  link(m.thread, { dirfd: fd, text: '' }, { dirfd: AT_FDCWD, text: 'seen' }, 0x1000);
  expect(readText(m.thread, open(m.thread, 'seen'))).toBe('hidden');
  expect(file.descriptor.inode.nlink).toBe(1);
});
