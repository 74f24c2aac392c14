// Kinds of sendmsg and recvmsg and their many-message forms: msghdr with iovecs and decoded control messages.
// Rows of kernel/syscalls/socket-messages.ts and socket-multi.ts name them.
// Received headers are shown as the call left them; lengths that changed as `110 => 2`.
import type { Kind, PrintContext } from '../kind.ts';
import { Cmsghdr, cmsgAlign, Mmsghdr, Msghdr, SOL_SOCKET, Ucred } from '../socket.ts';
import { Timespec } from '../time.ts';
import { kind } from './basic.ts';
import { printFd } from './fd-text.ts';
import { flagText, hex, nameOf, pointer, quoteLimited } from './format.ts';
import { iovecsText } from './io-kinds.ts';
import { arrayText, braces, peekBytes, peekNumber, peekStruct } from './peek.ts';
import { addressAt } from './socket-kinds.ts';
import { CONTROL_TYPES, LEVELS, MESSAGE_FLAGS } from './socket-names.ts';
import { timespecText } from './time-kinds.ts';

type Header = ReturnType<typeof Msghdr.decode>;

const SCM_CREDENTIALS = 2;
/** Control data beyond this is not looked at. */
const LARGEST_CONTROL = 65_536;

/** `[{cmsg_len=20, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[5]}]`. */
function controlText(context: PrintContext, address: number, length: number): string {
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

function messageText(
  context: PrintContext,
  head: ReturnType<typeof Cmsghdr.decode>,
  data: Uint8Array | undefined,
): string {
  const isSocketLevel = head.cmsg_level === SOL_SOCKET;
  const type = isSocketLevel ? nameOf(head.cmsg_type, CONTROL_TYPES, 'SCM_???') : hex(head.cmsg_type);
  return braces([
    `cmsg_len=${head.cmsg_len}`,
    `cmsg_level=${nameOf(head.cmsg_level, LEVELS, 'SOL_???')}`,
    `cmsg_type=${type}`,
    data === undefined || data.length === 0 || isShortCredentials(head, data)
      ? undefined
      : `cmsg_data=${controlData(context, head, data)}`,
  ]);
}

/** strace shows nothing of them. */
function isShortCredentials(head: ReturnType<typeof Cmsghdr.decode>, data: Uint8Array): boolean {
  return head.cmsg_level === SOL_SOCKET && head.cmsg_type === SCM_CREDENTIALS && data.length < Ucred.size;
}

function controlData(
  context: PrintContext,
  head: ReturnType<typeof Cmsghdr.decode>,
  data: Uint8Array,
): string {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  if (head.cmsg_level === SOL_SOCKET) {
    if (head.cmsg_type === 1 || head.cmsg_type === 4) {
      const fds = Array.from({ length: data.length >> 2 }, (_, i) =>
        printFd(view.getInt32(4 * i, true), context),
      );
      return `[${fds.join(', ')}]`;
    }
    if (head.cmsg_type === SCM_CREDENTIALS && data.length >= Ucred.size) {
      const { pid, uid, gid } = Ucred.decode(data);
      return braces([`pid=${pid}`, `uid=${uid}`, `gid=${gid}`]);
    }
  }
  return quoteLimited(data, context.stringLimit);
}

interface HeaderOptions {
  /** Bytes of data in the iovecs; undefined = all of them are. */
  readonly available: number | undefined;
  /** msg_namelen before a receiving call. */
  readonly roomForName: number | undefined;
}

function headerText(context: PrintContext, header: Header, options: HeaderOptions): string {
  const { msg_name, msg_namelen, msg_iov, msg_iovlen, msg_control, msg_controllen } = header;
  const { roomForName } = options;
  const length = roomForName === undefined ? msg_namelen : Math.min(msg_namelen, roomForName);
  const name = msg_name !== 0 && length > 0 ? addressAt(context, msg_name, length) : pointer(msg_name);
  const changed = roomForName !== undefined && roomForName !== msg_namelen;
  return braces([
    `msg_name=${name}`,
    `msg_namelen=${changed ? `${roomForName} => ${msg_namelen}` : msg_namelen}`,
    `msg_iov=${iovecsText(context, msg_iov, Math.min(msg_iovlen, 1024), options.available)}`,
    `msg_iovlen=${msg_iovlen}`,
    msg_controllen > 0 && msg_control !== 0
      ? `msg_control=${controlText(context, msg_control, msg_controllen)}`
      : msg_controllen > 0
        ? 'msg_control=NULL'
        : undefined,
    `msg_controllen=${msg_controllen}`,
    `msg_flags=${flagText(header.msg_flags, MESSAGE_FLAGS, 'MSG_???')}`,
  ]);
}

export const MsgHdrIn: Kind = kind('struct msghdr', 'u64', (value, context) => {
  if (value === 0) return 'NULL';
  const header = peekStruct(context, value, Msghdr);
  if (header === undefined) return hex(value);
  return headerText(context, header, { available: undefined, roomForName: undefined });
});

const NAMELEN_OFFSET = Msghdr.offsets.msg_namelen;

export const MsgHdrOut: Kind = {
  name: 'struct msghdr',
  register: 'u64',
  when: 'exit',
  capture: (value, context) => peekNumber(context, value + NAMELEN_OFFSET, 'i32'),
  print: (value, context) => {
    if (value === 0) return 'NULL';
    const header = peekStruct(context, value, Msghdr);
    const room = context.captured as bigint | undefined;
    if (header === undefined || room === undefined) return hex(value);
    if (context.result < 0) return braces([`msg_namelen=${room}`]);
    return headerText(context, header, { available: context.result, roomForName: Number(room) });
  },
};

/** How many messages came; strace says of none that the time is over. */
export const ReceivedResult: Kind = kind('received', 'i32', (value, context) => {
  if (value === 0) return '0 (Timeout)';
  const { timeout = 0 } = context.args;
  const left = timeout === 0 ? undefined : peekStruct(context, timeout, Timespec);
  return left === undefined ? String(value) : `${value} (left ${timespecText(left)})`;
});

function messagesText(
  context: PrintContext,
  address: number,
  count: number,
  roomsForNames: readonly (number | undefined)[] | undefined,
): string {
  return arrayText(context, address, count, Mmsghdr.size, (at, index) => {
    const message = peekStruct(context, at, Mmsghdr);
    if (message === undefined) return undefined;
    const isReceived = roomsForNames !== undefined;
    const header = headerText(context, message.msg_hdr, {
      available: isReceived ? message.msg_len : undefined,
      roomForName: roomsForNames?.[index],
    });
    const isDone = context.phase === 'exit' && index < context.result;
    return braces([`msg_hdr=${header}`, isDone ? `msg_len=${message.msg_len}` : undefined]);
  });
}

/** sendmmsg's array: shown on exit, when the lengths are known. */
export const MmsgHdrIn: Kind = {
  name: 'struct mmsghdr',
  register: 'u64',
  when: 'exit',
  print: (value, context) => messagesText(context, value, Math.min(context.args.vlen ?? 0, 1024), undefined),
};

export const MmsgHdrOut: Kind = {
  name: 'struct mmsghdr',
  register: 'u64',
  when: 'exit',
  capture: (value, context) =>
    Array.from({ length: Math.min(context.args.vlen ?? 0, context.stringLimit) }, (_, i) => {
      const length = peekNumber(context, value + i * Mmsghdr.size + NAMELEN_OFFSET, 'i32');
      return length === undefined ? undefined : Number(length);
    }),
  print: (value, context) => {
    if (context.result < 0) return pointer(value);
    return messagesText(context, value, context.result, context.captured as (number | undefined)[]);
  },
};
