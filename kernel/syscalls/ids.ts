// User and group ids: the calls of credentials(7) that only tell.
// Rows for table.ts; set-ids.ts changes them.

import type { Kind } from '../abi/kind.ts';
import { Gid, I32, Pid, U32Out, Uid } from '../abi/kinds/basic.ts';
import { IdsOut } from '../abi/kinds/system-kinds.ts';
import { EINVAL, fail } from '../errno.ts';
import { shownGid, shownUid } from '../task/credentials.ts';
import type { Thread } from '../task/thread.ts';
import { type Syscall, syscall } from './syscall.ts';

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

function writeThree(thread: Thread, addresses: readonly number[], values: readonly number[]): number {
  for (const [i, address] of addresses.entries()) thread.user.writeU32(address, values[i] as number);
  return 0;
}

/** The parent's number; 1 for orphans, 0 for what was started from outside of the pid namespace. */
function getppid({ process }: Thread): number {
  return process.shownPid(process.parent?.pid ?? 0);
}

function told(name: string, returns: Kind, handler: (thread: Thread) => number): Syscall {
  return syscall(name, {}, handler, { returns, onlyTells: true });
}

export const ID_SYSCALLS = {
  148: syscall('getresuid', { ruid: U32Out, euid: U32Out, suid: U32Out }, (thread, { ruid, euid, suid }) => {
    const own = thread.credentials;
    return writeThree(
      thread,
      [ruid, euid, suid],
      [own.ruid, own.euid, own.suid].map((id) => shownUid(own, id)),
    );
  }),
  150: syscall('getresgid', { rgid: U32Out, egid: U32Out, sgid: U32Out }, (thread, { rgid, egid, sgid }) => {
    const own = thread.credentials;
    return writeThree(
      thread,
      [rgid, egid, sgid],
      [own.rgid, own.egid, own.sgid].map((id) => shownGid(own, id)),
    );
  }),
  158: syscall('getgroups', { size: I32, list: IdsOut }, getgroups),
  172: told('getpid', Pid, (thread) => thread.process.ownPid),
  173: told('getppid', Pid, getppid),
  174: told('getuid', Uid, ({ credentials }) => shownUid(credentials, credentials.ruid)),
  175: told('geteuid', Uid, ({ credentials }) => shownUid(credentials, credentials.euid)),
  176: told('getgid', Gid, ({ credentials }) => shownGid(credentials, credentials.rgid)),
  177: told('getegid', Gid, ({ credentials }) => shownGid(credentials, credentials.egid)),
  178: told('gettid', Pid, (thread) => thread.ownTid),
};
