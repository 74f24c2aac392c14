// What a call is about: does it name a descriptor, a socket of a name? For `catch fd` and `catch socket`.
// The session's catchpoints ask before and after each call; nothing is changed by asking.
// A socket counts by its own name, by its peer's, and by the address that the call gives.
import { AF_UNIX } from '../../kernel/abi/socket.ts';
import { isFailure } from '../../kernel/errno.ts';
import { glanceAt } from '../../kernel/mm/glance.ts';
import { parseAddress, type UnixAddress } from '../../kernel/net/unix/address.ts';
import { peerOf } from '../../kernel/net/unix/states.ts';
import { unixSocketOf } from '../../kernel/net/unix/unix-file.ts';
import type { Call, Thread } from '../../kernel/task/thread.ts';

/** True when one of the call's arguments is the descriptor `fd`. */
export function concernsFd(call: Call, fd: number): boolean {
  return descriptorsOf(call).includes(fd);
}

/** `name` is a path, or an abstract name behind an @. */
export function concernsSocket(thread: Thread, call: Call, name: string): boolean {
  for (const fd of descriptorsOf(call)) {
    const file = thread.files.lookup(fd);
    const socket = file === undefined ? undefined : unixSocketOf(file);
    if (socket === undefined) continue;
    if (isNamed(socket.address, name)) return true;
    const peer = peerOf(socket);
    if (peer !== undefined && isNamed(peer.address, name)) return true;
  }
  const address = addressArgument(thread, call);
  return address !== undefined && isNamed(address, name);
}

function descriptorsOf(call: Call): number[] {
  return call.syscall.kinds
    .filter(([, kind]) => kind.name === 'fd' || kind.name === 'dirfd')
    .map(([name]) => call.args[name] ?? -1);
}

function isNamed(address: UnixAddress, name: string): boolean {
  if (address.kind === 'path') return address.path === name;
  return address.kind === 'abstract' && name.startsWith('@') && address.name === `\0${name.slice(1)}`;
}

function addressArgument(thread: Thread, call: Call): UnixAddress | undefined {
  const hasAddress = call.syscall.kinds.some(
    ([, kind]) => kind.name === 'struct sockaddr' && kind.when === 'enter',
  );
  const { addr = 0, addrlen = 0 } = call.args;
  if (!hasAddress || addr === 0 || addrlen < 3 || addrlen > 128) return undefined;
  try {
    const bytes = glanceAt(thread.mm, () => thread.user.read(addr, addrlen));
    if (((bytes[0] ?? 0) | ((bytes[1] ?? 0) << 8)) !== AF_UNIX) return undefined;
    return parseAddress(bytes);
  } catch (thrown) {
    if (isFailure(thrown)) return undefined; // the call will fail by itself
    throw thrown;
  }
}
