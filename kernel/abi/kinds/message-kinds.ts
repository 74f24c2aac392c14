// Kinds of sendmsg and recvmsg and their many-message forms: msghdr with iovecs and decoded control messages.
// Rows of kernel/syscalls/socket-messages.ts and socket-multi.ts name them.
// Received headers are shown as the call left them; lengths that changed as `110 => 2`.
import type { Kind, PrintContext } from '../kind.ts';
import { Mmsghdr, Msghdr } from '../socket.ts';
import { Timespec } from '../time.ts';
import { kind, outKind } from './basic.ts';
import { controlText } from './control-text.ts';
import { flagText, hex, pointer } from './format.ts';
import { iovecsText } from './io-kinds.ts';
import { arrayText, braces, bufferText, peekBytes, peekNumber, peekStruct } from './peek.ts';
import { addressAt } from './socket-kinds.ts';
import { MESSAGE_FLAGS } from './socket-names.ts';
import { timespecText } from './time-kinds.ts';

type Header = ReturnType<typeof Msghdr.decode>;

/** Data that a socket sends or has received; what is known of its contents. */
function payloadText(context: PrintContext, address: number, length: number): string {
  const bytes = () => peekBytes(context, address, Math.min(length, LARGEST_PAYLOAD));
  const known = address === 0 ? undefined : context.describeMessage?.(context.args.fd ?? -1, bytes);
  return known ?? bufferText(context, address, length);
}
const LARGEST_PAYLOAD = 65_536;

/** sendto's bytes. */
export const PayloadIn: Kind = kind('payload', 'u64', (value, context) =>
  payloadText(context, value, context.args.len ?? 0),
);
/** recvfrom's: as many as its result says, or as there was room for. */
export const PayloadOut: Kind = outKind('out-payload', 'u64', (value, context) =>
  context.result < 0
    ? pointer(value)
    : payloadText(context, value, Math.min(context.result, context.args.len ?? 0)),
);

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
    `msg_iov=${iovecsText(context, msg_iov, Math.min(msg_iovlen, 1024), options.available, payloadText)}`,
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
