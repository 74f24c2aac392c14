// Kinds of scheduling and priorities: sched_attr, I/O priorities, membarrier's commands.
// Rows of sched, io-priority and system name them; the struct is declared in abi/scheduling.ts.
import type { Kind } from '../kind.ts';
import { SchedAttr } from '../scheduling.ts';
import { flags, kind, oneOf, outKind } from './basic.ts';
import { flagText, hex, nameOf, names } from './format.ts';
import { braces, structText } from './peek.ts';
import { POLICIES } from './result-kinds.ts';

const SCHED_FLAGS = names({
  SCHED_FLAG_RESET_ON_FORK: 1,
  SCHED_FLAG_RECLAIM: 2,
  SCHED_FLAG_DL_OVERRUN: 4,
  SCHED_FLAG_KEEP_POLICY: 8,
  SCHED_FLAG_KEEP_PARAMS: 16,
  SCHED_FLAG_UTIL_CLAMP_MIN: 32,
  SCHED_FLAG_UTIL_CLAMP_MAX: 64,
});
/** The struct's first version ends before the utilisation clamps. */
const FIRST_SIZE = 48;

function attributesText(attr: ReturnType<typeof SchedAttr.decode>): string {
  const clamps = [`sched_util_min=${attr.utilMin}`, `sched_util_max=${attr.utilMax}`];
  return braces([
    `size=${attr.size}`,
    `sched_policy=${nameOf(attr.policy, POLICIES, 'SCHED_???')}`,
    `sched_flags=${flagText(Number(attr.flags), SCHED_FLAGS, 'SCHED_FLAG_???')}`,
    `sched_nice=${attr.nice}`,
    `sched_priority=${attr.priority}`,
    `sched_runtime=${attr.runtime}`,
    `sched_deadline=${attr.deadline}`,
    `sched_period=${attr.period}`,
    ...(attr.size > FIRST_SIZE ? clamps : []),
  ]);
}

export const SchedAttrIn: Kind = kind('struct sched_attr', 'u64', (value, context) =>
  structText(context, value, SchedAttr, attributesText),
);
export const SchedAttrOut: Kind = outKind('struct sched_attr', 'u64', (value, context) =>
  structText(context, value, SchedAttr, attributesText, context.result >= 0),
);

export const IoPriorityWhich: Kind = oneOf(
  'IOPRIO_WHO_???',
  { IOPRIO_WHO_PROCESS: 1, IOPRIO_WHO_PGRP: 2, IOPRIO_WHO_USER: 3 },
  'i32',
);
const IO_CLASSES = ['IOPRIO_CLASS_NONE', 'IOPRIO_CLASS_RT', 'IOPRIO_CLASS_BE', 'IOPRIO_CLASS_IDLE'];
const CLASS_SHIFT = 13;

/** `IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, 4)`. */
export function ioPriorityText(value: number): string {
  const number = value >>> CLASS_SHIFT;
  const name = IO_CLASSES[number] ?? `${hex(number)} /* IOPRIO_CLASS_??? */`;
  return `IOPRIO_PRIO_VALUE(${name}, ${value & ((1 << CLASS_SHIFT) - 1)})`;
}
export const IoPriority: Kind = kind('ioprio', 'u32', ioPriorityText);
export const IoPriorityResult: Kind = kind(
  'ioprio',
  'u32',
  (value) => `${hex(value)} (${ioPriorityText(value)})`,
);

const BARRIERS = names({
  MEMBARRIER_CMD_QUERY: 0,
  MEMBARRIER_CMD_GLOBAL: 1,
  MEMBARRIER_CMD_GLOBAL_EXPEDITED: 2,
  MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED: 4,
  MEMBARRIER_CMD_PRIVATE_EXPEDITED: 8,
  MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED: 16,
  MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE: 32,
  MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE: 64,
  MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ: 128,
  MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ: 256,
});
export const BarrierCommand: Kind = oneOf('MEMBARRIER_CMD_???', BARRIERS, 'i32');
/** Shown with the flag that reads it. */
export const BarrierProcessor: Kind = kind('membarrier cpu', 'i32', (value, { args }) =>
  ((args.flags ?? 0) & 1) === 0 ? undefined : String(value),
);
export const BarrierFlags: Kind = flags('MEMBARRIER_CMD_FLAG_???', { MEMBARRIER_CMD_FLAG_CPU: 1 });
/** The commands there are, for MEMBARRIER_CMD_QUERY. */
export const BarrierResult: Kind = kind('membarrier result', 'i32', (value, { args }) =>
  args.cmd === 0 && value !== 0
    ? `${hex(value)} (${flagText(value, BARRIERS.slice(1), 'MEMBARRIER_CMD_???')})`
    : String(value),
);
