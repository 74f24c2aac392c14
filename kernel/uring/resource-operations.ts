// Operations of an io_uring on what it has of its own (io_uring/kbuf.c, rsrc.c, msg_ring.c): buffers, slots, other rings.
import type { OperationName } from '../abi/io-uring.ts';
import { E2BIG, EBADFD, EFAULT, EINVAL, ENOENT, fail } from '../errno.ts';
import { TASK_SIZE } from '../mm/layout.ts';
import { OPEN_CLOSE_CALLS } from '../syscalls/open-close.ts';
import { BufferList } from './buffers.ts';
import { fillSlots, updateSlots } from './files.ts';
import { IoUring } from './io-uring.ts';
import type { Operation } from './operation.ts';

const ROW = OPEN_CLOSE_CALLS[23];
const IORING_FILE_INDEX_ALLOC = 0xffff_ffff;
const IORING_MSG_DATA = 0;
const IORING_MSG_RING_CQE_SKIP = 1;
const IORING_MSG_RING_FLAGS_PASS = 2;
const MOST_BUFFERS = 65_536;

const PROVIDE_BUFFERS: Operation = {
  syscall: ROW,
  needsFile: false,
  zero: ['op_flags', 'file_index'],
  prepare: ({ sqe }) => {
    if (sqe.fd <= 0 || sqe.fd > MOST_BUFFERS) fail(E2BIG, 'no such number of buffers');
    if (sqe.len === 0) fail(EINVAL, 'empty buffers');
    if (sqe.addr + sqe.len * sqe.fd > TASK_SIZE) fail(EFAULT, 'buffers beyond the address space');
    if (sqe.off > 0xffff) fail(E2BIG, 'numbers of buffers have 16 bits');
    if (sqe.off + sqe.fd > MOST_BUFFERS) fail(EINVAL, 'numbers of buffers have 16 bits');
  },
  run: ({ ring, sqe }) => {
    let group = ring.groups.get(sqe.buf_index);
    if (group === undefined) {
      group = new BufferList();
      ring.groups.set(sqe.buf_index, group);
    }
    if (!(group instanceof BufferList)) fail(EINVAL, 'the group is a ring');
    for (let i = 0; i < sqe.fd && group.list.length < MOST_BUFFERS; i++)
      group.list.push({ address: sqe.addr + i * sqe.len, length: sqe.len, id: sqe.off + i });
    return 0;
  },
};

const REMOVE_BUFFERS: Operation = {
  syscall: ROW,
  needsFile: false,
  zero: ['op_flags', 'addr', 'len', 'off', 'file_index'],
  prepare: ({ sqe }) => {
    if (sqe.fd <= 0 || sqe.fd > MOST_BUFFERS) fail(EINVAL, 'no such number of buffers');
  },
  run: ({ ring, sqe }) => {
    const group = ring.groups.get(sqe.buf_index) ?? fail(ENOENT, 'no such group');
    if (!(group instanceof BufferList)) fail(EINVAL, 'the group is a ring');
    return group.list.splice(0, sqe.fd).length;
  },
};

const FILES_UPDATE: Operation = {
  syscall: ROW,
  needsFile: false,
  zero: ['op_flags', 'file_index'],
  prepare: ({ sqe }) => {
    if (sqe.len === 0) fail(EINVAL, 'no slots');
  },
  run: ({ ring, thread, sqe }) =>
    sqe.off === IORING_FILE_INDEX_ALLOC
      ? fillSlots(thread, ring, sqe.addr, sqe.len)
      : updateSlots(thread, ring, sqe.off, sqe.addr, sqe.len),
};

/** A completion for another ring: its user data is `off`, its result `len`. */
const MSG_RING: Operation = {
  syscall: ROW,
  needsFile: true,
  zero: ['buf_index'],
  prepare: ({ sqe }) => {
    if ((sqe.op_flags & ~(IORING_MSG_RING_CQE_SKIP | IORING_MSG_RING_FLAGS_PASS)) !== 0)
      fail(EINVAL, 'unknown flags');
    if (sqe.addr !== IORING_MSG_DATA) fail(EINVAL, 'only completions are passed on');
  },
  run: ({ file, sqe }) => {
    const other = file?.descriptor;
    if (!(other instanceof IoUring)) fail(EBADFD, 'not an io_uring');
    if (other.isDisabled) fail(EBADFD, 'the other ring is disabled');
    other.post(
      sqe.offBits,
      sqe.len | 0,
      (sqe.op_flags & IORING_MSG_RING_FLAGS_PASS) === 0 ? 0 : sqe.file_index,
    );
    return 0;
  },
};

export const RESOURCE_OPERATIONS: Partial<Record<OperationName, Operation>> = {
  PROVIDE_BUFFERS,
  REMOVE_BUFFERS,
  FILES_UPDATE,
  MSG_RING,
};
