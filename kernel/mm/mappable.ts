// What an object must offer to be mapped: its contents as pages. Regular inodes do, as do memory-only objects.
// The one PageCache of an object tracks who holds copies of its pages; mmap and exec get it here.
// read(2), write(2) and truncate(2) announce themselves to the cache first, or mappings would see old bytes.
import type { Inode } from '../fs/inode.ts';
import { RegularInode } from '../fs/regular-inode.ts';
import { PageCache } from './page-cache.ts';

/** Where an object's pages live while no process holds them modified. */
export interface ObjectPages {
  /** Bytes. A page that begins at or past it does not exist: touching it is SIGBUS. */
  readonly size: number;
  /** Page `index`, zeroes past the size; undefined past the end. A view or a copy. May throw `fail(EIO)`: SIGBUS. */
  readPage(index: number): Uint8Array | undefined;
  /** Takes back a page that a process wrote through MAP_SHARED. Bytes past the size are dropped. */
  writePage(index: number, bytes: Uint8Array): void;
  /** Is page `index` there, or would it be made of zeroes? Of memory that is a file, and no others. */
  holdsPage?(index: number): boolean;
}

/** The cache of a regular file, made when it is first mapped; undefined for what cannot be mapped. */
export function pageCacheOf(inode: Inode): PageCache | undefined {
  if (!(inode instanceof RegularInode)) return undefined;
  if (inode.sharedPages instanceof PageCache) return inode.sharedPages;
  const cache = new PageCache(inode, `file:${inode.fs.dev}:${inode.ino}`);
  inode.sharedPages = cache;
  return cache;
}
