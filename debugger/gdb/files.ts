// vFile: gdb reads files of the guest's file system through the connection (gdb manual, E.7 "Host I/O Packets").
// So it finds programs and libraries by the guest's names, and what /proc says of a process (info proc). Reading only;
// nothing the guest could notice is changed.

import { isFailure } from '../../kernel/errno.ts';
import type { Inode } from '../../kernel/fs/inode.ts';
import { RegularInode } from '../../kernel/fs/regular-inode.ts';
import { Tree } from '../../kernel/fs/tree.ts';
import { glanceAt } from '../../kernel/mm/glance.ts';
import { bytesToText, textToBytes } from '../../kernel/mm/user-memory.ts';
import type { SignalInfo } from '../../kernel/task/signal-info.ts';
import type { Thread } from '../../kernel/task/thread.ts';
import { coreOf, readCore } from '../inspect/core.ts';
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
  /** Of its attributes. */
  readonly inode: Inode;
  /** Bytes. */
  readonly size: number;
  /** At most `length` bytes, all within the file. */
  read(offset: number, length: number): Uint8Array;
}

/** What the guest itself does not see there: the process as a core file, for `remote get`. */
const CORE_PATH = /^\/proc\/(\d+)\/core$/;

export class GuestFiles {
  readonly #open = new Map<number, Opened>();
  #next = 3;

  /** `F…` for the part of the packet after `vFile:`; undefined for an operation that is not here. `info`: the signal at which it stands. */
  handle(text: string, thread: Thread, info: SignalInfo | undefined): string | undefined {
    const colon = text.indexOf(':');
    const operation = text.slice(0, colon);
    const args = text.slice(colon + 1).split(',');
    switch (operation) {
      case 'setfs': // one tree for all processes, but for chroot
        return 'F0';
      case 'open':
        return guarded(() => this.#openFile(args, thread, info));
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

  #openFile(
    [name = '', flags = '']: readonly string[],
    thread: Thread,
    info: SignalInfo | undefined,
  ): string {
    const path = bytesOfHex(name);
    if (path === undefined) return failure(FileError.EINVAL);
    if ((hexNumber(flags) & ACCESS_MODE) !== 0) return failure(FileError.EROFS);
    if (this.#open.size >= OPEN_LIMIT) return failure(FileError.EMFILE);
    const opened = openedFile(bytesToText(path), thread, info);
    if (opened === undefined) return failure(FileError.EACCES);
    const fd = this.#next++;
    this.#open.set(fd, opened);
    return `F${fd.toString(16)}`;
  }

  #read([fd = '', count = '', offset = '']: readonly string[]): string {
    const opened = this.#open.get(hexNumber(fd));
    if (opened === undefined) return failure(FileError.EBADF);
    const at = hexNumber(offset);
    const length = Math.min(hexNumber(count), LARGEST_READ, Math.max(0, opened.size - at));
    if (!(at >= 0 && length >= 0)) return failure(FileError.EINVAL);
    return attached(length === 0 ? new Uint8Array(0) : opened.read(at, length));
  }
}

/** Undefined for what cannot be read at any place. Throws ENOENT and the like. */
function openedFile(path: string, thread: Thread, info: SignalInfo | undefined): Opened | undefined {
  const tree = new Tree(thread.fs.root);
  const dumped = CORE_PATH.exec(path)?.[1];
  if (dumped !== undefined) {
    const { inode } = tree.find(path.replace(/core$/, 'mem'));
    const leader = thread.kernel.pids.process(Number(dumped))?.leader;
    if (leader === undefined) return undefined;
    const isCurrent = leader.process === thread.process;
    const image = coreOf(isCurrent ? thread : leader, isCurrent ? info : undefined);
    return { inode, size: image.size, read: (offset, length) => readCore(image, offset, length) };
  }
  const { inode } = tree.find(path);
  // as it is now
  const content = glanceAt(thread.mm, () => inode.madeUp(thread));
  if (content !== undefined)
    return { inode, size: content.length, read: (at, length) => content.subarray(at, at + length) };
  return inode instanceof RegularInode ? openedRegular(inode) : undefined;
}

function openedRegular(inode: RegularInode): Opened {
  return {
    inode,
    get size() {
      return inode.size;
    },
    read(offset, length) {
      const bytes = new Uint8Array(length);
      inode.readAt(offset, bytes);
      return bytes;
    },
  };
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
