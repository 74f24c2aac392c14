// Which program or library a mapping shows, as a key for what was read from it.
// symbols.ts and dwarf/source-map.ts keep what they read by it.
// By guest path and size: a program that is run again in another machine is the same file.
import type { OpenFile } from '../kernel/file/open-file.ts';
import { absolutePath } from '../kernel/fs/resolve.ts';
import type { Thread } from '../kernel/task/thread.ts';

export function fileKey(thread: Thread, file: OpenFile): string {
  const name = file.path === undefined ? '' : absolutePath(thread, file.path);
  return `${name}:${file.descriptor.inode.size}`;
}
