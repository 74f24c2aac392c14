// User and group ids: the set calls of credentials(7).
// Rows for late-families.ts; the rules are kernel/task/change-ids.ts.
// Linux keeps credentials per thread; libc changes those of all threads by signals.

import { Gid, I32, Uid } from '../abi/kinds/basic.ts';
import { IdsIn } from '../abi/kinds/system-kinds.ts';
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

export const SET_ID_SYSCALLS = {
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
  149: syscall('setresgid', { rgid: Gid, egid: Gid, sgid: Gid }, (thread, { rgid, egid, sgid }) => {
    const own = thread.credentials;
    commit(thread, setresgid(own, givenGid(own, rgid), givenGid(own, egid), givenGid(own, sgid)));
    return 0;
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
  159: syscall('setgroups', { size: I32, list: IdsIn }, setgroups),
};
