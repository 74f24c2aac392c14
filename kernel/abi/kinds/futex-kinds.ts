// Kinds of futex(2): the operation by name, and each further argument as that operation means it.
// The row of kernel/syscalls/futex.ts names them.
// What the operation does not take is left out, as strace does.
import { FutexWaitv } from '../futex.ts';
import type { Kind, PrintContext } from '../kind.ts';
import { Timespec } from '../time.ts';
import { flags, kind } from './basic.ts';
import { flagText, hex, names, pointer } from './format.ts';
import { arrayText, braces, peekStruct, structText } from './peek.ts';
import { timespecText } from './time-kinds.ts';

const OPERATIONS = (
  'WAIT WAKE FD REQUEUE CMP_REQUEUE WAKE_OP LOCK_PI UNLOCK_PI TRYLOCK_PI WAIT_BITSET WAKE_BITSET WAIT_REQUEUE_PI ' +
  'CMP_REQUEUE_PI LOCK_PI2'
).split(' ');
const PRIVATE = 128;
const CLOCK_REALTIME = 256;

function operation(context: PrintContext): string {
  return OPERATIONS[(context.args.op ?? 0) & 0x7f] ?? '';
}

export const FutexOp: Kind = kind('futex op', 'i32', (value) => {
  const word = OPERATIONS[value & 0x7f];
  if (word === undefined) return `${hex(value >>> 0)} /* FUTEX_??? */`;
  const clock = (value & CLOCK_REALTIME) === 0 ? '' : '|FUTEX_CLOCK_REALTIME';
  return `FUTEX_${word}${(value & PRIVATE) === 0 ? '' : '_PRIVATE'}${clock}`;
});

export const FutexValue: Kind = kind('futex value', 'u32', (value, context) =>
  /^(UNLOCK_PI|TRYLOCK_PI|LOCK_PI2?)$/.test(operation(context)) ? undefined : String(value),
);

/** A timeout, or a second count. */
export const FutexTimeout: Kind = kind('futex timeout', 'u64', (value, context) => {
  const word = operation(context);
  if (/^(WAIT|WAIT_BITSET|LOCK_PI2?|WAIT_REQUEUE_PI)$/.test(word)) {
    return structText(context, value, Timespec, timespecText);
  }
  if (/REQUEUE|WAKE_OP/.test(word)) return String(Math.trunc(value % 2 ** 32));
  return word === '' ? pointer(value) : undefined;
});

export const FutexSecond: Kind = kind('futex address', 'u64', (value, context) =>
  /REQUEUE|WAKE_OP|^$/.test(operation(context)) ? pointer(value) : undefined,
);

export const FutexThird: Kind = kind('futex value', 'u32', (value, context) => {
  const word = operation(context);
  if (/_BITSET$/.test(word)) return value === 0xffff_ffff ? 'FUTEX_BITSET_MATCH_ANY' : hex(value);
  if (word === 'WAKE_OP') return wakeOpText(value);
  return /^CMP_REQUEUE|^$/.test(word) ? String(value) : undefined;
});

/** `FUTEX_OP_SET<<28|0<<12|FUTEX_OP_CMP_GT<<24|0x1`, as strace spells the encoded operation. */
function wakeOpText(value: number): string {
  const ops = ['SET', 'ADD', 'OR', 'ANDN', 'XOR'];
  const comparisons = ['EQ', 'NE', 'LT', 'LE', 'GT', 'GE'];
  const op = (value >>> 28) & 7;
  const shift = value >>> 31 === 0 ? '' : 'FUTEX_OP_OPARG_SHIFT<<28|';
  const opName = ops[op] === undefined ? hex(op) : `FUTEX_OP_${ops[op]}`;
  const cmp = (value >>> 24) & 15;
  const cmpName = comparisons[cmp] === undefined ? hex(cmp) : `FUTEX_OP_CMP_${comparisons[cmp]}`;
  return `${shift}${opName}<<28|${hex((value >>> 12) & 0xfff)}<<12|${cmpName}<<24|${hex(value & 0xfff)}`;
}

const FUTEX2_FLAGS = names({ FUTEX_32: 2, FUTEX_PRIVATE_FLAG: 128 });

export const Futex2Flags: Kind = flags('FUTEX_???', { FUTEX_32: 2, FUTEX_PRIVATE_FLAG: 128 });

/** `[{val=1, uaddr=0x11000, flags=FUTEX_32|FUTEX_PRIVATE_FLAG}]`. */
function waitersText(context: PrintContext, address: number, count: number): string {
  return arrayText(context, address, count, FutexWaitv.size, (at) => {
    const waiter = peekStruct(context, at, FutexWaitv);
    return (
      waiter &&
      braces([
        `val=${hex(waiter.val)}`,
        `uaddr=${pointer(waiter.uaddr)}`,
        `flags=${flagText(waiter.flags, FUTEX2_FLAGS, 'FUTEX_???')}`,
        waiter.reserved === 0 ? undefined : `__reserved=${hex(waiter.reserved)}`,
      ])
    );
  });
}

/** futex_waitv's words. */
export const FutexWaiters: Kind = kind('struct futex_waitv', 'u64', (value, context) =>
  waitersText(context, value, Math.min(context.args.nr_futexes ?? 0, 128)),
);

/** futex_requeue's two words. */
export const FutexPair: Kind = kind('struct futex_waitv', 'u64', (value, context) =>
  waitersText(context, value, 2),
);
