// A process without a program, for unit tests of memory: its calls are made directly, its accesses by hand.
// load and store do what the CPU does: use the page when the map allows it, else fault like a trap.
import { TrapCause } from '../../emulator/cpu/trap.ts';
import { PAGE_SIZE } from '../../emulator/memory/layout.ts';
import { O_RDWR } from '../abi/fcntl.ts';
import { S_IFREG } from '../abi/stat.ts';
import { isFailure } from '../errno.ts';
import { BufferSource } from '../file/buffer.ts';
import { OpenFile } from '../file/open-file.ts';
import type { Path } from '../fs/path.ts';
import type { RegularInode } from '../fs/regular-inode.ts';
import { MemoryFileSystem } from '../fs/tmpfs/memory-fs.ts';
import { cloneThread } from '../task/clone.ts';
import { scriptMachine } from '../task/script-machine.test-support.ts';
import type { SignalInfo } from '../task/signal-info.ts';
import type { Thread } from '../task/thread.ts';
import { layoutFor, type SpaceLayout } from './layout.ts';
import type { Mm } from './mm.ts';
import { MAP_ANONYMOUS, MAP_PRIVATE, mmap } from './mmap.ts';
import { PROT_READ, PROT_WRITE } from './vma.ts';

/** Above what scriptMachine maps. */
const PROGRAM_END = 0x10_0000;
export const RW = PROT_READ | PROT_WRITE;
export const PAGE = PAGE_SIZE;

export class MemoryLab {
  readonly thread: Thread;

  constructor(thread?: Thread, maxProcesses?: number) {
    const options = maxProcesses === undefined ? {} : { maxProcesses };
    this.thread = thread ?? (scriptMachine((script) => script.exit(), options).process.leader as Thread);
    if (thread === undefined) this.mm.layout = layoutFor(PROGRAM_END, 8 << 20) as SpaceLayout;
  }

  get mm(): Mm {
    return this.thread.mm;
  }

  /** mmap with the usual arguments left out. */
  map(length: number, options: Partial<Parameters<typeof mmap>[1]> = {}): number {
    const defaults = { address: 0, length, prot: RW, flags: MAP_PRIVATE | MAP_ANONYMOUS, fd: -1, offset: 0 };
    return mmap(this.thread, { ...defaults, ...options });
  }

  /** A byte as a load sees it, or the signal that the load means. */
  load(address: number): number | SignalInfo {
    return this.#access(address, PROT_READ, TrapCause.LoadFault) ?? this.mm.memory.u8(address);
  }

  /** Undefined when the store went well. */
  store(address: number, value: number): SignalInfo | undefined {
    const info = this.#access(address, PROT_WRITE, TrapCause.StoreFault);
    if (info === undefined) this.mm.memory.setU8(address, value);
    return info;
  }

  #access(address: number, bit: number, cause: TrapCause): SignalInfo | undefined {
    const { mm, thread } = this;
    for (let tries = 0; tries < 3; tries++) {
      if ((mm.memory.fast(Math.floor(address / PAGE)) & bit) !== 0) return undefined;
      const info = mm.handleFault(thread, cause, address);
      if (info !== undefined) return info;
    }
    throw new Error('the fault was resolved and is still there');
  }

  /** A file in memory with these bytes, open at descriptor `fd`. */
  file(content: Uint8Array, flags = O_RDWR): { fd: number; inode: RegularInode; file: OpenFile } {
    const { kernel } = this.thread;
    const fs = new MemoryFileSystem(kernel);
    const inode = fs.make({ mode: S_IFREG | 0o755, uid: 0, gid: 0 }) as RegularInode;
    if (content.length > 0) inode.write(new BufferSource(content), 0, content.length);
    const file = new OpenFile(inode.open(this.thread, {} as Path, flags) as OpenFile['descriptor'], flags);
    return { fd: this.thread.files.install(file, 1024), inode, file };
  }

  fork(): MemoryLab {
    const zero = { flags: 0, exitSignal: 17, stackPointer: 0, tls: 0, parentTid: 0, childTid: 0, pidfd: 0 };
    return new MemoryLab(cloneThread(this.thread, zero));
  }

  /** The areas above address `from` as text. */
  areas(from = 0): string[] {
    const list: string[] = [];
    for (const { start, end, prot } of this.mm.vmas) {
      if (start >= from) list.push(`${(start - from) / PAGE}-${(end - from) / PAGE}:${prot}`);
    }
    return list;
  }
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
