// Kinds of the poll family: pollfd arrays, descriptor sets, epoll events, eventfd and inotify flags.
// Rows of kernel/syscalls/poll.ts and event.ts name them; results of poll and select carry what was found.
import { EpollEvent } from '../epoll.ts';
import type { Kind, PrintContext } from '../kind.ts';
import { Pollfd } from '../poll.ts';
import { Timespec } from '../time.ts';
import { flags, kind, oneOf, outKind } from './basic.ts';
import { printFd } from './fd-text.ts';
import { flagText, hex, type NameTable, names, pointer } from './format.ts';
import { arrayText, braces, peekBytes, peekStruct } from './peek.ts';
import { timespecText } from './time-kinds.ts';

const POLL_EVENTS: NameTable = names({
  POLLIN: 1,
  POLLPRI: 2,
  POLLOUT: 4,
  POLLERR: 8,
  POLLHUP: 0x10,
  POLLNVAL: 0x20,
  POLLRDNORM: 0x40,
  POLLRDBAND: 0x80,
  POLLWRNORM: 0x100,
  POLLWRBAND: 0x200,
  POLLMSG: 0x400,
  POLLREMOVE: 0x1000,
  POLLRDHUP: 0x2000,
});
/** `POLLIN|POLLOUT`. */
export function pollEventsText(events: number): string {
  return flagText(events & 0xffff, POLL_EVENTS, 'POLL???');
}

export const PollFds: Kind = kind('struct pollfd', 'u64', (value, context) =>
  arrayText(context, value, context.args.nfds ?? 0, Pollfd.size, (at) => {
    const entry = peekStruct(context, at, Pollfd);
    if (entry === undefined) return undefined;
    if (entry.fd < 0) return braces([`fd=${entry.fd}`]);
    return braces([`fd=${printFd(entry.fd, context)}`, `events=${pollEventsText(entry.events)}`]);
  }),
);

/** The time left of a timeout that poll and select write back. */
function leftText(context: PrintContext, address: number): string | undefined {
  if (address === 0) return undefined;
  const left = peekStruct(context, address, Timespec);
  return left === undefined ? undefined : `left ${timespecText(left)}`;
}

/** `1 ([{fd=3, revents=POLLIN}], left {…})`. The rows call their arguments fds, nfds and timeout. */
export const PollResult: Kind = kind('poll result', 'i32', (value, context) => {
  if (value === 0) return '0 (Timeout)';
  const { fds = 0, nfds = 0, timeout = 0 } = context.args;
  const ready: string[] = [];
  for (let i = 0; i < nfds && ready.length <= context.stringLimit; i++) {
    const entry = peekStruct(context, fds + i * Pollfd.size, Pollfd);
    if (entry === undefined || entry.fd < 0 || entry.revents === 0) continue;
    const events = pollEventsText(entry.revents);
    ready.push(
      ready.length === context.stringLimit ? '...' : braces([`fd=${entry.fd}`, `revents=${events}`]),
    );
  }
  const left = leftText(context, timeout);
  return `${value} ([${ready.join(', ')}]${left === undefined ? '' : `, ${left}`})`;
});

/** `[3 5]`: the members of a descriptor set below nfds; undefined when it cannot be read. */
function setMembers(context: PrintContext, address: number): string | undefined {
  const nfds = Math.max(0, Math.min(context.args.nfds ?? context.args.n ?? 0, 65_536));
  const bytes = peekBytes(context, address, Math.ceil(nfds / 64) * 8);
  if (bytes === undefined) return undefined;
  const members: string[] = [];
  for (let fd = 0; fd < nfds; fd++) {
    if (((bytes[fd >> 3] ?? 0) >> (fd & 7)) & 1) members.push(printFd(fd, context));
  }
  return members.length === 0 ? '' : `[${members.join(' ')}]`;
}

export const FdSet: Kind = kind('fd_set', 'u64', (value, context) => {
  if (value === 0) return 'NULL';
  const members = setMembers(context, value);
  return members === undefined ? hex(value) : members === '' ? '[]' : members;
});

/** `2 (in [9], out [8], left {…})`. The rows call their arguments readfds, writefds, exceptfds and timeout. */
export const SelectResult: Kind = kind('select result', 'i32', (value, context) => {
  if (value === 0) return '0 (Timeout)';
  const { readfds = 0, writefds = 0, exceptfds = 0, timeout = 0 } = context.args;
  const parts: string[] = [];
  for (const [word, address] of [
    ['in', readfds],
    ['out', writefds],
    ['except', exceptfds],
  ] as const) {
    const members = address === 0 ? undefined : setMembers(context, address);
    if (members !== undefined && members !== '') parts.push(`${word} ${members}`);
  }
  const left = leftText(context, timeout);
  if (left !== undefined) parts.push(left);
  return parts.length === 0 ? String(value) : `${value} (${parts.join(', ')})`;
});

const EPOLL_EVENTS: NameTable = names({
  EPOLLIN: 1,
  EPOLLPRI: 2,
  EPOLLOUT: 4,
  EPOLLERR: 8,
  EPOLLHUP: 0x10,
  EPOLLRDNORM: 0x40,
  EPOLLRDBAND: 0x80,
  EPOLLWRNORM: 0x100,
  EPOLLWRBAND: 0x200,
  EPOLLMSG: 0x400,
  EPOLLRDHUP: 0x2000,
  EPOLLEXCLUSIVE: 0x1000_0000,
  EPOLLWAKEUP: 0x2000_0000,
  EPOLLONESHOT: 0x4000_0000,
  EPOLLET: 0x8000_0000,
});
/** Not packed on riscv64. */
function epollEventText(event: ReturnType<typeof EpollEvent.decode>): string {
  const low = BigInt.asUintN(32, event.data);
  return `{events=${flagText(event.events, EPOLL_EVENTS, 'EPOLL???')}, data={u32=${low}, u64=${BigInt.asUintN(64, event.data)}}}`;
}

export const EpollOperation: Kind = oneOf(
  'EPOLL_CTL_???',
  { EPOLL_CTL_ADD: 1, EPOLL_CTL_DEL: 2, EPOLL_CTL_MOD: 3 },
  'i32',
);
export const EpollEventIn: Kind = kind('struct epoll_event', 'u64', (value, context) => {
  if (value === 0) return 'NULL';
  const isDelete = context.args.op === 2;
  const event = isDelete ? undefined : peekStruct(context, value, EpollEvent);
  return event === undefined ? pointer(value) : epollEventText(event);
});
export const EpollEventsOut: Kind = outKind('struct epoll_event', 'u64', (value, context) => {
  if (context.result < 0) return pointer(value);
  return arrayText(context, value, context.result, EpollEvent.size, (at) => {
    const event = peekStruct(context, at, EpollEvent);
    return event === undefined ? undefined : epollEventText(event);
  });
});
export const EpollFlags: Kind = flags('EPOLL_???', { EPOLL_CLOEXEC: 0o2000000 });
export const EventfdFlags: Kind = flags('EFD_???', {
  EFD_SEMAPHORE: 1,
  EFD_CLOEXEC: 0o2000000,
  EFD_NONBLOCK: 0o4000,
});
