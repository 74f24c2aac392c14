// Requests of a tracer about a tracee that is stopped, or that it wants to stop (kernel/ptrace.c, ptrace_request).
// The row of syscalls/ptrace.ts has found the tracee. Numbers are Linux's for riscv64, which has no PTRACE_SINGLESTEP and
// no PTRACE_PEEKUSER: both are EIO there (arch_has_single_step, arch_ptrace), as is everything unknown.
import {
  PeekSiginfoArgs,
  PTRACE_CONT,
  PTRACE_DETACH,
  PTRACE_EVENT_STOP,
  PTRACE_GET_RSEQ_CONFIGURATION,
  PTRACE_GET_SYSCALL_INFO,
  PTRACE_GETEVENTMSG,
  PTRACE_GETREGSET,
  PTRACE_GETSIGINFO,
  PTRACE_GETSIGMASK,
  PTRACE_INTERRUPT,
  PTRACE_KILL,
  PTRACE_LISTEN,
  PTRACE_PEEKDATA,
  PTRACE_PEEKSIGINFO,
  PTRACE_PEEKSIGINFO_SHARED,
  PTRACE_PEEKTEXT,
  PTRACE_POKEDATA,
  PTRACE_POKETEXT,
  PTRACE_SECCOMP_GET_FILTER,
  PTRACE_SECCOMP_GET_METADATA,
  PTRACE_SET_SYSCALL_INFO,
  PTRACE_SETOPTIONS,
  PTRACE_SETREGSET,
  PTRACE_SETSIGINFO,
  PTRACE_SETSIGMASK,
  PTRACE_SYSCALL,
  RseqConfiguration,
  SyscallInfo,
} from '../abi/ptrace.ts';
import { NSIG, SIGINFO_SIZE, SIGKILL, UNBLOCKABLE } from '../abi/signal.ts';
import { EINVAL, EIO, fail } from '../errno.ts';
import { forcedRead, forcedWrite } from '../mm/forced-access.ts';
import { sendToThread } from '../task/send-signal.ts';
import { decodeSiginfo, encodeSiginfo, ownSignal, type SignalInfo } from '../task/signal-info.ts';
import type { Thread } from '../task/thread.ts';
import { checkOptions } from './attach.ts';
import { endTracing } from './detach.ts';
import { getFilter, getFilterFacts } from './filter-requests.ts';
import { readRegisterSet, registerSetSize, writeRegisterSet } from './registers.ts';
import { readSyscallInfo, writeSyscallInfo } from './syscall-info.ts';
import { leaveStop, type Tracee, type TraceStop, wakeForTrap } from './tracee.ts';

const WORD = 8;

/** Whom a request is about, and its third and fourth argument. */
export interface Request {
  readonly tracer: Thread;
  readonly thread: Thread;
  readonly tracee: Tracee;
  readonly address: number;
  readonly data: number;
}

/** Requests that need no stop; undefined for others. */
export function askRunning({ tracer, thread, tracee }: Request, request: number): number | undefined {
  if (request === PTRACE_KILL) {
    sendToThread(thread, ownSignal(SIGKILL, tracer.process, tracer.credentials.ruid));
    return 0;
  }
  if (request !== PTRACE_INTERRUPT) return undefined;
  if (!tracee.isSeized) fail(EIO, 'not traced by PTRACE_SEIZE');
  if (thread.state === 'dead') return 0;
  tracee.trapStop = true;
  wakeForTrap(thread, tracee);
  return 0;
}

/** Requests about a stopped tracee. EIO, EINVAL, EFAULT. */
export function askStopped(about: Request, stop: TraceStop, request: number): number {
  const { tracer, thread, tracee, address, data } = about;
  const { user } = tracer;
  switch (request) {
    case PTRACE_PEEKTEXT:
    case PTRACE_PEEKDATA: {
      const bytes = forcedRead(thread.mm, address, WORD);
      if (bytes.length < WORD) fail(EIO, 'nothing is mapped there');
      user.write(data, bytes);
      return 0;
    }
    case PTRACE_POKETEXT:
    case PTRACE_POKEDATA: {
      const bytes = new Uint8Array(WORD);
      new DataView(bytes.buffer).setBigUint64(0, tracer.hart.x(DATA_REGISTER), true);
      return forcedWrite(thread.mm, address, bytes) === WORD ? 0 : fail(EIO, 'it cannot be written there');
    }
    case PTRACE_CONT:
    case PTRACE_SYSCALL:
      demandSignal(data);
      tracee.reportsCalls = request === PTRACE_SYSCALL;
      thread.regate();
      leaveStop(thread, tracee, data);
      return 0;
    case PTRACE_DETACH:
      demandSignal(data);
      endTracing(thread, 'detached', data);
      return 0;
    case PTRACE_SETOPTIONS:
      checkOptions(tracer, data);
      tracee.options = data;
      return 0;
    case PTRACE_GETEVENTMSG:
      user.writeU64(data, stop.message);
      return 0;
    case PTRACE_GETSIGINFO:
      user.write(data, encodeSiginfo(stop.info ?? fail(EINVAL, 'the stop has no siginfo')));
      return 0;
    case PTRACE_SETSIGINFO: {
      const bytes = user.read(data, SIGINFO_SIZE);
      const signo = new DataView(bytes.buffer).getInt32(0, true);
      const info = decodeSiginfo(signo, bytes);
      if (stop.info === undefined) fail(EINVAL, 'the stop has no siginfo');
      stop.info = info;
      return 0;
    }
    case PTRACE_GETREGSET:
    case PTRACE_SETREGSET:
      return transferRegisters(about, request === PTRACE_SETREGSET);
    case PTRACE_LISTEN:
      return listen(about, stop);
    case PTRACE_PEEKSIGINFO:
      return peekSignals(about);
    case PTRACE_GETSIGMASK:
      if (address !== WORD) fail(EINVAL, 'not the size of a sigset_t');
      user.writeB64(data, thread.signals.saved ?? thread.signals.blocked);
      return 0;
    case PTRACE_SETSIGMASK:
      if (address !== WORD) fail(EINVAL, 'not the size of a sigset_t');
      thread.signals.blocked = user.readB64(data) & ~UNBLOCKABLE;
      thread.signals.saved = undefined;
      return 0;
    case PTRACE_GET_SYSCALL_INFO: {
      const bytes = readSyscallInfo(thread, stop);
      user.write(data, bytes.subarray(0, Math.min(bytes.length, address)));
      return bytes.length;
    }
    case PTRACE_SET_SYSCALL_INFO:
      if (address < SyscallInfo.size) fail(EINVAL, 'smaller than ptrace_syscall_info');
      writeSyscallInfo(thread, stop, user.read(data, SyscallInfo.size));
      return 0;
    case PTRACE_SECCOMP_GET_FILTER:
      return getFilter(tracer, thread, address, data);
    case PTRACE_SECCOMP_GET_METADATA:
      return getFilterFacts(tracer, thread, address, data);
    case PTRACE_GET_RSEQ_CONFIGURATION:
      return writeRseq(about);
    default:
      return fail(EIO, 'no such request');
  }
}

/** a3: `data` as all 64 bits. */
const DATA_REGISTER = 13;

function demandSignal(signo: number): void {
  if (signo > NSIG) fail(EIO, 'no such signal');
}

/** `address` is the set, `data` a struct iovec, whose length becomes that of the part that was copied. */
function transferRegisters({ tracer, thread, address, data }: Request, sets: boolean): number {
  const { user } = tracer;
  const [iovec] = user.readIovecs(data, 1);
  if (iovec === undefined) return 0;
  const size = registerSetSize(address, iovec.length);
  if (sets) writeRegisterSet(thread, address, user.read(iovec.base, size));
  else user.write(iovec.base, readRegisterSet(thread, address).subarray(0, size));
  user.writeU64(data + WORD, size);
  return 0;
}

/** PTRACE_LISTEN: the thread stays where it is, and its tracer hears when job control goes on. */
function listen({ thread, tracee }: Request, stop: TraceStop): number {
  if (!tracee.isSeized || (stop.info?.code ?? 0) >> 8 !== PTRACE_EVENT_STOP)
    fail(EIO, 'not in PTRACE_EVENT_STOP');
  stop.isListening = true;
  if (tracee.trapNotify) leaveStop(thread, tracee, 0);
  return 0;
}

/** How many siginfos of those that wait were copied. */
function peekSignals({ tracer, thread, address, data }: Request): number {
  const { user } = tracer;
  const { off, flags, nr } = user.readStruct(address, PeekSiginfoArgs);
  if ((flags & ~PTRACE_PEEKSIGINFO_SHARED) !== 0 || nr < 0)
    fail(EINVAL, 'unknown flags, or a negative count');
  const { pending } = flags === 0 ? thread.signals : thread.process.signals;
  const infos: readonly SignalInfo[] = pending.queued(off, nr);
  let count = 0;
  for (const info of infos) {
    const at = data + count * SIGINFO_SIZE;
    if (user.accessible(at, SIGINFO_SIZE, true) < SIGINFO_SIZE && count > 0) break;
    user.write(at, encodeSiginfo(info));
    count++;
  }
  return count;
}

function writeRseq({ tracer, thread, address, data }: Request): number {
  const { address: pointer = 0, length = 0, signature = 0 } = thread.rseq ?? {};
  const bytes = RseqConfiguration.encode({
    rseq_abi_pointer: pointer,
    rseq_abi_size: length,
    signature,
    flags: 0,
    pad: 0,
  });
  tracer.user.write(data, bytes.subarray(0, Math.min(bytes.length, address)));
  return bytes.length;
}
