// io_uring_register (io_uring_register(2); io_uring/register.c, rsrc.c, kbuf.c): files, buffers and the like for a ring.
// Row for table.ts. Tags of resources come back as completions when the resource goes.
import {
  IoUringClockRegister,
  IoUringFileIndexRange,
  IoUringRestriction,
  IoUringRsrcRegister,
  IoUringRsrcUpdate,
  IoUringRsrcUpdate2,
  IoUringSqe,
  IoUringSyncCancel,
} from '../abi/io-uring.ts';
import { Fd, U32 } from '../abi/kinds/basic.ts';
import { UringRegisterOp } from '../abi/kinds/uring-kinds.ts';
import { UringRegisterArgument } from '../abi/kinds/uring-register-kinds.ts';
import {
  EACCES,
  EBADF,
  EBADFD,
  EBUSY,
  EEXIST,
  EFAULT,
  EINVAL,
  EMFILE,
  ENXIO,
  EOVERFLOW,
  fail,
  isFailure,
} from '../errno.ts';
import { EventFd } from '../event/eventfd.ts';
import { RLIMIT_NOFILE } from '../task/rlimits.ts';
import type { Thread } from '../task/thread.ts';
import { CLOCK_BOOTTIME, CLOCK_MONOTONIC } from '../time/clocks.ts';
import { cancelRequests, demandCancelFlags } from '../uring/cancel.ts';
import { OPERATIONS } from '../uring/prepare.ts';
import { readSqe } from '../uring/request.ts';
import { IORING_MSG_DATA, postTo } from '../uring/resource-operations.ts';
import { registeredRing, ringOf } from './io-uring.ts';
import {
  bufferRingStatus,
  cloneBuffers,
  nothing,
  oneArgument,
  type Registration,
  registerBufferRing,
  registerBuffers,
  unregisterBufferRing,
  unregisterBuffers,
  updateBuffers,
} from './io-uring-buffers.ts';
import { syscall } from './syscall.ts';

const IORING_SETUP_SINGLE_ISSUER = 1 << 12;
const IORING_REGISTER_USE_REGISTERED_RING = 0x8000_0000;
const IORING_RSRC_REGISTER_SPARSE = 1;
const IO_URING_OP_SUPPORTED = 1;
const MOST_FILES = 32_768;
const RINGS_OF_A_THREAD = 16;
const SEND_MSG_RING = 31;
/** IORING_REGISTER_LAST of Linux 6.18. */
const LAST_COMMAND = 36;
const RESTRICTION_COMMAND = 0;
const RESTRICTION_OPERATION = 1;
const RESTRICTION_FLAGS_ALLOWED = 2;
const RESTRICTION_FLAGS_REQUIRED = 3;
const MOST_RESTRICTIONS = LAST_COMMAND + OPERATIONS.length + 4;

type Command = (registration: Registration) => number;

function registerFiles({ thread, ring }: Registration, address: number, count: number): number {
  if (ring.files.length > 0) fail(EBUSY, 'there are registered files');
  if (count === 0) fail(EINVAL, 'no files');
  if (count > MOST_FILES) fail(EMFILE, 'more files than there can be');
  ring.files.make(count, thread.process.limits.get(RLIMIT_NOFILE).soft);
  try {
    if (address !== 0 && ring.files.update(thread, 0, address, count) < count)
      fail(EBADF, 'no such descriptor');
  } catch (failure) {
    ring.files.clear();
    throw failure;
  }
  ring.files.choose(0, count);
  return 0;
}

/** Which slots are chosen from. EINVAL, EOVERFLOW, EFAULT. */
function chooseSlots({ thread, ring, arg, count }: Registration): number {
  if (arg === 0 || count !== 0) fail(EINVAL, 'one argument that is not counted');
  const { off, len, resv } = thread.user.readStruct(arg, IoUringFileIndexRange);
  if (off + len > 0xffff_ffff) fail(EOVERFLOW, 'more than there can be');
  if (resv !== 0 || off + len > ring.files.length) fail(EINVAL, 'reserved fields, or no such slots');
  ring.files.choose(off, off + len);
  return 0;
}

/** What may be asked of a ring that is not yet enabled. EBADFD, EBUSY, EINVAL, EFAULT. */
function restrict({ thread, ring, arg, count }: Registration): number {
  if (!ring.isDisabled) fail(EBADFD, 'the ring is enabled');
  if (ring.restrictions !== undefined) fail(EBUSY, 'it is restricted already');
  if (arg === 0 || count > MOST_RESTRICTIONS) fail(EINVAL, 'no list, or a longer one than there can be');
  const operations = new Set<number>();
  const commands = new Set<number>();
  let allowedFlags = 0;
  let requiredFlags = 0;
  const { size } = IoUringRestriction;
  const bytes = thread.user.read(arg, count * size);
  for (let at = 0; at < bytes.length; at += size) {
    const { opcode, what } = IoUringRestriction.decode(bytes.subarray(at, at + size));
    if (opcode === RESTRICTION_COMMAND && what < LAST_COMMAND) commands.add(what);
    else if (opcode === RESTRICTION_OPERATION && what < OPERATIONS.length) operations.add(what);
    else if (opcode === RESTRICTION_FLAGS_ALLOWED) allowedFlags = what;
    else if (opcode === RESTRICTION_FLAGS_REQUIRED) requiredFlags = what;
    else fail(EINVAL, 'no such restriction');
  }
  ring.restrictions = { operations, commands, allowedFlags, requiredFlags };
  return 0;
}

/** Which clock limits of time are of; both go alike here. EINVAL, EFAULT. */
function chooseClock({ thread, arg, count }: Registration): number {
  if (arg === 0 || count !== 0) fail(EINVAL, 'one argument that is not counted');
  const { clockid, resv0, resv1 } = thread.user.readStruct(arg, IoUringClockRegister);
  if (resv0 !== 0 || resv1 !== 0) fail(EINVAL, 'reserved fields');
  if (clockid !== CLOCK_MONOTONIC && clockid !== CLOCK_BOOTTIME) fail(EINVAL, 'another clock');
  return 0;
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
  return ring.files.update(thread, offset, data, count);
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
    one.ring.files.clear();
    return 0;
  },
  (one) => registerEventfd(one, false),
  unregisterEventfd,
  updateFiles,
  (one) => registerEventfd(one, true),
  probe,
  registerPersonality,
  unregisterPersonality,
  restrict,
  enableRings,
  (one) => withTags(one, registerFiles),
  (one) => updateWithTags(one, (first, data, nr) => one.ring.files.update(one.thread, first, data, nr)),
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
  chooseSlots,
  bufferRingStatus,
  undefined, // busy polling of network devices
  undefined,
  chooseClock,
  cloneBuffers,
];

/** IORING_REGISTER_SEND_MSG_RING: a completion for a ring, without one of one's own. EINVAL, EFAULT, EBADF, EBADFD. */
function postWithoutRing(thread: Thread, arg: number, count: number): number {
  if (arg === 0 || count !== 1) fail(EINVAL, 'one argument');
  const sqe = readSqe(thread.user.read(arg, IoUringSqe.size));
  if (sqe.flags !== 0 || sqe.buf_index !== 0 || sqe.personality !== 0 || sqe.addr !== IORING_MSG_DATA)
    fail(EINVAL, 'only completions are passed on');
  return postTo(thread.files.get(sqe.fd), sqe);
}

interface RegisterArguments {
  readonly fd: number;
  readonly opcode: number;
  readonly arg: number;
  readonly nr_args: number;
}

/** EINVAL: no such command. EBADF, EOPNOTSUPP, EEXIST: another thread is the ring's only issuer. */
function register(thread: Thread, { fd, opcode, arg, nr_args: count }: RegisterArguments): number {
  const number = opcode & ~IORING_REGISTER_USE_REGISTERED_RING;
  if (fd === -1 && number === SEND_MSG_RING) return postWithoutRing(thread, arg, count);
  const command = COMMANDS[number] ?? fail(EINVAL, 'no such command');
  if (fd === -1) fail(EINVAL, 'a command for a ring');
  const usesIndex = (opcode & IORING_REGISTER_USE_REGISTERED_RING) !== 0;
  const ring = usesIndex ? registeredRing(thread, fd) : ringOf(thread, fd);
  if (ring.issuer !== undefined && ring.issuer !== thread) fail(EEXIST, 'another thread submits here');
  if (!ring.isDisabled && ring.restrictions?.commands.has(number) === false)
    fail(EACCES, 'a command that is not allowed');
  return command({ thread, ring, arg, count });
}

export const IO_URING_REGISTER_CALLS = {
  427: syscall(
    'io_uring_register',
    { fd: Fd, opcode: UringRegisterOp, arg: UringRegisterArgument, nr_args: U32 },
    register,
    {
      partial: 'no tags, no resizing, no busy polling, nothing of zero-copy receive',
    },
  ),
};
