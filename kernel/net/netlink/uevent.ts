// NETLINK_KOBJECT_UEVENT: news of devices (lib/kobject_uevent.c). Devices neither come nor go here, so that the kernel has
// none of its own; udevd sends what it makes of them to group 2, and privileged programs may have events passed on.
// netlink.ts asks for what is passed on, and delivers it.
import { concat } from '../../abi/concat.ts';
import { Nlmsghdr } from '../../abi/netlink.ts';
import { EINVAL, EPERM, fail } from '../../errno.ts';
import { textToBytes } from '../../mm/user-memory.ts';
import { CAP_SYS_ADMIN, capableIn } from '../../task/credentials.ts';
import type { Thread } from '../../task/thread.ts';
import type { NetNamespace } from '../net-namespace.ts';
import type { Request } from './message.ts';

/** Group 1 of the protocol, as a bit of nl_groups. */
export const KERNEL_EVENTS = 1;
const BUFFER_SIZE = 2048;

/** The event that a program wants passed on, with its number. EPERM; EINVAL: longer than 2048 bytes (uevent_net_rcv_skb). */
export function passedOn(thread: Thread, { kernel, owner }: NetNamespace, { body }: Request): Uint8Array {
  if (!capableIn(thread.credentials, CAP_SYS_ADMIN, owner))
    fail(EPERM, 'passing events on needs CAP_SYS_ADMIN');
  const number = textToBytes(`SEQNUM=${kernel.net.takeEventNumber()}\0`);
  if (Nlmsghdr.size + body.length + number.length > BUFFER_SIZE) fail(EINVAL, 'the event is too long');
  return concat([body, number]);
}
