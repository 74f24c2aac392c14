// Classic BPF (net/core/filter.c, bpf_check_classic; Documentation/networking/filter.rst): programs and how they run.
// seccomp/filters.ts runs them on system calls, net/socket-filter.ts on what arrives at a socket; each brings its data.
// A checked program only jumps forward and ends with a return, so it always ends, and never divides by a constant zero.
import { EINVAL, fail } from '../errno.ts';

/** struct sock_filter. */
export interface BpfInstruction {
  readonly code: number;
  readonly jt: number;
  readonly jf: number;
  readonly k: number;
}

/** What a program looks at. */
export interface BpfData {
  readonly length: number;
  /** `size` (1, 2, 4) bytes at an offset, which is a signed number; undefined outside, which ends the program with 0. */
  load(offset: number, size: number): number | undefined;
  /** SKF_AD_* by its number below SKF_AD_OFF; undefined ends the program with A. */
  extension(number: number, a: number, x: number): number | undefined;
}

/** BPF_MAXINSNS. */
export const MOST_INSTRUCTIONS = 4096;
const MEMORY_WORDS = 16;
/** SKF_AD_OFF: absolute loads from here on are extensions. */
const EXTENSIONS = 0xffff_f000;
/** SKF_AD_VLAN_TPID, the last extension; they are four apart. */
const LAST_EXTENSION = 60;

/** Classes, the low three bits. */
export const LD = 0;
export const LDX = 1;
const ST = 2;
const STX = 3;
export const ALU = 4;
const JMP = 5;
const RET = 6;
const MISC = 7;
/** Sizes of loads. */
const HALF = 0x08;
const BYTE = 0x10;
/** Modes of loads. */
const IMM = 0x00;
export const ABS = 0x20;
const IND = 0x40;
const MEM = 0x60;
const LEN = 0x80;
const MSH = 0xa0;
/** The second operand is X rather than k. */
const X = 0x08;
const RET_A = 0x10;
const NEG = 0x80;
const TXA = 0x80;
const JA = 0;

type Operation = (a: number, operand: number) => number;

/** ALU operations by their bits. A division by X = 0 ends the program with 0, which `runProgram` sees to. */
const OPERATIONS: Readonly<Record<number, Operation>> = {
  0: (a, b) => a + b,
  16: (a, b) => a - b,
  32: (a, b) => Math.imul(a, b),
  48: (a, b) => Math.trunc(a / b),
  64: (a, b) => a | b,
  80: (a, b) => a & b,
  96: (a, b) => a << (b & 31),
  112: (a, b) => a >>> (b & 31),
  144: (a, b) => a % b,
  160: (a, b) => a ^ b,
};
const DIV = 0x30;
const LSH = 0x60;
const RSH = 0x70;
export const MOD = 0x90;

const CONDITIONS: Readonly<Record<number, (a: number, b: number) => boolean>> = {
  16: (a, b) => a === b,
  32: (a, b) => a > b,
  48: (a, b) => a >= b,
  64: (a, b) => (a & b) !== 0,
};

/** EINVAL unless the program may run (bpf_check_classic). */
export function checkProgram(program: readonly BpfInstruction[]): void {
  program.forEach((instruction, at) => {
    if (!isKnown(instruction)) fail(EINVAL, `instruction ${at} of the filter is not one of classic BPF`);
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
      return isKnownLoad(code, k);
    case LDX:
      if (code === (LDX | MEM)) return k < MEMORY_WORDS;
      return code === (LDX | LEN) || code === (LDX | IMM) || code === (LDX | BYTE | MSH);
    case ST:
    case STX:
      return (code === ST || code === STX) && k < MEMORY_WORDS;
    case ALU: {
      if (code > 0xff) return false;
      if (operation === NEG) return (code & X) === 0;
      if ((code & X) !== 0) return OPERATIONS[operation] !== undefined;
      if ((operation === DIV || operation === MOD) && k === 0) return false;
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

function isKnownLoad(code: number, k: number): boolean {
  switch (code) {
    case ABS:
    case ABS | HALF:
    case ABS | BYTE:
      return k < EXTENSIONS || isExtension(k);
    case MEM:
      return k < MEMORY_WORDS;
    default:
      return code === LEN || code === IMM || code === IND || code === (IND | HALF) || code === (IND | BYTE);
  }
}

function isExtension(k: number): boolean {
  return k >= EXTENSIONS && (k - EXTENSIONS) % 4 === 0 && k - EXTENSIONS <= LAST_EXTENSION;
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

/** Runs a checked program; returns what it returns, 32 bits unsigned. */
export function runProgram(program: readonly BpfInstruction[], data: BpfData): number {
  const memory = new Uint32Array(MEMORY_WORDS);
  let a = 0;
  let x = 0;
  for (let at = 0; ; at++) {
    const { code, jt, jf, k } = program[at] as BpfInstruction;
    const operand = (code & X) !== 0 ? x : k;
    switch (code & 7) {
      case LD: {
        if (code === IMM) a = k;
        else if (code === MEM) a = memory[k] as number;
        else if (code === LEN) a = data.length;
        else {
          const isIndirect = (code & 0xe0) === IND;
          const isExtended = k >= EXTENSIONS && !isIndirect;
          const offset = isIndirect ? (x + k) | 0 : k | 0;
          const loaded = isExtended
            ? data.extension(k - EXTENSIONS, a, x)
            : data.load(offset, (code & BYTE) !== 0 ? 1 : (code & HALF) !== 0 ? 2 : 4);
          if (loaded === undefined) return isExtended ? a : 0;
          a = loaded;
        }
        break;
      }
      case LDX:
        if (code === (LDX | IMM)) x = k;
        else if (code === (LDX | MEM)) x = memory[k] as number;
        else if (code === (LDX | LEN)) x = data.length;
        else {
          const loaded = data.load(k | 0, 1);
          if (loaded === undefined) return 0;
          x = (loaded & 0xf) * 4; // the length of an IP header
        }
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
          const operation = code & 0xf0;
          if ((operation === DIV || operation === MOD) && operand === 0) return 0;
          a = (OPERATIONS[operation] as Operation)(a, operand) >>> 0;
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
