// Sending and receiving on sockets: sendto, recvfrom, sendmsg, recvmsg and their many-message forms (net/socket.c).
// A handler decodes the message header and iovecs, then calls the socket's family (kernel/net/socket.ts).
// `call.progress` counts bytes of earlier tries of a blocked call; for the many-message forms `call.data` has the rest.

import { Fd, Size, U32 } from '../abi/kinds/basic.ts';
import { MsgHdrIn, MsgHdrOut, PayloadIn, PayloadOut } from '../abi/kinds/message-kinds.ts';
import { LengthInOut, MessageFlags, SockAddrIn, SockAddrOut } from '../abi/kinds/socket-kinds.ts';
import {
  MSG_CMSG_CLOEXEC,
  MSG_CMSG_COMPAT,
  MSG_DONTWAIT,
  Msghdr,
  SOCKADDR_STORAGE_SIZE,
} from '../abi/socket.ts';
import { IOV_MAX, MAX_RW_COUNT } from '../abi/uio.ts';
import { EFAULT, EINVAL, EMSGSIZE, ENOBUFS, fail, isFailure } from '../errno.ts';
import { refusesToWait } from '../file/blocking.ts';
import type { Source } from '../file/file-descriptor.ts';
import type { OpenFile } from '../file/open-file.ts';
import type { Iovec } from '../mm/user-memory.ts';
import { ControlWriter } from '../net/control-messages.ts';
import { coreOf, type Incoming, type Outgoing, socketFile } from '../net/socket.ts';
import type { Call, Thread } from '../task/thread.ts';
import { isWait, type Wait, WOULD_BLOCK } from '../wait.ts';
import { readAddress, writeAddress } from './socket.ts';
import { type Syscall, syscall } from './syscall.ts';

/** net.core.optmem_max: the most control data of one message. */
const MOST_CONTROL = 131_072;
/** Where an address ends that a program may give (TASK_SIZE_MAX of Sv48; with the one of Sv39, what lies between would be EFAULT a little earlier). */
const ADDRESS_LIMIT = 2 ** 47;

export const MESSAGE_CALLS: Readonly<Record<number, Syscall>> = {
  206: syscall(
    'sendto',
    { fd: Fd, buf: PayloadIn, len: Size, flags: MessageFlags, addr: SockAddrIn, addrlen: U32 },
    sendto,
  ),
  207: syscall(
    'recvfrom',
    { fd: Fd, buf: PayloadOut, len: Size, flags: MessageFlags, addr: SockAddrOut, addrlen: LengthInOut },
    recvfrom,
  ),
  211: syscall('sendmsg', { fd: Fd, msg: MsgHdrIn, flags: MessageFlags }, sendmsg),
  212: syscall('recvmsg', { fd: Fd, msg: MsgHdrOut, flags: MessageFlags }, recvmsg),
};

interface TransferArguments {
  fd: number;
  buf: number;
  len: number;
  flags: number;
  addr: number;
  addrlen: number;
}

function sendto(thread: Thread, { fd, buf, len, flags, addr, addrlen }: TransferArguments): number | Wait {
  const iovecs = [checkedIovec(buf, Math.min(len, MAX_RW_COUNT))];
  const file = socketFile(thread, fd);
  const name = addr === 0 ? undefined : readAddress(thread, addr, addrlen | 0);
  const message = {
    flags: withMode(thread, file, flags),
    name: name?.length === 0 ? undefined : name,
    control: undefined,
  };
  return sendAll(thread, file, iovecs, message);
}

function sendmsg(
  thread: Thread,
  { fd, msg, flags }: { fd: number; msg: number; flags: number },
): number | Wait {
  if ((flags & MSG_CMSG_COMPAT) !== 0) fail(EINVAL, 'MSG_CMSG_COMPAT is for the kernel itself');
  return sendHeader(thread, socketFile(thread, fd), msg, flags);
}

/** One message from a guest's msghdr. EFAULT, EINVAL, EMSGSIZE, ENOBUFS for the header; then as the family says. */
export function sendHeader(thread: Thread, file: OpenFile, address: number, flags: number): number | Wait {
  const { user } = thread;
  const header = readHeader(thread, address);
  const name = header.nameLength === 0 ? undefined : readAddress(thread, header.name, header.nameLength);
  demandIovecCount(header);
  const iovecs = readIovecs(thread, header.iov, header.iovCount);
  if (header.controlLength > 0x7fff_ffff) fail(ENOBUFS, 'more control data than an int counts');
  let control: Uint8Array | undefined;
  if (header.controlLength > 0) {
    if (header.controlLength > MOST_CONTROL) fail(ENOBUFS, 'more control data than net.core.optmem_max');
    control = user.read(header.control, header.controlLength);
  }
  return sendAll(thread, file, iovecs, { flags: withMode(thread, file, flags), name, control });
}

interface Header {
  readonly name: number;
  readonly nameLength: number;
  readonly iov: number;
  readonly iovCount: number;
  readonly control: number;
  readonly controlLength: number;
}

/** EFAULT; EINVAL: a negative name length. A sender's name is read next, and then iovecs are counted (__copy_msghdr). */
function readHeader(thread: Thread, address: number): Header {
  const raw = thread.user.readStruct(address, Msghdr);
  let nameLength = raw.msg_name === 0 ? 0 : raw.msg_namelen;
  if (nameLength < 0) fail(EINVAL, 'the length of the name is negative');
  nameLength = Math.min(nameLength, SOCKADDR_STORAGE_SIZE);
  return {
    name: raw.msg_name,
    nameLength,
    iov: raw.msg_iov,
    iovCount: raw.msg_iovlen,
    control: raw.msg_control,
    controlLength: raw.msg_controllen,
  };
}

function demandIovecCount({ iovCount }: Header): void {
  if (iovCount > IOV_MAX) fail(EMSGSIZE, 'more than 1024 buffers');
}

/** EFAULT; EINVAL: a length beyond SSIZE_MAX. What goes beyond MAX_RW_COUNT in all is cut (import_iovec). */
function readIovecs(thread: Thread, address: number, count: number): Iovec[] {
  let left = MAX_RW_COUNT;
  const iovecs = thread.user.readIovecs(address, count);
  for (let i = 0; i < count; i++) {
    const { base, length } = iovecs[i] as Iovec;
    if (length >= 2 ** 63) fail(EINVAL, 'a buffer length is negative');
    // one alone is cut first (import_ubuf)
    demandInside(base, count === 1 ? Math.min(length, MAX_RW_COUNT) : length);
    if (length > left) iovecs[i] = { base, length: left };
    left -= Math.min(length, left);
  }
  return iovecs;
}

function demandInside(base: number, length: number): void {
  if (base + length > ADDRESS_LIMIT) fail(EFAULT, 'the buffer lies beyond the address space');
}

function checkedIovec(base: number, length: number): Iovec {
  demandInside(base, length);
  return { base, length };
}

/** Sends until all is sent, for streams in several tries; a signal, an error or MSG_DONTWAIT ends it with what was sent. */
function sendAll(thread: Thread, file: OpenFile, iovecs: readonly Iovec[], message: Outgoing): number | Wait {
  const call = thread.call as Call;
  const { family } = coreOf(file);
  const source = thread.user.transfer(iovecs);
  try {
    skipBytes(source, call.progress);
    for (;;) {
      const answer = family.send(thread, file, message, source);
      if (isWait(answer)) return isStopped(call, answer) && call.progress > 0 ? call.progress : answer;
      call.progress += answer;
      if (answer === 0 || source.remaining === 0) return call.progress;
    }
  } catch (thrown) {
    if (call.progress > 0 && isFailure(thrown)) return call.progress;
    throw thrown;
  }
}

/** It does not go on: a signal came, or it does not wait. */
export function isStopped(call: Call, answer: Wait): boolean {
  return call.interrupted || answer === WOULD_BLOCK;
}

function skipBytes(source: Source, count: number): void {
  for (let left = count; left > 0; ) {
    const { length } = source.take(left);
    if (length === 0) return;
    left -= length;
  }
}

function recvfrom(thread: Thread, { fd, buf, len, flags, addr, addrlen }: TransferArguments): number | Wait {
  const iovecs = [checkedIovec(buf, Math.min(len, MAX_RW_COUNT))];
  const file = socketFile(thread, fd);
  const message: Incoming = {
    flags: withMode(thread, file, flags),
    control: undefined,
    name: undefined,
    outFlags: 0,
  };
  const answer = receiveOnce(thread, file, iovecs, message);
  if (isWait(answer)) return answer;
  if (addr !== 0) writeAddress(thread, message.name ?? new Uint8Array(0), addr, addrlen);
  return answer;
}

function recvmsg(
  thread: Thread,
  { fd, msg, flags }: { fd: number; msg: number; flags: number },
): number | Wait {
  if ((flags & MSG_CMSG_COMPAT) !== 0) fail(EINVAL, 'MSG_CMSG_COMPAT is for the kernel itself');
  return receiveHeader(thread, socketFile(thread, fd), msg, flags);
}

/** One message into a guest's msghdr, whose lengths and flags are updated (____sys_recvmsg). */
export function receiveHeader(thread: Thread, file: OpenFile, address: number, flags: number): number | Wait {
  const { user } = thread;
  const header = readHeader(thread, address);
  demandIovecCount(header);
  const iovecs = readIovecs(thread, header.iov, header.iovCount);
  const control =
    header.control === 0
      ? undefined
      : new ControlWriter(thread, header.control, Math.min(header.controlLength, 0x7fff_ffff));
  const message: Incoming = {
    flags: withMode(thread, file, flags),
    control,
    name: undefined,
    outFlags: flags & MSG_CMSG_CLOEXEC,
  };
  const answer = receiveOnce(thread, file, iovecs, message);
  if (isWait(answer)) return answer;
  if (header.name !== 0) {
    writeAddress(
      thread,
      message.name ?? new Uint8Array(0),
      header.name,
      address + Msghdr.offsets.msg_namelen,
    );
  }
  user.writeU32(address + Msghdr.offsets.msg_flags, message.outFlags);
  user.writeU64(address + Msghdr.offsets.msg_controllen, control?.used ?? 0);
  return answer;
}

/** One message, after skipping what earlier tries of a MSG_WAITALL read stored. */
function receiveOnce(
  thread: Thread,
  file: OpenFile,
  iovecs: readonly Iovec[],
  message: Incoming,
): number | Wait {
  const call = thread.call as Call;
  const sink = thread.user.transfer(skipIovecs(iovecs, call.progress));
  return coreOf(file).family.receive(thread, file, message, sink);
}

/** MSG_DONTWAIT stands for O_NONBLOCK from here on. */
function withMode(thread: Thread, file: OpenFile, flags: number): number {
  return refusesToWait(thread, file) ? flags | MSG_DONTWAIT : flags;
}

function skipIovecs(iovecs: readonly Iovec[], count: number): readonly Iovec[] {
  if (count === 0) return iovecs;
  let left = count;
  return iovecs.map(({ base, length }) => {
    const skipped = Math.min(left, length);
    left -= skipped;
    return { base: base + skipped, length: length - skipped };
  });
}
