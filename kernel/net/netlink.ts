// AF_NETLINK: questions to the kernel as datagrams (netlink(7)); the protocols are in netlink/.
// syscalls/socket*.ts call it as the family of a socket. Answers are made at once and wait in the socket to be read.
// There is one state: a netlink socket has the kernel as its only peer.
import {
  NETLINK_ROUTE,
  NETLINK_SOCK_DIAG,
  NLM_F_ACK,
  NLM_F_DUMP,
  NLM_F_MULTI,
  NLMSG_DONE,
  NLMSG_ERROR,
  Nlmsghdr,
  SockaddrNl,
} from '../abi/netlink.ts';
import { POLLERR, POLLIN, POLLOUT, POLLRDNORM, POLLWRBAND, POLLWRNORM } from '../abi/poll.ts';
import {
  AF_NETLINK,
  FIONREAD,
  MSG_DONTWAIT,
  MSG_PEEK,
  MSG_TRUNC,
  O_RDWR,
  SOCK_DGRAM,
  SOCK_RAW,
  SOL_SOCKET,
} from '../abi/socket.ts';
import {
  EINVAL,
  EMSGSIZE,
  ENOBUFS,
  ENOTTY,
  EOPNOTSUPP,
  EPROTONOSUPPORT,
  ESOCKTNOSUPPORT,
  fail,
  isFailure,
} from '../errno.ts';
import type { Sink, Source } from '../file/file-descriptor.ts';
import { OpenFile } from '../file/open-file.ts';
import type { Thread } from '../task/thread.ts';
import type { Wait } from '../wait.ts';
import { notReady } from './blocking.ts';
import { type Answer, encodeMessage, join, parseRequests, type Request, words } from './netlink/message.ts';
import { answerRoute } from './netlink/route.ts';
import { answerSockDiag } from './netlink/sock-diag.ts';
import {
  type Incoming,
  type OptionCall,
  type Outgoing,
  SocketDescriptor,
  type SocketFamily,
} from './socket.ts';
import { SocketCore } from './socket-core.ts';
import { socketInode } from './socket-inode.ts';
import { socketIoctl } from './socket-ioctls.ts';
import { getOption, SOCKET_OPTIONS, setOption } from './socket-options.ts';

/** Answers of a dump are read in datagrams of at most this size. */
const DATAGRAM_SIZE = 3584;
const SOL_NETLINK = 270;

class NetlinkCore extends SocketCore {
  /** nl_pid: this end's address; 0 until bind or the first send. */
  port = 0;
  readonly answers: Uint8Array[] = [];

  override sendBufferChanged(): void {}
}

class NetlinkSocket extends SocketDescriptor {
  override readonly kind = 'netlink';
  override readonly core: NetlinkCore;

  constructor(core: NetlinkCore) {
    super();
    this.core = core;
  }

  override poll(): number {
    const readable = this.core.answers.length > 0 ? POLLIN | POLLRDNORM : 0;
    const failed = this.core.pendingError !== 0 ? POLLERR : 0;
    return readable | failed | POLLOUT | POLLWRNORM | POLLWRBAND;
  }
}

export const NETLINK: SocketFamily = {
  number: AF_NETLINK,
  name: 'NETLINK',
  bind,
  listen: () => fail(EOPNOTSUPP, 'netlink has no connections'),
  connect: () => 0,
  accept: () => fail(EOPNOTSUPP, 'netlink has no connections'),
  socketName: (file) => addressOf(coreOf(file).port),
  peerName: () => addressOf(0),
  shutdown: () => fail(EOPNOTSUPP, 'netlink has no connections'),
  send,
  receive,
  setOption: (thread, file, option) => {
    if (option.level !== SOL_NETLINK) setOption(thread, stateOf(file), rowOf(option), option);
  },
  getOption: (thread, file, option) => getOption(thread, stateOf(file), rowOf(option), option),
  ioctl: (thread, file, request, argument) => {
    if (request !== FIONREAD)
      return socketIoctl(thread, file, request, argument) ?? fail(ENOTTY, 'no such ioctl');
    thread.user.writeU32(argument, coreOf(file).answers[0]?.length ?? 0);
    return 0;
  },
  release: (file) => coreOf(file).givePagesBack(),
};

/** socket(2). ESOCKTNOSUPPORT, EPROTONOSUPPORT: only the protocols of this file. */
export function createNetlinkSocket(thread: Thread, type: number, protocol: number): OpenFile {
  if (type !== SOCK_RAW && type !== SOCK_DGRAM) fail(ESOCKTNOSUPPORT, 'netlink is raw or datagram');
  if (protocol !== NETLINK_ROUTE && protocol !== NETLINK_SOCK_DIAG) {
    fail(EPROTONOSUPPORT, 'only NETLINK_ROUTE and NETLINK_SOCK_DIAG');
  }
  const inode = socketInode(thread, 'NETLINK');
  const core = new NetlinkCore(thread.kernel, NETLINK, type, protocol, inode);
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

function addressOf(port: number): Uint8Array {
  return SockaddrNl.encode({ nl_family: AF_NETLINK, nl_pad: 0, nl_pid: port, nl_groups: 0 });
}

function bind(thread: Thread, file: OpenFile, sockaddr: Uint8Array): void {
  if (sockaddr.length < SockaddrNl.size) fail(EINVAL, 'a netlink address has twelve bytes');
  const { nl_family, nl_pid } = SockaddrNl.decode(sockaddr.slice());
  if (nl_family !== AF_NETLINK) fail(EINVAL, 'not a netlink address');
  const core = coreOf(file);
  if (core.port !== 0 && nl_pid !== core.port) fail(EINVAL, 'the socket is bound already');
  core.port = nl_pid === 0 ? thread.process.pid : nl_pid;
}

function send(thread: Thread, file: OpenFile, _message: Outgoing, source: Source): number {
  const core = coreOf(file);
  if (core.port === 0) core.port = thread.process.pid;
  const length = source.remaining;
  if (length > core.settings.sendBuffer - 32) fail(EMSGSIZE, 'longer than SO_SNDBUF - 32');
  const pieces: Uint8Array[] = [];
  while (source.remaining > 0) {
    const piece = source.take(source.remaining);
    if (piece.length === 0) break;
    pieces.push(piece.slice());
  }
  for (const request of parseRequests(join(pieces))) {
    const queued = core.answers.reduce((sum, answer) => sum + answer.length, 0);
    if (queued < core.settings.receiveBuffer) respond(core, request);
    else core.pendingError = ENOBUFS; // netlink(7): messages are lost, and the reader is told
  }
  core.readers.wake();
  core.changed.wake(POLLIN | POLLRDNORM);
  return length;
}

/** Queues the answers to one request: several and NLMSG_DONE for a dump, an error or acknowledgement otherwise. */
function respond(core: NetlinkCore, request: Request): void {
  const isDump = (request.flags & NLM_F_DUMP) !== 0;
  const encode = (answer: Answer, flags: number): Uint8Array =>
    encodeMessage(answer, flags, request.sequence, core.port);
  let answers: Answer[];
  try {
    answers =
      core.protocol === NETLINK_ROUTE ? answerRoute(request) : answerSockDiag(core.kernel, request, isDump);
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown;
    core.answers.push(encode(errorAnswer(request, -thrown.errno), 0));
    return;
  }
  if (isDump) {
    const messages = answers.map((answer) => encode(answer, NLM_F_MULTI));
    messages.push(encode({ type: NLMSG_DONE, body: words(0) }, NLM_F_MULTI));
    core.answers.push(...pack(messages));
    return;
  }
  for (const answer of answers) core.answers.push(encode(answer, 0));
  if ((request.flags & NLM_F_ACK) !== 0) core.answers.push(encode(errorAnswer(request, 0), 0));
}

/** struct nlmsgerr: the errno and the request's header. */
function errorAnswer(request: Request, error: number): Answer {
  const header = Nlmsghdr.encode({
    nlmsg_len: Nlmsghdr.size + request.body.length,
    nlmsg_type: request.type,
    nlmsg_flags: request.flags,
    nlmsg_seq: request.sequence,
    nlmsg_pid: 0,
  });
  return { type: NLMSG_ERROR, body: join([words(error), header]) };
}

/** Several messages share a datagram. */
function pack(messages: readonly Uint8Array[]): Uint8Array[] {
  const datagrams: Uint8Array[] = [];
  let batch: Uint8Array[] = [];
  let size = 0;
  for (const message of messages) {
    if (size + message.length > DATAGRAM_SIZE && batch.length > 0) {
      datagrams.push(join(batch));
      batch = [];
      size = 0;
    }
    batch.push(message);
    size += message.length;
  }
  if (batch.length > 0) datagrams.push(join(batch));
  return datagrams;
}

function receive(thread: Thread, file: OpenFile, message: Incoming, sink: Sink): number | Wait {
  const core = coreOf(file);
  const error = core.takeError();
  if (error !== 0) fail(error, 'answers were lost');
  const answer = core.answers[0];
  if (answer === undefined) {
    const nonblock = (message.flags & MSG_DONTWAIT) !== 0;
    return notReady(thread, core.readers, { nonblock, timeoutNs: core.settings.receiveTimeoutNs });
  }
  const size = Math.min(sink.remaining, answer.length);
  if (size > 0) sink.put(answer.subarray(0, size));
  if ((message.flags & MSG_PEEK) === 0) core.answers.shift();
  if (size < answer.length) message.outFlags |= MSG_TRUNC;
  message.name = addressOf(0);
  return (message.flags & MSG_TRUNC) !== 0 ? answer.length : size;
}
