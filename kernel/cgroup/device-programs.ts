// eBPF programs that say which devices the processes of a group may use (Documentation/admin-guide/cgroup-v2.rst, "Device controller";
// kernel/bpf/cgroup.c): attached to a group by bpf(2), asked when a device node is opened, made, or checked by access(2).

import { majorOf, minorOf } from '../abi/device-number.ts';
import {
  BPF_ATTACH_FLAG,
  BPF_DEVCG_ACC_MKNOD,
  BPF_DEVCG_ACC_READ,
  BPF_DEVCG_ACC_WRITE,
  BPF_DEVCG_DEV_BLOCK,
  BPF_DEVCG_DEV_CHAR,
  BpfCgroupDevCtx,
} from '../abi/ebpf.ts';
import { S_IFBLK, S_IFCHR, S_IFMT } from '../abi/stat.ts';
import { run } from '../ebpf/interpreter.ts';
import type { Program } from '../ebpf/programs.ts';
import { E2BIG, EINVAL, ENOENT, EPERM, ESTALE, fail } from '../errno.ts';
import type { Inode } from '../fs/inode.ts';
import { MAY_READ, MAY_WRITE } from '../fs/permission.ts';
import type { Thread } from '../task/thread.ts';
import type { Cgroup } from './cgroup.ts';

const { BPF_F_ALLOW_OVERRIDE, BPF_F_ALLOW_MULTI, BPF_F_REPLACE } = BPF_ATTACH_FLAG;
/** BPF_CGROUP_MAX_PROGS. */
const MOST_PROGRAMS = 64;

/** What is attached to one group. */
export class DevicePrograms {
  /** In the order in which they came. */
  readonly programs: Program[] = [];
  /** BPF_F_ALLOW_OVERRIDE or BPF_F_ALLOW_MULTI of what is attached. */
  flags = 0;
  /** Counts attachments and what is taken away. */
  revision = 1;

  get allowsMany(): boolean {
    return (this.flags & BPF_F_ALLOW_MULTI) !== 0;
  }
}

/** EINVAL: flags that exclude each other, the program is attached. EPERM: a group above, or what is attached, does not allow it. E2BIG, ENOENT, ESTALE. */
export function attach(
  cgroup: Cgroup,
  program: Program,
  flags: number,
  replaced: Program | undefined,
  expectedRevision: number,
): void {
  const kept = flags & (BPF_F_ALLOW_OVERRIDE | BPF_F_ALLOW_MULTI);
  if (kept === (BPF_F_ALLOW_OVERRIDE | BPF_F_ALLOW_MULTI)) fail(EINVAL, 'one program, or many');
  if ((flags & BPF_F_REPLACE) !== 0 && (flags & BPF_F_ALLOW_MULTI) === 0)
    fail(EINVAL, 'only of many is one replaced');
  const own = ownPrograms(cgroup);
  demandRevision(own, expectedRevision);
  if (!isAllowedFromAbove(cgroup)) fail(EPERM, 'the program of a group above is not to be overridden');
  if (own.programs.length > 0 && own.flags !== kept) fail(EPERM, 'others are attached in another way');
  if (own.programs.length >= MOST_PROGRAMS) fail(E2BIG, 'no more than 64 programs');
  const place = placeFor(own, program, kept, replaced);
  own.programs[place]?.release();
  own.programs[place] = program.retain();
  own.flags = kept;
  own.revision++;
}

/** Where it goes: behind the others, or in the place of one (find_attach_entry). */
function placeFor(
  own: DevicePrograms,
  program: Program,
  kept: number,
  replaced: Program | undefined,
): number {
  if ((kept & BPF_F_ALLOW_MULTI) === 0) return 0;
  if (program !== replaced && own.programs.includes(program)) fail(EINVAL, 'it is attached');
  if (replaced === undefined) return own.programs.length;
  const place = own.programs.indexOf(replaced);
  return place >= 0 ? place : fail(ENOENT, 'what it should replace is not attached');
}

/** EINVAL: one of many must be named. ENOENT: nothing is attached, or not this one. ESTALE. */
export function detach(cgroup: Cgroup, program: Program | undefined, expectedRevision: number): void {
  const own = ownPrograms(cgroup);
  demandRevision(own, expectedRevision);
  let place = own.programs.length - 1;
  if (own.allowsMany) {
    if (program === undefined) fail(EINVAL, 'which of many?');
    place = own.programs.indexOf(program);
  }
  if (place < 0) fail(ENOENT, 'no such program is attached');
  own.programs.splice(place, 1)[0]?.release();
  if (own.programs.length === 0) own.flags = 0;
  own.revision++;
}

function ownPrograms(cgroup: Cgroup): DevicePrograms {
  cgroup.devices ??= new DevicePrograms();
  return cgroup.devices;
}

function demandRevision({ revision }: DevicePrograms, expected: number): void {
  if (expected !== 0 && expected !== revision) fail(ESTALE, 'it was changed meanwhile');
}

/** hierarchy_allows_attach: the next group above that says something decides. */
function isAllowedFromAbove(cgroup: Cgroup): boolean {
  for (let at = cgroup.parent; at !== undefined; at = at.parent) {
    if (at.devices === undefined) continue;
    const { allowsMany, programs, flags } = at.devices;
    if (allowsMany) return true;
    if (programs.length > 0) return (flags & BPF_F_ALLOW_OVERRIDE) !== 0;
  }
  return true;
}

/** Those that are asked for a member: of groups above only where many are allowed, or the group has none (compute_effective_progs). */
export function effectivePrograms(cgroup: Cgroup): Program[] {
  const effective: Program[] = [];
  for (let at: Cgroup | undefined = cgroup; at !== undefined; at = at.parent)
    if (at.devices !== undefined && (effective.length === 0 || at.devices.allowsMany))
      effective.push(...at.devices.programs);
  return effective;
}

/** The group was removed. */
export function releasePrograms({ devices }: Cgroup): void {
  for (const program of devices?.programs.splice(0) ?? []) program.release();
}

/** Whoever opens a device or asks for its permissions (`mask` of MAY_*): EPERM. */
export function demandDevice(thread: Thread, { type, rdev }: Inode, mask: number): void {
  if (rdev === 0) return;
  ask(
    thread,
    type,
    rdev,
    ((mask & MAY_READ) === 0 ? 0 : BPF_DEVCG_ACC_READ) | ((mask & MAY_WRITE) === 0 ? 0 : BPF_DEVCG_ACC_WRITE),
  );
}

/** mknod of `mode`: EPERM. What overlayfs leaves of a removed name is no device. */
export function demandDeviceNode(thread: Thread, mode: number, rdev: number): void {
  if (rdev !== 0 || (mode & S_IFMT) !== S_IFCHR) ask(thread, mode & S_IFMT, rdev, BPF_DEVCG_ACC_MKNOD);
}

/** EPERM: one program that forbids is enough (bpf_prog_run_array_cg). */
function ask(thread: Thread, type: number, rdev: number, access: number): void {
  if (type !== S_IFCHR && type !== S_IFBLK) return;
  const kind = type === S_IFBLK ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR;
  const context = BpfCgroupDevCtx.encode({
    access_type: (access << 16) | kind,
    major: majorOf(rdev),
    minor: minorOf(rdev),
  });
  for (const { instructions } of effectivePrograms(thread.ownCgroup ?? thread.kernel.cgroups.root))
    if (run(instructions, context, thread) === 0n) fail(EPERM, 'a program of the cgroup forbids the device');
}
