// What O_PATH opens (open(2), O_PATH). fs/open.ts makes it.
import type { Inode } from '../fs/inode.ts';
import { FileDescriptor } from './file-descriptor.ts';

/** O_PATH: stands for a place in the tree and can do nothing else. */
export class PathOnlyFile extends FileDescriptor {
  readonly kind = 'path';
  override readonly inode: Inode;

  constructor(inode: Inode) {
    super();
    this.inode = inode;
  }
}
