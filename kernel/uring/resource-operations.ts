// Operations of an io_uring on what it has of its own (io_uring/kbuf.c, rsrc.c, msg_ring.c): buffers, slots, other rings.
import type { OperationName } from '../abi/io-uring.ts';
import { E2BIG, EBADF, EBADFD, EFAULT, EINVAL, ENOENT, fail } from '../errno.ts';
import type { OpenFile } from '../file/open-file.ts';
import { TASK_SIZE } from '../mm/layout.ts';
import { OPEN_CLOSE_CALLS } from '../syscalls/open-close.ts';
import { BufferList } from './buffers.ts';
import { IORING_FILE_INDEX_ALLOC } from './files.ts';
import { IoUring } from './io-uring.ts';
import type { Operation } from './operation.ts';
import type { Request, Sqe } from './request.ts';

const ROW = OPEN_CLOSE_CALLS[23];
export const IORING_MSG_DATA = 0;
const IORING_MSG_SEND_FD = 1;
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
      ? ring.files.fill(thread, sqe.addr, sqe.len)
      : ring.files.update(thread, sqe.off, sqe.addr, sqe.len),
};

/** EINVAL. */
function demandMessage(sqe: Sqe): void {
  if ((sqe.op_flags & ~(IORING_MSG_RING_CQE_SKIP | IORING_MSG_RING_FLAGS_PASS)) !== 0)
    fail(EINVAL, 'unknown flags');
}

/** A completion for another ring: its user data is `off`, its result `len`. EBADFD, EINVAL. */
export function postTo(file: OpenFile | undefined, sqe: Sqe): number {
  demandMessage(sqe);
  const other = file?.descriptor;
  if (!(other instanceof IoUring)) fail(EBADFD, 'not an io_uring');
  const passesFlags = sqe.op_flags === IORING_MSG_RING_FLAGS_PASS;
  if (sqe.addr3 !== 0 || (sqe.op_flags !== 0 && !passesFlags)) fail(EINVAL, 'what only files have');
  if (!passesFlags && sqe.file_index !== 0) fail(EINVAL, 'flags that are not passed');
  if (other.isDisabled) fail(EBADFD, 'the other ring is disabled');
  other.post(sqe.offBits, sqe.len | 0, passesFlags ? sqe.file_index : 0);
  return 0;
}

/** The registered file `addr3` goes into a slot of another ring, which is told. EBADFD, EINVAL, EBADF, ENXIO, ENFILE. */
function sendFile({ ring, file, sqe }: Request): number {
  const other = file?.descriptor;
  if (!(other instanceof IoUring)) fail(EBADFD, 'not an io_uring');
  if (sqe.len !== 0 || other === ring) fail(EINVAL, 'a length, or the ring itself');
  if (other.isDisabled) fail(EBADFD, 'the other ring is disabled');
  const sent = ring.files.get(sqe.addr3) ?? fail(EBADF, 'the slot is empty');
  other.files.demand(sqe.file_index);
  const slot = other.files.install(sqe.file_index, sent.retain());
  if ((sqe.op_flags & IORING_MSG_RING_CQE_SKIP) === 0) other.post(sqe.offBits, slot, 0);
  return slot;
}

const MSG_RING: Operation = {
  syscall: ROW,
  needsFile: true,
  zero: ['buf_index', 'personality'],
  prepare: ({ sqe }) => demandMessage(sqe),
  run: (request) => {
    const { file, sqe } = request;
    if (sqe.addr === IORING_MSG_DATA) return postTo(file, sqe);
    if (!(file?.descriptor instanceof IoUring)) fail(EBADFD, 'not an io_uring');
    return sqe.addr === IORING_MSG_SEND_FD ? sendFile(request) : fail(EINVAL, 'no such command');
  },
};

export const RESOURCE_OPERATIONS: Partial<Record<OperationName, Operation>> = {
  PROVIDE_BUFFERS,
  REMOVE_BUFFERS,
  FILES_UPDATE,
  MSG_RING,
};
