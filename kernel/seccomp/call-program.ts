// What seccomp adds to classic BPF: its programs look at a system call, and may do a little less (kernel/seccomp.c,
// seccomp_check_filter). syscalls/seccomp.ts checks a program once, filters.ts runs it at every call.
import {
  ABS,
  ALU,
  type BpfData,
  type BpfInstruction,
  checkProgram,
  LD,
  LDX,
  MOD,
} from '../bpf/classic-bpf.ts';
import { EINVAL, fail } from '../errno.ts';

/** struct seccomp_data, as 32-bit words. */
const DATA_WORDS = 16;
const DATA_SIZE = DATA_WORDS * 4;
/** LD and LDX of an immediate, a word of memory or the length of the data. */
const PLAIN_LOADS: ReadonlySet<number> = new Set([0x00, 0x60, 0x80]);

/** EINVAL unless the program is one for seccomp: aligned words of the call, no bytes, no remainders. */
export function checkCallProgram(program: readonly BpfInstruction[]): void {
  checkProgram(program);
  program.forEach(({ code, k }, at) => {
    if (!isAllowed(code, k)) fail(EINVAL, `instruction ${at} of the filter is not one that seccomp takes`);
  });
}

function isAllowed(code: number, k: number): boolean {
  switch (code & 7) {
    case LD:
      return code === ABS ? k % 4 === 0 && k < DATA_SIZE : PLAIN_LOADS.has(code);
    case LDX:
      return PLAIN_LOADS.has(code & ~LDX);
    case ALU:
      return (code & 0xf0) !== MOD;
    default:
      return true;
  }
}

/** struct seccomp_data: number, architecture, address behind the ecall, six arguments; loads see words of the machine. */
export class CallData implements BpfData {
  readonly length = DATA_SIZE;
  readonly words = new Uint32Array(DATA_WORDS);

  load(offset: number): number | undefined {
    return this.words[offset >>> 2];
  }

  extension(): undefined {
    return undefined; // checkCallProgram lets none through
  }
}
