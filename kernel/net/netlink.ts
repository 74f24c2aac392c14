// AF_NETLINK: questions to the kernel as datagrams (netlink(7)); the protocols are in netlink/.
// syscalls/socket*.ts call it as the family of a socket. Answers are made at once and wait in the socket to be read.
// There is one state: a netlink socket has the kernel as its only peer.

import { concat } from '../abi/concat.ts';
import { O_RDWR } from '../abi/fcntl.ts';
import { firstBytes } from '../abi/first-bytes.ts';
import { FIONREAD } from '../abi/ioctl.ts';
import {
  NETLINK_KOBJECT_UEVENT,
  NETLINK_ROUTE,
  NETLINK_SOCK_DIAG,
  NLM_F_ACK,
  NLM_F_CAPPED,
  NLM_F_DUMP,
  NLM_F_MULTI,
  NLM_F_REQUEST,
  NLMSG_DONE,
  NLMSG_ERROR,
  NLMSG_MIN_TYPE,
  Nlmsghdr,
  SockaddrNl,
} from '../abi/netlink.ts';
import { READ_EVENTS, SOCKET_WRITE_EVENTS } from '../abi/poll.ts';
import {
  AF_NETLINK,
  AF_UNSPEC,
  MSG_CTRUNC,
  MSG_DONTWAIT,
  MSG_OOB,
  MSG_PEEK,
  MSG_TRUNC,
  SCM_CREDENTIALS,
  SOCK_DGRAM,
  SOCK_RAW,
  SOL_SOCKET,
} from '../abi/socket.ts';
import {
  EADDRINUSE,
  ECONNREFUSED,
  EINVAL,
  EMSGSIZE,
  ENOBUFS,
  ENODATA,
  ENOTTY,
  EOPNOTSUPP,
  EPERM,
  EPROTONOSUPPORT,
  ESOCKTNOSUPPORT,
  fail,
  isFailure,
} from '../errno.ts';
import type { Sink, Source } from '../file/file-descriptor.ts';
import { OpenFile } from '../file/open-file.ts';
import { CAP_NET_ADMIN, capableIn } from '../task/credentials.ts';
import type { Thread } from '../task/thread.ts';
import type { Wait } from '../wait.ts';
import { notReady } from './blocking.ts';
import { type Answer, bodyOf, encodeMessage, parseRequests, type Request, words } from './netlink/message.ts';
import { CAP_ACK, getNetlinkOption, type NetlinkSettings, setNetlinkOption } from './netlink/options.ts';
import { answerRoute } from './netlink/route.ts';
import { isQuestion } from './netlink/route-changes.ts';
import { answerSockDiag } from './netlink/sock-diag.ts';
import { KERNEL_EVENTS, passedOn } from './netlink/uevent.ts';
import { Packet } from './packet.ts';
import {
  type Incoming,
  type OptionCall,
  type Outgoing,
  SocketDescriptor,
  type SocketFamily,
} from './socket.ts';
import { SocketCore } from './socket-core.ts';
import { filtered } from './socket-filter.ts';
import { socketInode } from './socket-inode.ts';
import { socketIoctl } from './socket-ioctls.ts';
import { getOption, SOCKET_OPTIONS, setOption } from './socket-options.ts';
import {
  type ClaimedCredentials,
  encodeUcred,
  type SenderCredentials,
  senderCredentialsOf,
} from './unix/credentials.ts';

/** Answers of a dump are read in datagrams of at most this size. */
const DATAGRAM_SIZE = 3584;
const SOL_NETLINK = 270;
const PROTOCOLS: ReadonlySet<number> = new Set([NETLINK_ROUTE, NETLINK_SOCK_DIAG, NETLINK_KOBJECT_UEVENT]);
const NO_BODY = new Uint8Array(0);

interface Datagram {
  readonly bytes: Uint8Array;
  /** The group it was sent to, as a bit of nl_groups; 0: to this socket alone. */
  readonly group: number;
  /** The sender's nl_pid; 0 is the kernel. */
  readonly from: number;
  readonly credentials: SenderCredentials | undefined;
}

export class NetlinkCore extends SocketCore implements NetlinkSettings {
  /** nl_pid: this end's address; 0 until bind, connect or the first send. */
  port = 0;
  /** Where messages without an address go; 0 is the kernel. */
  peerPort = 0;
  /** The group that gets them as well, as a bit of nl_groups; 0 is none. */
  peerGroup = 0;
  readonly answers: Datagram[] = [];
  readonly switches = new Set<number>();
  groups: number | undefined;

  protected override get readersTakeTurns(): boolean {
    return true;
  }

  wakeReaders(): void {
    this.tellReaders(READ_EVENTS);
  }

  override sendBufferChanged(): void {}
}

class NetlinkSocket extends SocketDescriptor<NetlinkCore> {
  override readonly kind = 'netlink';

  override poll(): number {
    const readable = this.core.answers.length > 0 ? READ_EVENTS : 0;
    return readable | this.endEvents() | SOCKET_WRITE_EVENTS;
  }
}

export const NETLINK: SocketFamily = {
  number: AF_NETLINK,
  name: 'NETLINK',
  bind,
  listen: () => fail(EOPNOTSUPP, 'netlink has no connections'),
  connect,
  accept: () => fail(EOPNOTSUPP, 'netlink has no connections'),
  socketName: (file) => addressOf(coreOf(file).port, coreOf(file).groups),
  peerName: (file) => addressOf(coreOf(file).peerPort),
  shutdown: () => fail(EOPNOTSUPP, 'netlink has no connections'),
  send,
  receive,
  setOption: (thread, file, option) => {
    if (option.level === SOL_NETLINK) setNetlinkOption(thread, coreOf(file), option);
    else setOption(thread, stateOf(file), rowOf(option), option);
  },
  getOption: (thread, file, option) => {
    if (option.level === SOL_NETLINK) getNetlinkOption(thread, coreOf(file), option);
    else getOption(thread, stateOf(file), rowOf(option), option);
  },
  ioctl: (thread, file, request, argument) => {
    if (request !== FIONREAD)
      return socketIoctl(thread, file, request, argument) ?? fail(ENOTTY, 'no such ioctl');
    thread.user.writeU32(argument, coreOf(file).answers[0]?.bytes.length ?? 0);
    return 0;
  },
  release: (file) => leave(coreOf(file)),
};

/** socket(2). ESOCKTNOSUPPORT, EPROTONOSUPPORT: only the protocols of this file. */
export function createNetlinkSocket(thread: Thread, type: number, protocol: number): OpenFile {
  if (type !== SOCK_RAW && type !== SOCK_DGRAM) fail(ESOCKTNOSUPPORT, 'netlink is raw or datagram');
  if (!PROTOCOLS.has(protocol))
    fail(EPROTONOSUPPORT, 'only NETLINK_ROUTE, NETLINK_SOCK_DIAG and NETLINK_KOBJECT_UEVENT');
  const inode = socketInode(thread, 'NETLINK');
  const core = new NetlinkCore(thread.namespaces.net, NETLINK, type, protocol, inode);
  const file = new OpenFile(new NetlinkSocket(core), O_RDWR);
  core.file = file;
  return file;
}

function stateOf(file: OpenFile): NetlinkSocket {
  return file.descriptor as NetlinkSocket;
}

function coreOf(file: OpenFile): NetlinkCore {
  return stateOf(file).core;
}

function rowOf({ level, option }: OptionCall): (typeof SOCKET_OPTIONS)[number] | undefined {
  return level === SOL_SOCKET ? SOCKET_OPTIONS[option] : undefined;
}

function addressOf(port: number, groups = 0): Uint8Array {
  return SockaddrNl.encode({ nl_family: AF_NETLINK, nl_pad: 0, nl_pid: port, nl_groups: groups });
}

/** EINVAL: too short, of another family, or another port than the socket's. EADDRINUSE. */
function bind(thread: Thread, file: OpenFile, sockaddr: Uint8Array): void {
  const { nl_pid, nl_groups } = parseAddress(sockaddr);
  const core = coreOf(file);
  if (core.port !== 0) {
    if (nl_pid !== core.port) fail(EINVAL, 'the socket is bound already');
  } else if (nl_pid === 0) autobind(thread, core);
  else if (!take(core, nl_pid)) fail(EADDRINUSE, 'another socket has the port');
  if (nl_groups !== 0 || core.groups !== undefined) core.groups = nl_groups;
}

function parseAddress(sockaddr: Uint8Array): { nl_pid: number; nl_groups: number } {
  if (sockaddr.length < SockaddrNl.size) fail(EINVAL, 'a netlink address has twelve bytes');
  const address = SockaddrNl.decode(sockaddr.slice());
  if (address.nl_family !== AF_NETLINK) fail(EINVAL, 'not a netlink address');
  return address;
}

function keyOf(core: NetlinkCore, port: number): string {
  return `${core.protocol}:${port}`;
}

function take(core: NetlinkCore, port: number): boolean {
  const { netlinkSockets } = core.net;
  if (netlinkSockets.has(keyOf(core, port))) return false;
  netlinkSockets.set(keyOf(core, port), core);
  core.port = port;
  return true;
}

/** The process's number is the port of its first socket; others get one that no process can have (netlink_autobind). */
function autobind(thread: Thread, core: NetlinkCore): void {
  if (core.port !== 0 || take(core, thread.process.ownPid)) return;
  let port = 0x8000_0000 + thread.kernel.random.below(0x7fff_e000);
  while (!take(core, port)) port++;
}

function leave(core: NetlinkCore): void {
  if (core.port !== 0) core.net.netlinkSockets.delete(keyOf(core, core.port));
  core.givePagesBack();
}

/** Sets where messages without an address go; AF_UNSPEC: to the kernel again. EINVAL, EPERM. */
function connect(thread: Thread, file: OpenFile, sockaddr: Uint8Array): number {
  const core = coreOf(file);
  if (sockaddr.length < 2) fail(EINVAL, 'the address has no family');
  if (sockaddr[0] === AF_UNSPEC && sockaddr[1] === 0) {
    core.peerPort = 0;
    core.peerGroup = 0;
    return 0;
  }
  const { nl_pid, nl_groups } = parseAddress(sockaddr);
  demandSendable(thread, core, nl_pid, nl_groups);
  autobind(thread, core);
  core.peerPort = nl_pid;
  core.peerGroup = lowestOf(nl_groups);
  return 0;
}

/** Only the privileged talk to other processes by these protocols. */
function demandSendable(thread: Thread, core: NetlinkCore, port: number, groups: number): void {
  if ((port !== 0 || groups !== 0) && !capableIn(thread.credentials, CAP_NET_ADMIN, core.net.owner))
    fail(EPERM, 'messages to others than the kernel need CAP_NET_ADMIN');
}

/** EOPNOTSUPP: MSG_OOB. ENODATA: nothing to send. EINVAL, EPERM, EMSGSIZE; ECONNREFUSED: nobody has the port. */
function send(thread: Thread, file: OpenFile, message: Outgoing, source: Source): number {
  const core = coreOf(file);
  const length = source.remaining;
  if ((message.flags & MSG_OOB) !== 0) fail(EOPNOTSUPP, 'netlink has no urgent data');
  if (length === 0) fail(ENODATA, 'an empty message');
  let [to, group] = [core.peerPort, core.peerGroup];
  if (message.name !== undefined) {
    const { nl_pid, nl_groups } = parseAddress(message.name);
    demandSendable(thread, core, nl_pid, nl_groups);
    to = nl_pid;
    group = lowestOf(nl_groups);
  }
  autobind(thread, core);
  if (length > core.settings.sendBuffer - 32) fail(EMSGSIZE, 'longer than SO_SNDBUF - 32');
  const pieces: Uint8Array[] = [];
  while (source.remaining > 0) {
    const piece = source.take(source.remaining);
    if (piece.length === 0) break;
    pieces.push(piece.slice());
  }
  const bytes = concat(pieces);
  const credentials = senderCredentialsOf(thread);
  if (group !== 0) broadcast(core, { bytes, group, from: core.port, credentials });
  const receiver =
    to === 0
      ? core
      : (core.net.netlinkSockets.get(keyOf(core, to)) ?? fail(ECONNREFUSED, 'nobody has the port'));
  if (to !== 0) deliver(receiver, { bytes, group, from: core.port, credentials });
  else for (const request of parseRequests(bytes)) respond(thread, core, request);
  receiver.wakeReaders();
  return length;
}

/** Of several groups, the first is meant (netlink_sendmsg). */
function lowestOf(groups: number): number {
  return groups & -groups;
}

/** The kernel itself has something for the socket. */
export function tellNetlink(core: NetlinkCore, bytes: Uint8Array): void {
  answer(core, bytes);
  core.wakeReaders();
}

/** All sockets of the protocol that have joined the group get it, but for the one that sent it (netlink_broadcast). */
function broadcast({ net, protocol }: NetlinkCore, datagram: Datagram): void {
  for (const core of net.netlinkSockets.values()) {
    const isMember = core.protocol === protocol && ((core.groups ?? 0) & datagram.group) !== 0;
    if (!isMember || core.port === datagram.from) continue;
    deliver(core, datagram);
    core.wakeReaders();
  }
}

function answer(core: NetlinkCore, bytes: Uint8Array): void {
  deliver(core, { bytes, group: 0, from: 0, credentials: undefined });
}

/** Queues a datagram. When too much waits it is lost, and the reader is told (netlink(7)). */
function deliver(core: NetlinkCore, datagram: Datagram): void {
  const { bytes } = datagram;
  const kept = filtered(core, new Packet(bytes, core.kernel.random), 1);
  if (kept === undefined) return;
  const queued = core.answers.reduce((sum, answer) => sum + answer.bytes.length, 0);
  if (queued < core.settings.receiveBuffer)
    core.answers.push({ ...datagram, bytes: bytes.subarray(0, kept) });
  else core.pendingError = ENOBUFS;
}

/** Is a whole table asked for? Requests of NETLINK_ROUTE that change something have other flags there (rtnetlink_rcv_msg). */
function asksForAll({ protocol }: NetlinkCore, { type, flags }: Request): boolean {
  return (flags & NLM_F_DUMP) !== 0 && (protocol !== NETLINK_ROUTE || isQuestion(type));
}

/** Answers one request: what was asked for, an error, or what NLM_F_ACK asks for (netlink_rcv_skb). */
function respond(thread: Thread, core: NetlinkCore, request: Request): void {
  const isForKernel = (request.flags & NLM_F_REQUEST) !== 0 && request.type >= NLMSG_MIN_TYPE;
  const isDump = isForKernel && asksForAll(core, request);
  const encode = (answer: Answer, flags: number): Uint8Array =>
    encodeMessage(answer, flags, request.sequence, core.port);
  const acknowledge = (error: number): void => {
    const isCapped = error === 0 || core.switches.has(CAP_ACK);
    answer(core, encode(errorAnswer(request, error, isCapped), isCapped ? NLM_F_CAPPED : 0));
  };
  let answers: Answer[] = [];
  let status = 0;
  try {
    if (isForKernel && core.protocol === NETLINK_ROUTE) answers = answerRoute(thread, core.net, request);
    else if (isForKernel && core.protocol === NETLINK_KOBJECT_UEVENT) {
      const bytes = passedOn(thread, core.net, request);
      broadcast(core, { bytes, group: KERNEL_EVENTS, from: 0, credentials: senderCredentialsOf(thread) });
    } else if (isForKernel) ({ answers, status } = answerSockDiag(core.net, request, isDump));
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown;
    acknowledge(-thrown.errno);
    return;
  }
  if (isDump) {
    const messages = answers.map((one) => encode(one, NLM_F_MULTI));
    messages.push(encode({ type: NLMSG_DONE, body: words(status) }, NLM_F_MULTI));
    for (const datagram of pack(messages)) answer(core, datagram);
    return;
  }
  for (const one of answers) answer(core, encode(one, 0));
  if ((request.flags & NLM_F_ACK) !== 0) acknowledge(0);
}

/** struct nlmsgerr: the errno and the request's header, with its body unless that is left out. */
function errorAnswer(request: Request, error: number, isCapped: boolean): Answer {
  const header = Nlmsghdr.encode({
    nlmsg_len: Nlmsghdr.size + request.body.length,
    nlmsg_type: request.type,
    nlmsg_flags: request.flags,
    nlmsg_seq: request.sequence,
    nlmsg_pid: request.port,
  });
  return {
    type: NLMSG_ERROR,
    body: bodyOf(concat([words(error), header, isCapped ? NO_BODY : request.body]), []),
  };
}

/** Several messages share a datagram. */
function pack(messages: readonly Uint8Array[]): Uint8Array[] {
  const datagrams: Uint8Array[] = [];
  let batch: Uint8Array[] = [];
  let size = 0;
  for (const message of messages) {
    if (size + message.length > DATAGRAM_SIZE && batch.length > 0) {
      datagrams.push(concat(batch));
      batch = [];
      size = 0;
    }
    batch.push(message);
    size += message.length;
  }
  if (batch.length > 0) datagrams.push(concat(batch));
  return datagrams;
}

const KERNEL: ClaimedCredentials = { pid: 0, uid: 0, gid: 0 };

/** SCM_CREDENTIALS (SO_PASSCRED); the kernel is process 0, of root. */
function tellSender(thread: Thread, message: Incoming, { credentials }: Datagram): void {
  const { control } = message;
  control?.put(SOL_SOCKET, SCM_CREDENTIALS, encodeUcred(thread, credentials ?? KERNEL));
  message.outFlags |= control?.flags ?? MSG_CTRUNC;
}

function receive(thread: Thread, file: OpenFile, message: Incoming, sink: Sink): number | Wait {
  const core = coreOf(file);
  if ((message.flags & MSG_OOB) !== 0) fail(EOPNOTSUPP, 'netlink has no urgent data');
  const error = core.takeError();
  if (error !== 0) fail(error, 'answers were lost');
  const first = core.answers[0];
  if (first === undefined) {
    const nonblock = (message.flags & MSG_DONTWAIT) !== 0;
    return notReady(thread, core.readers, { nonblock, timeoutNs: core.settings.receiveTimeoutNs });
  }
  const size = Math.min(sink.remaining, first.bytes.length);
  if (size > 0) sink.put(firstBytes(first.bytes, size));
  if ((message.flags & MSG_PEEK) === 0) core.answers.shift();
  if (size < first.bytes.length) message.outFlags |= MSG_TRUNC;
  message.name = addressOf(first.from, first.group);
  if (core.settings.passCredentials) tellSender(thread, message, first);
  return (message.flags & MSG_TRUNC) !== 0 ? first.bytes.length : size;
}
