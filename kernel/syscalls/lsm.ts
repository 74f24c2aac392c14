// The calls about security modules (security/lsm_syscalls.c) of a kernel with capabilities, Landlock and Yama alone: none keeps
// attributes of processes. Rows for table.ts.
import { PAGE_SIZE } from '../../emulator/memory/layout.ts';
import { Ptr, U32, U32Out } from '../abi/kinds/basic.ts';
import { LsmAttribute, LsmFlags, LsmIdsOut } from '../abi/kinds/system-kinds.ts';
import { struct, u64 } from '../abi/struct.ts';
import { E2BIG, EINVAL, EOPNOTSUPP, fail } from '../errno.ts';
import type { Thread } from '../task/thread.ts';
import { syscall } from './syscall.ts';

const LSM_ID_CAPABILITY = 100;
const LSM_ID_YAMA = 105;
const LSM_ID_LANDLOCK = 110;
const MODULES: readonly number[] = [LSM_ID_CAPABILITY, LSM_ID_LANDLOCK, LSM_ID_YAMA];
const LSM_FLAG_SINGLE = 1;
/** What comes before a module's own text; `len` counts both (include/uapi/linux/lsm.h). */
const LsmContext = struct('lsm_ctx', { id: u64, flags: u64, len: u64, ctx_len: u64 });

interface AttributeArguments {
  readonly attr: number;
  readonly ctx: number;
  readonly size: number;
  readonly flags: number;
}

function getSelfAttribute(thread: Thread, { attr, ctx, size, flags }: AttributeArguments): number {
  if (attr === 0 || size === 0) fail(EINVAL, 'no attribute, or no room');
  thread.user.readU32(size);
  if ((flags & ~LSM_FLAG_SINGLE) !== 0) fail(EINVAL, 'unknown flags');
  if (flags === LSM_FLAG_SINGLE) {
    if (ctx === 0) fail(EINVAL, 'no module is named');
    if (thread.user.readStruct(ctx, LsmContext).id === 0) fail(EINVAL, 'no module has the number 0');
  }
  thread.user.writeU32(size, 0);
  return fail(EOPNOTSUPP, 'no module has attributes');
}

function setSelfAttribute(thread: Thread, { ctx, size, flags }: AttributeArguments): number {
  if (flags !== 0) fail(EINVAL, 'unknown flags');
  if (size < LsmContext.size) fail(EINVAL, 'shorter than its header');
  if (size > PAGE_SIZE) fail(E2BIG, 'longer than a page');
  thread.user.read(ctx, size); // EFAULT: all of it is copied
  const { len, ctx_len } = thread.user.readStruct(ctx, LsmContext);
  if (size < len || len < LsmContext.size + ctx_len) fail(EINVAL, 'the lengths contradict each other');
  return fail(EOPNOTSUPP, 'no module has attributes');
}

interface ListArguments {
  readonly ids: number;
  readonly size: number;
  readonly flags: number;
}

/** How many there are. E2BIG, and the size that is needed. */
function listModules(thread: Thread, { ids, size, flags }: ListArguments): number {
  if (flags !== 0) fail(EINVAL, 'unknown flags');
  const { user } = thread;
  const room = user.readU32(size);
  user.writeU32(size, MODULES.length * 8);
  if (room < MODULES.length * 8) fail(E2BIG, 'no room for all modules');
  for (const [index, id] of MODULES.entries()) user.writeU64(ids + index * 8, id);
  return MODULES.length;
}

export const LSM_CALLS = {
  459: syscall(
    'lsm_get_self_attr',
    { attr: LsmAttribute, ctx: Ptr, size: U32Out, flags: LsmFlags },
    getSelfAttribute,
  ),
  460: syscall(
    'lsm_set_self_attr',
    { attr: LsmAttribute, ctx: Ptr, size: U32, flags: LsmFlags },
    setSelfAttribute,
  ),
  461: syscall('lsm_list_modules', { ids: LsmIdsOut, size: U32Out, flags: LsmFlags }, listModules),
};
