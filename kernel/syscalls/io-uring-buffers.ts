// Buffers that are registered with an io_uring (io_uring/rsrc.c, kbuf.c): memory that entries name by number, and rings of
// provided buffers. io-uring-register.ts finds the command.
import { PAGE_SIZE } from '../../emulator/memory/layout.ts';
import {
  IOU_PBUF_RING_INC,
  IOU_PBUF_RING_MMAP,
  IoUringBuf,
  IoUringBufReg,
  IoUringCloneBuffers,
} from '../abi/io-uring.ts';
import { EBUSY, EEXIST, EFAULT, EINVAL, ENOENT, ENXIO, EOVERFLOW, fail } from '../errno.ts';
import { lengthBeforeSecrets } from '../mm/secret-areas.ts';
import type { Iovec } from '../mm/user-memory.ts';
import type { Thread } from '../task/thread.ts';
import { BufferList, BufferRing, type RingBytes } from '../uring/buffers.ts';
import type { IoUring } from '../uring/io-uring.ts';
import { RingMemory } from '../uring/ring-memory.ts';
import { registeredRing, ringOf } from './io-uring.ts';

const MOST_BUFFERS = 16_384;
const LARGEST_BUFFER = 2 ** 30;
const IORING_REGISTER_SRC_REGISTERED = 1;
const IORING_REGISTER_DST_REPLACE = 2;

/** A command of io_uring_register. */
export interface Registration {
  readonly thread: Thread;
  readonly ring: IoUring;
  readonly arg: number;
  readonly count: number;
}

/** EINVAL. */
export function nothing({ arg, count }: Registration): void {
  if (arg !== 0 || count !== 0) fail(EINVAL, 'no arguments here');
}

/** EINVAL. */
export function oneArgument({ arg, count }: Registration): void {
  if (arg === 0 || count !== 1) fail(EINVAL, 'one argument');
}

/** EFAULT, EINVAL, EOVERFLOW for memory that cannot be a buffer; an empty one is a hole. */
function checkedBuffer(thread: Thread, { base, length }: Iovec): Iovec | undefined {
  if (base === 0 && length === 0) return undefined;
  if (base === 0 || length === 0 || length > LARGEST_BUFFER) fail(EFAULT, 'no memory, or too much');
  if (base + length > Number.MAX_SAFE_INTEGER) fail(EOVERFLOW, 'beyond the address space');
  if (thread.user.accessible(base, length, true) === 0) fail(EFAULT, 'memory that is not there');
  if (lengthBeforeSecrets(thread.mm, base, length) < length) fail(EFAULT, 'secret memory');
  return { base, length };
}

export function registerBuffers({ thread, ring }: Registration, address: number, count: number): number {
  if (ring.buffers.length > 0) fail(EBUSY, 'there are registered buffers');
  if (count === 0 || count > MOST_BUFFERS) fail(EINVAL, 'no such number of buffers');
  const list =
    address === 0
      ? new Array<undefined>(count).fill(undefined)
      : thread.user.readIovecs(address, count).map((iovec) => checkedBuffer(thread, iovec));
  ring.buffers = list;
  return 0;
}

export function unregisterBuffers(registration: Registration): number {
  nothing(registration);
  const { ring } = registration;
  if (ring.buffers.length === 0) fail(ENXIO, 'no registered buffers');
  ring.buffers = [];
  return 0;
}

export function updateBuffers(
  { thread, ring }: Registration,
  first: number,
  address: number,
  count: number,
): number {
  if (ring.buffers.length === 0) fail(ENXIO, 'no registered buffers');
  if (first + count > ring.buffers.length) fail(EINVAL, 'no such buffers');
  thread.user.readIovecs(address, count).forEach((iovec, index) => {
    ring.buffers[first + index] = checkedBuffer(thread, iovec);
  });
  return count;
}

/** The program's own memory as a ring of buffers reads it. */
function ringInProgram(thread: Thread, address: number): RingBytes {
  return {
    read: (at, length) => thread.user.read(address + at, length),
    write: (at, bytes) => thread.user.write(address + at, bytes),
  };
}

/** EINVAL, EEXIST, EFAULT, ENOMEM. IOU_PBUF_RING_MMAP: the kernel brings the memory. */
export function registerBufferRing(registration: Registration): number {
  oneArgument(registration);
  const { thread, ring, arg } = registration;
  const {
    resv0,
    resv1,
    resv2,
    flags,
    ring_addr,
    ring_entries: entries,
    bgid,
  } = thread.user.readStruct(arg, IoUringBufReg);
  if (resv0 !== 0 || resv1 !== 0 || resv2 !== 0) fail(EINVAL, 'reserved fields');
  if ((flags & ~(IOU_PBUF_RING_MMAP | IOU_PBUF_RING_INC)) !== 0) fail(EINVAL, 'flags that are not supported');
  if (entries === 0 || (entries & (entries - 1)) !== 0 || entries >= 65_536) fail(EINVAL, 'no power of two');
  const old = ring.groups.get(bgid);
  if (old !== undefined && !(old instanceof BufferList && old.list.length === 0))
    fail(EEXIST, 'the group exists');
  const length = entries * IoUringBuf.size;
  let memory: RingBytes;
  if ((flags & IOU_PBUF_RING_MMAP) !== 0) {
    const own = new RingMemory(thread.kernel.memory, length, 0);
    ring.bufferMemory.set(bgid, own);
    memory = own;
  } else {
    if (ring_addr === 0) fail(EFAULT, 'no memory');
    if (ring_addr % PAGE_SIZE !== 0) fail(EINVAL, 'not at the start of a page');
    if (thread.user.accessible(ring_addr, length, true) === 0) fail(EFAULT, 'memory that is not there');
    memory = ringInProgram(thread, ring_addr);
  }
  ring.groups.set(bgid, new BufferRing(memory, entries, (flags & IOU_PBUF_RING_INC) !== 0));
  return 0;
}

export function unregisterBufferRing(registration: Registration): number {
  oneArgument(registration);
  const { thread, ring, arg } = registration;
  const { bgid, flags } = thread.user.readStruct(arg, IoUringBufReg);
  if (flags !== 0) fail(EINVAL, 'no flags here');
  const group = ring.groups.get(bgid) ?? fail(ENOENT, 'no such group');
  if (!(group instanceof BufferRing)) fail(EINVAL, 'the group is no ring');
  ring.groups.delete(bgid);
  ring.bufferMemory.get(bgid)?.free();
  ring.bufferMemory.delete(bgid);
  return 0;
}

/** struct io_uring_buf_status: group, head, reserved. */
export function bufferRingStatus(registration: Registration): number {
  oneArgument(registration);
  const { thread, ring, arg } = registration;
  const group = ring.groups.get(thread.user.readU32(arg)) ?? fail(ENOENT, 'no such group');
  if (!(group instanceof BufferRing)) fail(EINVAL, 'the group is no ring');
  thread.user.writeU32(arg + 4, group.head);
  return 0;
}

/** Buffers of another ring are this one's as well. EINVAL, EFAULT, EBUSY, EBADF, EOPNOTSUPP, ENXIO, EOVERFLOW. */
export function cloneBuffers(registration: Registration): number {
  oneArgument(registration);
  const { thread, ring, arg } = registration;
  const { src_fd, flags, src_off, dst_off, nr, ...pads } = thread.user.readStruct(arg, IoUringCloneBuffers);
  if ((flags & ~(IORING_REGISTER_SRC_REGISTERED | IORING_REGISTER_DST_REPLACE)) !== 0)
    fail(EINVAL, 'unknown flags');
  const replaces = (flags & IORING_REGISTER_DST_REPLACE) !== 0;
  if (ring.buffers.length > 0 && !replaces) fail(EBUSY, 'there are registered buffers');
  if (Object.values(pads).some((pad) => pad !== 0)) fail(EINVAL, 'reserved fields');
  const usesIndex = (flags & IORING_REGISTER_SRC_REGISTERED) !== 0;
  const source = usesIndex ? registeredRing(thread, src_fd) : ringOf(thread, src_fd | 0);
  if (nr === 0 && (src_off !== 0 || dst_off !== 0)) fail(EINVAL, 'offsets without a number of buffers');
  const { length } = source.buffers;
  if (length === 0) fail(ENXIO, 'no registered buffers');
  const count = nr === 0 ? length : nr;
  if (count > length) fail(EINVAL, 'more buffers than there are');
  if (src_off + count > length || dst_off + count > 0xffff_ffff) fail(EOVERFLOW, 'beyond the last buffer');
  if (dst_off + count > MOST_BUFFERS) fail(EINVAL, 'more buffers than there can be');
  const size = Math.max(ring.buffers.length, dst_off + count);
  const buffers = Array.from({ length: size }, (_, index) => ring.buffers[index]);
  for (let i = 0; i < count; i++) buffers[dst_off + i] = source.buffers[src_off + i];
  ring.buffers = buffers;
  return 0;
}
