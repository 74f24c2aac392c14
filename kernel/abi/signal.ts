// Signal numbers, action flags, siginfo codes and structs of the riscv64 ABI (asm-generic/signal.h, siginfo.h).
// Used by kernel/task (sending, delivery), syscalls/signals.ts, traces and /proc.
// Sets of signals are bigint masks, bit n - 1 for signal n, as a sigset_t in memory.
import { b64, bytes, i32, struct, u32, u64 } from './struct.ts';

export const SIGHUP = 1;
export const SIGINT = 2;
export const SIGQUIT = 3;
export const SIGILL = 4;
export const SIGTRAP = 5;
export const SIGABRT = 6;
export const SIGBUS = 7;
export const SIGFPE = 8;
export const SIGKILL = 9;
export const SIGUSR1 = 10;
export const SIGSEGV = 11;
export const SIGUSR2 = 12;
export const SIGPIPE = 13;
export const SIGALRM = 14;
export const SIGTERM = 15;
const _SIGSTKFLT = 16;
export const SIGCHLD = 17;
export const SIGCONT = 18;
export const SIGSTOP = 19;
export const SIGTSTP = 20;
export const SIGTTIN = 21;
export const SIGTTOU = 22;
export const SIGURG = 23;
export const SIGXCPU = 24;
export const SIGXFSZ = 25;
export const SIGVTALRM = 26;
export const SIGPROF = 27;
export const SIGWINCH = 28;
export const SIGIO = 29;
const _SIGPWR = 30;
export const SIGSYS = 31;
export const SIGRTMIN = 32;
export const NSIG = 64;
/** Bytes of a sigset_t. */
export const SIGSET_SIZE = 8;

const NAMES = [
  'SIGHUP',
  'SIGINT',
  'SIGQUIT',
  'SIGILL',
  'SIGTRAP',
  'SIGABRT',
  'SIGBUS',
  'SIGFPE',
  'SIGKILL',
  'SIGUSR1',
  'SIGSEGV',
  'SIGUSR2',
  'SIGPIPE',
  'SIGALRM',
  'SIGTERM',
  'SIGSTKFLT',
  'SIGCHLD',
  'SIGCONT',
  'SIGSTOP',
  'SIGTSTP',
  'SIGTTIN',
  'SIGTTOU',
  'SIGURG',
  'SIGXCPU',
  'SIGXFSZ',
  'SIGVTALRM',
  'SIGPROF',
  'SIGWINCH',
  'SIGIO',
  'SIGPWR',
  'SIGSYS',
];

/** `SIGINT` for 2, `SIGRT_1` for 33 (strace counts real-time signals from the kernel's SIGRTMIN, 32). */
export function signalName(signal: number): string {
  if (signal >= SIGRTMIN && signal <= NSIG)
    return signal === SIGRTMIN ? 'SIGRTMIN' : `SIGRT_${signal - SIGRTMIN}`;
  return NAMES[signal - 1] ?? `${signal}`;
}

/** The mask with only `signal`'s bit. */
export function signalBit(signal: number): bigint {
  return BITS[signal] as bigint;
}

const BITS: readonly bigint[] = Array.from({ length: NSIG + 1 }, (_, signal) =>
  signal === 0 ? 0n : 1n << BigInt(signal - 1),
);

/** The mask of several signals. */
export function signalSet(...signals: number[]): bigint {
  return signals.reduce((set, signal) => set | signalBit(signal), 0n);
}

/** Cannot be caught, blocked or ignored. */
export const UNBLOCKABLE = signalSet(SIGKILL, SIGSTOP);
export const STOP_SIGNALS = signalSet(SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU);
/** Default action: nothing (kernel/signal.c, SIG_KERNEL_IGNORE_MASK). */
export const IGNORED_SIGNALS = signalSet(SIGCONT, SIGCHLD, SIGWINCH, SIGURG);
/** Default action: die with a core file (SIG_KERNEL_COREDUMP_MASK). */
export const CORE_SIGNALS = signalSet(
  SIGQUIT,
  SIGILL,
  SIGTRAP,
  SIGABRT,
  SIGFPE,
  SIGSEGV,
  SIGBUS,
  SIGSYS,
  SIGXCPU,
  SIGXFSZ,
);
/** Raised by the running instruction; delivered before all others (SYNCHRONOUS_MASK). */
export const SYNCHRONOUS_SIGNALS = signalSet(SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGSYS);

export const SIG_DFL = 0;
export const SIG_IGN = 1;

export const SA_NOCLDSTOP = 0x1;
export const SA_NOCLDWAIT = 0x2;
export const SA_SIGINFO = 0x4;
export const SA_EXPOSE_TAGBITS = 0x800;
export const SA_ONSTACK = 0x0800_0000;
export const SA_RESTART = 0x1000_0000;
export const SA_NODEFER = 0x4000_0000;
export const SA_RESETHAND = 0x8000_0000;

export const SIG_BLOCK = 0;
export const SIG_UNBLOCK = 1;
export const SIG_SETMASK = 2;

export const SS_ONSTACK = 1;
export const SS_DISABLE = 2;
export const SS_AUTODISARM = 0x8000_0000;
export const MINSIGSTKSZ = 2048;

export const SI_USER = 0;
export const SI_KERNEL = 0x80;
export const SI_TIMER = -2;
export const SI_MESGQ = -3;
export const SI_SIGIO = -5;
export const SI_TKILL = -6;

export const ILL_ILLOPC = 1;
export const SEGV_MAPERR = 1;
export const SEGV_ACCERR = 2;
export const BUS_ADRALN = 1;
export const BUS_ADRERR = 2;
export const TRAP_BRKPT = 1;
export const SYS_SECCOMP = 1;
export const CLD_EXITED = 1;
export const CLD_KILLED = 2;
export const CLD_DUMPED = 3;
export const CLD_STOPPED = 5;
export const CLD_CONTINUED = 6;

/** struct sigaction as rt_sigaction takes it; riscv has no sa_restorer (the trampoline is the kernel's). */
export const KernelSigaction = struct('sigaction', {
  handler: u64,
  flags: u32,
  unknownFlags: u32,
  mask: b64,
});

export const StackT = struct('stack_t', { sp: u64, flags: i32, size: u64 });

/** The head of every siginfo_t. */
export const SiginfoHead = struct('siginfo', { signo: i32, errno: i32, code: i32 });
export const SIGINFO_SIZE = 128;

export const SiginfoKill = struct('siginfo', {
  signo: i32,
  errno: i32,
  code: i32,
  pad: i32,
  pid: i32,
  uid: u32,
  value: b64,
});
export const SiginfoTimer = struct('siginfo', {
  signo: i32,
  errno: i32,
  code: i32,
  pad: i32,
  timerId: i32,
  overrun: i32,
  value: b64,
});
export const SiginfoChild = struct('siginfo', {
  signo: i32,
  errno: i32,
  code: i32,
  pad: i32,
  pid: i32,
  uid: u32,
  status: i32,
  utime: u64,
  stime: u64,
});
export const SiginfoFault = struct('siginfo', { signo: i32, errno: i32, code: i32, pad: i32, addr: b64 });
export const SiginfoSys = struct('siginfo', {
  signo: i32,
  errno: i32,
  code: i32,
  pad: i32,
  addr: b64,
  syscall: i32,
  arch: u32,
});
export const SiginfoPoll = struct('siginfo', {
  signo: i32,
  errno: i32,
  code: i32,
  pad: i32,
  band: u64,
  fd: i32,
});

/** How a timer or a queue tells (include/uapi/asm-generic/siginfo.h). */
export const Sigevent = struct('sigevent', { value: b64, signo: i32, notify: i32, tid: i32, pad: bytes(44) });

/** sigev_notify. */
export const SIGEV_SIGNAL = 0;
export const SIGEV_NONE = 1;
export const SIGEV_THREAD = 2;
export const SIGEV_THREAD_ID = 4;
