// Netlink messages as strace 6.1 shows them: [{nlmsg_len=…, nlmsg_type=…}, {…}, [attributes]], several in a list.
// call-text.ts asks for what goes through a netlink socket; bytes in, text out.

import { flagText, type NameTable, nameOf, names } from '../../../kernel/abi/kinds/format.ts';
import { NETLINK_ROUTE, NETLINK_SOCK_DIAG, NLMSG_MIN_TYPE } from '../../../kernel/abi/netlink.ts';
import { errnoName } from '../../../kernel/errno.ts';
import { DIAG_TYPES, diagBody } from './diag-messages.ts';
import { type Attributes, type Body, family, hexString, layoutText, view } from './fields.ts';
import { ROUTE_TYPES, routeBody } from './route-messages.ts';

/** What messages are shown with. */
export interface MessageStyle {
  readonly protocol: number;
  /** -s: of lists and strings. */
  readonly limit: number;
}

const HEADER_SIZE = 16;
const ATTRIBUTE_SIZE = 4;
const ERROR = 2;
const DONE = 3;
const CONTROL_TYPES = names({ NLMSG_NOOP: 1, NLMSG_ERROR: ERROR, NLMSG_DONE: DONE, NLMSG_OVERRUN: 4 });
const REQUEST = 1;

const COMMON_FLAGS = {
  NLM_F_REQUEST: REQUEST,
  NLM_F_MULTI: 2,
  NLM_F_ACK: 4,
  NLM_F_ECHO: 8,
  NLM_F_DUMP_INTR: 16,
  NLM_F_DUMP_FILTERED: 32,
};
const PLAIN_FLAGS = names(COMMON_FLAGS);
const GET_FLAGS = names({
  ...COMMON_FLAGS,
  NLM_F_DUMP: 0x300,
  NLM_F_ROOT: 0x100,
  NLM_F_MATCH: 0x200,
  NLM_F_ATOMIC: 0x400,
});
const NEW_FLAGS = names({
  ...COMMON_FLAGS,
  NLM_F_REPLACE: 0x100,
  NLM_F_EXCL: 0x200,
  NLM_F_CREATE: 0x400,
  NLM_F_APPEND: 0x800,
});
const DELETE_FLAGS = names({ ...COMMON_FLAGS, NLM_F_NONREC: 0x100, NLM_F_BULK: 0x200 });
const ERROR_FLAGS = names({ ...COMMON_FLAGS, NLM_F_CAPPED: 0x100, NLM_F_ACK_TLVS: 0x200 });

function typeText(protocol: number, type: number): string {
  if (type < NLMSG_MIN_TYPE) return nameOf(type, CONTROL_TYPES, 'NLMSG_???');
  if (protocol === NETLINK_ROUTE) return nameOf(type, ROUTE_TYPES, 'RTM_???');
  return protocol === NETLINK_SOCK_DIAG
    ? nameOf(type, DIAG_TYPES, 'SOCK_DIAG_???')
    : nameOf(type, [], 'NLMSG_???');
}

/** Bits above the common ones mean something else for each sort of message. */
function flagsOf(protocol: number, type: number): NameTable {
  if (type < NLMSG_MIN_TYPE) return type === ERROR ? ERROR_FLAGS : PLAIN_FLAGS;
  if (protocol === NETLINK_SOCK_DIAG) return GET_FLAGS;
  if (protocol !== NETLINK_ROUTE) return PLAIN_FLAGS;
  return [NEW_FLAGS, DELETE_FLAGS, GET_FLAGS, PLAIN_FLAGS][type & 3] ?? PLAIN_FLAGS;
}

/** What was sent or received as text; undefined when there is not even a header. */
export function messagesText(bytes: Uint8Array, style: MessageStyle): string | undefined {
  if (bytes.length < HEADER_SIZE) return undefined;
  const texts: string[] = [];
  let at = 0;
  while (at + HEADER_SIZE <= bytes.length) {
    const length = view(bytes).getUint32(at, true);
    const end = Math.min(at + Math.max(length, HEADER_SIZE), bytes.length);
    texts.push(messageText(bytes.subarray(at, end), style));
    if (length < HEADER_SIZE) break;
    at += aligned(length);
  }
  return listText(texts, style.limit);
}

function aligned(length: number): number {
  return Math.ceil(length / 4) * 4;
}

/** One alone, several between brackets, as many as -s says. */
function listText(texts: readonly string[], limit: number): string {
  if (texts.length === 1) return texts[0] as string;
  const shown = texts.length > limit ? [...texts.slice(0, limit), '...'] : texts;
  return `[${shown.join(', ')}]`;
}

function messageText(bytes: Uint8Array, style: MessageStyle): string {
  const { protocol, limit } = style;
  const data = view(bytes);
  const type = data.getUint16(4, true);
  const flags = data.getUint16(6, true);
  const head = [
    `nlmsg_len=${data.getUint32(0, true)}`,
    `nlmsg_type=${typeText(protocol, type)}`,
    `nlmsg_flags=${flagText(flags, flagsOf(protocol, type), 'NLM_F_???')}`,
    `nlmsg_seq=${data.getUint32(8, true)}`,
    `nlmsg_pid=${data.getUint32(12, true)}`,
  ].join(', ');
  const payload = bytes.subarray(HEADER_SIZE);
  if (payload.length === 0) return `{${head}}`;
  if (type === DONE && payload.length >= 4) return `[{${head}}, ${view(payload).getInt32(0, true)}]`;
  if (type === ERROR && payload.length >= 4) return `[{${head}}, ${errorText(payload, style)}]`;
  const body = bodyOf(protocol, type, payload[0] ?? 0, (flags & REQUEST) !== 0);
  if (body !== undefined) return `[{${head}}, ${bodyText(payload, body, limit)}]`;
  const isDiag = protocol === NETLINK_SOCK_DIAG && type >= NLMSG_MIN_TYPE && payload.length > 1;
  const bytesText = hexString(isDiag ? payload.subarray(1) : payload, limit);
  return `[{${head}}, ${isDiag ? `{family=${family(payload, 0)}, data=${bytesText}}` : bytesText}]`;
}

function bodyOf(protocol: number, type: number, of: number, isRequest: boolean): Body | undefined {
  if (type < NLMSG_MIN_TYPE) return undefined;
  if (protocol === NETLINK_ROUTE) return routeBody(type);
  return protocol === NETLINK_SOCK_DIAG ? diagBody(of, isRequest) : undefined;
}

/** `{error=-ENOENT, msg=…}`: which message it answers, and bytes behind that. */
function errorText(payload: Uint8Array, style: MessageStyle): string {
  const error = view(payload).getInt32(0, true);
  const word = error < 0 && error > -4096 ? `-${errnoName(-error)}` : String(error);
  const rest = payload.subarray(4);
  if (rest.length < HEADER_SIZE) return `{error=${word}}`;
  const isCapped = rest.length === HEADER_SIZE;
  const length = isCapped ? HEADER_SIZE : Math.min(view(rest).getUint32(0, true), rest.length);
  const text = `{error=${word}, msg=${messageText(rest.subarray(0, Math.max(length, HEADER_SIZE)), style)}}`;
  const behind = rest.subarray(Math.max(length, HEADER_SIZE));
  return behind.length === 0 ? text : `[${text}, ${hexString(behind, style.limit)}]`;
}

function bodyText(payload: Uint8Array, { layout, attributes }: Body, limit: number): string {
  const of = payload[0] ?? 0;
  const size = layout.reduce((sum, [, each]) => sum + each, 0);
  const text = layoutText(payload, layout, of);
  const rest = payload.subarray(aligned(size));
  if (payload.length <= size || rest.length === 0) return text;
  return `${text}, ${attributes === undefined ? hexString(rest, limit) : attributesText(rest, attributes, of, limit)}`;
}

const NESTED = 0x8000;
const NET_BYTEORDER = 0x4000;

function attributesText(bytes: Uint8Array, known: Attributes, of: number, limit: number): string {
  const texts: string[] = [];
  let at = 0;
  while (at + ATTRIBUTE_SIZE <= bytes.length) {
    const length = view(bytes).getUint16(at, true);
    const type = view(bytes).getUint16(at + 2, true);
    const number = type & ~(NESTED | NET_BYTEORDER);
    const words = [
      ...((type & NESTED) === 0 ? [] : ['NLA_F_NESTED']),
      ...((type & NET_BYTEORDER) === 0 ? [] : ['NLA_F_NET_BYTEORDER']),
      nameOf(number, known.table, known.unknown),
    ];
    const head = `{nla_len=${length}, nla_type=${words.join('|')}}`;
    const payload = bytes.subarray(at + ATTRIBUTE_SIZE, Math.min(at + length, bytes.length));
    const show = known.shows[known.table.find(([, value]) => value === number)?.[0] ?? ''];
    const value = show?.(payload, of) ?? hexString(payload, limit);
    texts.push(payload.length === 0 ? head : `[${head}, ${value}]`);
    if (length < ATTRIBUTE_SIZE) break;
    at += aligned(length);
  }
  return texts.length === 0 ? hexString(bytes, limit) : listText(texts, limit);
}
