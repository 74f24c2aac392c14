// bpf(2): device programs of control groups (kernel/bpf/syscall.c). The row is for late-families.ts; verifying and running is
// kernel/ebpf/, what is attached kernel/cgroup/device-programs.ts.
import {
  BPF_ATTACH_FLAG,
  BPF_CGROUP_DEVICE,
  BPF_COMMAND,
  BPF_F_QUERY_EFFECTIVE,
  BPF_PROG_TYPE_CGROUP_DEVICE,
  BpfAttachAttr,
  BpfAttr,
  BpfIdAttr,
  BpfInfoAttr,
  BpfNextIdAttr,
  BpfProgInfo,
  BpfQueryAttr,
} from '../abi/ebpf.ts';
import { O_RDWR } from '../abi/fcntl.ts';
import { U32 } from '../abi/kinds/basic.ts';
import { BpfAttribute, BpfCommand } from '../abi/kinds/ebpf-kinds.ts';
import type { Fields, Struct, StructValue } from '../abi/struct.ts';
import type { Cgroup } from '../cgroup/cgroup.ts';
import { CgroupDirectory } from '../cgroup/cgroup-fs.ts';
import { attach, detach, effectivePrograms } from '../cgroup/device-programs.ts';
import { loadProgram, mayUseBpf } from '../ebpf/load.ts';
import { type Program, ProgramFile } from '../ebpf/programs.ts';
import { EBADF, EFAULT, EINVAL, ENOENT, ENOSPC, EPERM, fail, isFailure } from '../errno.ts';
import { installNew } from '../event/install.ts';
import { anonymousInode } from '../fs/anonymous.ts';
import { CAP_NET_ADMIN, CAP_SYS_ADMIN, capable, shownUid } from '../task/credentials.ts';
import type { Thread } from '../task/thread.ts';
import { readExtensible } from './extensible-struct.ts';
import { syscall } from './syscall.ts';

const INT_MAX = 0x7fff_ffff;
const { BPF_F_ALLOW_MULTI, BPF_F_REPLACE } = BPF_ATTACH_FLAG;
/** BPF_F_PREORDER, BPF_F_BEFORE, BPF_F_AFTER, BPF_F_ID, BPF_F_LINK are not here. */
const ATTACH_FLAGS = Object.values(BPF_ATTACH_FLAG).reduce((all, flag) => all | flag, 0);

/** The caller's union bpf_attr: where it is, and its bytes with zeros for what an older program leaves out. */
interface Attribute {
  readonly address: number;
  readonly size: number;
  readonly bytes: Uint8Array;
}

/** The part that a command looks at. EINVAL: something behind it is set (CHECK_ATTR). */
function fieldsOf<F extends Fields>({ bytes }: Attribute, codec: Struct<F>): StructValue<F> {
  if (bytes.subarray(codec.size).some((byte) => byte !== 0)) fail(EINVAL, 'fields of other commands are set');
  return codec.decode(bytes);
}

function installProgram(thread: Thread, program: Program): number {
  const inode = anonymousInode(thread.kernel, 'bpf-prog', 0o600);
  return installNew(thread, new ProgramFile(inode, program), O_RDWR, true);
}

/** EBADF; EINVAL: another sort of file. */
function programBehind(thread: Thread, fd: number): Program {
  const { descriptor } = thread.files.get(fd);
  return descriptor instanceof ProgramFile ? descriptor.program : fail(EINVAL, 'not a program');
}

/** The same; EINVAL: of another type. */
function deviceProgramBehind(thread: Thread, fd: number): Program {
  const program = programBehind(thread, fd);
  return program.origin.type === BPF_PROG_TYPE_CGROUP_DEVICE ? program : fail(EINVAL, 'not a device program');
}

/** EBADF; ENOENT: it was removed. */
function cgroupBehind(thread: Thread, fd: number): Cgroup {
  const { path } = thread.files.any(fd);
  if (!(path?.inode instanceof CgroupDirectory)) return fail(EBADF, 'no directory of a cgroup');
  const { cgroup } = path.inode;
  return cgroup.isDead ? fail(ENOENT, 'the cgroup was removed') : cgroup;
}

function load(thread: Thread, { address, size, bytes }: Attribute): number {
  return installProgram(thread, loadProgram(thread, address, size, bytes));
}

/** EINVAL, EBADF, ENOENT; as attach. */
function attachProgram(thread: Thread, attribute: Attribute): number {
  const attr = fieldsOf(attribute, BpfAttachAttr);
  const flags = attr.attach_flags;
  demandAttachType(attr.attach_type);
  if ((flags & ~ATTACH_FLAGS) !== 0) fail(EINVAL, 'unknown flags');
  const program = deviceProgramBehind(thread, attr.attach_bpf_fd);
  const cgroup = cgroupBehind(thread, attr.target_fd);
  const replaces = BPF_F_ALLOW_MULTI | BPF_F_REPLACE;
  const replaced =
    (flags & replaces) === replaces ? deviceProgramBehind(thread, attr.replace_bpf_fd) : undefined;
  attach(cgroup, program, flags, replaced, attr.expected_revision);
  thread.kernel.guardsDevices = true;
  return 0;
}

function demandAttachType(type: number): void {
  if (type !== BPF_CGROUP_DEVICE) fail(EINVAL, 'programs attach to cgroups for their devices only');
}

/** EINVAL, EBADF, ENOENT; as detach. The program is looked at only where many are allowed. */
function detachProgram(thread: Thread, attribute: Attribute): number {
  const attr = fieldsOf(attribute, BpfAttachAttr);
  demandAttachType(attr.attach_type);
  if (attr.attach_flags !== 0 || attr.relative_fd !== 0) fail(EINVAL, 'flags for what is no cgroup');
  const cgroup = cgroupBehind(thread, attr.target_fd);
  let program: Program | undefined;
  try {
    program = deviceProgramBehind(thread, attr.attach_bpf_fd);
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown;
  }
  detach(cgroup, program, attr.expected_revision);
  return 0;
}

/** EPERM without CAP_NET_ADMIN; EINVAL, EBADF, ENOENT, EFAULT; ENOSPC: only as many ids as there was room for. */
function query(thread: Thread, attribute: Attribute): number {
  const { credentials, user } = thread;
  if (!capable(credentials, CAP_NET_ADMIN) && !capable(credentials, CAP_SYS_ADMIN))
    fail(EPERM, 'needs CAP_NET_ADMIN');
  const attr = fieldsOf(attribute, BpfQueryAttr);
  if ((attr.query_flags & ~BPF_F_QUERY_EFFECTIVE) !== 0) fail(EINVAL, 'unknown flags');
  demandAttachType(attr.attach_type);
  const cgroup = cgroupBehind(thread, attr.target_fd);
  const isEffective = attr.query_flags !== 0;
  if (isEffective && attr.prog_attach_flags !== 0) fail(EINVAL, 'effective programs come from many groups');
  const programs = isEffective ? effectivePrograms(cgroup) : (cgroup.devices?.programs ?? []);
  const flags = isEffective ? 0 : (cgroup.devices?.flags ?? 0);
  const { offsets } = BpfQueryAttr;
  user.writeU32(attribute.address + offsets.attach_flags, flags);
  user.writeU32(attribute.address + offsets.prog_cnt, programs.length);
  if (!isEffective) user.writeU64(attribute.address + offsets.revision, cgroup.devices?.revision ?? 1);
  if (attr.prog_cnt === 0 || attr.prog_ids === 0) return 0;
  const shown = programs.slice(0, attr.prog_cnt);
  for (const [i, { id }] of shown.entries()) user.writeU32(attr.prog_ids + 4 * i, id);
  if (attr.prog_attach_flags !== 0)
    for (let i = 0; i < shown.length; i++) user.writeU32(attr.prog_attach_flags + 4 * i, flags);
  if (shown.length < programs.length) fail(ENOSPC, 'there are more programs');
  return 0;
}

/** EINVAL, EPERM, EFAULT; ENOENT: no higher id. */
function nextId(thread: Thread, attribute: Attribute): number {
  const { id } = fieldsOf(attribute, BpfNextIdAttr);
  if (id >= INT_MAX) fail(EINVAL, 'no such id');
  demandAdministrator(thread);
  const next = thread.kernel.bpfPrograms.next(id) ?? fail(ENOENT, 'no further program');
  thread.user.writeU32(attribute.address + BpfNextIdAttr.offsets.next_id, next);
  return 0;
}

function demandAdministrator({ credentials }: Thread): void {
  if (!capable(credentials, CAP_SYS_ADMIN)) fail(EPERM, 'needs CAP_SYS_ADMIN');
}

function openById(thread: Thread, attribute: Attribute): number {
  const { id } = fieldsOf(attribute, BpfIdAttr);
  demandAdministrator(thread);
  return installProgram(thread, thread.kernel.bpfPrograms.get(id) ?? fail(ENOENT, 'no such program'));
}

/** EINVAL, EBADF, EFAULT; E2BIG: the caller's struct has fields of a newer kernel. */
function objectInfo(thread: Thread, attribute: Attribute): number {
  const { user, credentials } = thread;
  const { bpf_fd, info_len, info } = fieldsOf(attribute, BpfInfoAttr);
  const program = programBehind(thread, bpf_fd);
  const given = readExtensible(thread, info, info_len, BpfProgInfo, 0);
  const { bytes, origin } = program;
  const isTrusted = mayUseBpf(thread);
  const room = given.xlated_prog_len;
  const text = BpfProgInfo.encode({
    ...EMPTY_INFO,
    type: origin.type,
    id: program.id,
    tag: program.tag,
    xlated_prog_len: isTrusted ? bytes.length : 0,
    xlated_prog_insns: given.xlated_prog_insns,
    load_time: origin.loadedNs,
    created_by_uid: shownUid(credentials, origin.uid),
    name: origin.name,
    gpl_compatible: origin.isGplCompatible ? 1 : 0,
    verified_insns: program.instructions.length,
  });
  if (isTrusted && room > 0) {
    if (given.xlated_prog_insns === 0) fail(EFAULT, 'nowhere to put the instructions');
    user.write(given.xlated_prog_insns, bytes.subarray(0, Math.min(room, bytes.length)));
  }
  const length = Math.min(info_len, BpfProgInfo.size);
  user.write(info, text.subarray(0, length));
  user.writeU32(attribute.address + BpfInfoAttr.offsets.info_len, length);
  return 0;
}

const EMPTY_INFO = BpfProgInfo.decode(new Uint8Array(BpfProgInfo.size));

const COMMANDS: Readonly<Record<number, (thread: Thread, attribute: Attribute) => number>> = {
  [BPF_COMMAND.BPF_PROG_LOAD]: load,
  [BPF_COMMAND.BPF_PROG_ATTACH]: attachProgram,
  [BPF_COMMAND.BPF_PROG_DETACH]: detachProgram,
  [BPF_COMMAND.BPF_PROG_QUERY]: query,
  [BPF_COMMAND.BPF_PROG_GET_NEXT_ID]: nextId,
  [BPF_COMMAND.BPF_PROG_GET_FD_BY_ID]: openById,
  [BPF_COMMAND.BPF_OBJ_GET_INFO_BY_FD]: objectInfo,
};

interface BpfArguments {
  readonly cmd: number;
  readonly uattr: number;
  readonly size: number;
}

/** E2BIG: something is set behind what there is. EFAULT; EINVAL: no such command. */
function bpf(thread: Thread, { cmd, uattr, size }: BpfArguments): number {
  const { bytes } = readExtensible(thread, uattr, size, BpfAttr, 0);
  const command = COMMANDS[cmd];
  if (command !== undefined) return command(thread, { address: uattr, size, bytes });
  thread.kernel.reportGap(`bpf: command ${cmd} is not implemented (EINVAL)`);
  return fail(EINVAL, 'no such command');
}

export const BPF_CALLS = {
  280: syscall('bpf', { cmd: BpfCommand, uattr: BpfAttribute, size: U32 }, bpf, {
    partial:
      'programs of BPF_PROG_TYPE_CGROUP_DEVICE, without loops, calls of their own functions and atomic operations; those of BPF_PROG_TYPE_CGROUP_SKB attach nowhere and read no packet; no maps, BTF, links, pins',
  }),
};
