import { expect, test } from 'vitest';
import { AT_FDCWD, O_CREAT, O_RDWR } from '../abi/fcntl.ts';
import { DirectoryFile } from './directory-file.ts';
import { unlink } from './entries.ts';
import { memoryMachine, open } from './fs-machine.test-support.ts';

function names(directory: DirectoryFile, from: number): string[] {
  const list: string[] = [];
  for (let at = from; ; ) {
    const found = directory.entryAt(at);
    if (found === undefined) return list;
    list.push(found.entry.name);
    at = found.next;
  }
}

test('offsets stay valid while entries come and go', () => {
  const { thread, tree } = memoryMachine();
  for (let i = 0; i < 10; i++) tree.file(`/d/f${i}`, '');
  const file = open(thread, '/d');
  const directory = file.descriptor as DirectoryFile;
  expect(directory).toBeInstanceOf(DirectoryFile);
  const head = [0, 1, 2, 3].map((at) => directory.entryAt(at)?.entry.name);
  expect(head).toEqual(['.', '..', 'f9', 'f8']);
  for (const gone of ['f9', 'f8', 'f7', 'f3']) unlink(thread, AT_FDCWD, `/d/${gone}`);
  open(thread, '/d/new', O_CREAT | O_RDWR);
  expect(names(directory, 4)).toEqual(['f6', 'f5', 'f4', 'f2', 'f1', 'f0']);
  expect(names(directory, 0)).toEqual(['.', '..', 'new', 'f6', 'f5', 'f4', 'f2', 'f1', 'f0']);
});
