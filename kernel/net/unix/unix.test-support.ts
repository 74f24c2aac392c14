// Threads without a processor for the unit tests of sockets: enough kernel to make calls, block and be woken.
// Tests call families directly; what would be guest memory is a plain buffer at address 0.

import { Cgroup } from '../../cgroup/cgroup.ts';
import { BufferSource } from '../../file/buffer.ts';
import { FdTable } from '../../file/fd-table.ts';
import type { Sink } from '../../file/file-descriptor.ts';
import { PseudoFileSystem } from '../../fs/anonymous.ts';
import { MountTree } from '../../fs/mount-tree.ts';
import type { Kernel } from '../../kernel.ts';
import { MemoryAccount } from '../../mm/account.ts';
import { Namespaces } from '../../namespaces/set.ts';
import type { Syscall } from '../../syscalls/syscall.ts';
import { credentialsFor } from '../../task/credentials.ts';
import { ResourceLimits } from '../../task/rlimits.ts';
import { type Call, callOf, type Thread } from '../../task/thread.ts';
import { Net } from '../net.ts';

/** A kernel with a clock that stands still until told, one pseudo file system and no processor. */
export function testKernel(memoryLimit = 1024 ** 3): Kernel {
  let nowNs = 1000;
  const memory = new MemoryAccount(memoryLimit);
  const fs = new PseudoFileSystem(7, () => 0n, 'sockfs', 0);
  const kernel = {
    memory,
    net: new Net(memory),
    vfs: { pseudoMount: { fs }, tree: new MountTree() },
    clock: {
      monotonicNs: () => nowNs,
      realtimeNs: () => BigInt(nowNs),
      advance: (ns: number) => (nowNs += ns),
    },
    pids: { process: () => undefined, thread: () => undefined, group: () => undefined },
    random: { below: () => 0xabcde },
    cgroups: { root: new Cgroup('', undefined) },
  } as unknown as Kernel;
  return Object.assign(kernel, { namespaces: new Namespaces(kernel) });
}

export function testThread(kernel: Kernel, uid = 0): Thread {
  const process = {
    pid: 42,
    ownPid: 42,
    shownPid: (id: number) => id,
    kernelPid: (id: number) => id,
    limits: new ResourceLimits(),
    isExiting: true,
    signals: {},
  };
  const thread = {
    kernel,
    process,
    credentials: credentialsFor(uid, uid),
    files: new FdTable(kernel.memory),
    fs: { umask: 0o022 },
    namespaces: kernel.namespaces.first,
    call: newCall(),
    state: 'runnable',
    signals: { pending: {} },
  };
  return thread as unknown as Thread;
}

/** One whose syscall nobody looks at. */
export function newCall(): Call {
  return callOf(undefined as unknown as Syscall, {});
}

export class TestSource extends BufferSource {
  constructor(bytes: Uint8Array | string) {
    super(typeof bytes === 'string' ? Uint8Array.from(bytes, (c) => c.charCodeAt(0)) : bytes);
  }
}

export class TestSink implements Sink {
  readonly #size: number;
  bytes = new Uint8Array(0);

  constructor(size: number) {
    this.#size = size;
  }

  get remaining(): number {
    return this.#size - this.bytes.length;
  }

  get text(): string {
    return String.fromCharCode(...this.bytes);
  }

  put(bytes: Uint8Array, start = 0, end = bytes.length): number {
    const piece = bytes.subarray(start, Math.min(end, start + this.remaining));
    const joined = new Uint8Array(this.bytes.length + piece.length);
    joined.set(this.bytes);
    joined.set(piece, this.bytes.length);
    this.bytes = joined;
    return piece.length;
  }
}
