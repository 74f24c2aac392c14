import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NodeFiles } from '../../../cli/node-files.ts';
import { AT_FDCWD, O_CREAT, O_EXCL, O_RDWR, O_TRUNC } from '../../abi/fcntl.ts';
import { S_IFDIR } from '../../abi/stat.ts';
import { EEXIST, ENOENT, ENOTEMPTY, EROFS } from '../../errno.ts';
import { link, rename, rmdir, unlink } from '../entries.ts';
import {
  errnoOf,
  type FsMachine,
  mountedMachine,
  open,
  readText,
  writeText,
} from '../fs-machine.test-support.ts';
import { makeNode } from '../make-node.ts';
import { resolve } from '../resolve.ts';

let directory = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'rivulet-host-'));
  writeFileSync(join(directory, 'file'), 'from the host');
});

afterEach(() => rmSync(directory, { recursive: true }));

function machine(mode: 'read-only' | 'read-write'): FsMachine {
  return mountedMachine(new NodeFiles(), directory, mode);
}

function at(text: string): { dirfd: number; text: string } {
  return { dirfd: AT_FDCWD, text };
}

function host(name: string): string {
  return readFileSync(join(directory, name), 'latin1');
}

describe('a read-write mount', () => {
  test('writes files, directories and links through to the host', () => {
    const { thread } = machine('read-write');
    const file = open(thread, '/mnt/new', O_RDWR | O_CREAT | O_EXCL, 0o640);
    writeText(thread, file, 'hello');
    expect(host('new')).toBe('hello');
    expect(statSync(join(directory, 'new')).mode & 0o777).toBe(0o640);
    open(thread, '/mnt/file', O_RDWR | O_TRUNC);
    expect(host('file')).toBe('');
    makeNode(thread, AT_FDCWD, '/mnt/d', S_IFDIR | 0o755);
    link(thread, at('/mnt/new'), at('/mnt/d/linked'), 0);
    rename(thread, at('/mnt/d'), at('/mnt/moved'), 0);
    expect(host('moved/linked')).toBe('hello');
    expect(resolve(thread, AT_FDCWD, '/mnt/moved/linked').inode).toBe(
      resolve(thread, AT_FDCWD, '/mnt/new').inode,
    );
    expect(errnoOf(() => rmdir(thread, AT_FDCWD, '/mnt/moved'))).toBe(ENOTEMPTY);
    unlink(thread, AT_FDCWD, '/mnt/moved/linked');
    rmdir(thread, AT_FDCWD, '/mnt/moved');
    expect(readdirSync(directory).sort()).toEqual(['file', 'new']);
  });

  test('an open file outlives its name', () => {
    const { thread } = machine('read-write');
    const file = open(thread, '/mnt/file', O_RDWR);
    unlink(thread, AT_FDCWD, '/mnt/file');
    expect(existsSync(join(directory, 'file'))).toBe(false);
    expect(readText(thread, file)).toBe('from the host');
    file.release();
    expect(errnoOf(() => open(thread, '/mnt/file'))).toBe(ENOENT);
  });

  test('sees at once what the host changes', () => {
    const { thread } = machine('read-write');
    const { inode } = resolve(thread, AT_FDCWD, '/mnt/file');
    writeFileSync(join(directory, 'file'), 'longer than it was before');
    writeFileSync(join(directory, 'late'), 'x');
    expect(inode.size).toBe(25);
    expect(readText(thread, open(thread, '/mnt/late'))).toBe('x');
    expect(errnoOf(() => open(thread, '/mnt/late', O_RDWR | O_CREAT | O_EXCL))).toBe(EEXIST);
  });

  test('links are walked inside the guest, never on the host', () => {
    const { thread, tree } = machine('read-write');
    symlinkSync('/etc/passwd', join(directory, 'out'));
    tree.file('/etc/passwd', 'the guest');
    expect(readText(thread, open(thread, '/mnt/out'))).toBe('the guest');
  });

  test('sets mode and times on the host', () => {
    const { thread } = machine('read-write');
    const { inode } = resolve(thread, AT_FDCWD, '/mnt/file');
    inode.setAttributes({ mode: 0o600, mtimeNs: 1_600_000_000_000_000_000n, ctimeNs: 0n });
    const stat = statSync(join(directory, 'file'));
    expect([stat.mode & 0o777, stat.mtimeMs]).toEqual([0o600, 1_600_000_000_000]);
  });
});

test('a read-only mount refuses every change', () => {
  const { thread } = machine('read-only');
  expect(readText(thread, open(thread, '/mnt/file'))).toBe('from the host');
  expect(errnoOf(() => open(thread, '/mnt/file', O_RDWR))).toBe(EROFS);
  expect(errnoOf(() => open(thread, '/mnt/new', O_RDWR | O_CREAT))).toBe(EROFS);
  expect(errnoOf(() => unlink(thread, AT_FDCWD, '/mnt/file'))).toBe(EROFS);
  expect(errnoOf(() => makeNode(thread, AT_FDCWD, '/mnt/d', S_IFDIR | 0o755))).toBe(EROFS);
  expect(readdirSync(directory)).toEqual(['file']);
});
