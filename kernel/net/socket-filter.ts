// Programs that look at what arrives at a socket, drop it or cut it (SO_ATTACH_FILTER; net/core/filter.c, sk_filter_trim_cap).
// unix/datagram-queue.ts, inet/udp-transfer.ts and netlink.ts ask before they queue a message; nothing asks for unix
// streams, as on Linux, nor for TCP, which has no segments here: those keep their programs for SO_GET_FILTER.
import { SockFilter, SockFprog } from '../abi/bpf.ts';
import {
  SO_ATTACH_BPF,
  SO_ATTACH_FILTER,
  SO_ATTACH_REUSEPORT_CBPF,
  SO_ATTACH_REUSEPORT_EBPF,
  SO_DETACH_FILTER,
  SO_DETACH_REUSEPORT_BPF,
  SO_LOCK_FILTER,
  SO_REUSEPORT,
} from '../abi/socket.ts';
import { type BpfInstruction, checkProgram, runProgram } from '../bpf/classic-bpf.ts';
import { demandLength, readInstructions } from '../bpf/read-program.ts';
import { EBADF, EINVAL, ENOENT, EPERM, fail } from '../errno.ts';
import type { Thread } from '../task/thread.ts';
import type { Packet } from './packet.ts';
import type { SocketCore } from './socket-core.ts';
import type { OptionRow } from './socket-options.ts';

/** How many bytes of a packet the socket's filter keeps, but at least `least`; undefined: it is thrown away. */
export function filtered(core: SocketCore, packet: Packet, least: number): number | undefined {
  if (core.filter === undefined) return packet.length;
  const wanted = runProgram(core.filter, packet);
  return wanted === 0 ? undefined : Math.min(packet.length, Math.max(wanted, least));
}

function isLocked(core: SocketCore): boolean {
  return core.settings.storedValue(SO_LOCK_FILTER) === 1;
}

function demandUnlocked(core: SocketCore): void {
  if (isLocked(core)) fail(EPERM, 'the filter is locked');
}

/** EINVAL: not the size of a struct sock_fprog, or no program. EPERM: locked. EFAULT. */
function programOf(
  core: SocketCore,
  value: Uint8Array,
  thread: Thread,
  length: number,
): readonly BpfInstruction[] {
  if (length !== SockFprog.size) fail(EINVAL, 'a filter is given by a struct sock_fprog');
  demandUnlocked(core);
  const { len, filter } = SockFprog.decode(value);
  demandLength(len);
  const program = readInstructions(thread, filter, len);
  checkProgram(program);
  return program;
}

/** No descriptor of this kernel is a program that bpf(2) made. EINVAL, EPERM, EBADF. */
function refuseDescriptor(core: SocketCore, fd: number, thread: Thread, length: number): never {
  if (length !== 4) fail(EINVAL, 'a program is given by a descriptor');
  demandUnlocked(core);
  return fail(thread.files.lookup(fd) === undefined ? EBADF : EINVAL, 'the descriptor is not a program');
}

const descriptorRow: OptionRow = {
  setBytes: ({ core }, value, thread, length) =>
    refuseDescriptor(core, new DataView(value.buffer, value.byteOffset).getInt32(0, true), thread, length),
};

/** Rows of socket-options.ts. */
export const FILTER_OPTIONS: Readonly<Record<number, OptionRow>> = {
  [SO_ATTACH_FILTER]: {
    size: SockFprog.size,
    setBytes: ({ core }, value, thread, length) => {
      core.filter = programOf(core, value, thread, length);
    },
    // SO_GET_FILTER: lengths are numbers of instructions.
    store: ({ core }, thread, address, room) => {
      const { filter = [] } = core;
      if (filter.length === 0 || room === 0) return filter.length;
      if (room < filter.length) fail(EINVAL, 'the filter is longer than the room for it');
      const bytes = new Uint8Array(filter.length * SockFilter.size);
      for (const [i, instruction] of filter.entries())
        bytes.set(SockFilter.encode(instruction), i * SockFilter.size);
      thread.user.write(address, bytes);
      return filter.length;
    },
  },
  [SO_DETACH_FILTER]: {
    set: ({ core }) => {
      demandUnlocked(core);
      if (core.filter === undefined) fail(ENOENT, 'the socket has no filter');
      core.filter = undefined;
    },
  },
  [SO_LOCK_FILTER]: {
    get: ({ core }) => Number(isLocked(core)),
    set: ({ core }, value) => {
      if (value === 0) demandUnlocked(core);
      else core.settings.store(SO_LOCK_FILTER, 1);
    },
  },
  [SO_ATTACH_BPF]: descriptorRow,
  [SO_ATTACH_REUSEPORT_EBPF]: descriptorRow,
  [SO_ATTACH_REUSEPORT_CBPF]: {
    size: SockFprog.size,
    setBytes: ({ core }, value, thread, length) => {
      programOf(core, value, thread, length);
      if (core.settings.storedValue(SO_REUSEPORT) !== 1) fail(EINVAL, 'the socket shares its port with none');
    },
  },
  [SO_DETACH_REUSEPORT_BPF]: {
    set: ({ core }) => fail(core.settings.storedValue(SO_REUSEPORT) === 1 ? ENOENT : EINVAL, 'no program'),
  },
};
