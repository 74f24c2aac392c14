// A message as the filter of a socket sees it: its bytes, the headers that lie before them, and what Linux notes of it
// (struct sk_buff). Socket families make one only where a filter asks.
import type { BpfData } from '../bpf/classic-bpf.ts';
import type { Random } from '../random.ts';

/** Loads at negative offsets are of headers: SKF_NET_OFF and SKF_LL_OFF. */
const NETWORK = -0x10_0000;
const LINK = -0x20_0000;

/** SKF_AD_*: what extension loads tell. */
const PROTOCOL = 0;
const INTERFACE = 8;
const ATTRIBUTE = 12;
const NESTED_ATTRIBUTE = 16;
const HARDWARE = 28;
const XOR = 40;
const PAYLOAD = 52;
const RANDOM = 56;

const ATTRIBUTE_HEADER = 4;
/** NLA_F_NESTED and NLA_F_NET_BYTEORDER are no part of an attribute's type. */
const TYPE_MASK = 0x3fff;

export interface PacketOptions {
  /** Where in `bytes` offset 0 lies; before it are headers. */
  readonly start?: number;
  /** Where the network header begins, if not at `start`. */
  readonly network?: number;
  /** The link header, if there is one. */
  readonly link?: number;
  /** The device it came in by, its kind (ARPHRD_*), the protocol of the link and where the payload begins. */
  readonly device?: number;
  readonly hardware?: number;
  readonly protocol?: number;
  readonly payload?: number;
}

export class Packet implements BpfData {
  readonly length: number;
  readonly #random: Random;
  readonly #options: PacketOptions;
  readonly #start: number;
  readonly #view: DataView;

  constructor(bytes: Uint8Array, random: Random, options: PacketOptions = {}) {
    this.#random = random;
    this.#options = options;
    this.#start = options.start ?? 0;
    this.length = bytes.length - this.#start;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  load(offset: number, size: number): number | undefined {
    const at = this.#positionOf(offset);
    const view = this.#view;
    if (at === undefined || at < 0 || at + size > view.byteLength) return undefined;
    if (size === 1) return view.getUint8(at);
    return size === 2 ? view.getUint16(at) : view.getUint32(at);
  }

  #positionOf(offset: number): number | undefined {
    if (offset >= 0) return this.#start + offset;
    if (offset >= NETWORK) return (this.#options.network ?? this.#start) + offset - NETWORK;
    const { link } = this.#options;
    return offset >= LINK && link !== undefined ? link + offset - LINK : undefined;
  }

  extension(number: number, a: number, x: number): number | undefined {
    const { device, hardware, protocol = 0, payload = 0 } = this.#options;
    switch (number) {
      case PROTOCOL:
        return protocol;
      case INTERFACE:
        return device;
      case HARDWARE:
        return hardware;
      case ATTRIBUTE:
        return this.#findAttribute(a, this.length, x);
      case NESTED_ATTRIBUTE:
        return this.#findNested(a, x);
      case XOR:
        return (a ^ x) >>> 0;
      case PAYLOAD:
        return payload;
      case RANDOM:
        return this.#random.below(2 ** 32);
      default:
        return 0; // SKF_AD_PKTTYPE: to this machine; mark, queue, hash, processor and VLAN: none, or the first
    }
  }

  /** Where from `at` on the netlink attribute of a type begins; 0 when there is none (bpf_skb_get_nlattr). */
  #findAttribute(at: number, end: number, type: number): number {
    for (let next = at; next + ATTRIBUTE_HEADER <= end; ) {
      const [length, own] = this.#attributeAt(next);
      if (length < ATTRIBUTE_HEADER || next + length > end) return 0;
      if ((own & TYPE_MASK) === type) return next;
      next += Math.ceil(length / 4) * 4;
    }
    return 0;
  }

  #findNested(at: number, type: number): number {
    if (at + ATTRIBUTE_HEADER > this.length) return 0;
    const [length] = this.#attributeAt(at);
    return at + length > this.length ? 0 : this.#findAttribute(at + ATTRIBUTE_HEADER, at + length, type);
  }

  #attributeAt(offset: number): readonly [length: number, type: number] {
    const at = this.#start + offset;
    return [this.#view.getUint16(at, true), this.#view.getUint16(at + 2, true)];
  }
}
