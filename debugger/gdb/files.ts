// vFile: gdb reads files of the guest's file system through the connection (gdb manual, E.7 "Host I/O Packets").
// So it finds programs and libraries by the guest's names, and what /proc says of a process (info proc). Reading only;
// nothing the guest could notice is changed.

import { isFailure } from '../../kernel/errno.ts';
import type { Inode } from '../../kernel/fs/inode.ts';
import { RegularInode } from '../../kernel/fs/regular-inode.ts';
import { Tree } from '../../kernel/fs/tree.ts';
import { glanceAt } from '../../kernel/mm/glance.ts';
import { bytesToText, textToBytes } from '../../kernel/mm/user-memory.ts';
import type { Thread } from '../../kernel/task/thread.ts';
import { bytesOfHex, hexNumber, PACKET_SIZE } from './packet.ts';

/** FILEIO_E…: the protocol's own numbers. */
const FileError = {
  ENOENT: 2,
  EBADF: 9,
  EACCES: 13,
  EINVAL: 22,
  EMFILE: 24,
  EROFS: 30,
  UNKNOWN: 9999,
} as const;
const ACCESS_MODE = 3;
const OPEN_LIMIT = 64;
/** Escapes can double a reply. */
const LARGEST_READ = PACKET_SIZE / 2 - 64;
const STAT_SIZE = 64;

interface Opened {
  readonly inode: Inode;
  /** Of a file that is made up when it is read: as it was when it was opened. */
  readonly content: Uint8Array | undefined;
}

export class GuestFiles {
  readonly #open = new Map<number, Opened>();
  #next = 3;

  /** `F…` for the part of the packet after `vFile:`; undefined for an operation that is not here. */
  handle(text: string, thread: Thread): string | undefined {
    const colon = text.indexOf(':');
    const operation = text.slice(0, colon);
    const args = text.slice(colon + 1).split(',');
    switch (operation) {
      case 'setfs': // one tree for all processes, but for chroot
        return 'F0';
      case 'open':
        return guarded(() => this.#openFile(args, thread));
      case 'close':
        return this.#open.delete(hexNumber(args[0] ?? '')) ? 'F0' : failure(FileError.EBADF);
      case 'pread':
        return guarded(() => this.#read(args));
      case 'fstat': {
        const opened = this.#open.get(hexNumber(args[0] ?? ''));
        return opened === undefined ? failure(FileError.EBADF) : attached(statBytes(opened.inode));
      }
      case 'readlink':
        return guarded(() => readLink(args, thread));
      default:
        return undefined;
    }
  }

  #openFile([name = '', flags = '']: readonly string[], thread: Thread): string {
    const path = bytesOfHex(name);
    if (path === undefined) return failure(FileError.EINVAL);
    if ((hexNumber(flags) & ACCESS_MODE) !== 0) return failure(FileError.EROFS);
    if (this.#open.size >= OPEN_LIMIT) return failure(FileError.EMFILE);
    const { inode } = new Tree(thread.fs.root).find(bytesToText(path));
    const content = glanceAt(thread.mm, () => inode.madeUp(thread));
    if (!(inode instanceof RegularInode) && content === undefined) return failure(FileError.EACCES);
    const fd = this.#next++;
    this.#open.set(fd, { inode, content });
    return `F${fd.toString(16)}`;
  }

  #read([fd = '', count = '', offset = '']: readonly string[]): string {
    const opened = this.#open.get(hexNumber(fd));
    if (opened === undefined) return failure(FileError.EBADF);
    const { inode, content } = opened;
    const at = hexNumber(offset);
    const size = content?.length ?? inode.size;
    const length = Math.min(hexNumber(count), LARGEST_READ, Math.max(0, size - at));
    if (!(at >= 0 && length >= 0)) return failure(FileError.EINVAL);
    if (content !== undefined) return attached(content.subarray(at, at + length));
    const bytes = new Uint8Array(length);
    if (length > 0 && inode instanceof RegularInode) inode.readAt(at, bytes);
    return attached(bytes);
  }
}

function readLink([name = '']: string[], thread: Thread): string {
  const path = bytesOfHex(name);
  if (path === undefined) return failure(FileError.EINVAL);
  const text = bytesToText(path);
  const slash = text.lastIndexOf('/');
  const directory = new Tree(thread.fs.root).find(text.slice(0, Math.max(slash, 0)));
  const inode = directory.inode.lookup(text.slice(slash + 1));
  if (inode === undefined) return failure(FileError.ENOENT);
  return attached(textToBytes(inode.readlink(thread)));
}

function guarded(action: () => string): string {
  try {
    return action();
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown;
    const known: readonly number[] = Object.values(FileError);
    return failure(known.includes(thrown.errno) ? thrown.errno : FileError.UNKNOWN);
  }
}

function failure(errno: number): string {
  return `F-1,${errno.toString(16)}`;
}

function attached(bytes: Uint8Array): string {
  return `F${bytes.length.toString(16)};${bytesToText(bytes)}`;
}

/** struct stat of the protocol, big-endian (gdb manual, E.13.6.4 "struct stat"). */
function statBytes(inode: Inode): Uint8Array {
  const bytes = new Uint8Array(STAT_SIZE);
  const view = new DataView(bytes.buffer);
  const seconds = (ns: bigint): number => Number(BigInt.asUintN(32, ns / 1_000_000_000n));
  const words = [inode.fs.dev, inode.ino, inode.mode, inode.nlink, inode.uid, inode.gid, inode.rdev];
  for (const [n, word] of words.entries()) view.setUint32(4 * n, word >>> 0);
  view.setBigUint64(28, BigInt(inode.size));
  view.setBigUint64(36, BigInt(inode.blockSize));
  view.setBigUint64(44, BigInt(inode.blocks));
  const times = [inode.atimeNs, inode.mtimeNs, inode.ctimeNs];
  for (const [n, ns] of times.entries()) view.setUint32(52 + 4 * n, seconds(ns));
  return bytes;
}
