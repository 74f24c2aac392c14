// Operations of an io_uring that wait for other threads and for children (io_uring/futex.c, waitid.c).

import { FutexWaitv } from '../abi/futex.ts';
import type { OperationName } from '../abi/io-uring.ts';
import { EINVAL, fail } from '../errno.ts';
import { FUTEX_WAITV_SYSCALLS } from '../syscalls/futex-waitv.ts';
import { FUTEX2_SYSCALLS } from '../syscalls/futex2.ts';
import { WAIT_SYSCALLS } from '../syscalls/wait.ts';
import { FutexWaiter, leaveFutex } from '../task/futex.ts';
import { asCall, type Operation } from './operation.ts';
import type { Request } from './request.ts';

const FUTEX_WAITV_MAX = 128;

/** It no longer waits on any word. */
function leaveFutexes({ call: { data } }: Request): void {
  for (const waiter of Array.isArray(data) ? data : [data])
    if (waiter instanceof FutexWaiter) leaveFutex(waiter);
}

const FUTEX_WAIT: Operation = asCall(
  FUTEX2_SYSCALLS[455],
  false,
  (sqe) => ({
    uaddr: sqe.addr,
    val: sqe.off,
    mask: sqe.addr3,
    flags: sqe.fd,
    timeout: 0,
    clockid: 0,
  }),
  { zero: ['len', 'op_flags', 'buf_index', 'file_index'], isCounted: true, ended: leaveFutexes },
);

const FUTEX_WAKE: Operation = asCall(
  FUTEX2_SYSCALLS[454],
  false,
  (sqe) => ({
    uaddr: sqe.addr,
    mask: sqe.addr3,
    nr: sqe.off < 2 ** 32 ? sqe.off | 0 : fail(EINVAL, 'wider than the futex'),
    flags: sqe.fd,
  }),
  { zero: ['len', 'op_flags', 'buf_index', 'file_index'] },
);

const FUTEX_WAITV: Operation = asCall(
  FUTEX_WAITV_SYSCALLS[449],
  false,
  (sqe) => ({ waiters: sqe.addr, nr_futexes: sqe.len, flags: 0, timeout: 0, clockid: 0 }),
  {
    zero: ['fd', 'buf_index', 'file_index', 'off', 'op_flags', 'addr3'],
    isCounted: true,
    prepare: ({ sqe, memory }) => {
      if (sqe.len === 0 || sqe.len > FUTEX_WAITV_MAX) fail(EINVAL, 'no such number of futexes');
      memory.keep(sqe.addr, sqe.len * FutexWaitv.size);
    },
    ended: leaveFutexes,
  },
);

const WAITID: Operation = asCall(
  WAIT_SYSCALLS[95],
  false,
  (sqe) => ({ idtype: sqe.len | 0, id: sqe.fd, infop: sqe.off, options: sqe.file_index | 0, rusage: 0 }),
  { zero: ['addr', 'buf_index', 'addr3', 'op_flags'], isCounted: true },
);

export const PROCESS_OPERATIONS: Partial<Record<OperationName, Operation>> = {
  FUTEX_WAIT,
  FUTEX_WAKE,
  FUTEX_WAITV,
  WAITID,
};
