// ioctl(2) of /dev/random and urandom: what daemons add to the pool, and how full it is (drivers/char/random.c, random_ioctl).
// memory-devices.ts comes here; the build loads this at the first use. The pool is the host's, always full: nothing changes it.

import {
  RNDADDENTROPY,
  RNDADDTOENTCNT,
  RNDCLEARPOOL,
  RNDGETENTCNT,
  RNDRESEEDCRNG,
  RNDZAPENTCNT,
} from '../../abi/ioctl.ts';
import { EFAULT, EINVAL, EPERM, fail } from '../../errno.ts';
import { CAP_SYS_ADMIN, capable } from '../../task/credentials.ts';
import type { Thread } from '../../task/thread.ts';

/** POOL_READY_BITS; /proc/sys/kernel/random/entropy_avail says the same. */
const POOL_BITS = 256;

/** EFAULT; EPERM without CAP_SYS_ADMIN; EINVAL for fewer than no bits and other requests. */
export function randomIoctl(thread: Thread, request: number, argument: number): number {
  const { user } = thread;
  switch (request) {
    case RNDGETENTCNT:
      user.writeU32(argument, POOL_BITS);
      return 0;
    case RNDADDTOENTCNT:
      demandAdmin(thread);
      demandBits(thread, argument);
      return 0;
    case RNDADDENTROPY: {
      demandAdmin(thread);
      demandBits(thread, argument);
      demandReadable(thread, argument + 8, user.readI32(argument + 4));
      return 0;
    }
    case RNDZAPENTCNT:
    case RNDCLEARPOOL:
    case RNDRESEEDCRNG:
      demandAdmin(thread);
      return 0;
    default:
      fail(EINVAL, 'no request of random devices');
  }
}

function demandAdmin(thread: Thread): void {
  if (!capable(thread.credentials, CAP_SYS_ADMIN)) fail(EPERM, 'needs CAP_SYS_ADMIN');
}

function demandBits(thread: Thread, address: number): void {
  if (thread.user.readI32(address) < 0) fail(EINVAL, 'fewer than no bits');
}

/** A negative length is one beyond all memory, once it is a size_t. */
function demandReadable({ user }: Thread, address: number, length: number): void {
  if (length < 0) fail(EFAULT, 'more than memory has');
  for (let done = 0; done < length; ) {
    const run = user.accessible(address + done, length - done, false);
    if (run === 0) fail(EFAULT, 'not all of the bytes are accessible');
    done += run;
  }
}
