// Kinds of what io_uring_register and io_uring_enter point to, by operation and flags.
// The rows of kernel/syscalls/io-uring*.ts name them; operations whose structs are rare are shown by their address.
import * as uring from '../io-uring.ts';
import type { Kind, PrintContext } from '../kind.ts';
import { outKind } from './basic.ts';
import { printFd } from './fd-text.ts';
import { flagText, hex, nameOf, names, pointer } from './format.ts';
import { addressesText } from './io-kinds.ts';
import { arrayText, braces, peekBytes, peekNumber, structText } from './peek.ts';
import { setText } from './signal-kinds.ts';
import { timespecAt } from './time-kinds.ts';
import { registerName } from './uring-kinds.ts';

const OPERATIONS = names(
  Object.fromEntries(
    (
      'NOP READV WRITEV FSYNC READ_FIXED WRITE_FIXED POLL_ADD POLL_REMOVE SYNC_FILE_RANGE SENDMSG RECVMSG TIMEOUT ' +
      'TIMEOUT_REMOVE ACCEPT ASYNC_CANCEL LINK_TIMEOUT CONNECT FALLOCATE OPENAT CLOSE FILES_UPDATE STATX READ WRITE ' +
      'FADVISE MADVISE SEND RECV OPENAT2 EPOLL_CTL SPLICE PROVIDE_BUFFERS REMOVE_BUFFERS TEE SHUTDOWN RENAMEAT ' +
      'UNLINKAT MKDIRAT SYMLINKAT LINKAT MSG_RING FSETXATTR SETXATTR FGETXATTR GETXATTR SOCKET URING_CMD SEND_ZC ' +
      'SENDMSG_ZC READ_MULTISHOT WAITID FUTEX_WAIT FUTEX_WAKE FUTEX_WAITV FIXED_FD_INSTALL FTRUNCATE BIND LISTEN ' +
      'RECV_ZC EPOLL_WAIT READV_FIXED WRITEV_FIXED PIPE'
    )
      .split(' ')
      .map((word, number) => [`IORING_OP_${word}`, number] as const),
  ),
);

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
      return structText(context, value, uring.IoUringBufReg, ({ ring_addr, ring_entries, bgid }) =>
        braces([`ring_addr=${hex(ring_addr)}`, `ring_entries=${ring_entries}`, `bgid=${bgid}`]),
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
