// Netlink messages as bytes: a header, a body, attributes, everything padded to four (netlink(7)).
// The protocols beside this file build their answers with it; netlink.ts takes requests apart with it.
import { concat } from '../../abi/concat.ts';
import { Nlmsghdr } from '../../abi/netlink.ts';

export interface Request {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  readonly port: number;
  readonly body: Uint8Array;
}

/** An answer's type and body; netlink.ts adds the header. */
export interface Answer {
  readonly type: number;
  readonly body: Uint8Array;
}

/** The requests in one datagram; what is cut or malformed ends the list. */
export function parseRequests(bytes: Uint8Array): Request[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const requests: Request[] = [];
  for (let at = 0; at + Nlmsghdr.size <= bytes.length; ) {
    const header = Nlmsghdr.read(view, at);
    if (header.nlmsg_len < Nlmsghdr.size || at + header.nlmsg_len > bytes.length) break;
    requests.push({
      type: header.nlmsg_type,
      flags: header.nlmsg_flags,
      sequence: header.nlmsg_seq,
      port: header.nlmsg_pid,
      body: bytes.slice(at + Nlmsghdr.size, at + header.nlmsg_len),
    });
    at += align(header.nlmsg_len);
  }
  return requests;
}

/** A whole message, padded. */
export function encodeMessage(answer: Answer, flags: number, sequence: number, port: number): Uint8Array {
  const length = Nlmsghdr.size + answer.body.length;
  const bytes = new Uint8Array(align(length));
  bytes.set(
    Nlmsghdr.encode({
      nlmsg_len: length,
      nlmsg_type: answer.type,
      nlmsg_flags: flags,
      nlmsg_seq: sequence,
      nlmsg_pid: port,
    }),
  );
  bytes.set(answer.body, Nlmsghdr.size);
  return bytes;
}

/** A struct followed by attributes. */
export function bodyOf(head: Uint8Array, attributes: readonly Uint8Array[]): Uint8Array {
  return concat([padded(head), ...attributes]);
}

/** One attribute: length, type, value, padding. */
export function attribute(type: number, value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(align(4 + value.length));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 4 + value.length, true);
  view.setUint16(2, type, true);
  bytes.set(value, 4);
  return bytes;
}

/** The attributes that follow the first `size` bytes of a body, by type; what is cut or malformed ends them. */
export function attributesOf(body: Uint8Array, size: number): Map<number, Uint8Array> {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const found = new Map<number, Uint8Array>();
  for (let at = align(size); at + 4 <= body.length; ) {
    const length = view.getUint16(at, true);
    if (length < 4 || at + length > body.length) break;
    found.set(view.getUint16(at + 2, true) & 0x3fff, body.slice(at + 4, at + length));
    at += align(length);
  }
  return found;
}

/** 32-bit numbers as bytes. */
export function words(...values: number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  for (const [i, value] of values.entries()) view.setUint32(i * 4, value >>> 0, true);
  return bytes;
}

function padded(bytes: Uint8Array): Uint8Array {
  if (bytes.length % 4 === 0) return bytes;
  const whole = new Uint8Array(align(bytes.length));
  whole.set(bytes);
  return whole;
}

function align(length: number): number {
  return Math.ceil(length / 4) * 4;
}
