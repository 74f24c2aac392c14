// Control messages as C initialisers: [{cmsg_len=20, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[5]}].
// message-kinds.ts prints headers with it. What strace has no names for (IPv6, pidfds) is decoded in the same style.
import * as inet from '../inet.ts';
import type { PrintContext } from '../kind.ts';
import * as socket from '../socket.ts';
import { Cmsghdr, cmsgAlign, SOL_SOCKET, Ucred } from '../socket.ts';
import { Timespec, Timeval } from '../time.ts';
import { pidText } from './basic.ts';
import { printFd } from './fd-text.ts';
import { hex, nameOf, quoteLimited } from './format.ts';
import { braces, peekBytes } from './peek.ts';
import { addressText, interfaceText, ipv6Text } from './socket-address.ts';
import { controlTypesOf, LEVELS } from './socket-names.ts';
import { timespecText, timevalText } from './time-kinds.ts';

type Head = ReturnType<typeof Cmsghdr.decode>;

const SOL_IP = 0;
const SOL_IPV6 = 41;
const SCM_RIGHTS = 1;
const SCM_CREDENTIALS = 2;
const SCM_PIDFD = 4;
/** Control data beyond this is not looked at. */
const LARGEST_CONTROL = 65_536;

/** The control messages in `length` bytes at `address`. */
export function controlText(context: PrintContext, address: number, length: number): string {
  const bytes = peekBytes(context, address, Math.min(length, LARGEST_CONTROL));
  if (bytes === undefined) return hex(address);
  const texts: string[] = [];
  let at = 0;
  while (at + Cmsghdr.size <= bytes.length) {
    const head = Cmsghdr.decode(bytes.subarray(at));
    const isWhole = head.cmsg_len >= Cmsghdr.size && at + head.cmsg_len <= bytes.length;
    const end = isWhole ? at + head.cmsg_len : bytes.length;
    const hasData = head.cmsg_len >= Cmsghdr.size;
    texts.push(messageText(context, head, hasData ? bytes.subarray(at + Cmsghdr.size, end) : undefined));
    if (!hasData) {
      texts.push(`... /* ${hex(address + at + Cmsghdr.size)} */`);
      break;
    }
    at += cmsgAlign(head.cmsg_len);
  }
  return `[${texts.join(', ')}]`;
}

function messageText(context: PrintContext, head: Head, data: Uint8Array | undefined): string {
  const types = controlTypesOf(head.cmsg_level);
  const shown = data === undefined || data.length === 0 ? undefined : dataText(context, head, data);
  return braces([
    `cmsg_len=${head.cmsg_len}`,
    `cmsg_level=${nameOf(head.cmsg_level, LEVELS, 'SOL_???')}`,
    `cmsg_type=${types === undefined ? hex(head.cmsg_type) : nameOf(head.cmsg_type, types.table, types.unknown)}`,
    shown === undefined ? undefined : `cmsg_data=${shown}`,
  ]);
}

/** The data as its type means it; undefined when it is too short for that, `???` for half a time. */
function dataText(context: PrintContext, head: Head, data: Uint8Array): string | undefined {
  switch (head.cmsg_level) {
    case SOL_SOCKET:
      return socketData(context, head.cmsg_type, data);
    case SOL_IP:
      return inetData(context, head.cmsg_type, data);
    case SOL_IPV6:
      return inet6Data(context, head.cmsg_type, data);
    default:
      return quoteLimited(data, context.stringLimit);
  }
}

function view(data: Uint8Array): DataView {
  return new DataView(data.buffer, data.byteOffset, data.byteLength);
}

/** `[5, 6]`, cut as strace cuts arrays. */
function listText(context: PrintContext, list: readonly string[]): string {
  const isCut = !context.isVerbose && list.length > context.stringLimit;
  return `[${(isCut ? [...list.slice(0, context.stringLimit), '...'] : list).join(', ')}]`;
}

function socketData(context: PrintContext, type: number, data: Uint8Array): string | undefined {
  switch (type) {
    case SCM_RIGHTS:
    case SCM_PIDFD: {
      const fds = Array.from({ length: data.length >> 2 }, (_, i) =>
        printFd(view(data).getInt32(4 * i, true), context),
      );
      return listText(context, fds);
    }
    case SCM_CREDENTIALS: {
      if (data.length < Ucred.size) return undefined;
      const { pid, uid, gid } = Ucred.decode(data);
      return braces([`pid=${pidText(pid, context)}`, `uid=${uid}`, `gid=${gid}`]);
    }
    case socket.SO_TIMESTAMP_OLD:
    case socket.SO_TIMESTAMP_NEW:
      return data.length < Timeval.size ? '???' : timevalText(Timeval.decode(data));
    case socket.SO_TIMESTAMPNS_OLD:
    case socket.SO_TIMESTAMPNS_NEW:
      return data.length < Timespec.size ? '???' : timespecText(Timespec.decode(data));
    case socket.SO_TIMESTAMPING_OLD:
    case socket.SO_TIMESTAMPING_NEW: {
      if (data.length < 3 * Timespec.size) return '???';
      const times = [0, 1, 2].map((i) => timespecText(Timespec.decode(data.subarray(i * Timespec.size))));
      return `[${times.join(', ')}]`;
    }
    case socket.SCM_INQ:
      return numberText(data);
    default:
      return quoteLimited(data, context.stringLimit);
  }
}

/** `[64]`. */
function numberText(data: Uint8Array): string | undefined {
  return data.length < 4 ? undefined : `[${view(data).getInt32(0, true)}]`;
}

const inetText = (bytes: Uint8Array): string => `inet_addr("${[...bytes].join('.')}")`;

function inetData(context: PrintContext, type: number, data: Uint8Array): string | undefined {
  switch (type) {
    case inet.IP_TOS:
    case inet.IP_RETOPTS:
      return listText(
        context,
        [...data].map((byte) => hex(byte)),
      );
    case inet.IP_TTL:
      return numberText(data);
    case inet.IP_PKTINFO: {
      if (data.length < inet.InPktinfo.size) return undefined;
      const info = inet.InPktinfo.decode(data);
      return braces([
        `ipi_ifindex=${interfaceText(info.ipi_ifindex)}`,
        `ipi_spec_dst=${inetText(info.ipi_spec_dst)}`,
        `ipi_addr=${inetText(info.ipi_addr)}`,
      ]);
    }
    case inet.IP_ORIGDSTADDR:
      return addressText(data);
    default:
      return quoteLimited(data, context.stringLimit);
  }
}

function inet6Data(context: PrintContext, type: number, data: Uint8Array): string | undefined {
  switch (type) {
    case inet.IPV6_PKTINFO:
    case inet.IPV6_2292PKTINFO: {
      if (data.length < inet.In6Pktinfo.size) return undefined;
      const { ipi6_addr, ipi6_ifindex } = inet.In6Pktinfo.decode(data);
      return braces([
        `inet_pton(AF_INET6, "${ipv6Text(ipi6_addr)}", &ipi6_addr)`,
        `ipi6_ifindex=${interfaceText(ipi6_ifindex)}`,
      ]);
    }
    case inet.IPV6_HOPLIMIT:
    case inet.IPV6_2292HOPLIMIT:
    case inet.IPV6_TCLASS:
      return numberText(data);
    case inet.IPV6_ORIGDSTADDR:
      return addressText(data);
    default:
      return quoteLimited(data, context.stringLimit);
  }
}
