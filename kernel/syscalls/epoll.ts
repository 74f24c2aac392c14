// epoll_create1, epoll_ctl, epoll_pwait and epoll_pwait2 (epoll(7)).
// Checks come in the order of fs/eventpoll.c; the instance itself is kernel/poll/epoll.ts.

import {
  EPOLL_CLOEXEC,
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLL_CTL_MOD,
  EPOLLET,
  EPOLLEXCLUSIVE,
  EPOLLWAKEUP,
  EpollEvent,
} from '../abi/epoll.ts';
import { O_RDWR } from '../abi/fcntl.ts';
import { Fd, I32, Size } from '../abi/kinds/basic.ts';
import { EpollEventIn, EpollEventsOut, EpollFlags, EpollOperation } from '../abi/kinds/poll-kinds.ts';
import { SigsetIn } from '../abi/kinds/signal-kinds.ts';
import { TimespecIn } from '../abi/kinds/time-kinds.ts';
import { POLLERR, POLLHUP, POLLIN, POLLOUT } from '../abi/poll.ts';
import { EEXIST, EFAULT, EINVAL, ENOENT, ENOSPC, EPERM, fail } from '../errno.ts';
import { installNew } from '../event/install.ts';
import type { OpenFile } from '../file/open-file.ts';
import { anonymousInode } from '../fs/anonymous.ts';
import { TASK_SIZE } from '../mm/layout.ts';
import { startDeadline, startTimespecDeadline } from '../poll/deadline.ts';
import { Epoll } from '../poll/epoll.ts';
import { EpollItem } from '../poll/epoll-item.ts';
import { demandFewPaths, demandNoLoop } from '../poll/epoll-nesting.ts';
import { waitWithMask } from '../poll/temporary-mask.ts';
import type { Call, Thread } from '../task/thread.ts';
import { wait } from '../wait.ts';
import { type Answer, syscall } from './syscall.ts';

const EXCLUSIVE_ALLOWED = POLLIN | POLLOUT | POLLERR | POLLHUP | EPOLLWAKEUP | EPOLLET | EPOLLEXCLUSIVE;
/** EP_MAX_EVENTS, with the 16-byte struct of riscv64. */
const MAX_EVENTS = 0x7fff_ffff / EpollEvent.size;

function epollCreate1(thread: Thread, { flags }: { flags: number }): number {
  if ((flags & ~EPOLL_CLOEXEC) !== 0) fail(EINVAL, 'unknown flags');
  const epoll = new Epoll(anonymousInode(thread.kernel, '[eventpoll]', 0o600), thread.kernel.epollWatches);
  return installNew(thread, epoll, O_RDWR, (flags & EPOLL_CLOEXEC) !== 0);
}

interface CtlArguments {
  readonly epfd: number;
  readonly op: number;
  readonly fd: number;
  readonly event: number;
}

function epollCtl(thread: Thread, { epfd, op, fd, event }: CtlArguments): number {
  const { events, data } =
    op === EPOLL_CTL_DEL ? { events: 0, data: 0n } : thread.user.readStruct(event, EpollEvent);
  const epollFile = thread.files.get(epfd);
  const file = thread.files.get(fd);
  const queue =
    file.descriptor.changed ?? fail(EPERM, 'files of this kind are always ready and cannot be watched');
  const epoll = epollFile.descriptor;
  if (file === epollFile || !(epoll instanceof Epoll)) fail(EINVAL, 'epfd is no epoll, or the same as fd');
  if ((events & EPOLLEXCLUSIVE) !== 0) demandExclusive(file, op, events);
  if (op === EPOLL_CTL_ADD && file.descriptor instanceof Epoll)
    demandNoLoop(epoll, epollFile, file.descriptor);
  const item = epoll.find(file, fd);
  const watches = thread.kernel.epollWatches;
  switch (op) {
    case EPOLL_CTL_ADD:
      if (item !== undefined) fail(EEXIST, 'the descriptor is watched already');
      if (watches.count >= watches.limit) fail(ENOSPC, 'fs.epoll.max_user_watches are in use');
      addItem(
        epoll,
        new EpollItem({ epoll, file: epollFile }, file, fd, queue, { events: events & ~EPOLLWAKEUP, data }),
      );
      return 0;
    case EPOLL_CTL_DEL:
      epoll.remove(item ?? fail(ENOENT, 'the descriptor is not watched'));
      return 0;
    case EPOLL_CTL_MOD:
      if (item === undefined) fail(ENOENT, 'the descriptor is not watched');
      if (item.isExclusive) fail(EINVAL, 'an EPOLLEXCLUSIVE item cannot be changed');
      item.change(events & ~EPOLLWAKEUP, data);
      epoll.changedItem(item);
      return 0;
    default:
      return fail(EINVAL, 'no such operation');
  }
}

/** EINVAL, and the item is gone, where it makes too many ways. */
function addItem(epoll: Epoll, item: EpollItem): void {
  epoll.add(item);
  try {
    demandFewPaths(item.epollFile, item.file);
  } catch (thrown) {
    epoll.remove(item);
    throw thrown;
  }
}

function demandExclusive(file: OpenFile, op: number, events: number): void {
  if (op === EPOLL_CTL_MOD) fail(EINVAL, 'EPOLLEXCLUSIVE cannot be set later');
  if (op !== EPOLL_CTL_ADD) return;
  if (file.descriptor instanceof Epoll) fail(EINVAL, 'EPOLLEXCLUSIVE on an epoll');
  if ((events & ~EXCLUSIVE_ALLOWED) !== 0) fail(EINVAL, 'EPOLLEXCLUSIVE with an event it does not go with');
}

interface PwaitArguments {
  readonly epfd: number;
  readonly events: number;
  readonly maxevents: number;
  readonly timeout: number;
  readonly sigmask: number;
  readonly sigsetsize: number;
}

/** The timeout is in ms; negative = none. */
function epollPwait(thread: Thread, args: PwaitArguments): Answer {
  startDeadline(thread, args.timeout < 0 ? undefined : args.timeout * 1_000_000);
  return waitForEvents(thread, args);
}

function epollPwait2(thread: Thread, args: PwaitArguments): Answer {
  startTimespecDeadline(thread, args.timeout);
  return waitForEvents(thread, args);
}

function waitForEvents(thread: Thread, args: PwaitArguments): Answer {
  waitWithMask(thread, args.sigmask, args.sigsetsize);
  const file = thread.files.get(args.epfd);
  if (args.maxevents <= 0 || args.maxevents > MAX_EVENTS)
    fail(EINVAL, 'maxevents is not positive, or absurd');
  if (args.events + args.maxevents * EpollEvent.size > TASK_SIZE) fail(EFAULT, 'the array is no user memory');
  const epoll = file.descriptor;
  if (!(epoll instanceof Epoll)) fail(EINVAL, 'the descriptor is no epoll');
  const call = thread.call as Call;
  const count = epoll.collect(thread, args.events, args.maxevents);
  if (count > 0 || call.timedOut) return count;
  return wait(epoll.sleepers, 'interrupt', call.deadlineNs);
}

export const EPOLL_CALLS = {
  20: syscall('epoll_create1', { flags: EpollFlags }, epollCreate1, {
    returns: Fd,
  }),
  21: syscall('epoll_ctl', { epfd: Fd, op: EpollOperation, fd: Fd, event: EpollEventIn }, epollCtl),
  22: syscall(
    'epoll_pwait',
    { epfd: Fd, events: EpollEventsOut, maxevents: I32, timeout: I32, sigmask: SigsetIn, sigsetsize: Size },
    epollPwait,
  ),
  441: syscall(
    'epoll_pwait2',
    {
      epfd: Fd,
      events: EpollEventsOut,
      maxevents: I32,
      timeout: TimespecIn,
      sigmask: SigsetIn,
      sigsetsize: Size,
    },
    epollPwait2,
  ),
};
