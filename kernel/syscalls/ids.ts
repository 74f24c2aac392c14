// User and group ids: the get and set calls of credentials(7).
// Rows for table.ts; the rules are kernel/task/change-ids.ts.
// Linux keeps credentials per thread; libc changes those of all threads by signals.

import { Gid, I32, Pid, U32Out, Uid } from '../abi/kinds/basic.ts';
import { IdsIn, IdsOut } from '../abi/kinds/system-kinds.ts';
import { EINVAL, EPERM, fail } from '../errno.ts';
import {
  commit,
  setfsgid,
  setfsuid,
  setgid,
  setregid,
  setresgid,
  setresuid,
  setreuid,
  setuid,
  UNCHANGED,
} from '../task/change-ids.ts';
import { CAP_SETGID, capable } from '../task/credentials.ts';
import type { Thread } from '../task/thread.ts';
import { syscall } from './syscall.ts';

const NGROUPS_MAX = 65_536;

function demandId(id: number): void {
  if (id === UNCHANGED) fail(EINVAL, '-1 is no id');
}

function getgroups(thread: Thread, { size, list }: { size: number; list: number }): number {
  const { groups } = thread.credentials;
  if (size < 0) fail(EINVAL, 'negative size');
  if (size === 0) return groups.length;
  if (groups.length > size) fail(EINVAL, 'the list is too short');
  const bytes = new Uint8Array(groups.length * 4);
  const view = new DataView(bytes.buffer);
  for (const [i, gid] of groups.entries()) view.setUint32(i * 4, gid, true);
  thread.user.write(list, bytes);
  return groups.length;
}

function setgroups(thread: Thread, { size, list }: { size: number; list: number }): number {
  if (!capable(thread.credentials, CAP_SETGID)) fail(EPERM, 'needs CAP_SETGID');
  if (size < 0 || size > NGROUPS_MAX) fail(EINVAL, 'more than NGROUPS_MAX groups');
  const bytes = thread.user.read(list, size * 4);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const groups = Array.from({ length: size }, (_, i) => view.getUint32(i * 4, true));
  if (groups.includes(UNCHANGED)) fail(EINVAL, '-1 is no id');
  groups.sort((a, b) => a - b);
  commit(thread, { ...thread.credentials, groups });
  return 0;
}

function writeThree(thread: Thread, addresses: readonly number[], values: readonly number[]): number {
  for (const [i, address] of addresses.entries()) thread.user.writeU32(address, values[i] as number);
  return 0;
}

/** The parent's number; 1 for orphans, 0 for what was started from outside. */
function getppid(thread: Thread): number {
  return thread.process.parent?.pid ?? 0;
}

export const ID_SYSCALLS = {
  143: syscall('setregid', { rgid: Gid, egid: Gid }, (thread, { rgid, egid }) => {
    commit(thread, setregid(thread.credentials, rgid, egid));
    return 0;
  }),
  144: syscall('setgid', { gid: Gid }, (thread, { gid }) => {
    demandId(gid);
    commit(thread, setgid(thread.credentials, gid));
    return 0;
  }),
  145: syscall('setreuid', { ruid: Uid, euid: Uid }, (thread, { ruid, euid }) => {
    commit(thread, setreuid(thread, ruid, euid));
    return 0;
  }),
  146: syscall('setuid', { uid: Uid }, (thread, { uid }) => {
    demandId(uid);
    commit(thread, setuid(thread, uid));
    return 0;
  }),
  147: syscall('setresuid', { ruid: Uid, euid: Uid, suid: Uid }, (thread, { ruid, euid, suid }) => {
    commit(thread, setresuid(thread, ruid, euid, suid));
    return 0;
  }),
  148: syscall('getresuid', { ruid: U32Out, euid: U32Out, suid: U32Out }, (thread, { ruid, euid, suid }) => {
    const own = thread.credentials;
    return writeThree(thread, [ruid, euid, suid], [own.ruid, own.euid, own.suid]);
  }),
  149: syscall('setresgid', { rgid: Gid, egid: Gid, sgid: Gid }, (thread, { rgid, egid, sgid }) => {
    commit(thread, setresgid(thread.credentials, rgid, egid, sgid));
    return 0;
  }),
  150: syscall('getresgid', { rgid: U32Out, egid: U32Out, sgid: U32Out }, (thread, { rgid, egid, sgid }) => {
    const own = thread.credentials;
    return writeThree(thread, [rgid, egid, sgid], [own.rgid, own.egid, own.sgid]);
  }),
  151: syscall('setfsuid', { uid: Uid }, (thread, { uid }) => {
    const old = thread.credentials.fsuid;
    commit(thread, setfsuid(thread, uid));
    return old;
  }),
  152: syscall('setfsgid', { gid: Gid }, (thread, { gid }) => {
    const old = thread.credentials.fsgid;
    commit(thread, setfsgid(thread.credentials, gid));
    return old;
  }),
  158: syscall('getgroups', { size: I32, list: IdsOut }, getgroups),
  159: syscall('setgroups', { size: I32, list: IdsIn }, setgroups),
  172: syscall('getpid', {}, (thread) => thread.process.pid, { returns: Pid }),
  173: syscall('getppid', {}, getppid, { returns: Pid }),
  174: syscall('getuid', {}, (thread) => thread.credentials.ruid, { returns: Uid }),
  175: syscall('geteuid', {}, (thread) => thread.credentials.euid, { returns: Uid }),
  176: syscall('getgid', {}, (thread) => thread.credentials.rgid, { returns: Gid }),
  177: syscall('getegid', {}, (thread) => thread.credentials.egid, { returns: Gid }),
  178: syscall('gettid', {}, (thread) => thread.tid, { returns: Pid }),
};
