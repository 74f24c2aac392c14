// The table of the files in /proc/PID and /proc/PID/task/TID (proc(5); fs/proc/base.c, tgid_base_stuff).
// process-node.ts shows them beside exe and task; every row names a file, its mode and how its text comes about.

import { READ_EVENTS } from '../../abi/poll.ts';
import { ownCgroupOf } from '../../cgroup/cgroup.ts';
import { ESRCH, fail } from '../../errno.ts';
import type { Thread } from '../../task/thread.ts';
import { fdDirectory, fdinfoDirectory } from './descriptor-nodes.ts';
import { idMapNode, setgroupsNode } from './id-map-nodes.ts';
import { loginUidText, sessionIdText, storeLoginUid } from './login-texts.ts';
import { MemFile } from './mem-file.ts';
import { cmdlineText, environText, mapsText, smapsRollupText, smapsText } from './memory-texts.ts';
import { mountinfoText, mountsText, mountstatsText } from './mounts-text.ts';
import { namespaceDirectory, namespacesOf } from './namespaces.ts';
import { netDirectory } from './net-node.ts';
import { text } from './nodes.ts';
import { place, type Row } from './places.ts';
import { statmText, statText, statusText } from './process-status.ts';
import {
  clearRefsNode,
  commText,
  coredumpFilterText,
  ioText,
  limitsText,
  oomAdjustText,
  oomScoreText,
  stackText,
  storeComm,
  storeCoredumpFilter,
  storeOomAdjust,
  storeOomScoreAdjust,
  storeTimerSlack,
  syscallText,
  timerSlackText,
  wchanText,
} from './process-texts.ts';
import { demandAttach, demandLook, numberIn, type Target } from './target.ts';

function plain(make: (target: Target, reader: Thread) => string | Uint8Array, mode = 0o444): Row {
  return (target) => text((reader) => make(target, reader), mode);
}

/** Only for those who may look into the process; checked when it is opened. */
function guarded(make: (target: Target, reader: Thread) => string | Uint8Array, mode: number): Row {
  return (target) => ({
    ...text((reader) => make(target, reader), mode),
    demand: (reader) => demandLook(reader, target),
  });
}

/** ESRCH for a zombie, which has no memory (proc_mem_open). */
function demandMemory(reader: Thread, target: Target): void {
  demandLook(reader, target);
  if (target.thread === undefined) fail(ESRCH, 'the process has ended');
}

function ofMemory(make: (target: Target) => string | Uint8Array): Row {
  return (target) => ({
    ...text(() => make(target), 0o400),
    demand: (reader) => demandMemory(reader, target),
  });
}

/** As guarded, with EPERM at the read. */
function attached(make: (target: Target) => string): Row {
  return (target) =>
    text((reader) => {
      demandAttach(reader, target);
      return make(target);
    }, 0o400);
}

function writable(
  make: (target: Target, reader: Thread) => string,
  store: (target: Target, writer: Thread, value: string) => void,
  mode = 0o644,
): Row {
  return (target) => ({
    ...text((reader) => make(target, reader), mode),
    store: (writer, value) => store(target, writer, value),
  });
}

/** Poll tells when mounts change (mounts_poll). */
function ofMounts(make: (target: Target) => string): Row {
  return (target) => ({
    ...text(() => make(target)),
    polled: { changes: target.kernel.vfs.mountChanges, ready: READ_EVENTS },
  });
}

/** As the reader's cgroup namespace names it (proc_cgroup_show). */
function cgroupText({ kernel, process, thread, isTask }: Target, { namespaces }: Thread): string {
  const own = isTask === true ? thread?.ownCgroup : ownCgroupOf(process);
  const { isDead } = own ?? kernel.cgroups.root;
  const path = (own ?? kernel.cgroups.root).pathFrom(namespaces.cgroup.root);
  return `0::${path}${isDead ? ' (deleted)' : ''}\n`;
}

/** Files of processes and of single threads. */
const COMMON: Readonly<Record<string, Row>> = {
  auxv: ofMemory(({ process }) => process.mm.image.auxv),
  clear_refs: clearRefsNode,
  cgroup: plain(cgroupText),
  cmdline: plain(cmdlineText),
  comm: writable(commText, storeComm),
  cpuset: plain(() => '/\n'),
  cwd: place(({ thread }) => thread?.fs.cwd),
  environ: ofMemory(environText),
  fd: fdDirectory,
  fdinfo: fdinfoDirectory,
  gid_map: idMapNode('gids'),
  io: guarded(ioText, 0o400),
  limits: plain(({ process }) => limitsText(process.limits)),
  loginuid: writable(loginUidText, storeLoginUid),
  maps: guarded(mapsText, 0o444),
  mem: (target) => ({
    kind: 'file',
    mode: 0o600,
    open: (reader, inode) => {
      demandMemory(reader, target);
      return new MemFile(inode, target.process);
    },
  }),
  mountinfo: ofMounts(mountinfoText),
  mounts: ofMounts(mountsText),
  net: ({ kernel, thread }) => netDirectory((thread?.namespaces ?? kernel.namespaces.first).net),
  ns: namespaceDirectory,
  oom_adj: writable(oomAdjustText, storeOomAdjust),
  oom_score: plain(oomScoreText),
  oom_score_adj: writable(({ process }) => `${process.oomScoreAdjust}\n`, storeOomScoreAdjust),
  personality: attached(({ thread }) => `${(thread?.personality ?? 0).toString(16).padStart(8, '0')}\n`),
  projid_map: idMapNode('projects'),
  root: place(({ thread }) => thread?.fs.root),
  schedstat: plain(({ thread }) => `${Math.floor(thread?.userNs ?? 0)} 0 0\n`),
  sessionid: plain(sessionIdText),
  setgroups: setgroupsNode,
  smaps: guarded(smapsText, 0o444),
  smaps_rollup: guarded(smapsRollupText, 0o444),
  stack: attached(stackText),
  stat: plain(statText),
  statm: plain(statmText),
  status: plain(statusText),
  syscall: attached(syscallText),
  timens_offsets: (target) => ({
    ...text(() => namespacesOf(target).timeForChildren.offsetsText(), 0o644),
    store: (writer, value) => {
      const { timeForChildren } = namespacesOf(target);
      timeForChildren.writeOffsets(writer.credentials, value, target.kernel.clock.monotonicNs());
    },
  }),
  uid_map: idMapNode('uids'),
  wchan: plain(wchanText),
};

/** The rows of a process. */
export const processRows: Readonly<Record<string, Row>> = {
  ...COMMON,
  autogroup: plain(({ process }) => `/autogroup-${process.session.id} nice 0\n`, 0o644),
  coredump_filter: writable(coredumpFilterText, storeCoredumpFilter),
  mountstats: plain(mountstatsText, 0o400),
  timerslack_ns: (target) => ({
    ...text((reader) => timerSlackText(target, reader), 0o666),
    store: (writer, value) => storeTimerSlack(target, writer, value),
  }),
};

/** The rows of a single thread. */
export const taskRows: Readonly<Record<string, Row>> = {
  ...COMMON,
  children: plain((target) => {
    const { process, thread } = target;
    if (thread !== process.leader) return '';
    return [...process.children].map(({ pid }) => `${numberIn(target, pid)} `).join('');
  }),
};
