// TCP's urgent byte (tcp(7), MSG_OOB; net/ipv4/tcp.c, tcp_recv_urg; tcp_input.c, tcp_check_urg): the last byte of a send
// with MSG_OOB is read apart from the others, and ordinary reads stop before it and pass over it.
// tcp-transfer.ts asks where reads end; poll and the ioctls ask whether one waits.
import { MSG_OOB, MSG_PEEK, MSG_TRUNC } from '../../abi/socket.ts';
import { EFAULT, EINVAL, fail } from '../../errno.ts';
import { notifyUrgent } from '../../file/async-owner.ts';
import type { Sink } from '../../file/file-descriptor.ts';
import type { Incoming } from '../socket.ts';
import type { InetSocket } from './inet-socket.ts';

/** The byte at `at` of the ring, just appended, is urgent; an older one that is next to be read is lost. */
export function urgentArrived(core: InetSocket, at: number): void {
  const isNext = core.urgent?.at === core.head && core.queued > 1;
  if (isNext && !core.settings.oobInline) passOver(core);
  core.urgent = { at, isRead: false };
  notifyUrgent(core.kernel, core.file);
}

/** recv with MSG_OOB. EINVAL: none came, it was read, or it is read in line. EFAULT; it is gone all the same. */
export function receiveUrgent(core: InetSocket, message: Incoming, sink: Sink): number {
  const { urgent } = core;
  if (urgent === undefined || urgent.isRead || core.settings.oobInline)
    fail(EINVAL, 'no urgent byte to read out of band');
  if ((message.flags & MSG_PEEK) === 0) core.urgent = { ...urgent, isRead: true };
  message.outFlags |= MSG_OOB;
  if (sink.remaining === 0) {
    message.outFlags |= MSG_TRUNC;
    return 0;
  }
  if (core.bytes.copyOut(sink, urgent.at, 1) < 1) fail(EFAULT, 'the receive buffer is not writable');
  return 1;
}

/** How many of `wanted` bytes from `from` on may be read before the mark ends the read. */
export function upToMark(core: InetSocket, from: number, wanted: number): number {
  const { urgent } = core;
  return urgent !== undefined && urgent.at > from ? Math.min(wanted, urgent.at - from) : wanted;
}

/** The next byte is, or was, urgent (SIOCATMARK). */
export function isAtMark({ urgent, head }: InetSocket): boolean {
  return urgent !== undefined && urgent.at === head;
}

/** Takes the urgent byte out of the stream: it is lost unless it was read. */
export function passOver(core: InetSocket): void {
  core.head++;
  core.queued--;
  core.bytes.discardTo(core.head);
  forgetPassed(core);
}

/** Reading went past the mark. */
export function forgetPassed(core: InetSocket): void {
  if (core.urgent !== undefined && core.urgent.at < core.head) core.urgent = undefined;
}

/** FIONREAD: what an ordinary read can get before the mark. */
export function readableNow(core: InetSocket): number {
  const { urgent, head, queued } = core;
  if (urgent === undefined || core.settings.oobInline || urgent.at >= head + queued) return queued;
  return Math.max(0, urgent.at - head);
}
