// Kinds of asynchronous input and output: iocbs as the program gave them, events as the kernel delivered them.
// Rows of kernel/syscalls/aio.ts name them.
import {
  IOCB_CMD_FDSYNC,
  IOCB_CMD_FSYNC,
  IOCB_CMD_NOOP,
  IOCB_CMD_POLL,
  IOCB_CMD_PREAD,
  IOCB_CMD_PREADV,
  IOCB_CMD_PWRITE,
  IOCB_CMD_PWRITEV,
  IOCB_FLAG_IOPRIO,
  IOCB_FLAG_RESFD,
  Iocb,
  IoEvent,
} from '../aio.ts';
import type { Kind, PrintContext } from '../kind.ts';
import { Iovec } from '../uio.ts';
import { AddressOut, kind, outKind } from './basic.ts';
import { printFd } from './fd-text.ts';
import { flagText, hex, names, pointer } from './format.ts';
import { iovecsText, ReadWriteFlags } from './io-kinds.ts';
import { arrayText, braces, bufferText, peekNumber, peekStruct } from './peek.ts';
import { pollEventsText } from './poll-kinds.ts';
import { ioPriorityText } from './scheduling-kinds.ts';
import { PselectMask } from './signal-kinds.ts';

const COMMANDS = names({
  IOCB_CMD_PREAD,
  IOCB_CMD_PWRITE,
  IOCB_CMD_FSYNC,
  IOCB_CMD_FDSYNC,
  IOCB_CMD_POLL,
  IOCB_CMD_NOOP,
  IOCB_CMD_PREADV,
  IOCB_CMD_PWRITEV,
});
const FLAGS = names({ IOCB_FLAG_RESFD, IOCB_FLAG_IOPRIO });
const TRANSFERS = [IOCB_CMD_PREAD, IOCB_CMD_PWRITE, IOCB_CMD_PREADV, IOCB_CMD_PWRITEV];

/** `{aio_data=0x7, aio_lio_opcode=IOCB_CMD_PREAD, …}`: what means nothing in a command is left out; io_cancel shows less. */
function iocbText(context: PrintContext, address: number, isWhole: boolean): string {
  const iocb = peekStruct(context, address, Iocb);
  if (iocb === undefined) return pointer(address);
  const { aio_lio_opcode: command, aio_flags } = iocb;
  const name = COMMANDS.find(([, number]) => number === command)?.[0];
  const isTransfer = isWhole && TRANSFERS.includes(command);
  const hasFlag = (flag: number): boolean => isTransfer && (aio_flags & flag) !== 0;
  const hasPriority = hasFlag(IOCB_FLAG_IOPRIO);
  return braces([
    `aio_data=${hex(iocb.aio_data)}`,
    iocb.aio_key === 0 ? undefined : `aio_key=${iocb.aio_key}`,
    iocb.aio_rw_flags === 0
      ? undefined
      : `aio_rw_flags=${ReadWriteFlags.print(iocb.aio_rw_flags, context) ?? ''}`,
    `aio_lio_opcode=${name ?? `${command} /* IOCB_CMD_??? */`}`,
    hasPriority
      ? `aio_reqprio=${ioPriorityText(iocb.aio_reqprio & 0xffff)}`
      : iocb.aio_reqprio === 0
        ? undefined
        : `aio_reqprio=${iocb.aio_reqprio}`,
    `aio_fildes=${printFd(iocb.aio_fildes | 0, context)}`,
    isWhole ? bufferOf(context, iocb) : undefined,
    isTransfer ? `aio_offset=${iocb.aio_offset}` : undefined,
    isTransfer && aio_flags !== 0 ? `aio_flags=${flagText(aio_flags, FLAGS, 'IOCB_FLAG_???')}` : undefined,
    hasFlag(IOCB_FLAG_RESFD) ? `aio_resfd=${printFd(iocb.aio_resfd | 0, context)}` : undefined,
  ]);
}

function bufferOf(context: PrintContext, iocb: ReturnType<typeof Iocb.decode>): string | undefined {
  const { aio_buf: address } = iocb;
  const length = Number(iocb.aio_nbytes);
  switch (iocb.aio_lio_opcode) {
    case IOCB_CMD_PREAD:
      return `aio_buf=${pointer(address)}, aio_nbytes=${length}`;
    case IOCB_CMD_PWRITE:
      return `aio_buf=${bufferText(context, address, length)}, aio_nbytes=${length}`;
    case IOCB_CMD_PREADV:
      return `aio_buf=${addressesText(context, address, length)}`;
    case IOCB_CMD_PWRITEV:
      return `aio_buf=${iovecsText(context, address, length, undefined)}`;
    case IOCB_CMD_POLL:
      return `aio_buf=${pollEventsText(address)}`;
    default:
      return undefined;
  }
}

function addressesText(context: PrintContext, address: number, count: number): string {
  return arrayText(context, address, count, Iovec.size, (at) => {
    const iovec = peekStruct(context, at, Iovec);
    return iovec && braces([`iov_base=${pointer(iovec.iov_base)}`, `iov_len=${iovec.iov_len}`]);
  });
}

/** `[0x3fb7f000]`: the context that io_setup made. */
export const AioContextOut: Kind = AddressOut;
export const IocbIn: Kind = kind('struct iocb', 'u64', (value, context) =>
  value === 0 ? 'NULL' : iocbText(context, value, false),
);
export const IocbsIn: Kind = kind('struct iocb *[]', 'u64', (value, context) =>
  arrayText(context, value, Math.max(0, context.args.nr ?? 0), 8, (at) => {
    const address = peekNumber(context, at, 'u64');
    if (address === undefined) return undefined;
    return address === 0n ? 'NULL' : iocbText(context, Number(address), true);
  }),
);
export const AioEventsOut: Kind = outKind('struct io_event', 'u64', (value, context) => {
  if (context.result < 0) return pointer(value);
  return arrayText(context, value, context.result, IoEvent.size, (at) => {
    const event = peekStruct(context, at, IoEvent);
    return (
      event &&
      braces([
        `data=${hex(event.data)}`,
        `obj=${pointer(event.obj)}`,
        `res=${event.res}`,
        `res2=${event.res2}`,
      ])
    );
  });
});
/** io_pgetevents' mask and its size. */
export const AioMask: Kind = PselectMask;
