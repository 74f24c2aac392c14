// Runs verified eBPF programs. Addresses are the program's own: its context and its stack are all there is, so nothing else can be reached.

import type { Thread } from '../task/thread.ts';
import { compute, holds, moveSigned, order } from './arithmetic.ts';
import { HELPERS } from './helpers.ts';
import {
  ALU,
  ALU64,
  CALL,
  classOf,
  DIV,
  END,
  EXIT,
  type Instruction,
  JMP,
  JMP32,
  LD,
  LDX,
  MEMSX,
  MOD,
  MOV,
  ST,
  STX,
  sizeOf,
  targetOf,
  X,
} from './instructions.ts';

export const STACK_SIZE = 512;
export const FRAME = 10;
/** Where the context begins, and where the stack ends. */
const CONTEXT = 0x1_0000_0000n;
const STACK_END = 0x2_0000_0000n;

/** What the program returns when `thread` runs it. */
export function run(program: readonly Instruction[], context: Uint8Array, thread: Thread): bigint {
  const memory = new Memory(context);
  const registers = new BigUint64Array(FRAME + 1);
  registers[1] = CONTEXT;
  registers[FRAME] = STACK_END;
  for (let at = 0; ; at++) {
    const instruction = program[at] as Instruction;
    const { code, dst, src, off, imm } = instruction;
    const kind = classOf(code);
    const left = registers[dst] as bigint;
    const operand = (code & X) !== 0 ? (registers[src] as bigint) : BigInt.asUintN(64, BigInt(imm));
    switch (kind) {
      case LD:
        registers[dst] = wide(instruction, program[++at] as Instruction);
        break;
      case LDX: {
        const size = sizeOf(code);
        const loaded = memory.load((registers[src] as bigint) + BigInt(off), size);
        registers[dst] =
          (code & 0xe0) === MEMSX ? BigInt.asUintN(64, BigInt.asIntN(size * 8, loaded)) : loaded;
        break;
      }
      case ST:
        memory.store(left + BigInt(off), sizeOf(code), BigInt(imm));
        break;
      case STX:
        memory.store(left + BigInt(off), sizeOf(code), registers[src] as bigint);
        break;
      case ALU:
      case ALU64:
        registers[dst] = arithmetic(instruction, left, operand);
        break;
      default: {
        const operation = code & 0xf0;
        if (kind === JMP && operation === EXIT) return registers[0] as bigint;
        if (kind === JMP && operation === CALL) registers[0] = HELPERS[imm]?.(thread) ?? 0n;
        else if (holds(operation, kind === JMP32 ? 32 : 64, left, operand))
          at = (targetOf(instruction, at) as number) - 1;
      }
    }
  }
}

/** The number that the two places of a LOAD_IMMEDIATE make. */
export function wide({ imm }: Instruction, { imm: high }: Instruction): bigint {
  return (BigInt(high >>> 0) << 32n) | BigInt(imm >>> 0);
}

/** The new value of the destination of an ALU or ALU64 instruction. */
export function arithmetic({ code, off, imm }: Instruction, left: bigint, operand: bigint): bigint {
  const operation = code & 0xf0;
  const width = classOf(code) === ALU ? 32 : 64;
  if (operation === END) return order(left, imm, width === 64 || (code & X) !== 0);
  if (operation === MOV && off !== 0) return moveSigned(width, off, operand);
  return compute(operation, width, left, operand, off === 1 && (operation === DIV || operation === MOD));
}

class Memory {
  readonly #context: Uint8Array;
  readonly #stack = new Uint8Array(STACK_SIZE);

  constructor(context: Uint8Array) {
    this.#context = context;
  }

  /** The bytes at an address; a verified program gets at no others. */
  #bytes(address: bigint, size: number): Uint8Array {
    const inContext = Number(BigInt.asIntN(64, address - CONTEXT));
    const inStack = Number(BigInt.asIntN(64, address - STACK_END)) + STACK_SIZE;
    const [bytes, from] =
      inContext >= 0 && inContext < this.#context.length
        ? [this.#context, inContext]
        : [this.#stack, inStack];
    if (from < 0 || from + size > bytes.length) throw new Error('a verified program left its memory');
    return bytes.subarray(from, from + size);
  }

  load(address: bigint, size: number): bigint {
    return this.#bytes(address, size).reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
  }

  store(address: bigint, size: number, value: bigint): void {
    const bytes = this.#bytes(address, size);
    for (let i = 0; i < size; i++) bytes[i] = Number((value >> BigInt(8 * i)) & 0xffn);
  }
}
