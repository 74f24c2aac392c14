// Socket addresses as C initialisers: {sa_family=AF_UNIX, sun_path=@"name"}, AF_INET, AF_INET6, AF_NETLINK.
// The kinds of socket calls and message headers print with it; bytes in, text out.
import { nameOf, quoteBytes } from './format.ts';
import { braces } from './peek.ts';
import { FAMILIES } from './socket-names.ts';

/** The address in `bytes` (its true length). Fewer than two bytes have no family: undefined. */
export function addressText(bytes: Uint8Array): string | undefined {
  if (bytes.length < 2) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const family = view.getUint16(0, true);
  const head = `sa_family=${nameOf(family, FAMILIES, 'AF_???')}`;
  if (bytes.length === 2) return braces([head]);
  if (family === 1) return braces([head, `sun_path=${unixName(bytes.subarray(2))}`]);
  if (family === 2 && bytes.length >= 16) {
    const host = [...bytes.subarray(4, 8)].join('.');
    return braces([head, `sin_port=htons(${view.getUint16(2)})`, `sin_addr=inet_addr("${host}")`]);
  }
  if (family === 10 && bytes.length >= 24) {
    return braces([
      head,
      `sin6_port=htons(${view.getUint16(2)})`,
      `sin6_flowinfo=htonl(${view.getUint32(4)})`,
      `inet_pton(AF_INET6, "${ipv6Text(bytes.subarray(8, 24))}", &sin6_addr)`,
      bytes.length >= 28 ? `sin6_scope_id=${view.getUint32(24, true)}` : undefined,
    ]);
  }
  if (family === 16 && bytes.length >= 12) {
    const groups = view.getUint32(8, true).toString(16).padStart(8, '0');
    return braces([head, `nl_pid=${view.getUint32(4, true)}`, `nl_groups=${groups}`]);
  }
  return braces([head, `sa_data=${quoteBytes(bytes.subarray(2))}`]);
}

/** `"/path"` up to the NUL, or `@"name"` for an abstract one. */
function unixName(name: Uint8Array): string {
  if (name[0] === 0) return `@${quoteBytes(name.subarray(1, 108))}`;
  const nul = name.indexOf(0);
  return quoteBytes(nul < 0 ? name : name.subarray(0, nul));
}

/** `if_nametoindex("lo")`; the number when there is no such interface. */
export function interfaceText(index: number): string {
  return index === 1 ? 'if_nametoindex("lo")' : String(index);
}

/** RFC 5952: the longest run of zero groups as `::`, IPv4-mapped addresses with dots. */
export function ipv6Text(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0));
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    return `::ffff:${[...bytes.subarray(12, 16)].join('.')}`;
  }
  let best = { start: -1, length: 1 };
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (start + length < 8 && groups[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  const text = (list: number[]) => list.map((group) => group.toString(16)).join(':');
  if (best.start < 0) return text(groups);
  return `${text(groups.slice(0, best.start))}::${text(groups.slice(best.start + best.length))}`;
}
