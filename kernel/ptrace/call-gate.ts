// What is done about a call before it begins, of a thread that is confined or traced: seccomp, syscall-stops, restarts.
// dispatch.ts and slice.ts ask when a thread `isGated`, and turn.ts when a tracer lets one go on before its call.
// As Linux's syscall_trace_enter: first the tracer, who may change the call, then the filters, whose answer may be to ask it.
import { PTRACE_EVENT_SECCOMP, PTRACE_O_SUSPEND_SECCOMP } from '../abi/ptrace.ts';
import { CONTEXT_REPLACED, CONTEXT_RETURNED } from '../context-replaced.ts';
import { permittedSyscall, traceVerdict } from '../seccomp/filters.ts';
import type { Syscall } from '../syscalls/syscall.ts';
import type { Thread } from '../task/thread.ts';
import { ended, isWait } from '../wait.ts';
import { skipCall, stopForCall, stopForEvent } from './stops.ts';
import type { Tracee } from './tracee.ts';

const A7 = 17;
const NR_RESTART_SYSCALL = 128;

/** The row that a gated thread gets which stands on an ecall for `called`. */
export function gatedSyscall(thread: Thread, called: Syscall): Syscall {
  const { confinement, tracee, interruption } = thread;
  const wanted =
    interruption?.kept !== undefined && thread.hart.xLo(A7) === NR_RESTART_SYSCALL
      ? resumption(thread, interruption.kept.syscall)
      : called;
  const isFree = confinement === undefined || (tracee !== undefined && suspendsFilters(tracee));
  const row = isFree ? wanted : permittedSyscall(thread, confinement, wanted);
  return tracee === undefined ? row : reported(row);
}

/** PTRACE_O_SUSPEND_SECCOMP. */
function suspendsFilters({ options }: Tracee): boolean {
  return (options & PTRACE_O_SUSPEND_SECCOMP) !== 0;
}

/** Before a call: true when the thread stops for its tracer instead. */
export function stopsBeforeCall(thread: Thread): boolean {
  const { tracee } = thread;
  if (tracee?.tracer === undefined) return false;
  if (tracee.reportsCalls && stopForCall(thread, tracee, 'entry')) return true;
  return stopsForFilter(thread, tracee);
}

/** SECCOMP_RET_TRACE of a filter, unless it was answered already. */
export function stopsForFilter(thread: Thread, tracee: Tracee): boolean {
  if (tracee.isJudged || suspendsFilters(tracee) || !tracee.wants(PTRACE_EVENT_SECCOMP)) return false;
  const data = traceVerdict(thread);
  return data !== undefined && stopForEvent(thread, tracee, 'seccomp', PTRACE_EVENT_SECCOMP, data);
}

/** A tracer has made the number one that is none: there is no call. */
export function isSkipped(thread: Thread, tracee: Tracee, callCount: number): boolean {
  const number = thread.hart.xLo(A7) | 0;
  if (number >= 0 && number < callCount) return false;
  skipCall(thread, tracee);
  return true;
}

/** The row with the end of the call noted, for a syscall-exit-stop and for what the tracer did to the registers. */
export function reported(row: Syscall): Syscall {
  return {
    ...row,
    replacesContext: true,
    handler: (thread, args) => {
      try {
        const answer = row.handler(thread, args);
        if (answer === CONTEXT_RETURNED || !isWait(ended(answer))) noteEnd(thread);
        return answer;
      } catch (thrown) {
        if (thrown !== CONTEXT_REPLACED || thread.state !== 'dead') noteEnd(thread);
        throw thrown;
      }
    },
  };
}

function noteEnd(thread: Thread): void {
  const { tracee } = thread;
  if (tracee === undefined) return;
  tracee.exitDue = true;
  tracee.isJudged = false;
  thread.signals.attention = true;
}

/** restart_syscall: the call that was left, with the deadline that it had. */
function resumption(thread: Thread, row: Syscall): Syscall {
  return {
    ...row,
    replacesContext: true,
    handler: (caller, args) => {
      const kept = thread.interruption?.kept;
      if (kept !== undefined && caller.call !== undefined) {
        caller.call.deadlineNs = kept.deadlineNs;
        caller.interruption = undefined;
        caller.regate();
      }
      return row.handler(caller, args);
    },
  };
}
