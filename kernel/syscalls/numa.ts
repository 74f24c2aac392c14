// The NUMA calls (numa(7); mm/mempolicy.c, mm/migrate.c) on a machine with one node: policies are kept, nothing ever moves.
// Rows for table.ts; kernel/mm/memory-policy.ts says which policies there are.
import { PAGE_SIZE } from '../../emulator/memory/layout.ts';
import { Hex, Pid, Ptr, Size, U64 } from '../abi/kinds/basic.ts';
import {
  GetPolicyFlags,
  MemoryPolicyMode,
  MemoryPolicyOut,
  MoveFlags,
  NodeMaskIn,
  NodeMaskOut,
} from '../abi/kinds/numa-kinds.ts';
import { EFAULT, EINVAL, ENODEV, ENOENT, EOPNOTSUPP, EPERM, ESRCH, fail } from '../errno.ts';
import { pageCeilWrapping } from '../mm/layout.ts';
import {
  ALL_NODES,
  type MemoryPolicy,
  MPOL_BIND,
  MPOL_DEFAULT,
  MPOL_INTERLEAVE,
  MPOL_PREFERRED_MANY,
  MPOL_WEIGHTED_INTERLEAVE,
  makePolicy,
  splitMode,
} from '../mm/memory-policy.ts';
import { PageState } from '../mm/page-states.ts';
import { CAP_SYS_NICE, capable } from '../task/credentials.ts';
import { mayInspect } from '../task/permission.ts';
import type { Thread } from '../task/thread.ts';
import { syscall } from './syscall.ts';

const MPOL_F_NODE = 1;
const MPOL_F_ADDR = 2;
const MPOL_F_MEMS_ALLOWED = 4;
const MPOL_MF_STRICT = 1;
const MPOL_MF_MOVE = 2;
const MPOL_MF_MOVE_ALL = 4;
/** MAX_NUMNODES. */
const MOST_NODES = 1024;
/** Bytes of all nodes that there may be: one word. */
const MASK_BYTES = 8;

/** A mask of `maxnode - 1` bits. EINVAL for bits beyond what any machine has, EFAULT (get_nodes). */
function readNodes(thread: Thread, address: number, maxnode: number): bigint {
  const bits = maxnode - 1;
  if (bits === 0 || address === 0) return 0n;
  if (bits < 0 || bits > PAGE_SIZE * 8) fail(EINVAL, 'no such number of nodes');
  const bytes = thread.user.read(address, Math.ceil(bits / 64) * 8);
  let nodes = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) nodes = (nodes << 8n) | BigInt(bytes[i] as number);
  nodes = BigInt.asUintN(bits, nodes);
  return nodes >> BigInt(MOST_NODES) === 0n ? nodes : fail(EINVAL, 'more nodes than there can be');
}

/** EFAULT; EINVAL for more than a page. Words past those of this machine are zeroed (copy_nodes_to_user). */
function writeNodes(thread: Thread, address: number, maxnode: number, nodes: bigint): void {
  const length = Math.ceil((maxnode - 1) / 64) * 8;
  if (length > MASK_BYTES && length > PAGE_SIZE) fail(EINVAL, 'more than a page of nodes');
  const bytes = new Uint8Array(Math.max(length, MASK_BYTES));
  new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, nodes), true);
  thread.user.write(address, bytes.subarray(0, length));
}

interface GetArguments {
  readonly policy: number;
  readonly nmask: number;
  readonly maxnode: number;
  readonly addr: number;
  readonly flags: number;
}

function getMempolicy(thread: Thread, { policy, nmask, maxnode, addr, flags }: GetArguments): number {
  if (nmask !== 0 && maxnode < 1) fail(EINVAL, 'no room for the nodes');
  const { number, nodes } = policyFacts(thread, addr, flags);
  if (policy !== 0) thread.user.writeU32(policy, number);
  if (nmask !== 0) writeNodes(thread, nmask, maxnode, nodes);
  return 0;
}

/** What get_mempolicy answers: a mode or a node, and nodes. */
function policyFacts(thread: Thread, addr: number, flags: number): { number: number; nodes: bigint } {
  if ((flags & ~(MPOL_F_NODE | MPOL_F_ADDR | MPOL_F_MEMS_ALLOWED)) !== 0) fail(EINVAL, 'unknown flags');
  if ((flags & MPOL_F_MEMS_ALLOWED) !== 0) {
    if ((flags & (MPOL_F_NODE | MPOL_F_ADDR)) !== 0) fail(EINVAL, 'one question at a time');
    return { number: MPOL_DEFAULT, nodes: ALL_NODES };
  }
  let of: MemoryPolicy | undefined = thread.memoryPolicy;
  if ((flags & MPOL_F_ADDR) !== 0)
    of = (thread.mm.vmas.find(addr) ?? fail(EFAULT, 'nothing is mapped there')).policy;
  else if (addr !== 0) fail(EINVAL, 'an address without MPOL_F_ADDR');
  const nodes = of?.nodes ?? 0n;
  if ((flags & MPOL_F_NODE) === 0)
    return { number: of === undefined ? MPOL_DEFAULT : of.mode | of.flags, nodes };
  if ((flags & MPOL_F_ADDR) !== 0) {
    // the page that tells of its node has to be there
    if (thread.user.accessible(addr, 1, false) === 0) fail(EFAULT, 'the page cannot be read');
  } else if (of?.mode !== MPOL_INTERLEAVE && of?.mode !== MPOL_WEIGHTED_INTERLEAVE)
    fail(EINVAL, 'there is no next node');
  return { number: 0, nodes };
}

interface SetArguments {
  readonly mode: number;
  readonly nmask: number;
  readonly maxnode: number;
}

function setMempolicy(thread: Thread, { mode: given, nmask, maxnode }: SetArguments): number {
  const { mode, flags } = splitMode(given);
  thread.memoryPolicy = makePolicy(mode, flags, readNodes(thread, nmask, maxnode));
  return 0;
}

interface BindArguments extends SetArguments {
  readonly start: number;
  readonly len: number;
  readonly flags: number;
}

/** Pages need not move: there is nowhere to go. */
function mbind(thread: Thread, { start, len, mode: given, nmask, maxnode, flags }: BindArguments): number {
  const { mode, flags: modeFlags } = splitMode(given);
  const nodes = readNodes(thread, nmask, maxnode);
  if ((flags & ~(MPOL_MF_STRICT | MPOL_MF_MOVE | MPOL_MF_MOVE_ALL)) !== 0) fail(EINVAL, 'unknown flags');
  demandMoveAll(thread, flags);
  const end = rangeEnd(start, len);
  if (end === start) return 0;
  const policy = makePolicy(mode, modeFlags, nodes);
  const { vmas } = thread.mm;
  const mapped = vmas.mappedBytes(start, end);
  if (mapped === 0 || (mapped < end - start && policy !== undefined))
    fail(EFAULT, 'the range, or part of it, is not mapped');
  for (const vma of vmas.isolate(start, end)) vma.policy = policy;
  vmas.join(start, end);
  return 0;
}

function demandMoveAll(thread: Thread, flags: number): void {
  if ((flags & MPOL_MF_MOVE_ALL) !== 0 && !capable(thread.credentials, CAP_SYS_NICE))
    fail(EPERM, 'pages of others need CAP_SYS_NICE');
}

/** EINVAL: not at the start of a page, or a range that wraps around. */
function rangeEnd(start: number, length: number): number {
  if (start % PAGE_SIZE !== 0) fail(EINVAL, 'not at the start of a page');
  const end = start + pageCeilWrapping(length);
  return end < 2 ** 64 ? end : fail(EINVAL, 'the range wraps around');
}

interface HomeArguments {
  readonly start: number;
  readonly len: number;
  readonly home_node: number;
  readonly flags: number;
}

/** ENOENT: no area there has a policy; EOPNOTSUPP: one that has no use for a home. */
function setHomeNode(thread: Thread, { start, len, home_node, flags }: HomeArguments): number {
  if (start % PAGE_SIZE !== 0) fail(EINVAL, 'not at the start of a page');
  if (flags !== 0) fail(EINVAL, 'unknown flags');
  if (home_node !== 0) fail(EINVAL, 'no such node');
  const end = rangeEnd(start, len);
  if (end === start) return 0;
  let found = false;
  for (const { policy } of thread.mm.vmas.overlapping(start, end)) {
    if (policy === undefined) continue;
    if (policy.mode !== MPOL_BIND && policy.mode !== MPOL_PREFERRED_MANY)
      fail(EOPNOTSUPP, 'the policy has no home');
    found = true;
  }
  return found ? 0 : fail(ENOENT, 'no area with a policy');
}

/** ESRCH, EPERM. */
function targetOf(thread: Thread, pid: number): Thread {
  const target = pid === 0 ? thread : thread.kernel.pids.thread(thread.process.kernelPid(pid));
  if (target === undefined) fail(ESRCH, 'no such process');
  return mayInspect(thread, target) ? target : fail(EPERM, "not this user's process");
}

interface MigrateArguments {
  readonly pid: number;
  readonly maxnode: number;
  readonly old_nodes: number;
  readonly new_nodes: number;
}

function migratePages(thread: Thread, args: MigrateArguments): number {
  readNodes(thread, args.old_nodes, args.maxnode);
  const to = readNodes(thread, args.new_nodes, args.maxnode);
  targetOf(thread, args.pid);
  if ((to & ~ALL_NODES) !== 0n && !capable(thread.credentials, CAP_SYS_NICE))
    fail(EPERM, 'nodes that it may not use');
  if ((to & ALL_NODES) === 0n) fail(EINVAL, 'none of the nodes is there');
  return 0;
}

interface MoveArguments {
  readonly pid: number;
  readonly count: number;
  readonly pages: number;
  readonly nodes: number;
  readonly status: number;
  readonly flags: number;
}

/** The status of each page: its node, -ENOENT when it is not there, -EFAULT where nothing is mapped. */
function movePages(thread: Thread, { pid, count, pages, nodes, status, flags }: MoveArguments): number {
  if ((flags & ~(MPOL_MF_MOVE | MPOL_MF_MOVE_ALL)) !== 0) fail(EINVAL, 'unknown flags');
  demandMoveAll(thread, flags);
  const target = targetOf(thread, pid);
  for (let i = 0; i < count; i++) {
    const address = thread.user.readU64(pages + i * 8);
    if (nodes !== 0) {
      const node = thread.user.readI32(nodes + i * 4);
      if (node < 0 || node >= MOST_NODES || node > 0) fail(ENODEV, 'no such node');
    }
    thread.user.writeU32(status + i * 4, pageStatus(target, address));
  }
  return 0;
}

function pageStatus({ mm }: Thread, address: number): number {
  const vma = mm.vmas.find(address);
  if (vma === undefined) return -EFAULT;
  const page = Math.floor(address / PAGE_SIZE);
  return mm.states.get(page) >= PageState.Private || mm.states.get(page) === PageState.Copy ? 0 : -ENOENT;
}

export const NUMA_CALLS = {
  235: syscall(
    'mbind',
    { start: Ptr, len: Size, mode: MemoryPolicyMode, nmask: NodeMaskIn, maxnode: U64, flags: MoveFlags },
    mbind,
  ),
  236: syscall(
    'get_mempolicy',
    { policy: MemoryPolicyOut, nmask: NodeMaskOut, maxnode: U64, addr: Ptr, flags: GetPolicyFlags },
    getMempolicy,
  ),
  237: syscall('set_mempolicy', { mode: MemoryPolicyMode, nmask: NodeMaskIn, maxnode: U64 }, setMempolicy),
  238: syscall(
    'migrate_pages',
    { pid: Pid, maxnode: U64, old_nodes: NodeMaskIn, new_nodes: NodeMaskIn },
    migratePages,
  ),
  239: syscall(
    'move_pages',
    { pid: Pid, count: Size, pages: Ptr, nodes: Ptr, status: Ptr, flags: MoveFlags },
    movePages,
  ),
  450: syscall('set_mempolicy_home_node', { start: Ptr, len: Size, home_node: U64, flags: Hex }, setHomeNode),
};
