// Structs and numbers of io_uring (include/uapi/linux/io_uring.h).
// kernel/uring/ and the three calls read and write them; guest-programs/uring/ prove the layout of the rings.
import { b64, i32, struct, u8, u16, u32, u64 } from './struct.ts';

export const IoUringSqe = struct('io_uring_sqe', {
  opcode: u8,
  flags: u8,
  ioprio: u16,
  fd: i32,
  off: u64,
  addr: u64,
  len: u32,
  op_flags: u32,
  user_data: b64,
  buf_index: u16,
  personality: u16,
  file_index: u32,
  addr3: u64,
  pad: u64,
});

const SqOffsets = struct('io_sqring_offsets', {
  head: u32,
  tail: u32,
  ring_mask: u32,
  ring_entries: u32,
  flags: u32,
  dropped: u32,
  array: u32,
  resv1: u32,
  user_addr: u64,
});
const CqOffsets = struct('io_cqring_offsets', {
  head: u32,
  tail: u32,
  ring_mask: u32,
  ring_entries: u32,
  overflow: u32,
  cqes: u32,
  flags: u32,
  resv1: u32,
  user_addr: u64,
});
export const IoUringParams = struct('io_uring_params', {
  sq_entries: u32,
  cq_entries: u32,
  flags: u32,
  sq_thread_cpu: u32,
  sq_thread_idle: u32,
  features: u32,
  wq_fd: u32,
  resv0: u32,
  resv1: u32,
  resv2: u32,
  sq_off: SqOffsets,
  cq_off: CqOffsets,
});
export const IoUringGeteventsArg = struct('io_uring_getevents_arg', {
  sigmask: u64,
  sigmask_sz: u32,
  min_wait_usec: u32,
  ts: u64,
});
export const IoUringBuf = struct('io_uring_buf', { addr: u64, len: u32, bid: u16, tail: u16 });
export const IoUringBufReg = struct('io_uring_buf_reg', {
  ring_addr: u64,
  ring_entries: u32,
  bgid: u16,
  flags: u16,
  resv0: u64,
  resv1: u64,
  resv2: u64,
});
export const IoUringRsrcRegister = struct('io_uring_rsrc_register', {
  nr: u32,
  flags: u32,
  resv2: u64,
  data: u64,
  tags: u64,
});
export const IoUringRsrcUpdate = struct('io_uring_rsrc_update', { offset: u32, resv: u32, data: u64 });
export const IoUringRsrcUpdate2 = struct('io_uring_rsrc_update2', {
  offset: u32,
  resv: u32,
  data: u64,
  tags: u64,
  nr: u32,
  resv2: u32,
});
export const IoUringRestriction = struct('io_uring_restriction', {
  opcode: u16,
  what: u8,
  resv: u8,
  resv2: u32,
  resv3: u64,
});
export const IoUringFileIndexRange = struct('io_uring_file_index_range', { off: u32, len: u32, resv: u64 });
export const IoUringClockRegister = struct('io_uring_clock_register', {
  clockid: u32,
  resv0: u32,
  resv1: u64,
});
export const IoUringCloneBuffers = struct('io_uring_clone_buffers', {
  src_fd: u32,
  flags: u32,
  src_off: u32,
  dst_off: u32,
  nr: u32,
  pad0: u32,
  pad1: u32,
  pad2: u32,
});
/** What many receives of one entry put before each message. */
export const IoUringRecvmsgOut = struct('io_uring_recvmsg_out', {
  namelen: u32,
  controllen: u32,
  payloadlen: u32,
  flags: u32,
});
export const IoUringSyncCancel = struct('io_uring_sync_cancel_reg', {
  addr: b64,
  fd: i32,
  flags: u32,
  timeout_sec: u64,
  timeout_nsec: u64,
  opcode: u8,
  pad: u8,
});

export const IORING_OFF_CQ_RING = 0x0800_0000;
export const IORING_OFF_SQES = 0x1000_0000;
export const IORING_OFF_PBUF_RING = 0x8000_0000;
export const IORING_OFF_PBUF_SHIFT = 16;

export const IOU_PBUF_RING_MMAP = 1;
export const IOU_PBUF_RING_INC = 2;

export const IORING_SETUP_SQPOLL = 1 << 1;
export const IORING_SETUP_SQ_AFF = 1 << 2;
export const IORING_SETUP_CQSIZE = 1 << 3;
export const IORING_SETUP_CLAMP = 1 << 4;
export const IORING_SETUP_ATTACH_WQ = 1 << 5;
export const IORING_SETUP_R_DISABLED = 1 << 6;
export const IORING_SETUP_SUBMIT_ALL = 1 << 7;
export const IORING_SETUP_COOP_TASKRUN = 1 << 8;
export const IORING_SETUP_TASKRUN_FLAG = 1 << 9;
export const IORING_SETUP_SQE128 = 1 << 10;
export const IORING_SETUP_CQE32 = 1 << 11;
export const IORING_SETUP_SINGLE_ISSUER = 1 << 12;
export const IORING_SETUP_DEFER_TASKRUN = 1 << 13;
export const IORING_SETUP_NO_SQARRAY = 1 << 16;

export const IORING_ENTER_GETEVENTS = 1;
export const IORING_ENTER_SQ_WAKEUP = 2;
export const IORING_ENTER_SQ_WAIT = 4;
export const IORING_ENTER_EXT_ARG = 8;
export const IORING_ENTER_REGISTERED_RING = 16;
export const IORING_ENTER_ABS_TIMER = 32;
export const IORING_ENTER_NO_IOWAIT = 128;

export const IOSQE_FIXED_FILE = 1;
export const IOSQE_IO_DRAIN = 2;
export const IOSQE_IO_LINK = 4;
export const IOSQE_IO_HARDLINK = 8;
export const IOSQE_ASYNC = 16;
export const IOSQE_BUFFER_SELECT = 32;
export const IOSQE_CQE_SKIP_SUCCESS = 64;

export const IORING_CQE_F_BUFFER = 1;
export const IORING_CQE_F_MORE = 2;
export const IORING_CQE_F_SOCK_NONEMPTY = 4;
export const IORING_CQE_F_NOTIF = 8;
export const IORING_CQE_F_BUF_MORE = 16;
export const IORING_CQE_BUFFER_SHIFT = 16;

/** Flags of sends and receives, in `ioprio`. */
export const IORING_RECVSEND_POLL_FIRST = 1;
export const IORING_RECV_MULTISHOT = 2;
export const IORING_RECVSEND_FIXED_BUF = 4;
export const IORING_SEND_ZC_REPORT_USAGE = 8;
export const IORING_RECVSEND_BUNDLE = 16;
export const IORING_SEND_VECTORIZED = 32;

export const IORING_SQ_NEED_WAKEUP = 1;
export const IORING_SQ_CQ_OVERFLOW = 2;
export const IORING_CQ_EVENTFD_DISABLED = 1;

/** Numbers of operations, in order. */
export const IORING_OPS = [
  'NOP',
  'READV',
  'WRITEV',
  'FSYNC',
  'READ_FIXED',
  'WRITE_FIXED',
  'POLL_ADD',
  'POLL_REMOVE',
  'SYNC_FILE_RANGE',
  'SENDMSG',
  'RECVMSG',
  'TIMEOUT',
  'TIMEOUT_REMOVE',
  'ACCEPT',
  'ASYNC_CANCEL',
  'LINK_TIMEOUT',
  'CONNECT',
  'FALLOCATE',
  'OPENAT',
  'CLOSE',
  'FILES_UPDATE',
  'STATX',
  'READ',
  'WRITE',
  'FADVISE',
  'MADVISE',
  'SEND',
  'RECV',
  'OPENAT2',
  'EPOLL_CTL',
  'SPLICE',
  'PROVIDE_BUFFERS',
  'REMOVE_BUFFERS',
  'TEE',
  'SHUTDOWN',
  'RENAMEAT',
  'UNLINKAT',
  'MKDIRAT',
  'SYMLINKAT',
  'LINKAT',
  'MSG_RING',
  'FSETXATTR',
  'SETXATTR',
  'FGETXATTR',
  'GETXATTR',
  'SOCKET',
  'URING_CMD',
  'SEND_ZC',
  'SENDMSG_ZC',
  'READ_MULTISHOT',
  'WAITID',
  'FUTEX_WAIT',
  'FUTEX_WAKE',
  'FUTEX_WAITV',
  'FIXED_FD_INSTALL',
  'FTRUNCATE',
  'BIND',
  'LISTEN',
  'RECV_ZC',
  'EPOLL_WAIT',
  'READV_FIXED',
  'WRITEV_FIXED',
  'PIPE',
] as const;

export type OperationName = (typeof IORING_OPS)[number];
