// BPF_PROG_LOAD (kernel/bpf/syscall.c, bpf_prog_load): who may load what, and the log of the verifier.
import { BPF_PROG_TYPE_CGROUP_DEVICE, BPF_PROG_TYPE_CGROUP_SKB, BpfInsn, BpfLoadAttr } from '../abi/ebpf.ts';
import { E2BIG, EINVAL, ENAMETOOLONG, ENOSPC, EPERM, fail, isFailure } from '../errno.ts';
import { CAP_BPF, CAP_NET_ADMIN, CAP_SYS_ADMIN, capable } from '../task/credentials.ts';
import type { Thread } from '../task/thread.ts';
import { decode } from './instructions.ts';
import type { Program } from './programs.ts';
import { Rejection } from './rejection.ts';
import { verify } from './verifier.ts';

/** BPF_COMPLEXITY_LIMIT_INSNS. */
const MOST_INSTRUCTIONS = 1_000_000;
const LICENSE_SIZE = 128;
/** BPF_F_STRICT_ALIGNMENT, _ANY_ALIGNMENT, _TEST_RND_HI32, _TEST_STATE_FREQ, _TEST_REG_INVARIANTS: nothing changes with them. */
const HARMLESS_FLAGS = 0x8f;
/** BPF_LOG_LEVEL, _STATS and _FIXED. */
const LOG_LEVELS = 15;
const MOST_LOG = 0x3fff_ffff;
/** include/linux/license.h. */
const GPL_LICENSES = [
  'GPL',
  'GPL v2',
  'GPL and additional rights',
  'Dual BSD/GPL',
  'Dual MIT/GPL',
  'Dual MPL/GPL',
];
type LoadAttr = ReturnType<typeof BpfLoadAttr.decode>;

/** CAP_BPF or CAP_SYS_ADMIN. */
export function mayUseBpf({ credentials }: Thread): boolean {
  return capable(credentials, CAP_BPF) || capable(credentials, CAP_SYS_ADMIN);
}

/** The program of the attribute at `address`. EINVAL, EPERM, E2BIG, EFAULT; EACCES, EINVAL: it may not run; ENOSPC: its log has no room. */
export function loadProgram(thread: Thread, address: number, size: number, bytes: Uint8Array): Program {
  const attr = BpfLoadAttr.decode(bytes);
  if ((attr.prog_flags & ~HARMLESS_FLAGS) !== 0) fail(EINVAL, 'unknown flags');
  if (!mayUseBpf(thread)) fail(EPERM, 'needs CAP_BPF');
  if (attr.insn_cnt === 0 || attr.insn_cnt > MOST_INSTRUCTIONS)
    fail(E2BIG, 'a program has 1 to 1000000 instructions');
  demandType(thread, attr.prog_type);
  const text = thread.user.read(attr.insns, attr.insn_cnt * BpfInsn.size);
  const origin = {
    type: attr.prog_type,
    isGplCompatible: GPL_LICENSES.includes(licenseOf(thread, attr.license)),
    name: checkedName(attr.prog_name),
    uid: thread.credentials.ruid,
    loadedNs: thread.kernel.clock.monotonicNs(),
  };
  demandLog(attr);
  const rejection = rejectionOf(text, attr.prog_type);
  writeLog(
    thread,
    attr,
    address,
    size,
    `${rejection === undefined ? '' : `${rejection.line}\n`}processed ${attr.insn_cnt} insns\n`,
  );
  if (rejection !== undefined) fail(rejection.errno, rejection.line);
  return thread.kernel.bpfPrograms.add(text, origin);
}

/** EPERM, EINVAL. */
function demandType({ credentials }: Thread, type: number): void {
  if (type === BPF_PROG_TYPE_CGROUP_SKB) return;
  if (type !== BPF_PROG_TYPE_CGROUP_DEVICE) fail(EINVAL, 'no programs of this type');
  if (!capable(credentials, CAP_NET_ADMIN) && !capable(credentials, CAP_SYS_ADMIN))
    fail(EPERM, 'needs CAP_NET_ADMIN');
}

/** Cut where it is too long (strncpy_from_user). EFAULT. */
function licenseOf({ user }: Thread, address: number): string {
  try {
    return String.fromCharCode(...user.readCString(address, LICENSE_SIZE - 1));
  } catch (thrown) {
    if (isFailure(thrown) && thrown.errno === ENAMETOOLONG) return '';
    throw thrown;
  }
}

/** Letters, digits, `_` and `.` (bpf_obj_name_cpy). EINVAL. */
function checkedName(name: Uint8Array): Uint8Array {
  const end = name.indexOf(0);
  if (end < 0) fail(EINVAL, 'the name has no end');
  if (!/^[\w.]*$/.test(String.fromCharCode(...name.subarray(0, end))))
    fail(EINVAL, 'a name of other characters');
  return name.subarray(0, end);
}

/** EINVAL (bpf_verifier_log_attr_valid). */
function demandLog({ log_buf, log_size, log_level }: LoadAttr): void {
  const hasBuffer = log_buf !== 0;
  if (hasBuffer !== log_size > 0 || (hasBuffer && log_level === 0))
    fail(EINVAL, 'a log without a level or room');
  if ((log_level & ~LOG_LEVELS) !== 0 || log_size > MOST_LOG) fail(EINVAL, 'no such log');
}

function rejectionOf(text: Uint8Array, type: number): Rejection | undefined {
  try {
    verify(decode(text), type);
    return undefined;
  } catch (thrown) {
    if (thrown instanceof Rejection) return thrown;
    throw thrown;
  }
}

/** Tells how much room the log needs, and writes as much of it as has room. ENOSPC: not all. EFAULT. */
function writeLog(thread: Thread, attr: LoadAttr, address: number, size: number, text: string): void {
  const { log_buf, log_size, log_level } = attr;
  if (log_level === 0) return;
  const bytes = new TextEncoder().encode(`${text}\0`);
  if (size >= BpfLoadAttr.offsets.log_true_size + 4)
    thread.user.writeU32(address + BpfLoadAttr.offsets.log_true_size, bytes.length);
  if (log_buf === 0) return;
  const shown = bytes.slice(0, log_size);
  shown[shown.length - 1] = 0;
  thread.user.write(log_buf, shown);
  if (shown.length < bytes.length) fail(ENOSPC, 'the log is longer than its buffer');
}
