// ptrace(2): one thread watches and changes another.
// Row for table.ts; kernel/ptrace/ does the work. Who may ask what about whom is decided here (kernel/ptrace.c, sys_ptrace).
import { PtraceAddress, PtraceData, PtracePid, PtraceRequest } from '../abi/kinds/ptrace-kinds.ts';
import { PTRACE_ATTACH, PTRACE_SEIZE, PTRACE_TRACEME } from '../abi/ptrace.ts';
import { ESRCH, fail } from '../errno.ts';
import { attach, traceMe } from '../ptrace/attach.ts';
import { askRunning, askStopped, type Request } from '../ptrace/requests.ts';
import type { Thread } from '../task/thread.ts';
import { syscall } from './syscall.ts';

interface PtraceArguments {
  readonly request: number;
  readonly pid: number;
  readonly addr: number;
  readonly data: number;
}

/** One that has ended and that its tracer has not seen yet. */
function endedTracee({ tracees }: Thread, id: number): Thread | undefined {
  for (const thread of tracees ?? []) if (thread.tid === id && thread.state === 'dead') return thread;
  return undefined;
}

/** ESRCH. */
function requestAbout(tracer: Thread, thread: Thread | undefined, address: number, data: number): Request {
  const { tracee } = thread ?? {};
  if (thread === undefined || tracee?.tracer !== tracer) fail(ESRCH, 'not a thread that the caller traces');
  return { tracer, thread, tracee, address, data };
}

/** ESRCH, and what the request fails with. */
function ptrace(tracer: Thread, { request, pid, addr, data }: PtraceArguments): number {
  if (request === PTRACE_TRACEME) return traceMe(tracer);
  const { pids } = tracer.kernel;
  const id = tracer.process.kernelPid(pid);
  const thread = pids.thread(id);
  if (request === PTRACE_ATTACH || request === PTRACE_SEIZE) {
    if (thread === undefined && pids.process(id) === undefined) fail(ESRCH, 'no thread to trace');
    return attach(tracer, thread, request === PTRACE_SEIZE ? { address: addr, options: data } : undefined);
  }
  const about = requestAbout(tracer, thread ?? endedTracee(tracer, id), addr, data);
  const answer = askRunning(about, request);
  if (answer !== undefined) return answer;
  const { stop } = about.tracee;
  if (stop === undefined || stop.isListening) return fail(ESRCH, 'the thread is not stopped');
  return askStopped(about, stop, request);
}

export const PTRACE_SYSCALLS = {
  117: syscall(
    'ptrace',
    { request: PtraceRequest, pid: PtracePid, addr: PtraceAddress, data: PtraceData },
    ptrace,
    { partial: 'no syscall user dispatch' },
  ),
};
