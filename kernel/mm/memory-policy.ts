// NUMA memory policies (set_mempolicy(2), mm/mempolicy.c) of a machine with one node: checked, kept and reported.
// syscalls/numa.ts decodes; a thread has one, and an area may have another. All memory is on node 0 whatever they say.
import { EINVAL, fail } from '../errno.ts';

export const MPOL_DEFAULT = 0;
const MPOL_PREFERRED = 1;
export const MPOL_BIND = 2;
export const MPOL_INTERLEAVE = 3;
const MPOL_LOCAL = 4;
export const MPOL_PREFERRED_MANY = 5;
export const MPOL_WEIGHTED_INTERLEAVE = 6;
const MPOL_F_NUMA_BALANCING = 1 << 13;
const MPOL_F_RELATIVE_NODES = 1 << 14;
const MPOL_F_STATIC_NODES = 1 << 15;
const MODE_FLAGS = MPOL_F_NUMA_BALANCING | MPOL_F_RELATIVE_NODES | MPOL_F_STATIC_NODES;

/** The only node, as a mask. */
export const ALL_NODES = 1n;

export interface MemoryPolicy {
  readonly mode: number;
  /** MPOL_F_* bits of the mode. */
  readonly flags: number;
  /** As get_mempolicy(2) shows them: those asked for where a flag says so, else those that there are of them. */
  readonly nodes: bigint;
}

/** EINVAL for modes and flags that are unknown or exclude each other (sanitize_mpol_flags). */
export function splitMode(given: number): { mode: number; flags: number } {
  const flags = given & MODE_FLAGS;
  const mode = (given & ~MODE_FLAGS) >>> 0;
  if (mode > MPOL_WEIGHTED_INTERLEAVE) fail(EINVAL, 'no such memory policy');
  const both = MPOL_F_STATIC_NODES | MPOL_F_RELATIVE_NODES;
  if ((flags & both) === both) fail(EINVAL, 'nodes are static or relative');
  const balances = mode === MPOL_BIND || mode === MPOL_PREFERRED_MANY;
  if ((flags & MPOL_F_NUMA_BALANCING) !== 0 && !balances) fail(EINVAL, 'balancing is for named nodes');
  return { mode, flags };
}

/** A policy, undefined being the default one. EINVAL for nodes that the mode does not take, or of which none is there. */
export function makePolicy(mode: number, flags: number, nodes: bigint): MemoryPolicy | undefined {
  const isEmpty = nodes === 0n;
  if (mode === MPOL_DEFAULT) return isEmpty ? undefined : fail(EINVAL, 'the default policy has no nodes');
  const keepsNodes = (flags & (MPOL_F_STATIC_NODES | MPOL_F_RELATIVE_NODES)) !== 0;
  const isLocal = mode === MPOL_LOCAL || (mode === MPOL_PREFERRED && isEmpty);
  if (isLocal) {
    if (!isEmpty || keepsNodes) fail(EINVAL, 'the local node is not named');
    return { mode: MPOL_LOCAL, flags, nodes: 0n };
  }
  if (isEmpty) fail(EINVAL, 'no nodes');
  const present = (flags & MPOL_F_RELATIVE_NODES) === 0 ? nodes & ALL_NODES : ALL_NODES;
  if (present === 0n) fail(EINVAL, 'none of the nodes is there');
  return { mode, flags, nodes: keepsNodes ? nodes : present };
}

/** Neighbouring areas can be one. */
export function isSamePolicy(one: MemoryPolicy | undefined, other: MemoryPolicy | undefined): boolean {
  if (one === other) return true;
  return one?.mode === other?.mode && one?.flags === other?.flags && one?.nodes === other?.nodes;
}
