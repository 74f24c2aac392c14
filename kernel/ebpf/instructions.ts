// Instructions of eBPF (RFC 9669; Documentation/bpf/standardization/instruction-set.rst): their fields and codes, and which of them exist.
// The verifier and the interpreter read programs as these; one that loads 64 bits takes two places, the second one empty.
import { BpfInsn } from '../abi/ebpf.ts';

export interface Instruction {
  readonly code: number;
  readonly dst: number;
  readonly src: number;
  readonly off: number;
  readonly imm: number;
}

/** Classes, the low three bits of a code. */
export const LD = 0;
export const LDX = 1;
export const ST = 2;
export const STX = 3;
export const ALU = 4;
export const JMP = 5;
export const JMP32 = 6;
export const ALU64 = 7;

/** The second operand is a register. */
export const X = 0x08;

/** Operations of ALU and ALU64, the high four bits. */
export const ADD = 0x00;
export const SUB = 0x10;
export const MUL = 0x20;
export const DIV = 0x30;
export const OR = 0x40;
export const AND = 0x50;
export const LSH = 0x60;
export const RSH = 0x70;
export const NEG = 0x80;
export const MOD = 0x90;
export const XOR = 0xa0;
export const MOV = 0xb0;
export const ARSH = 0xc0;
export const END = 0xd0;

/** Operations of JMP and JMP32. */
export const JA = 0x00;
export const JEQ = 0x10;
export const JGT = 0x20;
export const JGE = 0x30;
export const JSET = 0x40;
export const JNE = 0x50;
export const JSGT = 0x60;
export const JSGE = 0x70;
export const CALL = 0x80;
export const EXIT = 0x90;
export const JLT = 0xa0;
export const JLE = 0xb0;
export const JSLT = 0xc0;
export const JSLE = 0xd0;

/** Modes of loads and stores. */
export const MEM = 0x60;
export const MEMSX = 0x80;
/** LD | IMM | DW: 64 bits from the immediates of two places. */
export const LOAD_IMMEDIATE = 0x18;

const SIZES: Readonly<Record<number, number>> = { 0: 4, 8: 2, 16: 1, 24: 8 };

/** Bytes that a load or store moves. */
export function sizeOf(code: number): number {
  return SIZES[code & 0x18] as number;
}

export function classOf(code: number): number {
  return code & 7;
}

export function decode(bytes: Uint8Array): Instruction[] {
  const program: Instruction[] = [];
  for (let at = 0; at < bytes.length; at += BpfInsn.size) {
    const { code, registers, off, imm } = BpfInsn.decode(bytes.subarray(at, at + BpfInsn.size));
    program.push({ code, dst: registers & 15, src: registers >> 4, off, imm });
  }
  return program;
}

/** Is there such an instruction (bpf_opcode_in_insntable)? Atomic ones and loads from packets are none here. */
export function isKnown(code: number): boolean {
  const operation = code & 0xf0;
  const mode = code & 0xe0;
  switch (classOf(code)) {
    case LD:
      return code === LOAD_IMMEDIATE;
    case LDX:
      return mode === MEM || (mode === MEMSX && sizeOf(code) !== 8);
    case ST:
    case STX:
      return mode === MEM;
    case ALU:
    case ALU64:
      if (operation === NEG) return (code & X) === 0;
      return operation <= END && code !== (ALU64 | END | X);
    case JMP:
      return (
        operation <= JSLE &&
        ((code & X) === 0 || (operation !== JA && operation !== CALL && operation !== EXIT))
      );
    default:
      return operation <= JSLE && operation !== CALL && operation !== EXIT && code !== (JMP32 | JA | X);
  }
}

/** Where the jump at `at` goes; undefined for what is no jump. */
export function targetOf({ code, off, imm }: Instruction, at: number): number | undefined {
  const kind = classOf(code);
  const operation = code & 0xf0;
  if ((kind !== JMP && kind !== JMP32) || operation === CALL || operation === EXIT) return undefined;
  return at + 1 + (code === (JMP32 | JA) ? imm : off);
}

/** Does the program go on behind it? */
export function fallsThrough({ code }: Instruction): boolean {
  return code !== (JMP | JA) && code !== (JMP32 | JA) && code !== (JMP | EXIT);
}
