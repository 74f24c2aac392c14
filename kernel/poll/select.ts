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
  const wanted = addresses.map((address) =>
    address === 0 ? new Uint8Array(size) : user.read(address, size),
  );
  const found = wanted.map(() => new Uint8Array(size));
  const watched: OpenFile[] = [];
  let total = 0;
  for (let fd = 0; fd < limit; fd++) {
    const at = fd >> 3;
    const bit = 1 << (fd & 7);
    if ((bitsAt(wanted, at) & bit) === 0) {
      if ((fd & 7) === 0 && bitsAt(wanted, at) === 0) fd += 7;
      continue;
    }
    const file = files.lookup(fd);
    if (file === undefined && call.data === undefined)
      fail(EBADF, 'a set contains a descriptor that is not open');
    const isValid = file !== undefined && (file.flags & O_PATH) === 0;
    if (isValid) watched.push(file);
    const events = isValid ? file.descriptor.poll(file) : POLLNVAL; // closed meanwhile
    for (const [which, mask] of MASKS.entries()) {
      const set = wanted[which] as Uint8Array;
      if (((set[at] as number) & bit) === 0 || (events & mask) === 0) continue;
      (found[which] as Uint8Array)[at] = ((found[which] as Uint8Array)[at] as number) | bit;
      total++;
    }
  }
  if (total === 0 && goesOn(thread)) return waitOn(thread, watched);
  for (const [which, address] of addresses.entries()) {
    if (address !== 0) user.write(address, found[which] as Uint8Array);
  }
  return total;
}

function bitsAt(sets: readonly Uint8Array[], at: number): number {
  return sets.reduce((bits, set) => bits | (set[at] ?? 0), 0);
}
