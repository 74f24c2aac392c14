// Decides which loads and stores share one permission check: those off the same value of one base register.
// emit-region.ts asks per block; a group's first access checks the whole range, the others use the result.
// A range spans less than a page, so that "this page and the next" covers it wherever it begins.
import type { Located } from './region.ts';

/** Offsets [low, high) from the base register's value that one check covers. */
export interface AccessGroup {
  readonly base: number;
  low: number;
  high: number;
  writes: boolean;
  /** The check has been emitted on every path to here. */
  checked: boolean;
}

/** Groups still valid at a point, by base register. */
export type LiveGroups = ReadonlyMap<number, AccessGroup>;

const MAX_SPAN = 2048;
/** Of the loads and stores that groups are made of. */
export const ACCESS_BYTES: Readonly<Record<string, number>> = {
  lb: 1,
  lbu: 1,
  sb: 1,
  lh: 2,
  lhu: 2,
  sh: 2,
  lw: 4,
  lwu: 4,
  sw: 4,
  flw: 4,
  fsw: 4,
  ld: 8,
  sd: 8,
  fld: 8,
  fsd: 8,
}; // prettier-ignore
const STORES = new Set(['sb', 'sh', 'sw', 'sd', 'fsw', 'fsd']);
export const isStore = (name: string): boolean => STORES.has(name);
const FLOAT_LOADS = new Set(['flw', 'fld']);

/**
 * Assigns a group to each load and store of a block. `inherited` are groups that were checked on the only path
 * into the block. Returns the group of each instruction (by index) and those live at the end.
 */
export function groupAccesses(
  instructions: readonly Located[],
  inherited: LiveGroups,
  writesInteger: (located: Located) => boolean,
): { groups: readonly (AccessGroup | undefined)[]; live: LiveGroups } {
  const live = new Map<number, AccessGroup>();
  /** Groups of this block may still grow; inherited ones are as they were checked. */
  const growing = new Set<AccessGroup>();
  for (const [register, group] of inherited) live.set(register, group);
  const groups = instructions.map((located) => {
    const { instruction } = located;
    const size = ACCESS_BYTES[instruction.name];
    let group: AccessGroup | undefined;
    if (size !== undefined && instruction.rs1 !== 0) {
      const low = instruction.imm;
      const high = low + size;
      const writes = isStore(instruction.name);
      group = live.get(instruction.rs1);
      if (group === undefined || !admits(group, growing.has(group), low, high, writes)) {
        group = { base: instruction.rs1, low, high, writes, checked: false };
        growing.add(group);
        live.set(instruction.rs1, group);
      } else if (growing.has(group)) {
        group.low = Math.min(group.low, low);
        group.high = Math.max(group.high, high);
        group.writes ||= writes;
      }
    }
    if (instruction.rd !== 0 && writesInteger(located) && !FLOAT_LOADS.has(instruction.name))
      live.delete(instruction.rd);
    return group;
  });
  return { groups, live };
}

function admits(group: AccessGroup, grows: boolean, low: number, high: number, writes: boolean): boolean {
  if (!grows) return low >= group.low && high <= group.high && (!writes || group.writes);
  return Math.max(group.high, high) - Math.min(group.low, low) <= MAX_SPAN;
}
