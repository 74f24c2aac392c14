// Classic BPF as seccomp takes it (seccomp(2); kernel/seccomp.c, seccomp_check_filter; net/core/filter.c, bpf_check_classic).
// filters.ts checks a program once and runs it at every call of the threads that installed it.
// A checked program only jumps forward and ends with a return, so it always ends, and never divides by a constant zero.
import { EINVAL, fail } from '../errno.ts';

/** struct sock_filter. */
export interface BpfInstruction {
  readonly code: number;
  readonly jt: number;
  readonly jf: number;
  readonly k: number;
}

/** struct seccomp_data, as 32-bit words. */
export const DATA_WORDS = 16;
const DATA_SIZE = DATA_WORDS * 4;
const MEMORY_WORDS = 16;

/** Classes, the low three bits. */
const LD = 0;
const LDX = 1;
const ST = 2;
const STX = 3;
const ALU = 4;
const JMP = 5;
const RET = 6;
const MISC = 7;
/** Modes of loads. */
const IMM = 0x00;
const ABS = 0x20;
const MEM = 0x60;
const LEN = 0x80;
/** The second operand is X rather than k. */
const X = 0x08;
const RET_A = 0x10;
const NEG = 0x80;
const TXA = 0x80;
const JA = 0;

type Operation = (a: number, operand: number) => number;

/** ALU operations by their bits. A division by X = 0 ends the program with 0, which `run` sees to. */
const OPERATIONS: Readonly<Record<number, Operation>> = {
  0: (a, b) => a + b,
  16: (a, b) => a - b,
  32: (a, b) => Math.imul(a, b),
  48: (a, b) => Math.trunc(a / b),
  64: (a, b) => a | b,
  80: (a, b) => a & b,
  96: (a, b) => a << (b & 31),
  112: (a, b) => a >>> (b & 31),
  160: (a, b) => a ^ b,
};
const DIV = 0x30;
const LSH = 0x60;
const RSH = 0x70;

const CONDITIONS: Readonly<Record<number, (a: number, b: number) => boolean>> = {
  16: (a, b) => a === b,
  32: (a, b) => a > b,
  48: (a, b) => a >= b,
  64: (a, b) => (a & b) !== 0,
};

/** EINVAL unless seccomp may run the program. */
export function checkProgram(program: readonly BpfInstruction[]): void {
  program.forEach((instruction, at) => {
    if (!isKnown(instruction)) fail(EINVAL, `instruction ${at} of the filter is not one that seccomp takes`);
    if ((instruction.code & 7) === JMP && !staysInside(instruction, at, program.length))
      fail(EINVAL, `instruction ${at} of the filter jumps out of it`);
  });
  const last = program[program.length - 1];
  if (last === undefined || (last.code & 7) !== RET) fail(EINVAL, 'the filter does not end with a return');
  if (readsUnwritten(program)) fail(EINVAL, 'the filter loads a word that it has not stored');
}

function isKnown({ code, k }: BpfInstruction): boolean {
  const operation = code & 0xf0;
  switch (code & 7) {
    case LD:
      if (code === ABS) return k % 4 === 0 && k < DATA_SIZE;
      return code === LEN || code === IMM || (code === MEM && k < MEMORY_WORDS);
    case LDX:
      return code === (LDX | LEN) || code === (LDX | IMM) || (code === (LDX | MEM) && k < MEMORY_WORDS);
    case ST:
    case STX:
      return (code === ST || code === STX) && k < MEMORY_WORDS;
    case ALU: {
      if (code > 0xff) return false;
      if (operation === NEG) return (code & X) === 0;
      if ((code & X) !== 0) return OPERATIONS[operation] !== undefined;
      if (operation === DIV && k === 0) return false;
      return OPERATIONS[operation] !== undefined && !((operation === LSH || operation === RSH) && k >= 32);
    }
    case JMP:
      return code === (JMP | JA) || (code <= 0xff && CONDITIONS[operation] !== undefined);
    case RET:
      return code === RET || code === (RET | RET_A);
    default:
      return code === MISC || code === (MISC | TXA);
  }
}

function staysInside({ code, jt, jf, k }: BpfInstruction, at: number, length: number): boolean {
  if (code === (JMP | JA)) return k < length - at - 1;
  return at + jt + 1 < length && at + jf + 1 < length;
}

/** check_load_and_stores: is there a way on which a word of memory is loaded before it was stored? */
function readsUnwritten(program: readonly BpfInstruction[]): boolean {
  const written = new Array<number>(program.length + 1).fill(0xffff);
  let valid = 0;
  const reaches = (at: number): void => {
    written[at] = (written[at] ?? 0) & valid;
  };
  for (const [at, { code, jt, jf, k }] of program.entries()) {
    valid &= written[at] ?? 0;
    if (code === ST || code === STX) valid |= 1 << k;
    else if (code === MEM || code === (LDX | MEM)) {
      if ((valid & (1 << k)) === 0) return true;
    } else if ((code & 7) === JMP) {
      if (code === (JMP | JA)) reaches(at + 1 + k);
      else {
        reaches(at + 1 + jt);
        reaches(at + 1 + jf);
      }
      valid = 0xffff;
    }
  }
  return false;
}

/** Runs a checked program on `data`; returns what it returns, 32 bits unsigned. */
export function runProgram(program: readonly BpfInstruction[], data: Uint32Array): number {
  const memory = new Uint32Array(MEMORY_WORDS);
  let a = 0;
  let x = 0;
  for (let at = 0; ; at++) {
    const { code, jt, jf, k } = program[at] as BpfInstruction;
    const operand = (code & X) !== 0 ? x : k;
    switch (code & 7) {
      case LD:
        a = load(code, k, data, memory);
        break;
      case LDX:
        x = load(code & ~LDX, k, data, memory);
        break;
      case ST:
        memory[k] = a;
        break;
      case STX:
        memory[k] = x;
        break;
      case ALU:
        if (code === (ALU | NEG)) a = -a >>> 0;
        else {
          if ((code & 0xf0) === DIV && operand === 0) return 0;
          a = (OPERATIONS[code & 0xf0] as Operation)(a, operand) >>> 0;
        }
        break;
      case JMP:
        if (code === (JMP | JA)) at += k;
        else at += CONDITIONS[code & 0xf0]?.(a, operand) === true ? jt : jf;
        break;
      case RET:
        return code === RET ? k : a;
      default:
        if (code === MISC) x = a;
        else a = x;
    }
  }
}

function load(code: number, k: number, data: Uint32Array, memory: Uint32Array): number {
  if (code === ABS) return data[k / 4] as number;
  if (code === MEM) return memory[k] as number;
  return code === LEN ? DATA_SIZE : k;
}
