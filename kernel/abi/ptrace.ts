// Requests, options, events and structs of ptrace(2) (include/uapi/linux/ptrace.h, arch/riscv/include/uapi/asm/ptrace.h).
// kernel/ptrace and the row of syscalls/ptrace.ts use them, and traces print them.
import { array, b64, i32, struct, u8, u16, u32, u64 } from './struct.ts';

export const PTRACE_TRACEME = 0;
export const PTRACE_PEEKTEXT = 1;
export const PTRACE_PEEKDATA = 2;
export const PTRACE_POKETEXT = 4;
export const PTRACE_POKEDATA = 5;
export const PTRACE_CONT = 7;
export const PTRACE_KILL = 8;
export const PTRACE_ATTACH = 16;
export const PTRACE_DETACH = 17;
export const PTRACE_SYSCALL = 24;
export const PTRACE_SETOPTIONS = 0x4200;
export const PTRACE_GETEVENTMSG = 0x4201;
export const PTRACE_GETSIGINFO = 0x4202;
export const PTRACE_SETSIGINFO = 0x4203;
export const PTRACE_GETREGSET = 0x4204;
export const PTRACE_SETREGSET = 0x4205;
export const PTRACE_SEIZE = 0x4206;
export const PTRACE_INTERRUPT = 0x4207;
export const PTRACE_LISTEN = 0x4208;
export const PTRACE_PEEKSIGINFO = 0x4209;
export const PTRACE_GETSIGMASK = 0x420a;
export const PTRACE_SETSIGMASK = 0x420b;
export const PTRACE_SECCOMP_GET_FILTER = 0x420c;
export const PTRACE_SECCOMP_GET_METADATA = 0x420d;
export const PTRACE_GET_SYSCALL_INFO = 0x420e;
export const PTRACE_GET_RSEQ_CONFIGURATION = 0x420f;
export const PTRACE_SET_SYSCALL_INFO = 0x4212;

export const PTRACE_EVENT_FORK = 1;
export const PTRACE_EVENT_VFORK = 2;
export const PTRACE_EVENT_CLONE = 3;
export const PTRACE_EVENT_EXEC = 4;
export const PTRACE_EVENT_VFORK_DONE = 5;
export const PTRACE_EVENT_EXIT = 6;
export const PTRACE_EVENT_SECCOMP = 7;
export const PTRACE_EVENT_STOP = 128;

/** The other options are the bits of their events. */
export const PTRACE_O_TRACESYSGOOD = 1;
export const PTRACE_O_EXITKILL = 1 << 20;
export const PTRACE_O_SUSPEND_SECCOMP = 1 << 21;
export const PTRACE_O_MASK = 0xff | PTRACE_O_EXITKILL | PTRACE_O_SUSPEND_SECCOMP;

export const PTRACE_EVENTMSG_SYSCALL_ENTRY = 1;
export const PTRACE_EVENTMSG_SYSCALL_EXIT = 2;

export const PTRACE_PEEKSIGINFO_SHARED = 1;

/** Sets of registers (elf.h). */
export const NT_PRSTATUS = 1;
export const NT_FPREGSET = 2;

export const CLD_TRAPPED = 4;

/** AUDIT_ARCH_RISCV64: EM_RISCV, 64 bits, little endian (audit.h). */
export const AUDIT_ARCH_RISCV64 = 0xc000_00f3;

export const PTRACE_SYSCALL_INFO_NONE = 0;
export const PTRACE_SYSCALL_INFO_ENTRY = 1;
export const PTRACE_SYSCALL_INFO_EXIT = 2;
export const PTRACE_SYSCALL_INFO_SECCOMP = 3;

export const SyscallInfo = struct('ptrace_syscall_info', {
  op: u8,
  reserved: u8,
  flags: u16,
  arch: u32,
  instruction_pointer: b64,
  stack_pointer: b64,
  /** entry and seccomp: the number; exit: the result. */
  nr: b64,
  /** exit: whether it is an error, in the first byte. */
  args: array(b64, 6),
  ret_data: u32,
  reserved2: u32,
});

export const PeekSiginfoArgs = struct('ptrace_peeksiginfo_args', { off: u64, flags: u32, nr: i32 });

export const SeccompMetadata = struct('seccomp_metadata', { filter_off: u64, flags: u64 });

export const RseqConfiguration = struct('ptrace_rseq_configuration', {
  rseq_abi_pointer: u64,
  rseq_abi_size: u32,
  signature: u32,
  flags: u32,
  pad: u32,
});
