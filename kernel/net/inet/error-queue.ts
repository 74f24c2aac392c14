// Errors that came back for what was sent, with what it was: IP_RECVERR and MSG_ERRQUEUE (ip(7)).
// udp-transfer.ts fills the queue, programs such as traceroute read it.
import { firstBytes } from '../../abi/first-bytes.ts';
import { IP_RECVERR, IPPROTO_IP, IPPROTO_IPV6, IPV6_RECVERR } from '../../abi/inet.ts';
import { AF_INET6, MSG_CTRUNC, MSG_ERRQUEUE, MSG_TRUNC } from '../../abi/socket.ts';
import { struct, u8, u32 } from '../../abi/struct.ts';
import { EAGAIN, ECONNREFUSED, fail } from '../../errno.ts';
import type { Sink } from '../../file/file-descriptor.ts';
import type { Incoming } from '../socket.ts';
import { putTimestamps } from '../timestamps.ts';
import { type Endpoint, encodeEndpoint, isV4 } from './endpoint.ts';
import type { InetSocket } from './inet-socket.ts';
import { protocolOption } from './stored-options.ts';

const ExtendedError = struct('sock_extended_err', {
  ee_errno: u32,
  ee_origin: u8,
  ee_type: u8,
  ee_code: u8,
  ee_pad: u8,
  ee_info: u32,
  ee_data: u32,
});
const SO_EE_ORIGIN_ICMP = 2;
const SO_EE_ORIGIN_ICMP6 = 3;
/** More are lost. */
const MOST_ERRORS = 64;

/** What was sent, where to, and what it ended with. */
export interface Returned {
  readonly bytes: Uint8Array;
  readonly to: Endpoint;
  readonly type: number;
  readonly code: number;
  readonly sentNs: bigint;
}

function reportsErrors(core: InetSocket): boolean {
  const isSixth = core.family.number === AF_INET6;
  return isSixth
    ? protocolOption(core, IPPROTO_IPV6, IPV6_RECVERR) !== 0
    : protocolOption(core, IPPROTO_IP, IP_RECVERR) !== 0;
}

/** Nobody has the port that a datagram was sent to: connected senders hear of it, and those that asked for errors. */
export function portUnreachable(
  core: InetSocket,
  bytes: Uint8Array,
  to: Endpoint,
  isConnected: boolean,
): void {
  const isQueued = reportsErrors(core);
  if (isQueued && core.errors.length < MOST_ERRORS) {
    const [type, code] = isV4(to.ip) ? [3, 3] : [1, 4];
    core.errors.push({ bytes, to, type, code, sentNs: core.kernel.clock.realtimeNs() });
  }
  if (isQueued || isConnected) core.reportError(ECONNREFUSED);
}

/** The oldest error: the datagram that it is about, and what it is. EAGAIN. */
export function receiveError(core: InetSocket, message: Incoming, sink: Sink): number {
  const error = core.errors.shift() ?? fail(EAGAIN, 'nothing came back');
  const { bytes, to, type, code, sentNs } = error;
  const size = Math.min(sink.remaining, bytes.length);
  if (size > 0) sink.put(firstBytes(bytes, size));
  if (size < bytes.length) message.outFlags |= MSG_TRUNC;
  message.outFlags |= MSG_ERRQUEUE;
  message.name = encodeEndpoint(to, core.family.number);
  putTimestamps(core, message, sentNs);
  const isOfV4 = isV4(to.ip);
  const head = ExtendedError.encode({
    ee_errno: ECONNREFUSED,
    ee_origin: isOfV4 ? SO_EE_ORIGIN_ICMP : SO_EE_ORIGIN_ICMP6,
    ee_type: type,
    ee_code: code,
    ee_pad: 0,
    ee_info: 0,
    ee_data: 0,
  });
  const offender = encodeEndpoint({ ip: to.ip, port: 0 }, core.family.number);
  const data = new Uint8Array(head.length + offender.length);
  data.set(head);
  data.set(offender, head.length);
  const isSixth = core.family.number === AF_INET6;
  if (message.control === undefined) message.outFlags |= MSG_CTRUNC;
  else if (isSixth) message.control.put(IPPROTO_IPV6, IPV6_RECVERR, data);
  else message.control.put(IPPROTO_IP, IP_RECVERR, data);
  message.outFlags |= message.control?.flags ?? 0;
  // what is left is the error that a call and SO_ERROR find
  core.pendingError = core.errors.length > 0 ? ECONNREFUSED : 0;
  return size;
}
