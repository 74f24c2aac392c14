// A kernel with files and one thread, for unit tests of the file system: no program runs.
// Calls are made on the handlers' own functions; a host with files in memory stands in for the real one.

import { AT_FDCWD } from '../abi/fcntl.ts';
import { S_IFDIR, S_IFLNK, S_IFREG } from '../abi/stat.ts';
import { ENOENT, isFailure } from '../errno.ts';
import { BufferSink, BufferSource } from '../file/buffer.ts';
import { OpenFile } from '../file/open-file.ts';
import type { HostError, HostFile, HostFiles, HostStat } from '../host.ts';
import type { Kernel } from '../kernel.ts';
import { credentialsFor } from '../task/credentials.ts';
import { scriptMachine } from '../task/script-machine.test-support.ts';
import type { Thread } from '../task/thread.ts';
import { FsContext } from './fs-context.ts';
import { openFile } from './open.ts';
import { type HostMountMode, mountHostDirectory, mountMemoryRoot, mountOverlayRoot } from './root-tree.ts';
import type { Tree } from './tree.ts';

export interface FsMachine {
  readonly kernel: Kernel;
  readonly thread: Thread;
  readonly tree: Tree;
}

function started(prepare: (kernel: Kernel) => Tree, hostFiles?: HostFiles): FsMachine {
  const { kernel, process } = scriptMachine(() => {});
  (kernel.host as { files: HostFiles | undefined }).files = hostFiles;
  const tree = prepare(kernel);
  const thread = process.leader as Thread;
  thread.fs = new FsContext(kernel.vfs.root, kernel.vfs.root, 0o022);
  return { kernel, thread, tree };
}

export function memoryMachine(): FsMachine {
  return started(mountMemoryRoot);
}

export function overlayMachine(host: FakeHost): FsMachine {
  return started((kernel) => mountOverlayRoot(kernel, '/host'), host);
}

/** A root in memory with the host directory `hostPath` at /mnt. */
export function mountedMachine(host: HostFiles, hostPath: string, mode: HostMountMode): FsMachine {
  return started((kernel) => {
    const tree = mountMemoryRoot(kernel);
    mountHostDirectory(kernel, tree, hostPath, '/mnt', mode);
    return tree;
  }, host);
}

/** The thread goes on as this user. */
export function become(thread: Thread, uid: number, gid = uid): void {
  thread.credentials = credentialsFor(uid, gid);
}

/** The errno that `action` fails with; 0 when it does not. */
export function errnoOf(action: () => unknown): number {
  try {
    action();
    return 0;
  } catch (thrown) {
    if (isFailure(thrown)) return thrown.errno;
    throw thrown;
  }
}

export function open(thread: Thread, path: string, flags = 0, mode = 0o644): OpenFile {
  const answer = openFile(thread, AT_FDCWD, path, { flags, mode, resolve: 0 });
  if (!(answer instanceof OpenFile)) throw new Error('open would wait');
  return answer;
}

export function readText(thread: Thread, file: OpenFile, position = 0, length = 100): string {
  const sink = new BufferSink(new Uint8Array(length));
  file.descriptor.tryRead(thread, file, sink, position);
  return String.fromCharCode(...sink.filled);
}

export function writeText(thread: Thread, file: OpenFile, text: string, position = 0): number {
  const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
  const answer = file.descriptor.tryWrite(thread, file, new BufferSource(bytes), position);
  if (typeof answer !== 'number') throw new Error('write would wait');
  return answer;
}

interface Entry {
  mode: number;
  content: string;
  ino: number;
}

/** Host files in memory below /host: texts are files, arrays of one string are links. Every change is noted. */
export class FakeHost implements HostFiles {
  readonly changes: string[] = [];
  readonly reads: string[] = [];
  readonly #entries = new Map<string, Entry>();

  constructor(files: Readonly<Record<string, string | readonly [string]>>) {
    this.#add('/host', S_IFDIR | 0o755, '');
    for (const [path, what] of Object.entries(files)) {
      const parts = path.split('/');
      for (let i = 1; i < parts.length; i++) {
        const directory = `/host/${parts.slice(0, i).join('/')}`;
        if (!this.#entries.has(directory)) this.#add(directory, S_IFDIR | 0o755, '');
      }
      if (typeof what === 'string') this.#add(`/host/${path}`, S_IFREG | 0o644, what);
      else this.#add(`/host/${path}`, S_IFLNK | 0o777, what[0]);
    }
  }

  #add(path: string, mode: number, content: string): void {
    this.#entries.set(path, { mode, content, ino: this.#entries.size + 1 });
  }

  #get(path: string): Entry {
    const entry = this.#entries.get(path);
    if (entry !== undefined) return entry;
    const missing: HostError = { hostErrno: ENOENT, message: path };
    throw missing;
  }

  #change(what: string): never {
    this.changes.push(what);
    throw new Error(`the host was changed: ${what}`);
  }

  lstat(path: string): HostStat {
    const { mode, content, ino } = this.#get(path);
    const times = { atimeNs: 1n, mtimeNs: 2n, ctimeNs: 3n };
    return { mode, uid: 7, gid: 8, size: content.length, ino, dev: 1, nlink: 1, rdev: 0, ...times };
  }

  readdir(path: string): readonly string[] {
    this.#get(path);
    const inside = [...this.#entries.keys()].filter((key) => key.startsWith(`${path}/`));
    return inside.map((key) => key.slice(path.length + 1)).filter((name) => !name.includes('/'));
  }

  readlink(path: string): string {
    return this.#get(path).content;
  }

  open(path: string, write: boolean): HostFile {
    if (write) this.#change(`open ${path}`);
    const { content } = this.#get(path);
    this.reads.push(path);
    return {
      read: (into, position) => {
        const bytes = Uint8Array.from(content.slice(position, position + into.length), (c) =>
          c.charCodeAt(0),
        );
        into.set(bytes);
        return bytes.length;
      },
      write: () => this.#change(`write ${path}`),
      truncate: () => this.#change(`truncate ${path}`),
      sync: () => {},
      stat: () => this.lstat(path),
      close: () => {},
    };
  }

  mkdir(path: string): void {
    this.#change(`mkdir ${path}`);
  }
  rmdir(path: string): void {
    this.#change(`rmdir ${path}`);
  }
  unlink(path: string): void {
    this.#change(`unlink ${path}`);
  }
  rename(path: string): void {
    this.#change(`rename ${path}`);
  }
  link(path: string): void {
    this.#change(`link ${path}`);
  }
  symlink(_target: string, path: string): void {
    this.#change(`symlink ${path}`);
  }
  chmod(path: string): void {
    this.#change(`chmod ${path}`);
  }
  chown(path: string): void {
    this.#change(`chown ${path}`);
  }
  utimes(path: string): void {
    this.#change(`utimes ${path}`);
  }
  statfs(): ReturnType<HostFiles['statfs']> {
    return { blockSize: 4096, blocks: 1, blocksFree: 1, files: 1, filesFree: 1 };
  }
}
