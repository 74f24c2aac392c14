// The host's files for mounts, through node:fs.
// NodeHost hands it to the kernel, which reads programs and directories with it and writes only where `:rw` allows.
// Paths are byte strings (one code unit a byte), as everywhere in the kernel; failures are HostErrors, never Errors.
import fs from 'node:fs';
import { EIO, errnoNumber } from '../kernel/errno.ts';
import type { HostError, HostFile, HostFiles, HostStat } from '../kernel/host.ts';
import { guestPlace, IS_WINDOWS, slashed } from './host-paths.ts';

/** Runs `action`, turning Node's errors into errno numbers; by name, for the numbers of other systems differ. */
function translated<T>(action: () => T): T {
  try {
    return action();
  } catch (thrown) {
    const { code, message } = thrown as NodeJS.ErrnoException;
    const failure: HostError = { hostErrno: errnoNumber(code ?? '') ?? EIO, message };
    throw failure;
  }
}

/** A guest's byte string as a path for node:fs. */
function native(path: string): string | Buffer {
  for (let i = 0; i < path.length; i++) if (path.charCodeAt(i) > 127) return Buffer.from(path, 'latin1');
  return path;
}

/** Windows knows neither x nor others: every file may be run, every directory searched, and the owner alone writes. */
function modeOf(mode: number): number {
  return IS_WINDOWS ? (mode & ~0o022) | 0o111 : mode;
}

/** Inode numbers that a double cannot hold are cut to the part of NTFS's that tells files apart at one time. */
function inodeNumber(ino: bigint): number {
  return Number(ino > Number.MAX_SAFE_INTEGER ? BigInt.asUintN(48, ino) : ino);
}

function statOf(stats: fs.BigIntStats): HostStat {
  return {
    mode: modeOf(Number(stats.mode)),
    uid: Number(stats.uid),
    gid: Number(stats.gid),
    size: Number(stats.size),
    ino: inodeNumber(stats.ino),
    dev: Number(stats.dev),
    nlink: Number(stats.nlink),
    rdev: Number(stats.rdev),
    atimeNs: stats.atimeNs,
    mtimeNs: stats.mtimeNs,
    ctimeNs: stats.ctimeNs,
  };
}

function seconds(ns: bigint): string {
  const whole = ns / 1_000_000_000n;
  return `${whole}.${(ns - whole * 1_000_000_000n).toString().padStart(9, '0')}`;
}

class NodeFile implements HostFile {
  readonly #fd: number;

  constructor(fd: number) {
    this.#fd = fd;
  }

  read(into: Uint8Array, position: number): number {
    return translated(() => fs.readSync(this.#fd, into, 0, into.length, position));
  }

  write(bytes: Uint8Array, position: number): number {
    return translated(() => fs.writeSync(this.#fd, bytes, 0, bytes.length, position));
  }

  truncate(size: number): void {
    translated(() => fs.ftruncateSync(this.#fd, size));
  }

  sync(): void {
    translated(() => fs.fsyncSync(this.#fd));
  }

  stat(): HostStat {
    return translated(() => statOf(fs.fstatSync(this.#fd, { bigint: true })));
  }

  close(): void {
    translated(() => fs.closeSync(this.#fd));
  }
}

export class NodeFiles implements HostFiles {
  lstat(path: string): HostStat {
    return translated(() => statOf(fs.lstatSync(native(path), { bigint: true })));
  }

  readdir(path: string): readonly string[] {
    return translated(() =>
      fs.readdirSync(native(path), { encoding: 'buffer' }).map((name) => name.toString('latin1')),
    );
  }

  readlink(path: string): string {
    const target = translated(() => fs.readlinkSync(native(path), { encoding: 'latin1' }));
    return guestPlace(slashed(target));
  }

  open(path: string, write: boolean, create?: { mode: number; exclusive: boolean }): HostFile {
    const { O_RDONLY, O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK } = fs.constants;
    // O_NONBLOCK: opening a FIFO or a device of the host must not hold the machine up.
    let flags = (write ? O_RDWR : O_RDONLY) | (O_NOFOLLOW ?? 0) | (O_NONBLOCK ?? 0);
    if (create !== undefined) flags |= O_CREAT | (create.exclusive ? O_EXCL : 0);
    return translated(() => new NodeFile(fs.openSync(native(path), flags, create?.mode)));
  }

  mkdir(path: string, mode: number): void {
    translated(() => fs.mkdirSync(native(path), { mode }));
  }

  rmdir(path: string): void {
    translated(() => fs.rmdirSync(native(path)));
  }

  unlink(path: string): void {
    translated(() => fs.unlinkSync(native(path)));
  }

  rename(from: string, to: string): void {
    translated(() => fs.renameSync(native(from), native(to)));
  }

  link(from: string, to: string): void {
    translated(() => fs.linkSync(native(from), native(to)));
  }

  symlink(target: string, path: string): void {
    translated(() => fs.symlinkSync(native(target), native(path)));
  }

  chmod(path: string, mode: number): void {
    translated(() => fs.chmodSync(native(path), mode));
  }

  chown(path: string, uid: number, gid: number): void {
    translated(() => fs.lchownSync(native(path), uid, gid));
  }

  utimes(path: string, atimeNs: bigint, mtimeNs: bigint): void {
    translated(() => fs.lutimesSync(native(path), seconds(atimeNs), seconds(mtimeNs)));
  }

  statfs(path: string): {
    blockSize: number;
    blocks: number;
    blocksFree: number;
    files: number;
    filesFree: number;
  } {
    return translated(() => {
      const facts = fs.statfsSync(native(path));
      return {
        blockSize: facts.bsize,
        blocks: facts.blocks,
        blocksFree: facts.bavail,
        files: facts.files,
        filesFree: facts.ffree,
      };
    });
  }
}
