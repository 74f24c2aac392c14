// The lowest layer of the gdb remote protocol: bytes of a connection to packets, and packets to bytes.
// The server (server.ts) feeds it. Payloads are strings of code units 0–255, one for each byte.
// Whatever arrives, nothing is thrown and no more than one packet is kept. Source: gdb manual, E.1 "Overview".
import { textToBytes } from '../../kernel/mm/user-memory.ts';

export type Incoming =
  | { readonly kind: 'packet'; readonly payload: string }
  /** A wrong checksum, or a packet that is too long. */
  | { readonly kind: 'damaged' }
  | { readonly kind: 'ack' | 'nack' }
  /** Ctrl-C: stop what runs. */
  | { readonly kind: 'interrupt' };

/** The largest payload that is accepted, and that qSupported announces. */
export const PACKET_SIZE = 0x2_0000;

const INTERRUPT = 0x03;
const DOLLAR = 0x24;
const HASH = 0x23;
const STAR = 0x2a;
const ESCAPE = 0x7d;
const ESCAPE_FLIP = 0x20;

export class PacketReader {
  #state: 'idle' | 'payload' | 'first digit' | 'second digit' = 'idle';
  #text = '';
  #sum = 0;
  #isEscaped = false;
  #isTooLong = false;
  #digit = -1;

  /** What `bytes` complete, in order. */
  feed(bytes: Uint8Array): Incoming[] {
    const found: Incoming[] = [];
    for (const byte of bytes) {
      const incoming = this.#take(byte);
      if (incoming !== undefined) found.push(incoming);
    }
    return found;
  }

  #take(byte: number): Incoming | undefined {
    switch (this.#state) {
      case 'idle':
        return this.#between(byte);
      case 'payload':
        this.#inside(byte);
        return undefined;
      case 'first digit':
        this.#digit = hexDigit(byte);
        this.#state = 'second digit';
        return undefined;
      case 'second digit':
        this.#state = 'idle';
        return this.#end(hexDigit(byte));
    }
  }

  #between(byte: number): Incoming | undefined {
    if (byte === DOLLAR) this.#begin();
    else if (byte === INTERRUPT) return { kind: 'interrupt' };
    else if (byte === 0x2b) return { kind: 'ack' };
    else if (byte === 0x2d) return { kind: 'nack' };
    return undefined;
  }

  #begin(): void {
    this.#state = 'payload';
    this.#text = '';
    this.#sum = 0;
    this.#isEscaped = false;
    this.#isTooLong = false;
  }

  #inside(byte: number): void {
    if (byte === DOLLAR) {
      this.#begin(); // the end of the one before was lost: $ is always escaped inside
      return;
    }
    if (byte === HASH) {
      this.#state = 'first digit';
      return;
    }
    this.#sum = (this.#sum + byte) & 0xff;
    if (byte === ESCAPE && !this.#isEscaped) {
      this.#isEscaped = true;
      return;
    }
    if (this.#text.length >= PACKET_SIZE) this.#isTooLong = true;
    else this.#text += String.fromCharCode(this.#isEscaped ? byte ^ ESCAPE_FLIP : byte);
    this.#isEscaped = false;
  }

  #end(digit: number): Incoming {
    const payload = this.#text;
    this.#text = '';
    const isGood = this.#digit >= 0 && digit >= 0 && this.#digit * 16 + digit === this.#sum;
    return isGood && !this.#isTooLong ? { kind: 'packet', payload } : { kind: 'damaged' };
  }
}

function hexDigit(byte: number): number {
  const digit = '0123456789abcdef'.indexOf(String.fromCharCode(byte | 0x20));
  return byte < 0x30 ? -1 : digit;
}

/** A packet on its way out: escaped, with its checksum. */
export function packetBytes(payload: string): Uint8Array {
  let escaped = '';
  for (let at = 0; at < payload.length; at++) {
    const code = payload.charCodeAt(at);
    const isSpecial = code === DOLLAR || code === HASH || code === ESCAPE || code === STAR;
    escaped += isSpecial ? `}${String.fromCharCode(code ^ ESCAPE_FLIP)}` : payload.charAt(at);
  }
  let sum = 0;
  for (let at = 0; at < escaped.length; at++) sum += escaped.charCodeAt(at);
  return textToBytes(`$${escaped}#${hexByte(sum & 0xff)}`);
}

function hexByte(value: number): string {
  return value.toString(16).padStart(2, '0');
}

/** Two digits for each byte. */
export function hexOf(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += hexByte(byte);
  return text;
}

/** The bytes that pairs of digits stand for; undefined when they are not all digits. */
export function bytesOfHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) return undefined;
  const bytes = new Uint8Array(text.length / 2);
  for (let at = 0; at < bytes.length; at++) bytes[at] = Number.parseInt(text.slice(2 * at, 2 * at + 2), 16);
  return bytes;
}

/** A number as the protocol writes it, exact below 2^53; NaN for what is none. */
export function hexNumber(text: string): number {
  return /^[0-9a-fA-F]{1,16}$/.test(text) ? Number.parseInt(text, 16) : Number.NaN;
}
