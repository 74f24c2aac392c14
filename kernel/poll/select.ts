// pselect6(2): three sets of descriptors, tested with poll's masks (fs/select.c, core_sys_select).
// syscalls/poll.ts calls it. The sets are bit arrays of 64-bit words.
import { O_PATH } from '../abi/fcntl.ts';
import {
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLNVAL,
  POLLOUT,
  POLLPRI,
  POLLRDBAND,
  POLLRDNORM,
  POLLWRBAND,
  POLLWRNORM,
} from '../abi/poll.ts';
import { EBADF, EINVAL, fail } from '../errno.ts';
import type { OpenFile } from '../file/open-file.ts';
import type { Call, Thread } from '../task/thread.ts';
import type { Wait } from '../wait.ts';
import { goesOn, waitOn } from './poll.ts';

/** POLLIN_SET, POLLOUT_SET, POLLEX_SET. */
const MASKS = [
  POLLRDNORM | POLLRDBAND | POLLIN | POLLHUP | POLLERR | POLLNVAL,
  POLLWRBAND | POLLWRNORM | POLLOUT | POLLERR | POLLNVAL,
  POLLPRI | POLLNVAL,
] as const;

/** What one of the sets asks for, and in the same bits then what of it holds. */
interface FdSet {
  readonly address: number;
  readonly bits: Uint8Array;
  readonly mask: number;
}

/**
 * One try. `addresses` are the read, write and exceptional sets, 0 for none.
 * The number of bits set, 0 after the deadline, or a Wait. EINVAL: negative count. EBADF. EFAULT.
 */
export function selectFiles(thread: Thread, count: number, addresses: readonly number[]): number | Wait {
  const call = thread.call as Call;
  if (count < 0) fail(EINVAL, 'negative number of descriptors');
  const { user, files } = thread;
  const limit = Math.min(count, files.tableSize);
  const size = Math.ceil(limit / 64) * 8;
  const sets: FdSet[] = [];
  for (const [which, address] of addresses.entries()) {
    if (address !== 0) sets.push({ address, bits: user.read(address, size), mask: MASKS[which] as number });
  }
  const watched: OpenFile[] = [];
  let total = 0;
  for (let at = 0; at < size; at++) {
    let wanted = 0;
    for (const { bits } of sets) wanted |= bits[at] as number;
    for (let fd = at * 8; wanted !== 0; fd++, wanted >>>= 1) {
      if ((wanted & 1) === 0) continue;
      let events = 0;
      if (fd < limit) {
        const file = files.lookup(fd);
        if (file === undefined && call.data === undefined)
          fail(EBADF, 'a set contains a descriptor that is not open');
        const isValid = file !== undefined && (file.flags & O_PATH) === 0;
        if (isValid) watched.push(file);
        events = isValid ? file.descriptor.poll(file) : POLLNVAL; // closed meanwhile
      }
      const bit = 1 << (fd & 7);
      for (const { bits, mask } of sets) {
        const byte = bits[at] as number;
        if ((byte & bit) === 0) continue;
        if ((events & mask) !== 0) total++;
        else bits[at] = byte & ~bit;
      }
    }
  }
  if (total === 0 && goesOn(thread)) return waitOn(thread, watched);
  for (const { address, bits } of sets) user.write(address, bits);
  return total;
}
