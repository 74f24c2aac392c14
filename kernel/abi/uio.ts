// Buffers of the vector calls, and how much one call moves (include/uapi/linux/uio.h, include/linux/fs.h).
import { ptr, struct, u64 } from './struct.ts';

/** UIO_MAXIOV. */
export const IOV_MAX = 1024;
/** INT_MAX rounded down to a page: the most bytes one call moves. */
export const MAX_RW_COUNT = 0x7fff_f000;

export const Iovec = struct('iovec', { iov_base: ptr, iov_len: u64 });
