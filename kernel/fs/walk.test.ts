import { describe, expect, test } from 'vitest';
import { AT_FDCWD } from '../abi/fcntl.ts';
import { EACCES, ELOOP, ENAMETOOLONG, ENOENT, ENOTDIR, EXDEV } from '../errno.ts';
import { become, errnoOf, type FsMachine, memoryMachine } from './fs-machine.test-support.ts';
import { Path } from './path.ts';
import { absolutePath, resolve, startWalk } from './resolve.ts';
import { MemoryFileSystem } from './tmpfs/memory-fs.ts';
import { RESOLVE_BENEATH, RESOLVE_IN_ROOT, RESOLVE_NO_SYMLINKS, RESOLVE_NO_XDEV } from './walk.ts';

function machine(): FsMachine {
  const made = memoryMachine();
  const { tree } = made;
  tree.file('/a/b/file', 'x');
  tree.symlink('/a/link', 'b');
  tree.symlink('/a/up', '../a/b/file');
  tree.symlink('/absolute', '/a/b');
  tree.symlink('/loop', 'loop');
  tree.symlink('/dangling', 'nowhere');
  return made;
}

function where({ thread }: FsMachine, text: string, follow = true): string {
  return absolutePath(thread, resolve(thread, AT_FDCWD, text, { follow }));
}

describe('walking', () => {
  test("'..' stays at the root, and goes through links to their target's parent", () => {
    const m = machine();
    expect(where(m, '/../../a/./b//../b/file')).toBe('/a/b/file');
    expect(where(m, '/absolute/..')).toBe('/a');
    expect(where(m, '/a/up')).toBe('/a/b/file');
  });

  test('the last link is followed only when asked, or when a slash follows', () => {
    const m = machine();
    expect(where(m, '/a/link', false)).toBe('/a/link');
    expect(where(m, '/a/link')).toBe('/a/b');
    expect(where(m, '/a/link/', false)).toBe('/a/b');
    expect(errnoOf(() => where(m, '/a/up/'))).toBe(ENOTDIR);
  });

  test('what is missing, no directory, too long or endless has its errno', () => {
    const m = machine();
    expect(errnoOf(() => where(m, '/a/none/x'))).toBe(ENOENT);
    expect(errnoOf(() => where(m, '/a/b/file/x'))).toBe(ENOTDIR);
    expect(errnoOf(() => where(m, '/dangling'))).toBe(ENOENT);
    expect(errnoOf(() => where(m, '/loop'))).toBe(ELOOP);
    expect(errnoOf(() => where(m, `/${'n'.repeat(256)}`))).toBe(ENAMETOOLONG);
    expect(errnoOf(() => where(m, '/a/'.repeat(1400)))).toBe(ENAMETOOLONG);
    expect(errnoOf(() => where(m, ''))).toBe(ENOENT);
  });

  test('forty links are followed, one more is ELOOP', () => {
    const m = machine();
    for (let i = 1; i <= 41; i++) m.tree.symlink(`/l${i}`, i === 1 ? '/a' : `/l${i - 1}`);
    expect(where(m, '/l40')).toBe('/a');
    expect(errnoOf(() => where(m, '/l41'))).toBe(ELOOP);
  });

  test('a directory without search permission hides what is below it', () => {
    const m = machine();
    m.tree.directory('/closed', 0o700);
    m.tree.file('/closed/f', 'x');
    become(m.thread, 1000);
    expect(errnoOf(() => where(m, '/closed/f'))).toBe(EACCES);
    expect(where(m, '/closed')).toBe('/closed');
  });

  test('a mount covers its directory, and its root leads back out by ..', () => {
    const m = machine();
    const fs = new MemoryFileSystem(m.kernel);
    const at = m.tree.find('/a/b');
    m.kernel.vfs.mount(at, fs, fs.root, 'none');
    m.tree.file('/a/b/inside', 'x');
    expect(where(m, '/a/link/inside')).toBe('/a/b/inside');
    expect(errnoOf(() => where(m, '/a/b/file'))).toBe(ENOENT);
    expect(where(m, '/a/b/../b/..')).toBe('/a');
    expect(resolve(m.thread, AT_FDCWD, '/a/b').inode).toBe(fs.root);
  });

  test('a chroot is the top: absolute links begin there, and .. stays', () => {
    const m = machine();
    m.thread.fs.root = resolve(m.thread, AT_FDCWD, '/a');
    m.thread.fs.cwd = m.thread.fs.root;
    expect(where(m, '/../b/../../b/file')).toBe('/b/file');
    m.tree.symlink('/a/out', '/b');
    expect(where(m, '/out')).toBe('/b');
    expect(absolutePath(m.thread, new Path(m.kernel.vfs.rootMount, m.kernel.vfs.root.dentry))).toBe(
      '(unreachable)/',
    );
  });
});

describe('openat2', () => {
  function walked({ thread }: FsMachine, text: string, rules: number): string {
    thread.fs.cwd = resolve(thread, AT_FDCWD, '/a');
    return absolutePath(thread, startWalk(thread, AT_FDCWD, text, rules).finish(true));
  }

  test('RESOLVE_BENEATH refuses whatever leaves the start', () => {
    const m = machine();
    expect(walked(m, 'b/../b/file', RESOLVE_BENEATH)).toBe('/a/b/file');
    expect(errnoOf(() => walked(m, '../a', RESOLVE_BENEATH))).toBe(EXDEV);
    expect(errnoOf(() => walked(m, '/a', RESOLVE_BENEATH))).toBe(EXDEV);
    expect(errnoOf(() => walked(m, 'up', RESOLVE_BENEATH))).toBe(EXDEV);
  });

  test('RESOLVE_IN_ROOT makes the start the root', () => {
    const m = machine();
    expect(walked(m, '/../../b/file', RESOLVE_IN_ROOT)).toBe('/a/b/file');
    expect(errnoOf(() => walked(m, 'up', RESOLVE_IN_ROOT))).toBe(ENOENT);
  });

  test('links and mounts can be refused', () => {
    const m = machine();
    const fs = new MemoryFileSystem(m.kernel);
    m.kernel.vfs.mount(m.tree.directory('/a/mounted'), fs, fs.root, 'none');
    expect(errnoOf(() => walked(m, 'link/file', RESOLVE_NO_SYMLINKS))).toBe(ELOOP);
    expect(errnoOf(() => walked(m, 'mounted', RESOLVE_NO_XDEV))).toBe(EXDEV);
  });
});
