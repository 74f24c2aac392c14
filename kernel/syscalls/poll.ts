// ppoll(2) and pselect6(2). (riscv64 has neither poll nor select.)

import { I32, Size, U32 } from '../abi/kinds/basic.ts';
import { FdSet, PollFds, PollResult, SelectResult } from '../abi/kinds/poll-kinds.ts';
import { PselectMask, SigsetIn } from '../abi/kinds/signal-kinds.ts';
import { TimespecIn } from '../abi/kinds/time-kinds.ts';
import { reportRemaining, startTimespecDeadline } from '../poll/deadline.ts';
import { pollFiles } from '../poll/poll.ts';
import { selectFiles } from '../poll/select.ts';
import { waitWithMask } from '../poll/temporary-mask.ts';
import type { Call, Thread } from '../task/thread.ts';
import { isWait } from '../wait.ts';
import { type Answer, syscall } from './syscall.ts';

interface PpollArguments {
  readonly fds: number;
  readonly nfds: number;
  readonly timeout: number;
  readonly sigmask: number;
  readonly sigsetsize: number;
}

function ppoll(thread: Thread, args: PpollArguments): Answer {
  startTimespecDeadline(thread, args.timeout);
  waitWithMask(thread, args.sigmask, args.sigsetsize);
  return reporting(thread, args.timeout, pollFiles(thread, args.fds, args.nfds));
}

interface PselectArguments {
  readonly nfds: number;
  readonly readfds: number;
  readonly writefds: number;
  readonly exceptfds: number;
  readonly timeout: number;
  /** A pointer to { const sigset_t *mask; size_t size }: a seventh argument in disguise. */
  readonly sigmask: number;
}

function pselect6(thread: Thread, args: PselectArguments): Answer {
  const { user } = thread;
  const mask = args.sigmask === 0 ? 0 : user.readU64(args.sigmask);
  const size = args.sigmask === 0 ? 0 : user.readU64(args.sigmask + 8);
  startTimespecDeadline(thread, args.timeout);
  waitWithMask(thread, mask, size);
  const sets = [args.readfds, args.writefds, args.exceptfds];
  return reporting(thread, args.timeout, selectFiles(thread, args.nfds, sets));
}

/** The time that is left is written back on every return to the program, a signal's too. */
function reporting(thread: Thread, timeout: number, answer: Answer): Answer {
  if (!isWait(answer) || (thread.call as Call).interrupted) reportRemaining(thread, timeout);
  return answer;
}

export const POLL_CALLS = {
  72: syscall(
    'pselect6',
    {
      nfds: I32,
      readfds: FdSet,
      writefds: FdSet,
      exceptfds: FdSet,
      timeout: TimespecIn,
      sigmask: PselectMask,
    },
    pselect6,
    { returns: SelectResult },
  ),
  73: syscall(
    'ppoll',
    { fds: PollFds, nfds: U32, timeout: TimespecIn, sigmask: SigsetIn, sigsetsize: Size },
    ppoll,
    { returns: PollResult },
  ),
};
