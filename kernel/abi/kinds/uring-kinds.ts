// Kinds of the io_uring calls: flags and register operations by name.
import { IORING_SETUP_ATTACH_WQ, IoUringParams } from '../io-uring.ts';
import type { Kind } from '../kind.ts';
import { flags, kind, outKind } from './basic.ts';
import { printFd } from './fd-text.ts';
import { flagText, hex, nameOf, names } from './format.ts';
import { braces, structText } from './peek.ts';

const SETUP = names({
  IORING_SETUP_IOPOLL: 1,
  IORING_SETUP_SQPOLL: 2,
  IORING_SETUP_SQ_AFF: 4,
  IORING_SETUP_CQSIZE: 8,
  IORING_SETUP_CLAMP: 16,
  IORING_SETUP_ATTACH_WQ: 32,
  IORING_SETUP_R_DISABLED: 64,
  IORING_SETUP_SUBMIT_ALL: 128,
  IORING_SETUP_COOP_TASKRUN: 256,
  IORING_SETUP_TASKRUN_FLAG: 512,
  IORING_SETUP_SQE128: 1024,
  IORING_SETUP_CQE32: 2048,
  IORING_SETUP_SINGLE_ISSUER: 4096,
  IORING_SETUP_DEFER_TASKRUN: 8192,
  IORING_SETUP_NO_MMAP: 1 << 14,
  IORING_SETUP_REGISTERED_FD_ONLY: 1 << 15,
  IORING_SETUP_NO_SQARRAY: 1 << 16,
});

const FEATURES = names(
  Object.fromEntries(
    (
      'SINGLE_MMAP NODROP SUBMIT_STABLE RW_CUR_POS CUR_PERSONALITY FAST_POLL POLL_32BITS SQPOLL_NONFIXED EXT_ARG ' +
      'NATIVE_WORKERS RSRC_TAGS CQE_SKIP LINKED_FILE REG_REG_RING RECVSEND_BUNDLE MIN_TIMEOUT RW_ATTR NO_IOWAIT'
    )
      .split(' ')
      .map((word, bit) => [`IORING_FEAT_${word}`, 1 << bit] as const),
  ),
);

function offsets(values: Readonly<Record<string, number>>): string {
  return braces(
    Object.entries(values)
      .filter(([name]) => name !== 'resv1' && name !== 'user_addr')
      .map(([name, value]) => `${name}=${value}`),
  );
}

/** The flags as given, and how large the rings became and where their parts are. */
export const UringParams: Kind = outKind('struct io_uring_params', 'u64', (value, context) =>
  structText(context, value, IoUringParams, (params) =>
    braces([
      `flags=${flagText(params.flags, SETUP, 'IORING_SETUP_???')}`,
      `sq_thread_cpu=${params.sq_thread_cpu}`,
      `sq_thread_idle=${params.sq_thread_idle}`,
      (params.flags & IORING_SETUP_ATTACH_WQ) === 0
        ? undefined
        : `wq_fd=${printFd(params.wq_fd | 0, context)}`,
      params.resv0 === 0 && params.resv1 === 0 && params.resv2 === 0
        ? undefined
        : `resv=[${[params.resv0, params.resv1, params.resv2].map((each) => hex(each)).join(', ')}]`,
      ...(context.result < 0
        ? []
        : [
            `sq_entries=${params.sq_entries}`,
            `cq_entries=${params.cq_entries}`,
            `features=${flagText(params.features, FEATURES, 'IORING_FEAT_???')}`,
            `sq_off=${offsets(params.sq_off)}`,
            `cq_off=${offsets(params.cq_off)}`,
          ]),
    ]),
  ),
);

export const UringEnterFlags: Kind = flags('IORING_ENTER_???', {
  IORING_ENTER_GETEVENTS: 1,
  IORING_ENTER_SQ_WAKEUP: 2,
  IORING_ENTER_SQ_WAIT: 4,
  IORING_ENTER_EXT_ARG: 8,
  IORING_ENTER_REGISTERED_RING: 16,
  IORING_ENTER_ABS_TIMER: 32,
  IORING_ENTER_EXT_ARG_REG: 64,
  IORING_ENTER_NO_IOWAIT: 128,
});

const REGISTER_OPERATIONS = names({
  IORING_REGISTER_BUFFERS: 0,
  IORING_UNREGISTER_BUFFERS: 1,
  IORING_REGISTER_FILES: 2,
  IORING_UNREGISTER_FILES: 3,
  IORING_REGISTER_EVENTFD: 4,
  IORING_UNREGISTER_EVENTFD: 5,
  IORING_REGISTER_FILES_UPDATE: 6,
  IORING_REGISTER_EVENTFD_ASYNC: 7,
  IORING_REGISTER_PROBE: 8,
  IORING_REGISTER_PERSONALITY: 9,
  IORING_UNREGISTER_PERSONALITY: 10,
  IORING_REGISTER_RESTRICTIONS: 11,
  IORING_REGISTER_ENABLE_RINGS: 12,
  IORING_REGISTER_FILES2: 13,
  IORING_REGISTER_FILES_UPDATE2: 14,
  IORING_REGISTER_BUFFERS2: 15,
  IORING_REGISTER_BUFFERS_UPDATE: 16,
  IORING_REGISTER_IOWQ_AFF: 17,
  IORING_UNREGISTER_IOWQ_AFF: 18,
  IORING_REGISTER_IOWQ_MAX_WORKERS: 19,
  IORING_REGISTER_RING_FDS: 20,
  IORING_UNREGISTER_RING_FDS: 21,
  IORING_REGISTER_PBUF_RING: 22,
  IORING_UNREGISTER_PBUF_RING: 23,
  IORING_REGISTER_SYNC_CANCEL: 24,
  IORING_REGISTER_FILE_ALLOC_RANGE: 25,
  IORING_REGISTER_PBUF_STATUS: 26,
  IORING_REGISTER_NAPI: 27,
  IORING_UNREGISTER_NAPI: 28,
  IORING_REGISTER_CLOCK: 29,
  IORING_REGISTER_CLONE_BUFFERS: 30,
  IORING_REGISTER_SEND_MSG_RING: 31,
  IORING_REGISTER_ZCRX_IFQ: 32,
  IORING_REGISTER_RESIZE_RINGS: 33,
  IORING_REGISTER_MEM_REGION: 34,
  IORING_REGISTER_QUERY: 35,
});
/** The name of io_uring_register's operation. */
export function registerName(opcode: number): string {
  const isByNumber = (opcode & REGISTERED_RING) !== 0;
  const name = nameOf((opcode & ~REGISTERED_RING) >>> 0, REGISTER_OPERATIONS, 'IORING_REGISTER_???');
  return isByNumber ? `${name}|IORING_REGISTER_USE_REGISTERED_RING` : name;
}
const REGISTERED_RING = 0x8000_0000;

export const UringRegisterOp: Kind = kind('io_uring_register operation', 'u32', registerName);
