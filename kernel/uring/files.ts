// The registered files of an io_uring (io_uring/rsrc.c, filetable.c): slots that entries name in place of descriptors.
import { EBADF, EINVAL, EMFILE, ENFILE, ENXIO, fail } from '../errno.ts';
import type { Thread } from '../task/thread.ts';
import type { IoUring } from './io-uring.ts';
import type { Request } from './request.ts';

/** A slot is chosen, in the entry's file_index and in updates. */
const IORING_FILE_INDEX_ALLOC = 0xffff_ffff;
const IORING_REGISTER_FILES_SKIP = -2;

/** Before the file is opened: ENXIO, EINVAL, ENFILE when there is no slot for it. */
export function demandSlot({ sqe, ring }: Request): void {
  const { file_index: index } = sqe;
  if (index === 0) return;
  if (ring.files.length === 0)
    fail(index === IORING_FILE_INDEX_ALLOC ? ENFILE : ENXIO, 'no registered files');
  if (index === IORING_FILE_INDEX_ALLOC) {
    if (!ring.files.includes(undefined)) fail(ENFILE, 'all slots are taken');
  } else if (index > ring.files.length) fail(EINVAL, 'no such slot');
}

/** The new descriptor `fd` moves to the slot that the entry names; the result is 0, or the slot that was chosen. */
export function intoSlot({ sqe, ring, thread }: Request, fd: number): number {
  const { file_index: index } = sqe;
  if (index === 0) return fd;
  const isChosen = index === IORING_FILE_INDEX_ALLOC;
  const slot = isChosen ? ring.files.indexOf(undefined) : index - 1;
  ring.files[slot]?.release();
  ring.files[slot] = thread.files.any(fd).retain();
  thread.files.close(thread, fd);
  return isChosen ? slot : 0;
}

/** ENXIO, EINVAL, EBADF. */
export function closeSlot({ files }: IoUring, slot: number): number {
  if (files.length === 0) fail(ENXIO, 'no registered files');
  if (slot >= files.length) fail(EINVAL, 'no such slot');
  const file = files[slot] ?? fail(EBADF, 'the slot is empty');
  files[slot] = undefined;
  file.release();
  return 0;
}

/** Puts descriptors (-1 for none, -2 to leave it) into slots from `first` on; how many. EBADF, EINVAL, ENXIO. */
export function updateSlots(
  thread: Thread,
  { files }: IoUring,
  first: number,
  address: number,
  count: number,
): number {
  if (files.length === 0) fail(ENXIO, 'no registered files');
  if (first + count > files.length) fail(EINVAL, 'no such slots');
  let done = 0;
  for (; done < count; done++) {
    const fd = thread.user.readI32(address + done * 4);
    if (fd === IORING_REGISTER_FILES_SKIP) continue;
    const file = fd === -1 ? undefined : thread.files.lookup(fd);
    if (fd !== -1 && (file === undefined || file.descriptor.kind === 'io_uring')) {
      if (done === 0) fail(EBADF, 'no such descriptor');
      return done;
    }
    files[first + done]?.release();
    files[first + done] = file?.retain();
  }
  return done;
}

/** As updateSlots with slots that are free; their numbers are written back (IORING_FILE_INDEX_ALLOC). ENFILE. */
export function fillSlots(thread: Thread, ring: IoUring, address: number, count: number): number {
  let done = 0;
  for (; done < count; done++) {
    const file = thread.files.lookup(thread.user.readI32(address + done * 4));
    const slot = ring.files.indexOf(undefined);
    if (file === undefined || slot < 0) {
      if (done === 0) fail(file === undefined ? EBADF : ENFILE, 'no descriptor, or no slot');
      return done;
    }
    thread.user.writeU32(address + done * 4, slot);
    ring.files[slot] = file.retain();
  }
  return done;
}

/** As the table has room for: RLIMIT_NOFILE. EMFILE. */
export function makeSlots(ring: IoUring, count: number, limit: number): void {
  if (count > limit) fail(EMFILE, 'more than RLIMIT_NOFILE');
  ring.files = new Array(count).fill(undefined);
}
