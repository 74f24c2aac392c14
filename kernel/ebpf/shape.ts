// What the verifier asks of a program before it follows it (kernel/bpf/verifier.c, check_subprogs, resolve_pseudo_ldimm64, check_cfg):
// known instructions, jumps that stay inside, everything reachable, no way back.
import { EINVAL } from '../errno.ts';
import {
  classOf,
  fallsThrough,
  type Instruction,
  isKnown,
  LDX,
  LOAD_IMMEDIATE,
  targetOf,
} from './instructions.ts';
import { reject } from './rejection.ts';

/** The places of instructions, each behind all from which it is reached. EINVAL. */
export function demandShape(program: readonly Instruction[]): number[] {
  demandJumps(program);
  demandKnown(program);
  return orderOf(program);
}

function demandJumps(program: readonly Instruction[]): void {
  for (const [at, instruction] of program.entries()) {
    const target = targetOf(instruction, at);
    if (target !== undefined && (target < 0 || target >= program.length))
      reject(EINVAL, `jump out of range from insn ${at} to ${target}`);
  }
  if (fallsThrough(program[program.length - 1] as Instruction))
    reject(EINVAL, 'last insn is not an exit or jmp');
}

function demandKnown(program: readonly Instruction[]): void {
  for (let at = 0; at < program.length; at++) {
    const { code, src, imm } = program[at] as Instruction;
    if (classOf(code) === LDX && imm !== 0) reject(EINVAL, 'BPF_LDX uses reserved fields');
    if (code === LOAD_IMMEDIATE) {
      const second = program[++at];
      if (
        second === undefined ||
        second.code !== 0 ||
        second.dst !== 0 ||
        second.src !== 0 ||
        second.off !== 0
      )
        reject(EINVAL, 'invalid bpf_ld_imm64 insn');
      if (src !== 0) reject(EINVAL, 'there are no maps and no types of the kernel to load');
    } else if (!isKnown(code)) reject(EINVAL, `unknown opcode ${code.toString(16).padStart(2, '0')}`);
  }
}

/** Where the program may be behind an instruction. */
export function nextOf(program: readonly Instruction[], at: number): number[] {
  const instruction = program[at] as Instruction;
  const target = targetOf(instruction, at);
  const next = fallsThrough(instruction) ? [at + (instruction.code === LOAD_IMMEDIATE ? 2 : 1)] : [];
  return target === undefined ? next : [...next, target];
}

/** Depth first; an instruction is `open` while those behind it are visited. */
function orderOf(program: readonly Instruction[]): number[] {
  const state = new Array<'open' | 'done' | undefined>(program.length);
  const finished: number[] = [];
  const path: { readonly at: number; readonly next: number[] }[] = [];
  const enter = (at: number): void => {
    state[at] = 'open';
    path.push({ at, next: nextOf(program, at) });
  };
  enter(0);
  for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
    const next = top.next.pop();
    if (next === undefined) {
      state[top.at] = 'done';
      finished.push(top.at);
      path.pop();
    } else if (state[next] === 'open') reject(EINVAL, `back-edge from insn ${top.at} to ${next}`);
    else if (state[next] === undefined) enter(next);
  }
  for (const [at, { code }] of program.entries()) {
    const isSecondHalf = code === 0 && program[at - 1]?.code === LOAD_IMMEDIATE;
    if (state[at] === undefined && !isSecondHalf) reject(EINVAL, `unreachable insn ${at}`);
    if (state[at] !== undefined && isSecondHalf)
      reject(EINVAL, `jump into the middle of ldimm64 insn ${at - 1}`);
  }
  return finished.reverse();
}
