// Structs and numbers of asynchronous input and output (include/uapi/linux/aio_abi.h).
// kernel/aio/ reads and writes them; guest-programs/fs/aio.c proves their layout.
import { b64, i16, i64, struct, u16, u32, u64 } from './struct.ts';

export const Iocb = struct('iocb', {
  aio_data: b64,
  aio_key: u32,
  aio_rw_flags: u32,
  aio_lio_opcode: u16,
  aio_reqprio: i16,
  aio_fildes: u32,
  aio_buf: u64,
  aio_nbytes: b64,
  aio_offset: i64,
  aio_reserved2: b64,
  aio_flags: u32,
  aio_resfd: u32,
});
export const IoEvent = struct('io_event', { data: b64, obj: b64, res: i64, res2: i64 });
export const AioSigset = struct('__aio_sigset', { sigmask: u64, sigsetsize: u64 });

export const IOCB_CMD_PREAD = 0;
export const IOCB_CMD_PWRITE = 1;
export const IOCB_CMD_FSYNC = 2;
export const IOCB_CMD_FDSYNC = 3;
export const IOCB_CMD_POLL = 5;
export const IOCB_CMD_NOOP = 6;
export const IOCB_CMD_PREADV = 7;
export const IOCB_CMD_PWRITEV = 8;

export const IOCB_FLAG_RESFD = 1;
export const IOCB_FLAG_IOPRIO = 2;
