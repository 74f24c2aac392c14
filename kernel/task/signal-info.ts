// What is known of one signal (siginfo_t) as plain data, and its 128 bytes for a guest.
// send-signal.ts queues it, signal-frame.ts and signalfd write it out, traces print it.
// Which union arm is written follows from signo and code, as in Linux's siginfo_layout().
import {
  SI_KERNEL,
  SI_SIGIO,
  SI_TIMER,
  SI_USER,
  SIGBUS,
  SIGCHLD,
  SIGFPE,
  SIGILL,
  SIGINFO_SIZE,
  SIGIO,
  SIGSEGV,
  SIGSYS,
  SIGTRAP,
  SiginfoChild,
  SiginfoFault,
  SiginfoHead,
  SiginfoKill,
  SiginfoPoll,
  SiginfoSys,
  SiginfoTimer,
} from '../abi/signal.ts';
import { E2BIG, fail } from '../errno.ts';
import type { Process } from './process.ts';
import type { Thread } from './thread.ts';

export interface SignalInfo {
  readonly signo: number;
  /** SI_USER, SI_KERNEL, SEGV_MAPERR, CLD_EXITED … */
  readonly code: number;
  readonly errno?: number;
  /** Sender, or the child for SIGCHLD. */
  readonly pid?: number;
  readonly uid?: number;
  /** SIGCHLD: exit code or signal number. */
  readonly status?: number;
  /** SIGCHLD: CPU time of the child, clock ticks of 10 ms. */
  readonly utime?: number;
  readonly stime?: number;
  /** SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP: the address. */
  readonly addr?: number | bigint;
  /** SIGSYS: the call that was refused and the architecture (AUDIT_ARCH_*); `addr` is where it returns to. */
  readonly syscall?: number;
  readonly arch?: number;
  /** sigqueue, POSIX timers: the 8 bytes of sigval. */
  readonly value?: bigint;
  readonly timerId?: number;
  readonly overrun?: number;
  /** SIGIO: poll mask and descriptor. */
  readonly band?: number;
  readonly fd?: number;
  /** rt_sigqueueinfo: the sender's bytes, passed through. */
  readonly raw?: Uint8Array;
  /** It ends the process, and no tracer can keep it away (SA_IMMUTABLE). */
  readonly isFinal?: boolean;
}

/** Codes of SIGSYS: SYS_SECCOMP, SYS_USER_DISPATCH. */
const NSIGSYS = 2;

const FAULTS: readonly number[] = [SIGILL, SIGFPE, SIGSEGV, SIGBUS, SIGTRAP];

/** Linux's siginfo_layout(): which arm of the union holds the facts. */
export function siginfoLayout(
  info: SignalInfo,
): 'kill' | 'timer' | 'poll' | 'child' | 'fault' | 'sys' | 'rt' {
  const { signo, code } = info;
  if (code > SI_USER && code < SI_KERNEL) {
    if (signo === SIGCHLD) return 'child';
    if (signo === SIGIO) return 'poll';
    if (FAULTS.includes(signo)) return 'fault';
    if (signo === SIGSYS) return code <= NSIGSYS ? 'sys' : 'kill';
    return code <= 6 ? 'poll' : 'kill';
  }
  if (code === SI_TIMER) return 'timer';
  if (code === SI_SIGIO) return 'poll';
  return code < 0 ? 'rt' : 'kill';
}

/** The siginfo_t of `info`; unused bytes are zero. */
export function encodeSiginfo(info: SignalInfo): Uint8Array {
  const bytes = new Uint8Array(SIGINFO_SIZE);
  writeSiginfo(new DataView(bytes.buffer), info);
  return bytes;
}

/** The same at the start of `view`, where all is zero. */
export function writeSiginfo(view: DataView, info: SignalInfo): void {
  const { signo, code, raw, errno = 0 } = info;
  if (raw !== undefined) {
    for (let i = 0; i < raw.length && i < SIGINFO_SIZE; i++) view.setUint8(i, raw[i] as number);
    view.setInt32(0, signo, true);
    return;
  }
  const { pid = 0, uid = 0, value = 0n } = info;
  const pad = 0;
  // a child's facts are copied as they lie there, whichever signal tells of its end
  switch (info.status === undefined ? siginfoLayout(info) : 'child') {
    case 'kill':
    case 'rt':
      SiginfoKill.write(view, 0, { signo, errno, code, pad, pid, uid, value });
      break;
    case 'timer': {
      const { timerId = 0, overrun = 0 } = info;
      SiginfoTimer.write(view, 0, { signo, errno, code, pad, timerId, overrun, value });
      break;
    }
    case 'poll': {
      const { band = 0, fd = 0 } = info;
      SiginfoPoll.write(view, 0, { signo, errno, code, pad, band, fd });
      break;
    }
    case 'child': {
      const { status = 0, utime = 0, stime = 0 } = info;
      SiginfoChild.write(view, 0, { signo, errno, code, pad, pid, uid, status, utime, stime });
      break;
    }
    case 'sys': {
      const { addr = 0, syscall = 0, arch = 0 } = info;
      SiginfoSys.write(view, 0, { signo, errno, code, pad, addr: BigInt(addr), syscall, arch });
      break;
    }
    case 'fault':
      // a stop for a tracer has the code of a fault and names the thread (ptrace_do_notify)
      if (info.pid !== undefined) SiginfoKill.write(view, 0, { signo, errno, code, pad, pid, uid, value });
      else SiginfoFault.write(view, 0, { signo, errno, code, pad, addr: BigInt(info.addr ?? 0) });
      break;
  }
}

/** The same from nobody who has a number where it goes. */
export function withoutSender(info: SignalInfo): SignalInfo {
  const layout = siginfoLayout(info);
  if (layout !== 'kill' && layout !== 'rt' && layout !== 'child') return info;
  if (info.raw === undefined) return { ...info, pid: 0 };
  const raw = info.raw.slice();
  new DataView(raw.buffer).setInt32(SiginfoKill.offsets.pid, 0, true);
  return { ...info, pid: 0, raw };
}

/** What the kernel keeps of a siginfo_t (struct kernel_siginfo); the rest is padding for the future. */
const KERNEL_SIGINFO_SIZE = 48;
const SI_DETHREAD = -7;
const SI_ASYNCNL = -60;

/**
 * What a guest passed to rt_sigqueueinfo, as data; `bytes` holds a siginfo_t. E2BIG when the code is unknown and
 * the padding is not zero (post_copy_siginfo_from_user).
 */
export function decodeSiginfo(signo: number, bytes: Uint8Array): SignalInfo {
  const info = readSiginfo(signo, bytes);
  const isKnown = info.code >= SI_DETHREAD || info.code === SI_ASYNCNL;
  if (!isKnown && bytes.subarray(KERNEL_SIGINFO_SIZE).some((byte) => byte !== 0)) {
    fail(E2BIG, 'unknown facts in the siginfo');
  }
  return info;
}

/** The same without the check. */
export function readSiginfo(signo: number, bytes: Uint8Array): SignalInfo {
  const { errno, code } = SiginfoHead.decode(bytes);
  const { pid, uid, value } = SiginfoKill.decode(bytes);
  return { signo, errno, code, pid, uid, value, raw: bytes.slice(0, KERNEL_SIGINFO_SIZE) };
}

/** kill(2) by `sender`. */
export function userSignal(signo: number, sender: Thread): SignalInfo {
  return { signo, code: SI_USER, pid: sender.process.ownPid, uid: sender.credentials.ruid };
}

/** Sent by the kernel itself: terminals, limits, pipes (SEND_SIG_PRIV). */
export function kernelSignal(signo: number): SignalInfo {
  return { signo, code: SI_KERNEL };
}

/** SIGPIPE and the like, which Linux sends as if by the process itself (send_sig(sig, current, 0)). */
export function ownSignal(signo: number, process: Process, uid: number): SignalInfo {
  return { signo, code: SI_USER, pid: process.ownPid, uid };
}
