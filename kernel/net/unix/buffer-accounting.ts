// What a message costs of its sender's SO_SNDBUF: Linux charges what it allocates ("true size"), not the bytes sent.
// Queues charge and uncharge with it, so that buffers fill after as many messages as on Linux.
// Sizes are those of x86_64 Linux 6.18 (net/core/skbuff.c, SKB_TRUESIZE), measured with SIOCOUTQ over all lengths.
import { PAGE_SIZE } from '../../../emulator/memory/layout.ts';

/** sizeof(struct skb_shared_info), at the end of every buffer head. */
const SHARED_INFO = 320;
/** sizeof(struct sk_buff), aligned. */
const SK_BUFF = 256;
/** Data that fits into a one-page head: SKB_MAX_HEAD(0). */
const MAX_HEAD = PAGE_SIZE - SHARED_INFO;
/** Datagrams longer than this keep the rest in pages: SKB_MAX_ALLOC. */
const MAX_LINEAR = 4 * PAGE_SIZE - SHARED_INFO;
/** How many parts a message has beside its head (MAX_SKB_FRAGS). */
export const MAX_PARTS = 17;
const MAX_PAGED = MAX_PARTS * PAGE_SIZE;
/** UNIX_SKB_FRAGS_SZ: how much of a stream message goes into pages. */
const STREAM_PAGED = 8 * PAGE_SIZE;

/** The longest piece of a stream that is one message; a quarter of the smallest buffers (unix_stream_sendmsg). */
export function streamPiece(length: number, sendBuffer: number): number {
  return Math.max(1, Math.min(length, (sendBuffer >> 1) - 64, MAX_HEAD + STREAM_PAGED));
}

/** How much of a piece lies in pages, not in its head. */
function pagedPart(length: number): number {
  return Math.min(length, pageAlign(Math.max(0, length - MAX_HEAD)));
}

/** True size of one piece of a stream. */
export function streamCharge(length: number): number {
  const paged = pagedPart(length);
  return headCharge(length - paged) + pageAlign(paged);
}

/** Where its bytes lie: so many in the head, the others in blocks of 1, 2, 4 or 8 pages (alloc_skb_with_frags). */
export function streamLayout(length: number): { readonly head: number; readonly pages: readonly number[] } {
  const paged = pagedPart(length);
  const pages: number[] = [];
  for (let left = paged; left > 0; left -= pages.at(-1) ?? 0) {
    let block = STREAM_PAGED;
    while (block > pageAlign(left)) block /= 2;
    pages.push(Math.min(block, left));
  }
  return { head: length - paged, pages };
}

/** True size of a piece that brings pages with it: a head without data, and its bytes (skb_splice_from_iter). */
export function splicedCharge(length: number): number {
  return headCharge(0) + length;
}

/** True size of one datagram or record. */
export function datagramCharge(length: number): number {
  const paged = length > MAX_LINEAR ? pageAlign(Math.min(length - MAX_LINEAR, MAX_PAGED)) : 0;
  return headCharge(length - paged) + paged;
}

/** kmalloc gives powers of two from 512 bytes on; sk_buff itself comes on top. */
function headCharge(length: number): number {
  let size = 512;
  const wanted = Math.ceil(length / 64) * 64 + SHARED_INFO;
  while (size < wanted) size *= 2;
  return size + SK_BUFF;
}

function pageAlign(length: number): number {
  return Math.ceil(length / PAGE_SIZE) * PAGE_SIZE;
}
