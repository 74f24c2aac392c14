// Which registers a region touches, and which may differ from their home in memory at a call.
// emit-region.ts gives every touched register a local and spills before calls only what may have changed.

import type { Instruction } from '../isa/decode.ts';
import type { Operand } from '../isa/encodings.ts';
import type { Format } from '../isa/semantics/backend.ts';
import type { Block, Region } from './region.ts';

export interface RegisterUse {
  readonly integers: ReadonlySet<number>;
  readonly floats: ReadonlySet<number>;
  readonly writtenIntegers: ReadonlySet<number>;
  readonly writtenFloats: ReadonlySet<number>;
  /** Formats that the region's floating-point instructions may round to. */
  readonly formats: ReadonlySet<Format>;
}

type Visit = (file: 'x' | 'f', register: number, written: boolean) => void;

const READS: Readonly<Partial<Record<Operand, readonly ['x' | 'f', 'rs1' | 'rs2' | 'rs3']>>> = {
  rs1: ['x', 'rs1'],
  load: ['x', 'rs1'],
  store: ['x', 'rs1'],
  atomic: ['x', 'rs1'],
  rs2: ['x', 'rs2'],
  fs1: ['f', 'rs1'],
  fs2: ['f', 'rs2'],
  fs3: ['f', 'rs3'],
};

/** Calls `visit` for every register operand; x0 is left out. */
export function visitRegisters(instruction: Instruction, visit: Visit): void {
  for (const operand of instruction.encoding.operands) {
    if (operand === 'rd') {
      if (instruction.rd !== 0) visit('x', instruction.rd, true);
    } else if (operand === 'fd') {
      visit('f', instruction.rd, true);
    } else {
      const read = READS[operand];
      if (read === undefined) continue;
      const [file, field] = read;
      if (file === 'f' || instruction[field] !== 0) visit(file, instruction[field], false);
    }
  }
}

/** True when the instruction's destination is an integer register other than x0. */
export function writesInteger(instruction: Instruction): boolean {
  return instruction.rd !== 0 && instruction.encoding.operands.includes('rd');
}

export function registersOf(region: Region): RegisterUse {
  const integers = new Set<number>();
  const floats = new Set<number>();
  const writtenIntegers = new Set<number>();
  const writtenFloats = new Set<number>();
  const formats = new Set<Format>();
  for (const block of region.blocks.values()) {
    for (const { instruction } of block.instructions) {
      if (instruction.name.includes('.s')) formats.add('s');
      if (instruction.name.includes('.d')) formats.add('d');
      visitRegisters(instruction, (file, register, written) => {
        (file === 'x' ? integers : floats).add(register);
        if (written) (file === 'x' ? writtenIntegers : writtenFloats).add(register);
      });
    }
  }
  return { integers, floats, writtenIntegers, writtenFloats, formats };
}

/** Bit n: x register n; bit 32 + n: f register n. */
type RegisterMask = bigint;

/**
 * Registers that may differ from memory at the end of each block: written on some path since the last entry or
 * call. A forward may-analysis to its fixpoint.
 */
export function dirtyAtEnd(region: Region): ReadonlyMap<number, RegisterMask> {
  const written = new Map<number, RegisterMask>();
  for (const block of region.blocks.values()) written.set(block.pc, writtenIn(block));
  const atStart = new Map<number, RegisterMask>();
  const atEnd = new Map<number, RegisterMask>();
  const work = [...region.blocks.keys()];
  for (let pc = work.pop(); pc !== undefined; pc = work.pop()) {
    const block = region.blocks.get(pc) as Block;
    const end = (atStart.get(pc) ?? 0n) | (written.get(pc) ?? 0n);
    if (atEnd.get(pc) === end) continue;
    atEnd.set(pc, end);
    const { kind } = block.ending;
    // all is spilled there, and afterwards loaded afresh or still the same
    if (kind === 'call' || kind === 'indirect-call' || kind === 'system-call') continue;
    const learned = block.ending.kind === 'indirect' && region.hasIndirectJumps;
    for (const successor of learned ? region.entries : block.successors) {
      const before = atStart.get(successor) ?? 0n;
      if ((before | end) === before && atEnd.has(successor)) continue;
      atStart.set(successor, before | end);
      work.push(successor);
    }
  }
  return atEnd;
}

function writtenIn(block: Block): RegisterMask {
  let mask = 0n;
  for (const { instruction } of block.instructions) {
    visitRegisters(instruction, (file, register, written) => {
      if (written) mask |= 1n << BigInt(file === 'x' ? register : 32 + register);
    });
  }
  return mask;
}
