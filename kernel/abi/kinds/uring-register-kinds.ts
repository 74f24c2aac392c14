// Kinds of what io_uring_register and io_uring_enter point to, by operation and flags.
// The rows of kernel/syscalls/io-uring*.ts name them; operations whose structs are rare are shown by their address.
import * as uring from '../io-uring.ts';
import type { Kind, PrintContext } from '../kind.ts';
import type { Value } from '../struct.ts';
import { outKind } from './basic.ts';
import { printFd } from './fd-text.ts';
import { flagText, hex, nameOf, names, pointer } from './format.ts';
import { addressesText } from './io-kinds.ts';
import { arrayText, braces, peekBytes, peekNumber, structText } from './peek.ts';
import { setText } from './signal-kinds.ts';
import { ClockId, timespecAt } from './time-kinds.ts';
import { registerName } from './uring-kinds.ts';

const OPERATIONS = names(
  Object.fromEntries(uring.IORING_OPS.map((word, number) => [`IORING_OP_${word}`, number] as const)),
);
const SQE_FLAGS = names({
  IOSQE_FIXED_FILE: uring.IOSQE_FIXED_FILE,
  IOSQE_IO_DRAIN: uring.IOSQE_IO_DRAIN,
  IOSQE_IO_LINK: uring.IOSQE_IO_LINK,
  IOSQE_IO_HARDLINK: uring.IOSQE_IO_HARDLINK,
  IOSQE_ASYNC: 16,
  IOSQE_BUFFER_SELECT: uring.IOSQE_BUFFER_SELECT,
  IOSQE_CQE_SKIP_SUCCESS: uring.IOSQE_CQE_SKIP_SUCCESS,
});

function fdsText(context: PrintContext, address: number, count: number): string {
  return arrayText(context, address, count, 4, (at) => {
    const fd = peekNumber(context, at, 'i32');
    return fd === undefined ? undefined : printFd(Number(fd), context);
  });
}

const PROBE_SIZE = 16;
const PROBE_ENTRY_SIZE = 8;
const SUPPORTED = names({ IO_URING_OP_SUPPORTED: 1 });

/** `{last_op=…, ops_len=…, ops=[{op=IORING_OP_NOP, flags=IO_URING_OP_SUPPORTED}, …]}`. */
function probeText(context: PrintContext, address: number): string {
  const head = context.result < 0 ? undefined : peekBytes(context, address, PROBE_SIZE);
  if (head === undefined || head.length < PROBE_SIZE) return pointer(address);
  const [last = 0, count = 0] = head;
  const entries = arrayText(context, address + PROBE_SIZE, count, PROBE_ENTRY_SIZE, (at) => {
    const entry = peekBytes(context, at, PROBE_ENTRY_SIZE);
    if (entry === undefined) return undefined;
    const [op = 0, , flags = 0] = entry;
    return braces([
      `op=${nameOf(op, OPERATIONS, 'IORING_OP_???')}`,
      `flags=${flagText(flags, SUPPORTED, 'IO_URING_OP_???')}`,
    ]);
  });
  return braces([
    `last_op=${nameOf(last, OPERATIONS, 'IORING_OP_???')}`,
    `ops_len=${count}`,
    `ops=${entries}`,
  ]);
}

const BUFFER_RING_FLAGS = names({
  IOU_PBUF_RING_MMAP: uring.IOU_PBUF_RING_MMAP,
  IOU_PBUF_RING_INC: uring.IOU_PBUF_RING_INC,
});
const CLONE_FLAGS = names({ IORING_REGISTER_SRC_REGISTERED: 1, IORING_REGISTER_DST_REPLACE: 2 });
const RESTRICTIONS = names({
  IORING_RESTRICTION_REGISTER_OP: 0,
  IORING_RESTRICTION_SQE_OP: 1,
  IORING_RESTRICTION_SQE_FLAGS_ALLOWED: 2,
  IORING_RESTRICTION_SQE_FLAGS_REQUIRED: 3,
});

/** `{opcode=IORING_RESTRICTION_SQE_OP, sqe_op=IORING_OP_NOP}`. */
function restrictionText({ opcode, what }: Value<typeof uring.IoUringRestriction>): string {
  const texts = [
    () => `register_op=${registerName(what)}`,
    () => `sqe_op=${nameOf(what, OPERATIONS, 'IORING_OP_???')}`,
    () => `sqe_flags=${flagText(what, SQE_FLAGS, 'IOSQE_???')}`,
  ];
  const text = texts[Math.min(opcode, 2)];
  return braces([`opcode=${nameOf(opcode, RESTRICTIONS, 'IORING_RESTRICTION_???')}`, text?.()]);
}

/** io_uring_register's argument; nr_args is how many there are. */
export const UringRegisterArgument: Kind = outKind('io_uring_register argument', 'u64', (value, context) => {
  const { opcode = 0, nr_args: count = 0 } = context.args;
  if (value === 0) return 'NULL';
  switch (registerName(opcode).replace(/\|.*/, '')) {
    case 'IORING_REGISTER_BUFFERS':
      return addressesText(context, value, Math.min(count, 1024));
    case 'IORING_REGISTER_FILES':
      return fdsText(context, value, Math.min(count, 1024));
    case 'IORING_REGISTER_EVENTFD':
    case 'IORING_REGISTER_EVENTFD_ASYNC':
      return fdsText(context, value, 1);
    case 'IORING_REGISTER_FILES_UPDATE':
      return structText(context, value, uring.IoUringRsrcUpdate, ({ offset, data }) =>
        braces([`offset=${offset}`, `fds=${fdsText(context, data, Math.min(count, 1024))}`]),
      );
    case 'IORING_REGISTER_PROBE':
      return probeText(context, value);
    case 'IORING_REGISTER_PBUF_RING':
    case 'IORING_UNREGISTER_PBUF_RING':
      return structText(context, value, uring.IoUringBufReg, ({ ring_addr, ring_entries, bgid, flags }) =>
        braces([
          `ring_addr=${hex(ring_addr)}`,
          `ring_entries=${ring_entries}`,
          `bgid=${bgid}`,
          `flags=${flagText(flags, BUFFER_RING_FLAGS, 'IOU_PBUF_RING_???')}`,
        ]),
      );
    case 'IORING_REGISTER_RESTRICTIONS':
      return arrayText(context, value, Math.min(count, 1024), uring.IoUringRestriction.size, (at) =>
        structText(context, at, uring.IoUringRestriction, restrictionText),
      );
    case 'IORING_REGISTER_FILE_ALLOC_RANGE':
      return structText(context, value, uring.IoUringFileIndexRange, ({ off, len }) =>
        braces([`off=${off}`, `len=${len}`]),
      );
    case 'IORING_REGISTER_CLOCK':
      return structText(context, value, uring.IoUringClockRegister, ({ clockid }) =>
        braces([`clockid=${ClockId.print(clockid, context)}`]),
      );
    case 'IORING_REGISTER_CLONE_BUFFERS':
      return structText(context, value, uring.IoUringCloneBuffers, (clone) =>
        braces([
          `src_fd=${printFd(clone.src_fd, context)}`,
          `flags=${flagText(clone.flags, CLONE_FLAGS, 'IORING_REGISTER_???')}`,
          `src_off=${clone.src_off}`,
          `dst_off=${clone.dst_off}`,
          `nr=${clone.nr}`,
        ]),
      );
    case 'IORING_REGISTER_IOWQ_MAX_WORKERS':
      return arrayText(context, value, Math.min(count, 2), 4, (at) =>
        peekNumber(context, at, 'u32')?.toString(),
      );
    default:
      return pointer(value);
  }
});

const IORING_ENTER_EXT_ARG = 8;

/** io_uring_enter's: a set of signals, or with IORING_ENTER_EXT_ARG that and a timeout. */
export const UringEnterArgument: Kind = outKind('io_uring_enter argument', 'u64', (value, context) => {
  const { flags = 0, argsz = 0 } = context.args;
  if (value === 0) return 'NULL';
  if ((flags & IORING_ENTER_EXT_ARG) === 0) return setText(context, value);
  if (argsz !== uring.IoUringGeteventsArg.size) return pointer(value);
  return structText(context, value, uring.IoUringGeteventsArg, (given) =>
    braces([
      `sigmask=${given.sigmask === 0 ? 'NULL' : setText(context, given.sigmask)}`,
      `sigmask_sz=${given.sigmask_sz}`,
      given.min_wait_usec === 0 ? undefined : `min_wait_usec=${given.min_wait_usec}`,
      `ts=${timespecAt(context, given.ts)}`,
    ]),
  );
});
