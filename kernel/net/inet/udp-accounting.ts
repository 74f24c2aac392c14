// What a UDP datagram takes of its receiver's SO_RCVBUF: Linux charges what it allocates ("true size").
// udp-transfer.ts charges with it, so that as many datagrams as on Linux are kept, also of empty ones.
// Sizes are those of x86_64 Linux 6.18 over the loopback (net/ipv4/ip_output.c, net/core/skbuff.c), measured.

/** sizeof(struct skb_shared_info), at the end of every buffer head. */
const SHARED_INFO = 320;
/** sizeof(struct sk_buff), aligned. */
const SK_BUFF = 256;
/** Heads up to this size come from a cache of their own. */
const SMALL_HEAD = 576;
/** The headers of IP and UDP, room for the link's before them, and what aligning that may cost. */
const V4_HEADERS = 20 + 8 + 16 + 15;
const V6_HEADERS = 40 + 8 + 16 + 8;
/** Datagrams whose head would be longer keep their data in pages: SKB_MAX_ALLOC. */
const MAX_LINEAR = 4 * 4096 - SHARED_INFO;

/** True size of a datagram of `length` bytes. */
export function udpCharge(length: number, isV4: boolean): number {
  const headers = isV4 ? V4_HEADERS : V6_HEADERS;
  const isPaged = length + headers >= MAX_LINEAR;
  return headSize(isPaged ? headers : length + headers) + SK_BUFF + (isPaged ? length : 0);
}

function headSize(length: number): number {
  const wanted = Math.ceil(length / 64) * 64 + SHARED_INFO;
  if (wanted <= SMALL_HEAD) return SMALL_HEAD;
  let size = 1024;
  while (size < wanted) size *= 2;
  return size;
}
