// The signal calls: actions, masks, sending, waiting for signals, returning from handlers (signal(7)).
// Rows for table.ts; kernel/task/send-signal.ts and signal-delivery.ts do the work.
// Order of checks follows kernel/signal.c.

import { firstBytes } from '../abi/first-bytes.ts';
import { Pid, Signal, Size } from '../abi/kinds/basic.ts';
import { SignalResult } from '../abi/kinds/result-kinds.ts';
import {
  SigactionIn,
  SigactionOut,
  SigHow,
  SiginfoIn,
  SiginfoOut,
  SignalFrame,
  SigsetIn,
  SigsetOut,
  StackIn,
  StackOut,
} from '../abi/kinds/signal-kinds.ts';
import { TimespecIn } from '../abi/kinds/time-kinds.ts';
import {
  IGNORED_SIGNALS,
  KernelSigaction,
  NSIG,
  SA_EXPOSE_TAGBITS,
  SA_NOCLDSTOP,
  SA_NOCLDWAIT,
  SA_NODEFER,
  SA_ONSTACK,
  SA_RESETHAND,
  SA_RESTART,
  SA_SIGINFO,
  SI_TKILL,
  SIG_BLOCK,
  SIG_DFL,
  SIG_IGN,
  SIG_SETMASK,
  SIG_UNBLOCK,
  SIGINFO_SIZE,
  SIGSEGV,
  SIGSET_SIZE,
  StackT,
  signalBit,
  UNBLOCKABLE,
} from '../abi/signal.ts';
import { readTimespecNs } from '../abi/time.ts';
import { CONTEXT_RETURNED } from '../context-replaced.ts';
import { EAGAIN, EINTR, EINVAL, EPERM, ESRCH, fail } from '../errno.ts';
import { describeAltStack, setAltStack } from '../task/alt-stack.ts';
import { maySignal } from '../task/permission.ts';
import type { Process } from '../task/process.ts';
import type { SignalAction } from '../task/process-signals.ts';
import { setTemporaryMask } from '../task/saved-mask.ts';
import {
  flushEverywhere,
  forceSignal,
  recalculateAttention,
  sendToProcess,
  sendToThread,
  setBlocked,
} from '../task/send-signal.ts';
import type { ProcessGroup } from '../task/session.ts';
import { pendingSet, takeSignal } from '../task/signal-delivery.ts';
import { popSignalFrame } from '../task/signal-frame.ts';
import {
  decodeSiginfo,
  encodeSiginfo,
  kernelSignal,
  type SignalInfo,
  userSignal,
} from '../task/signal-info.ts';
import type { Thread } from '../task/thread.ts';
import { wait } from '../wait.ts';
import { type Answer, syscall } from './syscall.ts';

const SA_FLAGS =
  SA_NOCLDSTOP |
  SA_NOCLDWAIT |
  SA_SIGINFO |
  SA_EXPOSE_TAGBITS |
  SA_ONSTACK |
  SA_RESTART |
  SA_NODEFER |
  SA_RESETHAND;
const SP = 2;

function demandSetSize(size: number): void {
  if (size !== SIGSET_SIZE) fail(EINVAL, 'sigsetsize is not 8');
}

function rtSigaction(
  thread: Thread,
  { signum, act, oldact, sigsetsize }: { signum: number; act: number; oldact: number; sigsetsize: number },
): number {
  demandSetSize(sigsetsize);
  const { user, process } = thread;
  const wanted = act === 0 ? undefined : user.readStruct(act, KernelSigaction);
  if (signum < 1 || signum > NSIG) fail(EINVAL, 'no such signal');
  const bit = signalBit(signum);
  if (wanted !== undefined && (UNBLOCKABLE & bit) !== 0n)
    fail(EINVAL, 'SIGKILL and SIGSTOP cannot be handled');
  const { actions } = process.signals;
  const old = actions.get(signum);
  if (wanted !== undefined) {
    const { handler, flags, mask } = wanted;
    const action: SignalAction = {
      handler,
      flags: flags & SA_FLAGS,
      mask: mask & ~UNBLOCKABLE,
    };
    actions.set(signum, action);
    const isIgnored = handler === SIG_IGN || (handler === SIG_DFL && (IGNORED_SIGNALS & bit) !== 0n);
    if (isIgnored) {
      // POSIX 3.3.1.3: setting a pending signal to be ignored discards it
      flushEverywhere(process, bit);
      for (const other of process.threads.values()) recalculateAttention(other);
    }
  }
  if (oldact !== 0) {
    user.writeStruct(oldact, KernelSigaction, {
      handler: old.handler,
      flags: old.flags >>> 0,
      unknownFlags: 0,
      mask: old.mask,
    });
  }
  return 0;
}

function rtSigprocmask(
  thread: Thread,
  { how, set, oldset, sigsetsize }: { how: number; set: number; oldset: number; sigsetsize: number },
): number {
  demandSetSize(sigsetsize);
  const { user, signals } = thread;
  const old = signals.blocked;
  if (set !== 0) {
    const wanted = user.readB64(set) & ~UNBLOCKABLE;
    if (how === SIG_BLOCK) setBlocked(thread, old | wanted);
    else if (how === SIG_UNBLOCK) setBlocked(thread, old & ~wanted);
    else if (how === SIG_SETMASK) setBlocked(thread, wanted);
    else fail(EINVAL, 'not SIG_BLOCK, SIG_UNBLOCK or SIG_SETMASK');
  }
  if (oldset !== 0) user.writeB64(oldset, old);
  return 0;
}

function rtSigpending(thread: Thread, { set, sigsetsize }: { set: number; sigsetsize: number }): number {
  if (sigsetsize > SIGSET_SIZE) fail(EINVAL, 'sigsetsize is more than 8');
  const bytes = new Uint8Array(SIGSET_SIZE);
  new DataView(bytes.buffer).setBigUint64(0, pendingSet(thread) & thread.signals.blocked, true);
  thread.user.write(set, firstBytes(bytes, sigsetsize));
  return 0;
}

function rtSigsuspend(thread: Thread, { mask, sigsetsize }: { mask: number; sigsetsize: number }): Answer {
  demandSetSize(sigsetsize);
  setTemporaryMask(thread, thread.user.readB64(mask));
  return wait([], 'nohand');
}

function rtSigtimedwait(
  thread: Thread,
  { set, info, timeout, sigsetsize }: { set: number; info: number; timeout: number; sigsetsize: number },
): Answer {
  demandSetSize(sigsetsize);
  const { user, process, kernel } = thread;
  const call = thread.call;
  const wanted = user.readB64(set) & ~UNBLOCKABLE;
  const timeoutNs = timeout === 0 ? Number.POSITIVE_INFINITY : readTimespecNs(user, timeout);
  const found = takeSignal(thread, ~wanted);
  recalculateAttention(thread);
  if (found !== undefined) {
    if (info !== 0) user.write(info, encodeSiginfo(found));
    return found.signo;
  }
  if (timeoutNs === 0 || call?.timedOut === true) fail(EAGAIN, 'no such signal came in time');
  if (call !== undefined) call.deadlineNs ??= kernel.clock.monotonicNs() + timeoutNs;
  return wait(process.signals.arrived, 'interrupt', call?.deadlineNs);
}

/** Checks and sends; signal 0 only checks. Returns the errno, 0 on success. */
function sendChecked(sender: Thread, target: Process, info: SignalInfo): number {
  if (info.signo < 0 || info.signo > NSIG) return EINVAL;
  if (!maySignal(sender, target, target.credentials, info.signo)) return EPERM;
  return info.signo === 0 ? 0 : sendToProcess(target, info);
}

/** kill_something_info. */
function kill(sender: Thread, { pid, sig }: { pid: number; sig: number }): number {
  const { pids } = sender.kernel;
  const info = userSignal(sig, sender);
  if (pid > 0) return -sendChecked(sender, findProcess(sender, pid), info);
  if (pid === -0x8000_0000) fail(ESRCH, 'no such process group');
  if (pid === -1) {
    let result: number | undefined;
    for (const target of [...pids.processes()]) {
      if (sender.process.shownPid(target.pid) <= 1 || target === sender.process) continue;
      const error = sendChecked(sender, target, info);
      if (error !== EPERM) result = error;
      else result ??= 0;
    }
    return result === undefined ? fail(ESRCH, 'no other process') : -result;
  }
  const group = pid === 0 ? sender.process.group : pids.group(sender.process.kernelPid(-pid));
  return -sendToMembers(sender, group, info);
}

/** 0 when one member took it, else the last error (__kill_pgrp_info). ESRCH: there is no such group. */
export function sendToMembers(sender: Thread, group: ProcessGroup | undefined, info: SignalInfo): number {
  let error = ESRCH;
  let success = false;
  for (const target of [...(group?.members ?? [])]) {
    error = sendChecked(sender, target, info);
    if (error === 0) success = true;
  }
  return success ? 0 : error;
}

/** A process by the number of any of its threads. ESRCH. */
function findProcess(sender: Thread, pid: number): Process {
  const { pids } = sender.kernel;
  const id = sender.process.kernelPid(pid);
  const process = pids.process(id) ?? pids.thread(id)?.process;
  if (process === undefined || process.state === 'reaped') fail(ESRCH, 'no such process');
  return process;
}

/** do_send_specific: one thread, by number. */
function sendSpecific(sender: Thread, tgid: number | undefined, tid: number, info: SignalInfo): number {
  const { process, kernel } = sender;
  const id = process.kernelPid(tid);
  const target = kernel.pids.thread(id);
  if (target === undefined) {
    const zombie = kernel.pids.process(id); // a zombie leader can still be named
    if (zombie === undefined || (tgid !== undefined && tgid !== tid)) fail(ESRCH, 'no such thread');
    return -sendChecked(sender, zombie, info);
  }
  if (tgid !== undefined && target.process.pid !== process.kernelPid(tgid))
    fail(ESRCH, 'the thread is not in that process');
  if (info.signo < 0 || info.signo > NSIG) fail(EINVAL, 'no such signal');
  if (!maySignal(sender, target.process, target.credentials, info.signo))
    fail(EPERM, 'not allowed to signal it');
  return info.signo === 0 ? 0 : -sendToThread(target, info);
}

function tkillInfo(sender: Thread, sig: number): SignalInfo {
  return { ...userSignal(sig, sender), code: SI_TKILL };
}

function tkill(sender: Thread, { tid, sig }: { tid: number; sig: number }): number {
  if (tid <= 0) fail(EINVAL, 'not a thread id');
  return sendSpecific(sender, undefined, tid, tkillInfo(sender, sig));
}

function tgkill(sender: Thread, { tgid, tid, sig }: { tgid: number; tid: number; sig: number }): number {
  if (tid <= 0 || tgid <= 0) fail(EINVAL, 'not ids');
  return sendSpecific(sender, tgid, tid, tkillInfo(sender, sig));
}

/** A guest's own siginfo; only to oneself may it look as if the kernel or kill sent it. EFAULT, EPERM. */
function checkInfo(sender: Thread, sig: number, bytes: Uint8Array, pid: number): SignalInfo {
  const info = decodeSiginfo(sig, bytes);
  if ((info.code >= 0 || info.code === SI_TKILL) && sender.process.ownPid !== pid) {
    fail(EPERM, 'si_code pretends to be from the kernel');
  }
  return info;
}

function rtSigqueueinfo(
  sender: Thread,
  { pid, sig, info }: { pid: number; sig: number; info: number },
): number {
  const siginfo = checkInfo(sender, sig, sender.user.read(info, SIGINFO_SIZE), pid);
  return -sendChecked(sender, findProcess(sender, pid), siginfo);
}

function rtTgsigqueueinfo(
  sender: Thread,
  { tgid, tid, sig, info }: { tgid: number; tid: number; sig: number; info: number },
): number {
  const bytes = sender.user.read(info, SIGINFO_SIZE);
  // Whose word is taken goes by the thread alone (kernel/signal.c, do_rt_tgsigqueueinfo).
  if (tid <= 0 || tgid <= 0) fail(EINVAL, 'not ids');
  const siginfo = checkInfo(sender, sig, bytes, sender.ownTid === tid ? sender.process.ownPid : 0);
  return sendSpecific(sender, tgid, tid, siginfo);
}

function sigaltstack(thread: Thread, { ss, oss }: { ss: number; oss: number }): number {
  const { user, hart, signals } = thread;
  const sp = Number(hart.x(SP));
  const wanted = ss === 0 ? undefined : user.readStruct(ss, StackT);
  const old = describeAltStack(signals.altStack, sp);
  if (wanted !== undefined) {
    const error = setAltStack(thread, wanted, sp);
    if (error !== 0) fail(error, 'the stack is in use, too small or has unknown flags');
  }
  if (oss !== 0) user.writeStruct(oss, StackT, old);
  return 0;
}

function rtSigreturn(thread: Thread): Answer {
  if (!popSignalFrame(thread)) forceSignal(thread, kernelSignal(SIGSEGV));
  return CONTEXT_RETURNED;
}

/** Only the kernel's own restarts mean anything here, and this kernel restarts calls without it. */
function restartSyscall(): number {
  return -EINTR;
}

export const SIGNAL_SYSCALLS = {
  128: syscall('restart_syscall', {}, restartSyscall),
  129: syscall('kill', { pid: Pid, sig: Signal }, kill),
  130: syscall('tkill', { tid: Pid, sig: Signal }, tkill),
  131: syscall('tgkill', { tgid: Pid, tid: Pid, sig: Signal }, tgkill),
  132: syscall('sigaltstack', { ss: StackIn, oss: StackOut }, sigaltstack),
  133: syscall('rt_sigsuspend', { mask: SigsetIn, sigsetsize: Size }, rtSigsuspend),
  134: syscall(
    'rt_sigaction',
    { signum: Signal, act: SigactionIn, oldact: SigactionOut, sigsetsize: Size },
    rtSigaction,
  ),
  135: syscall(
    'rt_sigprocmask',
    { how: SigHow, set: SigsetIn, oldset: SigsetOut, sigsetsize: Size },
    rtSigprocmask,
  ),
  136: syscall('rt_sigpending', { set: SigsetOut, sigsetsize: Size }, rtSigpending),
  137: syscall(
    'rt_sigtimedwait',
    { set: SigsetIn, info: SiginfoOut, timeout: TimespecIn, sigsetsize: Size },
    rtSigtimedwait,
    { returns: SignalResult },
  ),
  138: syscall('rt_sigqueueinfo', { pid: Pid, sig: Signal, info: SiginfoIn }, rtSigqueueinfo),
  139: syscall('rt_sigreturn', { frame: SignalFrame }, rtSigreturn, { replacesContext: true }),
  240: syscall('rt_tgsigqueueinfo', { tgid: Pid, tid: Pid, sig: Signal, info: SiginfoIn }, rtTgsigqueueinfo),
};
