// Kinds of ptrace: the request by name, and its other arguments as the request means them, as strace shows them.
// The row of kernel/syscalls/ptrace.ts names them. What a request does not take is left out.
import type { Kind, PrintContext } from '../kind.ts';
import {
  NT_FPREGSET,
  NT_PRSTATUS,
  PeekSiginfoArgs,
  PTRACE_PEEKSIGINFO_SHARED,
  PTRACE_SYSCALL_INFO_ENTRY,
  PTRACE_SYSCALL_INFO_EXIT,
  PTRACE_SYSCALL_INFO_SECCOMP,
  SeccompMetadata,
  SyscallInfo,
} from '../ptrace.ts';
import { SIGINFO_SIZE } from '../signal.ts';
import { Iovec } from '../uio.ts';
import { kind, outKind } from './basic.ts';
import { flagText, hex, type NameTable, nameOf, names, pointer } from './format.ts';
import { arrayText, braces, numberAt, peekNumber, structText } from './peek.ts';
import { setText, siginfoAt } from './signal-kinds.ts';
import { architectureText, signalName } from './signal-text.ts';

const REQUESTS: NameTable = names({
  PTRACE_TRACEME: 0,
  PTRACE_PEEKTEXT: 1,
  PTRACE_PEEKDATA: 2,
  PTRACE_PEEKUSER: 3,
  PTRACE_POKETEXT: 4,
  PTRACE_POKEDATA: 5,
  PTRACE_POKEUSER: 6,
  PTRACE_CONT: 7,
  PTRACE_KILL: 8,
  PTRACE_SINGLESTEP: 9,
  PTRACE_ATTACH: 16,
  PTRACE_DETACH: 17,
  PTRACE_SYSCALL: 24,
  PTRACE_GETFDPIC: 33,
  PTRACE_SETOPTIONS: 0x4200,
  PTRACE_GETEVENTMSG: 0x4201,
  PTRACE_GETSIGINFO: 0x4202,
  PTRACE_SETSIGINFO: 0x4203,
  PTRACE_GETREGSET: 0x4204,
  PTRACE_SETREGSET: 0x4205,
  PTRACE_SEIZE: 0x4206,
  PTRACE_INTERRUPT: 0x4207,
  PTRACE_LISTEN: 0x4208,
  PTRACE_PEEKSIGINFO: 0x4209,
  PTRACE_GETSIGMASK: 0x420a,
  PTRACE_SETSIGMASK: 0x420b,
  PTRACE_SECCOMP_GET_FILTER: 0x420c,
  PTRACE_SECCOMP_GET_METADATA: 0x420d,
  PTRACE_GET_SYSCALL_INFO: 0x420e,
  PTRACE_GET_RSEQ_CONFIGURATION: 0x420f,
  PTRACE_SET_SYSCALL_INFO: 0x4212,
});

const OPTIONS: NameTable = names({
  PTRACE_O_TRACESYSGOOD: 1,
  PTRACE_O_TRACEFORK: 2,
  PTRACE_O_TRACEVFORK: 4,
  PTRACE_O_TRACECLONE: 8,
  PTRACE_O_TRACEEXEC: 16,
  PTRACE_O_TRACEVFORKDONE: 32,
  PTRACE_O_TRACEEXIT: 64,
  PTRACE_O_TRACESECCOMP: 128,
  PTRACE_O_EXITKILL: 1 << 20,
  PTRACE_O_SUSPEND_SECCOMP: 1 << 21,
});

const SETS: NameTable = names({
  NT_PRSTATUS,
  NT_FPREGSET,
  NT_RISCV_CSR: 0x900,
  NT_RISCV_VECTOR: 0x901,
  NT_RISCV_TAGGED_ADDR_CTRL: 0x902,
});
/** NT_PRSTATUS, in order. */
const REGISTERS =
  'pc ra sp gp tp t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 a6 a7 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 t3 t4 t5 t6'.split(
    ' ',
  );
/** Up to is_error. */
const EXIT_SIZE = 33;
const OPS = ['NONE', 'ENTRY', 'EXIT', 'SECCOMP'];

/** The request without its prefix; `undefined` for an unknown one. */
function requestOf({ args }: PrintContext): string | undefined {
  return REQUESTS.find(([, number]) => number === args.request)?.[0].slice('PTRACE_'.length);
}

export const PtraceRequest: Kind = kind('ptrace request', 'i64', (value) =>
  nameOf(value, REQUESTS, 'PTRACE_???'),
);

/** TRACEME has none. */
export const PtracePid: Kind = {
  ...kind('pid', 'i32', (value, context) => (requestOf(context) === 'TRACEME' ? undefined : String(value))),
  isOptional: true,
};

const WITHOUT_ADDRESS = ['TRACEME', 'ATTACH', 'INTERRUPT', 'LISTEN', 'KILL'];

export const PtraceAddress: Kind = {
  ...kind('ptrace address', 'u64', (value, context) => {
    const request = requestOf(context) ?? '';
    if (WITHOUT_ADDRESS.includes(request)) return undefined;
    if (request.endsWith('REGSET')) return nameOf(value, SETS, 'NT_???');
    if (/SIGMASK|SYSCALL_INFO|SECCOMP_GET/.test(request)) return context.raw.toString();
    if (request === 'PEEKSIGINFO')
      return structText(context, value, PeekSiginfoArgs, ({ off, flags, nr }) =>
        braces([
          `off=${off}`,
          `flags=${flagText(flags, names({ PTRACE_PEEKSIGINFO_SHARED }), 'PTRACE_PEEKSIGINFO_???')}`,
          `nr=${nr}`,
        ]),
      );
    return pointer(context.raw);
  }),
  isOptional: true,
};

export const PtraceData: Kind = {
  ...outKind('ptrace data', 'u64', (value, context) => {
    const request = requestOf(context);
    const hasSucceeded = context.result >= 0;
    switch (request) {
      case 'TRACEME':
      case 'ATTACH':
      case 'INTERRUPT':
      case 'LISTEN':
      case 'KILL':
        return undefined;
      case 'CONT':
      case 'SYSCALL':
      case 'SINGLESTEP':
      case 'DETACH':
        return value === 0 ? '0' : signalName(value);
      case 'SEIZE':
      case 'SETOPTIONS':
        return flagText(value, OPTIONS, 'PTRACE_O_???');
      case 'PEEKTEXT':
      case 'PEEKDATA': {
        const word = hasSucceeded ? peekNumber(context, value, 'u64') : undefined;
        return word === undefined ? pointer(value) : `[${pointer(word)}]`;
      }
      case 'GETEVENTMSG':
        return numberAt(context, value, 'u64', hasSucceeded);
      case 'GETSIGINFO':
        return siginfoAt(context, value, hasSucceeded);
      case 'SETSIGINFO':
        return siginfoAt(context, value);
      case 'GETSIGMASK':
        return hasSucceeded ? setText(context, value) : pointer(value);
      case 'SETSIGMASK':
        return setText(context, value);
      case 'GETREGSET':
      case 'SETREGSET':
        return structText(context, value, Iovec, ({ iov_base: base, iov_len: length }) => {
          const isShown = request === 'SETREGSET' || hasSucceeded;
          const before = context.captured;
          const lengths = hasSucceeded && typeof before === 'bigint' && Number(before) !== length;
          return braces([
            `iov_base=${isShown ? registersText(context, base, length) : pointer(base)}`,
            `iov_len=${lengths ? `${before} => ` : ''}${length}`,
          ]);
        });
      case 'GET_SYSCALL_INFO':
        return structText(
          context,
          value,
          SyscallInfo,
          (info) => callText(context, info, Math.min(context.result, context.args.addr ?? 0)),
          hasSucceeded,
        );
      case 'SET_SYSCALL_INFO':
        return structText(context, value, SyscallInfo, (info) => callText(context, info, SyscallInfo.size));
      case 'PEEKSIGINFO':
        if (!hasSucceeded) return pointer(value);
        return arrayText(context, value, context.result, SIGINFO_SIZE, (at) => siginfoAt(context, at));
      case 'SECCOMP_GET_METADATA':
        return structText(context, value, SeccompMetadata, ({ filter_off, flags: bits }) =>
          braces([
            `filter_off=${filter_off}`,
            hasSucceeded && context.result >= SeccompMetadata.size ? `flags=${hex(bits)}` : undefined,
          ]),
        );
      default:
        return pointer(context.raw);
    }
  }),
  isOptional: true,
  /** The length that the caller gave, which the request changes. */
  capture: (value, context) =>
    requestOf(context) === 'GETREGSET'
      ? peekNumber(context, value + Iovec.offsets.iov_len, 'u64')
      : undefined,
};

function registersText(context: PrintContext, address: number, length: number): string {
  if (context.args.addr !== NT_PRSTATUS || length === 0) return pointer(address);
  const texts: string[] = [];
  for (const [index, name] of REGISTERS.entries()) {
    if (index * 8 >= length) break;
    const word = peekNumber(context, address + index * 8, 'u64');
    if (word === undefined) return pointer(address);
    texts.push(`${name}=${hex(word)}`);
  }
  return braces(texts);
}

/** `size` bytes of it are there; what is cut is not shown. */
function callText(context: PrintContext, info: ReturnType<typeof SyscallInfo.decode>, size: number): string {
  const call = context.callName?.(Number(info.nr)) ?? info.nr;
  const { op, nr, args } = info;
  const list = `[${args.map((value) => hex(value)).join(', ')}]`;
  const details: Readonly<Record<number, string>> = {
    [PTRACE_SYSCALL_INFO_ENTRY]: `entry={nr=${call}, args=${list}}`,
    [PTRACE_SYSCALL_INFO_EXIT]: `exit={rval=${BigInt.asIntN(64, nr)}, is_error=${(args[0] ?? 0n) & 0xffn}}`,
    [PTRACE_SYSCALL_INFO_SECCOMP]: `seccomp={nr=${call}, args=${list}, ret_data=${info.ret_data}}`,
  };
  return braces([
    OPS[op] === undefined ? `op=${hex(op)}` : `op=PTRACE_SYSCALL_INFO_${OPS[op]}`,
    `arch=${architectureText(info.arch)}`,
    `instruction_pointer=${hex(info.instruction_pointer)}`,
    `stack_pointer=${hex(info.stack_pointer)}`,
    size >= (op === PTRACE_SYSCALL_INFO_EXIT ? EXIT_SIZE : SyscallInfo.offsets.ret_data)
      ? details[op]
      : undefined,
  ]);
}
