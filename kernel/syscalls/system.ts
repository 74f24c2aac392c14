// What the machine is: uname, sysinfo, random bytes, instruction set, and calls that steer it.
// Rows for table.ts.

import { PAGE_SIZE } from '../../emulator/memory/layout.ts';
import { CString, Hex32, I32, Ptr, Size, U32, U64 } from '../abi/kinds/basic.ts';
import { RandomOut } from '../abi/kinds/io-kinds.ts';
import {
  BarrierCommand,
  BarrierFlags,
  BarrierProcessor,
  BarrierResult,
} from '../abi/kinds/scheduling-kinds.ts';
import {
  Personality,
  PersonalityResult,
  RandomFlags,
  RebootCommand,
  RebootFirstMagic,
  RebootSecondMagic,
  RseqFlags,
  SysinfoOut,
  UtsnameOut,
} from '../abi/kinds/system-kinds.ts';
import { LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGICS2 } from '../abi/reboot.ts';
import { Sysinfo, UTS_FIELD, Utsname } from '../abi/system.ts';
import { NS_PER_SEC } from '../abi/time.ts';
import { MAX_RW_COUNT } from '../abi/uio.ts';
import { EFAULT, EINVAL, EPERM, fail } from '../errno.ts';
import { identityFor } from '../identity.ts';
import { late } from '../late.ts';
import { bytesToText, textToBytes } from '../mm/user-memory.ts';
import { CAP_SYS_ADMIN, CAP_SYS_BOOT, capable, capableIn } from '../task/credentials.ts';
import { registerSequence } from '../task/rseq.ts';
import type { Thread } from '../task/thread.ts';
import { CLOCK_BOOTTIME } from '../time/clocks.ts';
import { clockOffset } from '../time/time-offsets.ts';
import { syscall } from './syscall.ts';

const SECOND_MAGICS: ReadonlySet<number> = new Set(Object.values(LINUX_REBOOT_MAGICS2));
/** personality(2): uname says 2.6. */
const UNAME26 = 0x0020000;
/** PER_LINUX32: programs are built for the smaller machine (arch/riscv, COMPAT_UTS_MACHINE). */
const PER_MASK = 0xff;
const PER_LINUX32 = 8;

function uname(thread: Thread, { buf }: { buf: number }): number {
  const identity = identityFor(thread);
  const release = (thread.personality & UNAME26) === 0 ? identity.release : '2.6.78-rivulet';
  thread.user.writeStruct(buf, Utsname, {
    sysname: textToBytes('Linux'),
    nodename: textToBytes(identity.hostName),
    release: textToBytes(release),
    version: textToBytes(identity.version),
    machine: textToBytes((thread.personality & PER_MASK) === PER_LINUX32 ? 'riscv32' : 'riscv64'),
    domainname: textToBytes(identity.domainName),
  });
  return 0;
}

function readName(thread: Thread, name: number, len: number): string {
  const isAllowed =
    thread.ownNamespaces === undefined
      ? capable(thread.credentials, CAP_SYS_ADMIN)
      : capableIn(thread.credentials, CAP_SYS_ADMIN, thread.ownNamespaces.uts.owner);
  if (!isAllowed) fail(EPERM, 'needs CAP_SYS_ADMIN');
  if (len < 0 || len > UTS_FIELD - 1) fail(EINVAL, 'longer than a utsname field');
  const read = thread.user.read(name, len);
  const end = read.indexOf(0);
  return bytesToText(end < 0 ? read : read.subarray(0, end));
}

function sethostname(thread: Thread, { name, len }: { name: number; len: number }): number {
  identityFor(thread).hostName = readName(thread, name, len);
  return 0;
}

function setdomainname(thread: Thread, { name, len }: { name: number; len: number }): number {
  identityFor(thread).domainName = readName(thread, name, len);
  return 0;
}

function sysinfo(thread: Thread, { info }: { info: number }): number {
  const { kernel } = thread;
  const { limitPages, freePages } = kernel.memory;
  const sinceBoot = clockOffset(thread, CLOCK_BOOTTIME);
  thread.user.writeStruct(info, Sysinfo, {
    uptime: Math.ceil((kernel.clock.monotonicNs() + sinceBoot.nsec) / NS_PER_SEC) + sinceBoot.sec,
    loads: [0, 0, 0],
    totalram: limitPages * PAGE_SIZE,
    freeram: freePages * PAGE_SIZE,
    sharedram: 0,
    bufferram: 0,
    totalswap: 0,
    freeswap: 0,
    procs: kernel.pids.threadCount & 0xffff,
    totalhigh: 0,
    freehigh: 0,
    mem_unit: 1,
  });
  return 0;
}

const GRND_NONBLOCK = 1;
const GRND_RANDOM = 2;
const GRND_INSECURE = 4;

function getrandom(
  thread: Thread,
  { buf, buflen, flags }: { buf: number; buflen: number; flags: number },
): number {
  if ((flags & ~(GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE)) !== 0) fail(EINVAL, 'unknown flags');
  if ((flags & GRND_RANDOM) !== 0 && (flags & GRND_INSECURE) !== 0)
    fail(EINVAL, 'GRND_RANDOM and GRND_INSECURE');
  const wanted = Math.min(buflen, MAX_RW_COUNT);
  const { user, kernel } = thread;
  let done = 0;
  while (done < wanted) {
    const count = Math.min(wanted - done, 65_536 - ((buf + done) % 4096));
    const writable = user.accessible(buf + done, count, true);
    if (writable === 0) break;
    user.write(buf + done, kernel.random.fill(new Uint8Array(writable)));
    done += writable;
    if (writable < count) break;
  }
  if (done === 0 && wanted > 0) fail(EFAULT, 'the buffer cannot be written');
  return done;
}

/** riscv_hwprobe(2): what the hart can do, key by key (Documentation/arch/riscv/hwprobe.rst). */
const HWPROBE_VALUES: Readonly<Record<number, bigint>> = {
  0: 0n, // MVENDORID
  1: 0n, // MARCHID
  2: 0n, // MIMPID
  3: 1n, // BASE_BEHAVIOR: IMA
  // IMA_EXT_0: FD, C, Zba, Zbb, Zbs, Zicond, Zicntr
  4: (1n << 0n) | (1n << 1n) | (1n << 3n) | (1n << 4n) | (1n << 5n) | (1n << 35n) | (1n << 50n),
  5: 3n, // CPUPERF_0: misaligned accesses are fast
  6: 0n, // ZICBOZ_BLOCK_SIZE
  7: (1n << 32n) - 1n, // HIGHEST_VIRT_ADDRESS
  8: 1_000_000_000n, // TIME_CSR_FREQ
  9: 3n, // MISALIGNED_SCALAR_PERF: fast
  10: 4n, // MISALIGNED_VECTOR_PERF: unsupported
};
const RISCV_HWPROBE_WHICH_CPUS = 1;
const PAIR_SIZE = 16;
const PAIRS_MAX = 1024;

function riscvHwprobe(
  thread: Thread,
  args: { pairs: number; pair_count: number; cpusetsize: number; cpus: number; flags: number },
): number {
  const { user } = thread;
  const { pairs, pair_count, cpusetsize, cpus, flags } = args;
  if ((flags & ~RISCV_HWPROBE_WHICH_CPUS) !== 0 || flags > 0xffff_ffff) fail(EINVAL, 'unknown flags');
  const asksWhich = flags !== 0;
  if (asksWhich && (cpusetsize === 0 || cpus === 0)) fail(EINVAL, 'no CPU set');
  if (!asksWhich && (cpus !== 0) !== cpusetsize > 0) fail(EINVAL, 'CPU set and its size disagree');
  if (cpusetsize > 0) {
    const mask = user.read(cpus, Math.min(cpusetsize, 8));
    const isEmpty = mask.every((byte) => byte === 0);
    if (!asksWhich && ((mask[0] ?? 0) & 1) === 0) fail(EINVAL, 'no CPU of this machine in the set');
    if (asksWhich) {
      const matches = matchesPairs(thread, pairs, pair_count);
      const isAsked = isEmpty || ((mask[0] ?? 0) & 1) !== 0;
      mask.fill(0);
      mask[0] = matches && isAsked ? 1 : 0;
      user.write(cpus, mask);
      return 0;
    }
  }
  for (let i = 0; i < Math.min(pair_count, PAIRS_MAX); i++) {
    const at = pairs + i * PAIR_SIZE;
    const value = HWPROBE_VALUES[Number(BigInt.asIntN(64, user.readB64(at)))];
    if (value === undefined) user.writeB64(at, -1n);
    user.writeB64(at + 8, value ?? 0n);
  }
  return 0;
}

/** RISCV_HWPROBE_WHICH_CPUS: does the one CPU have all these? Bit masks must be contained, values equal. */
function matchesPairs(thread: Thread, pairs: number, count: number): boolean {
  let matches = true;
  for (let i = 0; i < Math.min(count, PAIRS_MAX); i++) {
    const at = pairs + i * PAIR_SIZE;
    const key = Number(BigInt.asIntN(64, thread.user.readB64(at)));
    const wanted = thread.user.readB64(at + 8);
    const value = HWPROBE_VALUES[key];
    if (value === undefined) {
      thread.user.writeB64(at, -1n);
      thread.user.writeB64(at + 8, 0n);
    }
    const isMask = key === 3 || key === 4 || key === 5;
    if (value === undefined || (isMask ? (value & wanted) !== wanted : value !== wanted)) matches = false;
  }
  return matches;
}

/** Generated code follows every store to code, so there is nothing to flush. */
function riscvFlushIcache(_: Thread, { flags }: { flags: number }): number {
  if ((flags & ~1) !== 0) fail(EINVAL, 'unknown flags');
  return 0;
}

function personality(thread: Thread, { persona }: { persona: number }): number {
  const old = thread.personality;
  if (persona !== 0xffff_ffff) thread.personality = persona;
  return old;
}

/** One CPU: every thread sees all stores of the others as soon as it runs. */
const MEMBARRIER_COMMANDS = 0x1ff;
/** Private expedited commands need their registration, the next higher bit. */
const MEMBARRIER_NEED_REGISTRATION = 0x8 | 0x20 | 0x80;
const MEMBARRIER_REGISTRATIONS = 0x4 | 0x10 | 0x40 | 0x100;
const MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ = 0x80;
const MEMBARRIER_CMD_FLAG_CPU = 1;
const MEMBARRIER_GET_REGISTRATIONS = 0x200;

function membarrier(thread: Thread, { cmd, flags }: { cmd: number; flags: number }): number {
  const { mm } = thread.process;
  const mayNameCpu = cmd === MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ;
  if (flags !== 0 && !(mayNameCpu && flags === MEMBARRIER_CMD_FLAG_CPU)) fail(EINVAL, 'unknown flags');
  if (cmd === 0) return MEMBARRIER_COMMANDS | MEMBARRIER_GET_REGISTRATIONS;
  if (cmd === MEMBARRIER_GET_REGISTRATIONS) return mm.membarriers;
  if ((cmd & MEMBARRIER_COMMANDS) === 0 || (cmd & (cmd - 1)) !== 0) fail(EINVAL, 'no such command');
  if ((cmd & MEMBARRIER_NEED_REGISTRATION) !== 0 && (mm.membarriers & (cmd << 1)) === 0) {
    fail(EPERM, 'not registered');
  }
  if ((cmd & MEMBARRIER_REGISTRATIONS) !== 0) mm.membarriers |= cmd;
  return 0;
}

/** kernel/reboot.c. EPERM, EINVAL. */
function reboot(thread: Thread, args: { magic: number; magic2: number; op: number }): never {
  const { credentials, process } = thread;
  const namespace = process.pidNamespace;
  const mayAsk =
    namespace === undefined
      ? capable(credentials, CAP_SYS_BOOT)
      : capableIn(credentials, CAP_SYS_BOOT, namespace.owner);
  if (!mayAsk) fail(EPERM, 'needs CAP_SYS_BOOT');
  const areMagic = args.magic === LINUX_REBOOT_MAGIC1 && SECOND_MAGICS.has(args.magic2);
  if (!areMagic) fail(EINVAL, 'not the magic numbers');
  if (namespace !== undefined) return late.rebootPidNamespace(thread, namespace, args.op);
  return fail(EINVAL, 'the machine ends when its programs do');
}

export const SYSTEM_SYSCALLS = {
  92: syscall('personality', { persona: Personality }, personality, {
    returns: PersonalityResult,
    partial: 'UNAME26, PER_LINUX32 and READ_IMPLIES_EXEC have effects; addresses are never random',
  }),
  142: syscall(
    'reboot',
    { magic: RebootFirstMagic, magic2: RebootSecondMagic, op: RebootCommand, arg: Ptr },
    reboot,
    {
      partial: 'EPERM or EINVAL outside of pid namespaces: the machine ends when its programs do',
      replacesContext: true,
    },
  ),
  160: syscall('uname', { buf: UtsnameOut }, uname),
  161: syscall('sethostname', { name: CString, len: I32 }, sethostname),
  162: syscall('setdomainname', { name: CString, len: I32 }, setdomainname),
  179: syscall('sysinfo', { info: SysinfoOut }, sysinfo),
  258: syscall(
    'riscv_hwprobe',
    { pairs: Ptr, pair_count: Size, cpusetsize: Size, cpus: Ptr, flags: U32 },
    riscvHwprobe,
  ),
  259: syscall('riscv_flush_icache', { start: Ptr, end: Ptr, flags: U64 }, riscvFlushIcache),
  278: syscall('getrandom', { buf: RandomOut, buflen: Size, flags: RandomFlags }, getrandom),
  283: syscall(
    'membarrier',
    { cmd: BarrierCommand, flags: BarrierFlags, cpu_id: BarrierProcessor },
    membarrier,
    {
      returns: BarrierResult,
    },
  ),
  293: syscall(
    'rseq',
    { rseq: Ptr, rseq_len: Hex32, flags: RseqFlags, sig: Hex32 },
    (thread, { rseq, rseq_len, flags, sig }) => registerSequence(thread, rseq, rseq_len, flags, sig),
  ),
};
