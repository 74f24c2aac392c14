import { expect, test } from 'vitest';
import { type FileSystem, Inode } from './inode.ts';

class Plain extends Inode {
  constructor() {
    super({ type: 'test' } as FileSystem, 1, 0o100600, 0, 0);
  }

  override open(): never {
    throw new Error('not to be opened');
  }
}

// a field that the class defines would pass by what its prototype says of it: docs/decisions/0026
test('every field of an inode is assigned, none defined', () => {
  const fields = Object.keys(new Plain());
  const assigned = new Set<string>();
  class Watched extends Plain {}
  for (const name of fields)
    Object.defineProperty(Watched.prototype, name, { set: () => assigned.add(name), configurable: true });
  new Watched();
  expect(fields).toContain('attributeFlags');
  expect([...assigned].sort()).toEqual([...fields].sort());
});
