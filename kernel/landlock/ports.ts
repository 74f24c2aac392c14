// TCP ports that a domain may bind and connect to (security/landlock/net.c). bind and connect ask here before the family does.
import { IPPROTO_TCP } from '../abi/inet.ts';
import { LANDLOCK_ACCESS_NET } from '../abi/landlock.ts';
import { AF_INET, AF_INET6, AF_UNSPEC, SOCK_STREAM } from '../abi/socket.ts';
import { EACCES, EAFNOSUPPORT, EINVAL, fail } from '../errno.ts';
import type { SocketCore } from '../net/socket-core.ts';
import type { Thread } from '../task/thread.ts';
import type { Domain } from './domain.ts';
import { LayerMasks } from './layer-masks.ts';

const { BIND_TCP, CONNECT_TCP } = LANDLOCK_ACCESS_NET;
const SOCKADDR_IN_SIZE = 16;
/** SIN6_LEN_RFC2133: without the scope. */
const SOCKADDR_IN6_SIZE = 24;

/** EACCES; EINVAL and EAFNOSUPPORT for addresses that the family would refuse anyway (current_check_access_socket). */
export function demandPort(
  { credentials }: Thread,
  core: SocketCore,
  sockaddr: Uint8Array,
  action: 'bind' | 'connect',
): void {
  const { domain } = credentials;
  if (domain === undefined || domain.united.net === 0) return;
  const ownFamily = core.family.number;
  const isInet = ownFamily === AF_INET || ownFamily === AF_INET6;
  if (!isInet || core.type !== SOCK_STREAM || core.protocol !== IPPROTO_TCP) return;
  if (sockaddr.length < 2) fail(EINVAL, 'an address without a family');
  const view = new DataView(sockaddr.buffer, sockaddr.byteOffset, sockaddr.length);
  const family = view.getUint16(0, true);
  if (family !== AF_UNSPEC && family !== AF_INET && family !== AF_INET6) return;
  if (view.byteLength < (family === AF_INET6 ? SOCKADDR_IN6_SIZE : SOCKADDR_IN_SIZE))
    fail(EINVAL, 'the address is too short');
  if (family === AF_UNSPEC) {
    if (action === 'connect') return; // undoes a connection, as a close would
    if (ownFamily !== AF_INET) fail(EINVAL, 'no address of IPv6');
    if (view.getUint32(4) !== 0) fail(EAFNOSUPPORT, 'only "any address" may be without a family');
  } else if (family !== ownFamily) fail(EINVAL, 'an address of another family');
  const wanted = action === 'bind' ? BIND_TCP : CONNECT_TCP;
  if (!allows(domain, view.getUint16(2), wanted)) fail(EACCES, 'Landlock denies the port');
}

function allows(domain: Domain, port: number, wanted: number): boolean {
  const masks = new LayerMasks(domain, wanted, 'net');
  for (const { rules, depth } of domain.layers()) masks.allow(rules.ports.get(port) ?? 0, depth);
  return masks.denied(wanted) === 0;
}
