// Names of unix sockets: unnamed, a path, or abstract (unix(7), "Address format").
// bind, connect and sendto parse them here; getsockname and recvfrom return `bytes` as they stand.
// `bytes` is the whole sockaddr_un with its exact length: 2 for unnamed, 2 + strlen + 1 for a path.

import { AF_UNIX } from '../../abi/socket.ts';
import { EINVAL, fail } from '../../errno.ts';
import { bytesToText } from '../../mm/user-memory.ts';

/** offsetof(struct sockaddr_un, sun_path). */
export const PATH_OFFSET = 2;
/** sizeof(struct sockaddr_un). */
const SOCKADDR_UN_SIZE = 110;

export interface UnnamedAddress {
  readonly kind: 'unnamed';
  readonly bytes: Uint8Array;
}
export interface PathAddress {
  readonly kind: 'path';
  readonly bytes: Uint8Array;
  /** As given to bind, one code unit a byte. */
  readonly path: string;
}
export interface AbstractAddress {
  readonly kind: 'abstract';
  readonly bytes: Uint8Array;
  /** With the leading NUL; every byte counts, trailing NULs too. */
  readonly name: string;
}
export type UnixAddress = UnnamedAddress | PathAddress | AbstractAddress;

export const UNNAMED: UnnamedAddress = { kind: 'unnamed', bytes: Uint8Array.of(AF_UNIX, 0) };

/** The family field of a sockaddr; undefined when it is too short to have one. */
export function familyOf(sockaddr: Uint8Array): number | undefined {
  if (sockaddr.length < 2) return undefined;
  return (sockaddr[0] as number) | ((sockaddr[1] as number) << 8);
}

/** True for the address that asks bind for a name of the kernel's choice: the family and nothing else. */
export function asksForAutobind(sockaddr: Uint8Array): boolean {
  return sockaddr.length === PATH_OFFSET && familyOf(sockaddr) === AF_UNIX;
}

/**
 * A name from guest bytes.
 * EINVAL: no byte of a path, more than sizeof(sockaddr_un), or another family (unix_validate_addr).
 */
export function parseAddress(sockaddr: Uint8Array): PathAddress | AbstractAddress {
  if (sockaddr.length <= PATH_OFFSET || sockaddr.length > SOCKADDR_UN_SIZE) {
    fail(EINVAL, 'a unix address is longer than its family and at most 110 bytes');
  }
  if (familyOf(sockaddr) !== AF_UNIX) fail(EINVAL, 'the address is not of family AF_UNIX');
  if (sockaddr[PATH_OFFSET] === 0) return abstractAddress(sockaddr.slice());
  let end = sockaddr.indexOf(0, PATH_OFFSET);
  if (end < 0) end = sockaddr.length;
  // The kernel terminates the path itself, so that 108 bytes without NUL come back as 111.
  const bytes = new Uint8Array(end + 1);
  for (let i = 0; i < end; i++) bytes[i] = sockaddr[i] as number;
  return { kind: 'path', bytes, path: bytesToText(sockaddr, PATH_OFFSET, end) };
}

/** The sockaddr_un of a path, as parseAddress wants it. */
export function pathAddress(path: string): Uint8Array {
  return Uint8Array.from([AF_UNIX, 0, ...[...path].map((char) => char.charCodeAt(0)), 0]);
}

/** The name bind(2) gives to a socket that lets the kernel choose: NUL and five hex digits. */
export function autobindAddress(order: number): AbstractAddress {
  const digits = (order & 0xfffff).toString(16).padStart(5, '0');
  return abstractAddress(
    Uint8Array.from([AF_UNIX, 0, 0, ...[...digits].map((digit) => digit.charCodeAt(0))]),
  );
}

function abstractAddress(bytes: Uint8Array): AbstractAddress {
  return { kind: 'abstract', bytes, name: bytesToText(bytes, PATH_OFFSET) };
}
