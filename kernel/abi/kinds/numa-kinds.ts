// Kinds of the NUMA calls: policies, masks of nodes, flags.
import type { Kind, PrintContext } from '../kind.ts';
import { flags, kind, outKind } from './basic.ts';
import { flagText, nameOf, names, pointer } from './format.ts';
import { peekNumber } from './peek.ts';

const MODES = names({
  MPOL_DEFAULT: 0,
  MPOL_PREFERRED: 1,
  MPOL_BIND: 2,
  MPOL_INTERLEAVE: 3,
  MPOL_LOCAL: 4,
  MPOL_PREFERRED_MANY: 5,
  MPOL_WEIGHTED_INTERLEAVE: 6,
});
const MODE_FLAGS = names({
  MPOL_F_STATIC_NODES: 1 << 15,
  MPOL_F_RELATIVE_NODES: 1 << 14,
  MPOL_F_NUMA_BALANCING: 1 << 13,
});

function policyText(value: number): string {
  const mode = nameOf(value & 0x1fff, MODES, 'MPOL_???');
  const bits = value & 0xe000;
  return bits === 0 ? mode : `${mode}|${flagText(bits, MODE_FLAGS, 'MPOL_???')}`;
}

export const MemoryPolicyMode: Kind = kind('memory policy', 'u32', policyText);
export const MemoryPolicyOut: Kind = outKind('memory policy', 'u64', (value, context) => {
  const policy = context.result < 0 ? undefined : peekNumber(context, value, 'u32');
  return policy === undefined ? pointer(value) : `[${policyText(Number(policy))}]`;
});

/** `[0x0000000000000001]`: words of 64 nodes; the next argument counts their bits, and one. */
function nodesText(value: number, context: PrintContext): string {
  const bits = Math.max(0, (context.args.maxnode ?? 0) - 1);
  const words: string[] = [];
  for (let i = 0; i < Math.min(Math.ceil(bits / 64), 16); i++) {
    const low = peekNumber(context, value + i * 8, 'u32');
    const high = peekNumber(context, value + i * 8 + 4, 'u32');
    if (low === undefined || high === undefined) return pointer(value);
    words.push(`0x${high.toString(16).padStart(8, '0')}${low.toString(16).padStart(8, '0')}`);
  }
  return value === 0 ? 'NULL' : `[${words.join(', ')}]`;
}

export const NodeMaskIn: Kind = kind('node mask', 'u64', nodesText);
export const NodeMaskOut: Kind = outKind('node mask', 'u64', (value, context) =>
  context.result < 0 ? pointer(value) : nodesText(value, context),
);
export const GetPolicyFlags = flags(
  'MPOL_F_???',
  {
    MPOL_F_NODE: 1,
    MPOL_F_ADDR: 2,
    MPOL_F_MEMS_ALLOWED: 4,
  },
  'u64',
);
export const MoveFlags = flags('MPOL_MF_???', { MPOL_MF_STRICT: 1, MPOL_MF_MOVE: 2, MPOL_MF_MOVE_ALL: 4 });
