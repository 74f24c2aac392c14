// FUTEX_WAKE_OP's second word: one operation on it, and a comparison of what it held before.
// syscalls/futex.ts calls it; the encoding is futex(2)'s: operation, comparison, and two 12-bit arguments.
import { ENOSYS, fail } from '../errno.ts';
import type { Thread } from '../task/thread.ts';

const FUTEX_OP_OPARG_SHIFT = 8;

/** Changes the word as `code` says; true when its old value compares as `code` asks. ENOSYS, EFAULT. */
export function changeWord(thread: Thread, address: number, code: number): boolean {
  const { user } = thread;
  const operation = (code >>> 28) & 7;
  const comparison = (code >>> 24) & 15;
  const shifts = ((code >>> 28) & FUTEX_OP_OPARG_SHIFT) !== 0;
  const rawArgument = (code << 8) >> 20;
  const argument = shifts ? 1 << (rawArgument & 31) : rawArgument;
  const compared = (code << 20) >> 20;
  const old = user.readI32(address);
  user.writeU32(address, apply(operation, old, argument) >>> 0);
  return compare(comparison, old, compared);
}

function apply(operation: number, old: number, argument: number): number {
  switch (operation) {
    case 0:
      return argument; // FUTEX_OP_SET
    case 1:
      return old + argument; // ADD
    case 2:
      return old | argument; // OR
    case 3:
      return old & ~argument; // ANDN
    case 4:
      return old ^ argument; // XOR
    default:
      return fail(ENOSYS, 'no such FUTEX_OP');
  }
}

function compare(comparison: number, old: number, value: number): boolean {
  switch (comparison) {
    case 0:
      return old === value;
    case 1:
      return old !== value;
    case 2:
      return old < value;
    case 3:
      return old <= value;
    case 4:
      return old > value;
    case 5:
      return old >= value;
    default:
      return fail(ENOSYS, 'no such FUTEX_OP_CMP');
  }
}
