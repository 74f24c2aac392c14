// io_uring_register (io_uring_register(2); io_uring/register.c, rsrc.c, kbuf.c): files, buffers and the like for a ring.
// Row for table.ts. Tags of resources come back as completions when the resource goes.
import { PAGE_SIZE } from '../../emulator/memory/layout.ts';
import {
  IOU_PBUF_RING_INC,
  IOU_PBUF_RING_MMAP,
  IoUringBuf,
  IoUringBufReg,
  IoUringRsrcRegister,
  IoUringRsrcUpdate,
  IoUringRsrcUpdate2,
  IoUringSyncCancel,
} from '../abi/io-uring.ts';
import { Fd, U32 } from '../abi/kinds/basic.ts';
import { UringRegisterOp } from '../abi/kinds/uring-kinds.ts';
import { UringRegisterArgument } from '../abi/kinds/uring-register-kinds.ts';
import {
  EBADF,
  EBADFD,
  EBUSY,
  EEXIST,
  EFAULT,
  EINVAL,
  EMFILE,
  ENOENT,
  ENXIO,
  EOVERFLOW,
  fail,
  isFailure,
} from '../errno.ts';
import { EventFd } from '../event/eventfd.ts';
import type { Iovec } from '../mm/user-memory.ts';
import { RLIMIT_NOFILE } from '../task/rlimits.ts';
import type { Thread } from '../task/thread.ts';
import { BufferList, BufferRing, type RingBytes } from '../uring/buffers.ts';
import { makeSlots, updateSlots } from '../uring/files.ts';
import type { IoUring } from '../uring/io-uring.ts';
import { OPERATIONS } from '../uring/prepare.ts';
import { RingMemory } from '../uring/ring-memory.ts';
import { cancelRequests, demandCancelFlags } from '../uring/waiting-operations.ts';
import { registeredRing, ringOf } from './io-uring.ts';
import { syscall } from './syscall.ts';

const IORING_SETUP_SINGLE_ISSUER = 1 << 12;
const IORING_REGISTER_USE_REGISTERED_RING = 0x8000_0000;
const IORING_RSRC_REGISTER_SPARSE = 1;
const IO_URING_OP_SUPPORTED = 1;
const MOST_BUFFERS = 16_384;
const MOST_FILES = 32_768;
const LARGEST_BUFFER = 2 ** 30;
const RINGS_OF_A_THREAD = 16;

interface Registration {
  readonly thread: Thread;
  readonly ring: IoUring;
  readonly arg: number;
  readonly count: number;
}

type Command = (registration: Registration) => number;

function nothing({ arg, count }: Registration): void {
  if (arg !== 0 || count !== 0) fail(EINVAL, 'no arguments here');
}

function oneArgument({ arg, count }: Registration): void {
  if (arg === 0 || count !== 1) fail(EINVAL, 'one argument');
}

/** EFAULT, EINVAL, EOVERFLOW for memory that cannot be a buffer; an empty one is a hole. */
function checkedBuffer(thread: Thread, { base, length }: Iovec): Iovec | undefined {
  if (base === 0 && length === 0) return undefined;
  if (base === 0 || length === 0 || length > LARGEST_BUFFER) fail(EFAULT, 'no memory, or too much');
  if (base + length > Number.MAX_SAFE_INTEGER) fail(EOVERFLOW, 'beyond the address space');
  if (thread.user.accessible(base, length, true) === 0) fail(EFAULT, 'memory that is not there');
  return { base, length };
}

function registerBuffers({ thread, ring }: Registration, address: number, count: number): number {
  if (ring.buffers.length > 0) fail(EBUSY, 'there are registered buffers');
  if (count === 0 || count > MOST_BUFFERS) fail(EINVAL, 'no such number of buffers');
  const list =
    address === 0
      ? new Array<undefined>(count).fill(undefined)
      : thread.user.readIovecs(address, count).map((iovec) => checkedBuffer(thread, iovec));
  ring.buffers = list;
  return 0;
}

function unregisterBuffers(registration: Registration): number {
  nothing(registration);
  const { ring } = registration;
  if (ring.buffers.length === 0) fail(ENXIO, 'no registered buffers');
  ring.buffers = [];
  return 0;
}

function registerFiles({ thread, ring }: Registration, address: number, count: number): number {
  if (ring.files.length > 0) fail(EBUSY, 'there are registered files');
  if (count === 0) fail(EINVAL, 'no files');
  if (count > MOST_FILES) fail(EMFILE, 'more files than there can be');
  makeSlots(ring, count, thread.process.limits.get(RLIMIT_NOFILE).soft);
  try {
    if (address !== 0 && updateSlots(thread, ring, 0, address, count) < count)
      fail(EBADF, 'no such descriptor');
  } catch (failure) {
    dropFiles(ring);
    throw failure;
  }
  return 0;
}

function dropFiles(ring: IoUring): void {
  for (const file of ring.files) file?.release();
  ring.files = [];
}

/** REGISTER_FILES2, REGISTER_BUFFERS2. */
function withTags(registration: Registration, register: typeof registerFiles): number {
  const { thread, arg, count } = registration;
  if (count !== IoUringRsrcRegister.size) fail(EINVAL, 'another size of the struct');
  const { nr, flags, resv2, data, tags } = thread.user.readStruct(arg, IoUringRsrcRegister);
  if (nr === 0 || resv2 !== 0 || (flags & ~IORING_RSRC_REGISTER_SPARSE) !== 0)
    fail(EINVAL, 'reserved fields');
  const isSparse = (flags & IORING_RSRC_REGISTER_SPARSE) !== 0;
  if (isSparse && data !== 0) fail(EINVAL, 'data for holes');
  demandNoTags(thread, tags, nr);
  return register(registration, isSparse ? 0 : data, nr);
}

function demandNoTags(thread: Thread, tags: number, count: number): void {
  if (tags === 0) return;
  if (thread.user.read(tags, count * 8).some((byte) => byte !== 0)) fail(EINVAL, 'tags are not kept');
}

function updateFiles({ thread, ring, arg, count }: Registration): number {
  if (count === 0) fail(EINVAL, 'no files');
  const { offset, resv, data } = thread.user.readStruct(arg, IoUringRsrcUpdate);
  if (resv !== 0) fail(EINVAL, 'reserved fields');
  return updateSlots(thread, ring, offset, data, count);
}

function updateWithTags(
  { thread, ring, arg, count }: Registration,
  update: (first: number, data: number, nr: number) => number,
): number {
  if (count !== IoUringRsrcUpdate2.size) fail(EINVAL, 'another size of the struct');
  const { offset, resv, data, tags, nr, resv2 } = thread.user.readStruct(arg, IoUringRsrcUpdate2);
  if (nr === 0 || resv !== 0 || resv2 !== 0 || ring === undefined) fail(EINVAL, 'reserved fields');
  demandNoTags(thread, tags, nr);
  return update(offset, data, nr);
}

function updateBuffers(
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

function registerEventfd(registration: Registration, onlyAsync: boolean): number {
  oneArgument(registration);
  const { thread, ring, arg } = registration;
  if (ring.eventfd !== undefined) fail(EBUSY, 'there is one already');
  const file = thread.files.get(thread.user.readI32(arg));
  const { descriptor } = file;
  if (!(descriptor instanceof EventFd)) fail(EINVAL, 'not an eventfd');
  ring.eventfd = { file: file.retain(), descriptor, onlyAsync };
  return 0;
}

function unregisterEventfd(registration: Registration): number {
  nothing(registration);
  const { eventfd } = registration.ring;
  if (eventfd === undefined) fail(ENXIO, 'there is none');
  eventfd.file.release();
  registration.ring.eventfd = undefined;
  return 0;
}

/** Which operations there are. */
function probe({ thread, arg, count }: Registration): number {
  if (arg === 0 || count > 256) fail(EINVAL, 'no room, or too much');
  const { user } = thread;
  const length = Math.min(count, OPERATIONS.length);
  const bytes = new Uint8Array(16 + count * 8);
  if (user.read(arg, bytes.length).some((byte) => byte !== 0)) fail(EINVAL, 'the struct is not zeroed');
  bytes[0] = OPERATIONS.length - 1;
  bytes[1] = length;
  for (let op = 0; op < length; op++) {
    bytes[16 + op * 8] = op;
    if (OPERATIONS[op] !== undefined) bytes[16 + op * 8 + 2] = IO_URING_OP_SUPPORTED;
  }
  user.write(arg, bytes);
  return 0;
}

function registerPersonality(registration: Registration): number {
  nothing(registration);
  const { thread, ring } = registration;
  let id = 1;
  while (ring.personalities.has(id)) id++;
  if (id > 0xffff) fail(EBUSY, 'all numbers are taken');
  ring.personalities.set(id, thread.credentials);
  return id;
}

function unregisterPersonality({ ring, arg, count }: Registration): number {
  if (arg !== 0) fail(EINVAL, 'no arguments here');
  return ring.personalities.delete(count) ? 0 : fail(EINVAL, 'no such personality');
}

function enableRings(registration: Registration): number {
  nothing(registration);
  const { ring, thread } = registration;
  if (!ring.isDisabled) fail(EBADFD, 'the ring is enabled');
  ring.isDisabled = false;
  if ((ring.shape.flags & IORING_SETUP_SINGLE_ISSUER) !== 0) ring.issuer = thread;
  return 0;
}

/** Puts rings at indices of the thread's own; how many, and the indices are written back. */
function registerRings({ thread, arg, count }: Registration): number {
  if (count === 0 || count > RINGS_OF_A_THREAD) fail(EINVAL, 'no such number of rings');
  const { registered } = thread.kernel.rings;
  const files = registered.get(thread) ?? new Array(RINGS_OF_A_THREAD).fill(undefined);
  registered.set(thread, files);
  let done = 0;
  try {
    for (; done < count; done++) {
      const at = arg + done * IoUringRsrcUpdate.size;
      const { offset, resv, data } = thread.user.readStruct(at, IoUringRsrcUpdate);
      if (resv !== 0) fail(EINVAL, 'reserved fields');
      const index = offset === 0xffff_ffff ? files.indexOf(undefined) : offset;
      if (index < 0) fail(EBUSY, 'all indices are taken');
      if (index >= RINGS_OF_A_THREAD) fail(EINVAL, 'no such index');
      if (files[index] !== undefined) fail(EBUSY, 'the index is taken');
      ringOf(thread, data | 0);
      files[index] = thread.files.get(data | 0).retain();
      thread.user.writeU32(at, index);
    }
  } catch (failure) {
    if (done === 0 || !isFailure(failure)) throw failure;
  }
  return done;
}

function unregisterRings({ thread, arg, count }: Registration): number {
  if (count === 0 || count > RINGS_OF_A_THREAD) fail(EINVAL, 'no such number of rings');
  const files = thread.kernel.rings.registered.get(thread);
  let done = 0;
  for (; done < count; done++) {
    const { offset, resv, data } = thread.user.readStruct(
      arg + done * IoUringRsrcUpdate.size,
      IoUringRsrcUpdate,
    );
    if (resv !== 0 || data !== 0 || offset >= RINGS_OF_A_THREAD) {
      if (done === 0) fail(EINVAL, 'no such index');
      break;
    }
    files?.[offset]?.release();
    if (files !== undefined) files[offset] = undefined;
  }
  return done;
}

/** The program's own memory as a ring of buffers reads it. */
function ringInProgram(thread: Thread, address: number): RingBytes {
  return {
    read: (at, length) => thread.user.read(address + at, length),
    write: (at, bytes) => thread.user.write(address + at, bytes),
  };
}

/** EINVAL, EEXIST, EFAULT, ENOMEM. IOU_PBUF_RING_MMAP: the kernel brings the memory. */
function registerBufferRing(registration: Registration): number {
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

function unregisterBufferRing(registration: Registration): number {
  oneArgument(registration);
  const { thread, ring, arg } = registration;
  const { bgid } = thread.user.readStruct(arg, IoUringBufReg);
  const group = ring.groups.get(bgid) ?? fail(ENOENT, 'no such group');
  if (!(group instanceof BufferRing)) fail(EINVAL, 'the group is no ring');
  ring.groups.delete(bgid);
  ring.bufferMemory.get(bgid)?.free();
  ring.bufferMemory.delete(bgid);
  return 0;
}

/** struct io_uring_buf_status: group, head, reserved. */
function bufferRingStatus(registration: Registration): number {
  oneArgument(registration);
  const { thread, ring, arg } = registration;
  const group = ring.groups.get(thread.user.readU32(arg)) ?? fail(ENOENT, 'no such group');
  if (!(group instanceof BufferRing)) fail(EINVAL, 'the group is no ring');
  thread.user.writeU32(arg + 4, group.head);
  return 0;
}

/** What is cancelled is over at once. */
function syncCancel(registration: Registration): number {
  oneArgument(registration);
  const { thread, ring, arg } = registration;
  const { addr, fd, flags, opcode } = thread.user.readStruct(arg, IoUringSyncCancel);
  demandCancelFlags(flags);
  return cancelRequests(ring, undefined, { userData: addr, fd, flags, opcode });
}

const COMMANDS: readonly (Command | undefined)[] = [
  (one) => registerBuffers(one, one.arg, one.count),
  unregisterBuffers,
  (one) => (one.arg === 0 ? fail(EFAULT, 'no list') : registerFiles(one, one.arg, one.count)),
  (one) => {
    nothing(one);
    if (one.ring.files.length === 0) fail(ENXIO, 'no registered files');
    dropFiles(one.ring);
    return 0;
  },
  (one) => registerEventfd(one, false),
  unregisterEventfd,
  updateFiles,
  (one) => registerEventfd(one, true),
  probe,
  registerPersonality,
  unregisterPersonality,
  undefined, // restrictions
  enableRings,
  (one) => withTags(one, registerFiles),
  (one) => updateWithTags(one, (first, data, nr) => updateSlots(one.thread, one.ring, first, data, nr)),
  (one) => withTags(one, registerBuffers),
  (one) => updateWithTags(one, (first, data, nr) => updateBuffers(one, first, data, nr)),
  () => 0, // processors of workers
  () => 0,
  ({ thread, arg, count }) => {
    if (count !== 2) fail(EINVAL, 'two numbers');
    thread.user.write(arg, new Uint8Array(8)); // there are no workers
    return 0;
  },
  registerRings,
  unregisterRings,
  registerBufferRing,
  unregisterBufferRing,
  syncCancel,
  undefined, // ranges for slots
  bufferRingStatus,
];

interface RegisterArguments {
  readonly fd: number;
  readonly opcode: number;
  readonly arg: number;
  readonly nr_args: number;
}

/** EINVAL: no such command. EBADF, EOPNOTSUPP, EEXIST: another thread is the ring's only issuer. */
function register(thread: Thread, { fd, opcode, arg, nr_args: count }: RegisterArguments): number {
  const number = opcode & ~IORING_REGISTER_USE_REGISTERED_RING;
  const command = COMMANDS[number] ?? fail(EINVAL, 'no such command');
  if (fd === -1) fail(EINVAL, 'a command for a ring');
  const usesIndex = (opcode & IORING_REGISTER_USE_REGISTERED_RING) !== 0;
  const ring = usesIndex ? registeredRing(thread, fd) : ringOf(thread, fd);
  if (ring.issuer !== undefined && ring.issuer !== thread) fail(EEXIST, 'another thread submits here');
  return command({ thread, ring, arg, count });
}

export const IO_URING_REGISTER_CALLS = {
  427: syscall(
    'io_uring_register',
    { fd: Fd, opcode: UringRegisterOp, arg: UringRegisterArgument, nr_args: U32 },
    register,
    {
      partial: 'no restrictions, no tags, nothing of zero-copy receive',
    },
  ),
};
