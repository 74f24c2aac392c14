// Signals as words: names, sets ([INT TERM], ~[KILL STOP]), codes, siginfo_t.
// Kinds, the trace's signal lines and the command line's options call it.
// Numbers are asm-generic's, which riscv64 and x86_64 share; real-time signals count from the kernel's SIGRTMIN, 32.

import { errnoName } from '../../errno.ts';
import { readSiginfo, type SignalInfo, siginfoLayout } from '../../task/signal-info.ts';
import type { ContextNames } from '../kind.ts';
import { AUDIT_ARCH_RISCV64 } from '../ptrace.ts';
import { NSIG, signalName as nameOrNumber, SIGCHLD, SIGIO } from '../signal.ts';
import { pidText } from './basic.ts';
import { hex, pointer } from './format.ts';
import { braces } from './peek.ts';

/** `SIGINT`; the number alone when there is no such signal. */
export function signalName(signo: number): string {
  return nameOrNumber(signo);
}

/** The number of a name with or without SIG, or of a number; undefined when there is none. */
export function signalNumber(name: string): number | undefined {
  if (/^\d+$/.test(name)) return Number(name) <= NSIG ? Number(name) : undefined;
  const full = `SIG${name.toUpperCase().replace(/^SIG/, '')}`;
  for (let signo = 1; signo <= NSIG; signo++) if (signalName(signo) === full) return signo;
  return undefined;
}

/** A mask (bit n-1 = signal n): `[]`, `[INT TERM]`, or inverted `~[KILL STOP]` when more than two thirds are in. */
export function signalSetText(mask: bigint): string {
  const inside: string[] = [];
  const outside: string[] = [];
  for (let signo = 1; signo <= NSIG; signo++) {
    const list = ((mask >> BigInt(signo - 1)) & 1n) === 1n ? inside : outside;
    list.push(signalName(signo).slice(3));
  }
  return inside.length >= (NSIG * 2) / 3 ? `~[${outside.join(' ')}]` : `[${inside.join(' ')}]`;
}

const COMMON_CODES: readonly (readonly [string, number])[] = [
  ['SI_USER', 0],
  ['SI_KERNEL', 0x80],
  ['SI_QUEUE', -1],
  ['SI_TIMER', -2],
  ['SI_MESGQ', -3],
  ['SI_ASYNCIO', -4],
  ['SI_SIGIO', -5],
  ['SI_TKILL', -6],
];

/** Names of positive codes by signal, from 1 on. */
const CODES: Readonly<Record<string, string>> = {
  SIGILL: 'ILL_ILLOPC ILL_ILLOPN ILL_ILLADR ILL_ILLTRP ILL_PRVOPC ILL_PRVREG ILL_COPROC ILL_BADSTK',
  SIGFPE: 'FPE_INTDIV FPE_INTOVF FPE_FLTDIV FPE_FLTOVF FPE_FLTUND FPE_FLTRES FPE_FLTINV FPE_FLTSUB',
  SIGSEGV: 'SEGV_MAPERR SEGV_ACCERR SEGV_BNDERR SEGV_PKUERR',
  SIGBUS: 'BUS_ADRALN BUS_ADRERR BUS_OBJERR',
  SIGTRAP: 'TRAP_BRKPT TRAP_TRACE TRAP_BRANCH TRAP_HWBKPT',
  SIGCHLD: 'CLD_EXITED CLD_KILLED CLD_DUMPED CLD_TRAPPED CLD_STOPPED CLD_CONTINUED',
  SIGIO: 'POLL_IN POLL_OUT POLL_MSG POLL_ERR POLL_PRI POLL_HUP',
  SIGSYS: 'SYS_SECCOMP',
};

function codeName(info: SignalInfo): string {
  const own = CODES[signalName(info.signo)]?.split(' ')[info.code - 1];
  return own ?? COMMON_CODES.find(([, code]) => code === info.code)?.[0] ?? hex(info.code);
}

/** `AUDIT_ARCH_RISCV64`. */
export function architectureText(arch: number): string {
  return arch === AUDIT_ARCH_RISCV64 ? 'AUDIT_ARCH_RISCV64' : hex(arch);
}

/** An errno by its name, where there is one. */
function errnoText(errno: number): string {
  return errno > 0 && errno < 4096 ? errnoName(errno) : String(errno);
}

const CLD_EXITED = 1;

/** A siginfo_t in memory as data, every arm of its union read. */
export function siginfoFromBytes(signo: number, bytes: Uint8Array): SignalInfo {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { raw: _, ...head } = readSiginfo(signo, bytes);
  return {
    ...head,
    status: view.getInt32(24, true),
    utime: Number(view.getBigUint64(32, true)),
    stime: Number(view.getBigUint64(40, true)),
    addr: Number(view.getBigUint64(16, true)),
    band: Number(view.getBigUint64(16, true)),
    fd: view.getInt32(24, true),
    syscall: view.getInt32(24, true),
    arch: view.getUint32(28, true),
    timerId: view.getInt32(16, true),
    overrun: view.getInt32(20, true),
  };
}

/** The union of a signal whose code says nothing that strace knows: the sender's fields, whatever they are. */
function unionText(info: SignalInfo, names: ContextNames): string[] {
  const band = BigInt(info.band ?? 0);
  const pid = info.pid ?? Number(BigInt.asIntN(32, band));
  const uid = info.uid ?? Number(BigInt.asUintN(32, band >> 32n));
  const value = BigInt.asUintN(32, BigInt(info.status ?? info.fd ?? 0));
  const payload = value === 0n ? [] : [`si_int=${BigInt.asIntN(32, value)}`, `si_ptr=${pointer(value)}`];
  return [`si_pid=${pidText(pid, names)}`, `si_uid=${uid}`, ...payload];
}

/** Clock ticks of 10 ms: `0`, `25 /* 0.25 s *\/`. */
function ticksText(ticks: number): string {
  return ticks === 0 ? '0' : `${ticks} /* ${(ticks / 100).toFixed(2)} s */`;
}

/** A siginfo_t: `{si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=7, …}`. */
export function siginfoText(given: SignalInfo, names: ContextNames = {}): string {
  const info = given.raw === undefined ? given : siginfoFromBytes(given.signo, given.raw);
  const { pid = 0, uid = 0, value = 0n } = info;
  const head = [`si_signo=${signalName(info.signo)}`, `si_code=${codeName(info)}`];
  if ((info.errno ?? 0) !== 0) head.push(`si_errno=${errnoText(info.errno ?? 0)}`);
  const sender = [`si_pid=${pidText(pid, names)}`, `si_uid=${uid}`];
  const carried = [`si_int=${BigInt.asIntN(32, value)}`, `si_ptr=${pointer(BigInt.asUintN(64, value))}`];
  const payload = value === 0n ? [] : carried;
  if (info.signo === 0) return '{}';
  switch (siginfoLayout(info)) {
    case 'child': {
      const status = info.code === CLD_EXITED ? String(info.status ?? 0) : signalName(info.status ?? 0);
      const times = [`si_utime=${ticksText(info.utime ?? 0)}`, `si_stime=${ticksText(info.stime ?? 0)}`];
      return braces([...head, ...sender, `si_status=${status}`, ...times]);
    }
    case 'fault':
      return braces([...head, `si_addr=${pointer(info.addr ?? 0)}`]);
    case 'sys': {
      const { syscall = 0, arch = 0 } = info;
      const call = [
        `si_syscall=${names.callName?.(syscall) ?? syscall}`,
        `si_arch=${architectureText(arch)}`,
      ];
      return braces([...head, `si_call_addr=${pointer(info.addr ?? 0)}`, ...call]);
    }
    case 'poll':
      if (info.signo !== SIGIO) return braces([...head, ...unionText(info, names)]);
      return braces([...head, `si_band=${info.band ?? 0}`, `si_fd=${info.fd ?? 0}`]);
    case 'timer':
      return braces([
        ...head,
        `si_timerid=${hex(info.timerId ?? 0)}`,
        `si_overrun=${info.overrun ?? 0}`,
        ...carried,
      ]);
    case 'rt':
      return braces([...head, ...sender, ...payload]);
    case 'kill':
      // SI_KERNEL carries nothing; SIGCHLD with a plain code still has its sender
      return info.code === 0 || info.signo === SIGCHLD ? braces([...head, ...sender]) : braces(head);
  }
}
