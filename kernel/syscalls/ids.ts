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
} from '../task/change-ids.ts';
import {
  CAP_SETGID,
  givenGid,
  givenUid,
  hasCapability,
  kernelGid,
  kernelUid,
  NO_ID,
  shownGid,
  shownUid,
} from '../task/credentials.ts';
import type { Thread } from '../task/thread.ts';
import { syscall } from './syscall.ts';

const NGROUPS_MAX = 65_536;

function demandId(id: number): number {
  return id === NO_ID ? fail(EINVAL, '-1 is no id') : id;
}

function getgroups(thread: Thread, { size, list }: { size: number; list: number }): number {
  const { groups } = thread.credentials;
  if (size < 0) fail(EINVAL, 'negative size');
  if (size === 0) return groups.length;
  if (groups.length > size) fail(EINVAL, 'the list is too short');
  const bytes = new Uint8Array(groups.length * 4);
  const view = new DataView(bytes.buffer);
  for (const [i, gid] of groups.entries()) view.setUint32(i * 4, shownGid(thread.credentials, gid), true);
  thread.user.write(list, bytes);
  return groups.length;
}

function setgroups(thread: Thread, { size, list }: { size: number; list: number }): number {
  const { credentials } = thread;
  const { userNamespace } = credentials;
  if (!hasCapability(credentials, CAP_SETGID) || userNamespace?.maySetGroups === false)
    fail(EPERM, 'needs CAP_SETGID, and a user namespace that lets groups be set');
  if (size < 0 || size > NGROUPS_MAX) fail(EINVAL, 'more than NGROUPS_MAX groups');
  const bytes = thread.user.read(list, size * 4);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const groups = Array.from({ length: size }, (_, i) =>
    demandId(kernelGid(credentials, view.getUint32(i * 4, true))),
  );
  groups.sort((a, b) => a - b);
  commit(thread, { ...thread.credentials, groups });
  return 0;
}

function writeThree(thread: Thread, addresses: readonly number[], values: readonly number[]): number {
  for (const [i, address] of addresses.entries()) thread.user.writeU32(address, values[i] as number);
  return 0;
}

/** The parent's number; 1 for orphans, 0 for what was started from outside of the pid namespace. */
function getppid({ process }: Thread): number {
  return process.shownPid(process.parent?.pid ?? 0);
}

export const ID_SYSCALLS = {
  143: syscall('setregid', { rgid: Gid, egid: Gid }, (thread, { rgid, egid }) => {
    const own = thread.credentials;
    commit(thread, setregid(own, givenGid(own, rgid), givenGid(own, egid)));
    return 0;
  }),
  144: syscall('setgid', { gid: Gid }, (thread, { gid }) => {
    const own = thread.credentials;
    commit(thread, setgid(own, demandId(kernelGid(own, gid))));
    return 0;
  }),
  145: syscall('setreuid', { ruid: Uid, euid: Uid }, (thread, { ruid, euid }) => {
    const own = thread.credentials;
    commit(thread, setreuid(thread, givenUid(own, ruid), givenUid(own, euid)));
    return 0;
  }),
  146: syscall('setuid', { uid: Uid }, (thread, { uid }) => {
    commit(thread, setuid(thread, demandId(kernelUid(thread.credentials, uid))));
    return 0;
  }),
  147: syscall('setresuid', { ruid: Uid, euid: Uid, suid: Uid }, (thread, { ruid, euid, suid }) => {
    const own = thread.credentials;
    commit(thread, setresuid(thread, givenUid(own, ruid), givenUid(own, euid), givenUid(own, suid)));
    return 0;
  }),
  148: syscall('getresuid', { ruid: U32Out, euid: U32Out, suid: U32Out }, (thread, { ruid, euid, suid }) => {
    const own = thread.credentials;
    return writeThree(
      thread,
      [ruid, euid, suid],
      [own.ruid, own.euid, own.suid].map((id) => shownUid(own, id)),
    );
  }),
  149: syscall('setresgid', { rgid: Gid, egid: Gid, sgid: Gid }, (thread, { rgid, egid, sgid }) => {
    const own = thread.credentials;
    commit(thread, setresgid(own, givenGid(own, rgid), givenGid(own, egid), givenGid(own, sgid)));
    return 0;
  }),
  150: syscall('getresgid', { rgid: U32Out, egid: U32Out, sgid: U32Out }, (thread, { rgid, egid, sgid }) => {
    const own = thread.credentials;
    return writeThree(
      thread,
      [rgid, egid, sgid],
      [own.rgid, own.egid, own.sgid].map((id) => shownGid(own, id)),
    );
  }),
  151: syscall('setfsuid', { uid: Uid }, (thread, { uid }) => {
    const own = thread.credentials;
    commit(thread, setfsuid(thread, kernelUid(own, uid)));
    return shownUid(own, own.fsuid);
  }),
  152: syscall('setfsgid', { gid: Gid }, (thread, { gid }) => {
    const own = thread.credentials;
    commit(thread, setfsgid(own, kernelGid(own, gid)));
    return shownGid(own, own.fsgid);
  }),
  158: syscall('getgroups', { size: I32, list: IdsOut }, getgroups),
  159: syscall('setgroups', { size: I32, list: IdsIn }, setgroups),
  172: syscall('getpid', {}, (thread) => thread.process.ownPid, { returns: Pid }),
  173: syscall('getppid', {}, getppid, { returns: Pid }),
  174: syscall('getuid', {}, ({ credentials }) => shownUid(credentials, credentials.ruid), { returns: Uid }),
  175: syscall('geteuid', {}, ({ credentials }) => shownUid(credentials, credentials.euid), { returns: Uid }),
  176: syscall('getgid', {}, ({ credentials }) => shownGid(credentials, credentials.rgid), { returns: Gid }),
  177: syscall('getegid', {}, ({ credentials }) => shownGid(credentials, credentials.egid), { returns: Gid }),
  178: syscall('gettid', {}, (thread) => thread.ownTid, { returns: Pid }),
};
