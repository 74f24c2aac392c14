// Kinds of seccomp(2): the operation and its flags by name.
// The row of kernel/syscalls/seccomp.ts names them.

import { SockFprog } from '../bpf.ts';
import type { Kind } from '../kind.ts';
import { flags, kind, oneOf } from './basic.ts';
import { pointer } from './format.ts';
import { braces, structText } from './peek.ts';

const SET_MODE_FILTER = 1;

export const SeccompOperation: Kind = oneOf('SECCOMP_???', {
  SECCOMP_SET_MODE_STRICT: 0,
  SECCOMP_SET_MODE_FILTER: SET_MODE_FILTER,
  SECCOMP_GET_ACTION_AVAIL: 2,
  SECCOMP_GET_NOTIF_SIZES: 3,
});

export const SeccompFlags: Kind = flags('SECCOMP_FILTER_FLAG_???', {
  SECCOMP_FILTER_FLAG_TSYNC: 1,
  SECCOMP_FILTER_FLAG_LOG: 2,
  SECCOMP_FILTER_FLAG_SPEC_ALLOW: 4,
  SECCOMP_FILTER_FLAG_NEW_LISTENER: 8,
  SECCOMP_FILTER_FLAG_TSYNC_ESRCH: 16,
  SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV: 32,
});

/** A program for the operation that takes one, else an address. */
export const SeccompArgument: Kind = kind('seccomp argument', 'u64', (address, context) =>
  structText(
    context,
    address,
    SockFprog,
    ({ len, filter }) => braces([`len=${len}`, `filter=${pointer(filter)}`]),
    context.args.operation === SET_MODE_FILTER,
  ),
);
