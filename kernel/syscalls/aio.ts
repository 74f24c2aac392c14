// Asynchronous input and output (io_setup(2)): rows for table.ts. The handlers are kernel/aio/calls.ts.
import { AioContextOut, AioEventsOut, AioMask, IocbIn, IocbsIn } from '../abi/kinds/aio-kinds.ts';
import { I64, Ptr, U32 } from '../abi/kinds/basic.ts';
import { TimespecIn } from '../abi/kinds/time-kinds.ts';
import { cancel, destroy, getEvents, pollGetEvents, setup, submit } from '../aio/calls.ts';
import { syscall } from './syscall.ts';

export const AIO_CALLS = {
  0: syscall('io_setup', { nr_events: U32, ctxp: AioContextOut }, setup),
  1: syscall('io_destroy', { ctx_id: Ptr }, destroy),
  2: syscall('io_submit', { ctx_id: Ptr, nr: I64, iocbpp: IocbsIn }, submit),
  3: syscall('io_cancel', { ctx_id: Ptr, iocb: IocbIn, result: Ptr }, cancel),
  4: syscall(
    'io_getevents',
    { ctx_id: Ptr, min_nr: I64, nr: I64, events: AioEventsOut, timeout: TimespecIn },
    getEvents,
  ),
  292: syscall(
    'io_pgetevents',
    { ctx_id: Ptr, min_nr: I64, nr: I64, events: AioEventsOut, timeout: TimespecIn, usig: AioMask },
    pollGetEvents,
    { letsSignalsIn: true },
  ),
};
