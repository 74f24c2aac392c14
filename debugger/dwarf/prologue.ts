// How to leave a frame of code without unwind tables: what its instructions up to pc did to sp, ra and the saved registers.
// unwind.ts falls back on it, as gdb does; glibc's own functions are such code.
// RISC-V psABI, "Integer register calling convention": sp is x2, fp is x8, saved registers are s0 to s11.
import type { Instruction } from '../../emulator/isa/decode.ts';
import type { RegisterRule, UnwindRow } from './unwind-tables.ts';

const RA = 1;
const SP = 2;
const FP = 8;
/** Bytes of a function that are looked at. */
const LONGEST = 64 * 1024;

/** What the code up to some instruction has done. */
interface State {
  /** sp is the CFA less this. */
  readonly depth: number;
  /** fp is the CFA less this; undefined while it is the caller's. */
  readonly fpDepth: number | undefined;
  /** sp was moved by an amount that only the run knows (alloca). */
  readonly isUnknown: boolean;
  readonly saved: ReadonlyMap<number, RegisterRule>;
}

const START: State = { depth: 0, fpDepth: undefined, isUnknown: false, saved: new Map() };

/** How to leave the frame of code at `pc` of the function that begins at `start`; undefined when that cannot be seen. */
export function prologueRow(
  instructionAt: (address: number) => Instruction | undefined,
  start: number,
  pc: number,
): UnwindRow | undefined {
  if (pc < start || pc - start > LONGEST) return undefined;
  let state = START;
  let beforeEpilogue: State | undefined;
  const atTargets = new Map<number, State>();
  for (let at = start; at < pc; ) {
    const instruction = instructionAt(at);
    if (instruction === undefined) return undefined;
    const target = targetOf(instruction, at);
    if (target !== undefined && !atTargets.has(target)) atTargets.set(target, state);
    at += instruction.length;
    const next = after(state, instruction);
    if (next.depth < state.depth || next.saved.size < state.saved.size) beforeEpilogue ??= state;
    state = next;
    if (!neverGoesOn(instruction)) {
      // paths that meet agree on the stack: if they do not, the call before was one that never returns
      const met = isCall(instruction) ? atTargets.get(at) : undefined;
      if (met !== undefined && met.depth !== state.depth) state = met;
      continue;
    }
    // what is behind a return was reached past the epilogue before it
    state = atTargets.get(at) ?? beforeEpilogue ?? state;
    beforeEpilogue = undefined;
  }
  const base = { rules: state.saved, returnRegister: RA };
  if (!state.isUnknown) return { cfaRegister: SP, cfaOffset: state.depth, ...base };
  return state.fpDepth === undefined ? undefined : { cfaRegister: FP, cfaOffset: state.fpDepth, ...base };
}

function after(state: State, { name, rd, rs1, rs2, imm }: Instruction): State {
  const { depth, fpDepth, saved } = state;
  if (name === 'addi' && rd === SP && rs1 === SP) return { ...state, depth: depth - imm };
  if (name === 'addi' && rd === FP && rs1 === SP) return { ...state, fpDepth: depth - imm };
  if (name === 'addi' && rd === SP && rs1 === FP && fpDepth !== undefined)
    return { ...state, depth: fpDepth - imm, isUnknown: false };
  if (name === 'sd' && isSaved(rs2) && !saved.has(rs2)) {
    const base = rs1 === SP && !state.isUnknown ? depth : rs1 === FP ? fpDepth : undefined;
    if (base === undefined) return state;
    return { ...state, saved: new Map(saved).set(rs2, { kind: 'offset', offset: imm - base }) };
  }
  if (name === 'ld' && saved.has(rd) && (rs1 === SP || rs1 === FP)) {
    const left = new Map(saved);
    left.delete(rd);
    return { ...state, saved: left, fpDepth: rd === FP ? undefined : fpDepth };
  }
  return rd === SP && name !== 'sd' ? { ...state, isUnknown: true } : state;
}

/** s0 to s11, and ra. */
function isSaved(register: number): boolean {
  return register === RA || register === FP || register === FP + 1 || (register >= 18 && register <= 27);
}

/** Where a branch or jump that is no call leads. */
function targetOf({ name, rd, imm }: Instruction, at: number): number | undefined {
  return BRANCHES.has(name) || (name === 'jal' && rd === 0) ? at + imm : undefined;
}

const BRANCHES: ReadonlySet<string> = new Set(['beq', 'bne', 'blt', 'bge', 'bltu', 'bgeu']);

function isCall({ name, rd }: Instruction): boolean {
  return (name === 'jal' || name === 'jalr') && rd === RA;
}

/** A return or another jump that is no call. */
function neverGoesOn({ name, rd }: Instruction): boolean {
  return (name === 'jal' || name === 'jalr') && rd === 0;
}
