// Which base registers stay on a page for a while: inside a loop, those that only walk by constant steps.
// emit-region.ts asks once per region; permission-check.ts remembers for them the page that was checked last.
// A wrong guess costs two instructions per access and never correctness.
import { interrupts, type Loop } from './natural-loops.ts';
import type { Block } from './region.ts';
import { visitRegisters } from './register-use.ts';

/** Registers by block. */
export type PageLocality = ReadonlyMap<number, ReadonlySet<number>>;

/** Bytes. */
const LARGEST_STEP = 256;
/** Instructions; in longer loops the machine's registers are better spent on other things. */
const LONGEST_LOOP = 24;
const NONE: ReadonlySet<number> = new Set();

/**
 * For each block in a loop without calls, the integer registers off which accesses stay on a page for many rounds. Of
 * `loops` the inner ones come last, so that they decide for their blocks.
 */
export function findPageLocality(loops: readonly Loop[]): PageLocality {
  const found = new Map<number, ReadonlySet<number>>();
  for (const { blocks, length } of loops) {
    const walking = length > LONGEST_LOOP || blocks.some(interrupts) ? NONE : walkingRegisters(blocks);
    for (const { pc, instructions } of blocks) {
      const steady = new Set<number>();
      for (const { instruction } of instructions) {
        const { encoding, rs1 } = instruction;
        const accesses = encoding.operands.includes('load') || encoding.operands.includes('store');
        if (accesses && walking.has(rs1)) steady.add(rs1);
      }
      found.set(pc, steady);
    }
  }
  return found;
}

/** Registers that are written, and only by adding a small constant to themselves. */
function walkingRegisters(blocks: readonly Block[]): Set<number> {
  const walking = new Set<number>();
  const others = new Set<number>();
  for (const { instructions } of blocks) {
    for (const { instruction } of instructions) {
      const { name, rd, rs1, rs2, imm } = instruction;
      const walks =
        (name === 'addi' && rd === rs1 && Math.abs(imm) <= LARGEST_STEP) ||
        (name === 'add' && (rd === rs1 || rd === rs2)); // by a stride
      visitRegisters(instruction, (file, register, written) => {
        if (file === 'x' && written) (walks ? walking : others).add(register);
      });
    }
  }
  return new Set([...walking].filter((register) => !others.has(register)));
}
