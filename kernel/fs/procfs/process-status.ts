// /proc/PID/status, stat and statm (proc_pid_status(5), proc_pid_stat(5); fs/proc/array.c).
// process-rows.ts makes files of them. Counters the machine does not keep (faults, context switches) are 0.
import { PAGE_SIZE } from '../../../emulator/memory/layout.ts';
import { NSIG, SIG_DFL, SIG_IGN, signalBit } from '../../abi/signal.ts';
import { memorySizes } from '../../mm/maps-text.ts';
import { filterCount } from '../../seccomp/filters.ts';
import { type Credentials, shownGid, shownUid } from '../../task/credentials.ts';
import type { Process } from '../../task/process.ts';
import { RLIMIT_RSS, RLIMIT_SIGPENDING } from '../../task/rlimits.ts';
import { isFrozen } from '../../task/send-signal.ts';
import type { Thread } from '../../task/thread.ts';
import { processUsage } from '../../task/usage.ts';
import { CLOCK_BOOTTIME } from '../../time/clocks.ts';
import { clockTicks, processCpuTime, threadCpuTime } from '../../time/cpu-time.ts';
import { clockOffset } from '../../time/time-offsets.ts';
import { PAGE_KB } from './memory-texts.ts';
import { mayLook, numberIn, type Target } from './target.ts';

const STATES = {
  R: 'running',
  S: 'sleeping',
  D: 'disk sleep',
  T: 'stopped',
  t: 'tracing stop',
  Z: 'zombie',
  X: 'dead',
} as const;
type StateLetter = keyof typeof STATES;

/** The state as ps shows it. */
export function stateLetter({ process, thread, kernel, isTask }: Target): StateLetter {
  if (process.isInit) return 'S'; // it has no thread, and is not dead for that
  if (thread === undefined) return process.state === 'reaped' ? 'X' : 'Z';
  if (!isTask && !process.threads.has(process.pid)) return 'Z'; // the leader has ended, others go on
  if (thread === kernel.running || thread.state === 'runnable') return 'R';
  if (isFrozen(thread)) return 'S';
  if (thread.state === 'stopped') return thread.tracee?.stop === undefined ? 'T' : 't';
  if (thread.state === 'dead') return process.state === 'alive' ? 'X' : 'Z';
  return thread.parkPolicy === 'killable' ? 'D' : 'S';
}

function hex16(set: bigint): string {
  return BigInt.asUintN(64, set).toString(16).padStart(16, '0');
}

/** Signals that are ignored or caught. */
function actionSet(process: Process, which: 'ignored' | 'caught'): bigint {
  let set = 0n;
  for (let signo = 1; signo <= NSIG; signo++) {
    const { handler } = process.signals.actions.get(signo);
    const matches = which === 'ignored' ? handler === SIG_IGN : handler !== SIG_IGN && handler !== SIG_DFL;
    if (matches) set |= signalBit(signo);
  }
  return set;
}

/** Control characters and backslashes of a name as escapes (proc_task_name). */
function escapedName(name: string): string {
  return name.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

export function nameOf({ process, thread }: Target): string {
  return thread?.name ?? process.name;
}

export function statusText(target: Target, { credentials: viewer }: Thread): string {
  const { process, thread, kernel } = target;
  const credentials = (thread?.credentials ?? process.last?.credentials) as Credentials;
  const uids = [credentials.ruid, credentials.euid, credentials.suid, credentials.fsuid];
  const gids = [credentials.rgid, credentials.egid, credentials.sgid, credentials.fsgid];
  const letter = stateLetter(target);
  const lines: [string, string | number][] = [['Name', escapedName(nameOf(target))]];
  if (thread !== undefined) lines.push(['Umask', `0${thread.fs.umask.toString(8).padStart(3, '0')}`]);
  lines.push(
    ['State', `${letter} (${STATES[letter]})`],
    ['Tgid', numberIn(target, process.pid)],
    ['Ngid', 0],
    ['Pid', target.id],
    ['PPid', numberIn(target, process.parent?.pid ?? 0)],
    ['TracerPid', numberIn(target, (thread ?? process.endedLeader)?.tracee?.tracer?.process.pid ?? 0)],
    ['Uid', uids.map((id) => shownUid(viewer, id)).join('\t')],
    ['Gid', gids.map((id) => shownGid(viewer, id)).join('\t')],
    ['FDSize', thread?.files.tableSize ?? 0],
    ['Groups', `${credentials.groups.map((id) => shownGid(viewer, id)).join(' ')} `],
    ['NStgid', allNumbers(target, process.pid)],
    ['NSpid', allNumbers(target, kernelId(target))],
    ['NSpgid', allNumbers(target, process.group.id)],
    ['NSsid', allNumbers(target, process.session.id)],
    ['Kthread', 0],
  );
  if (thread !== undefined) lines.push(...memoryLines(process));
  const queued = kernel.queuedSignals.get(credentials.ruid) ?? 0;
  lines.push(
    ['Threads', process.threads.size],
    ['SigQ', `${queued}/${process.limits.get(RLIMIT_SIGPENDING).soft}`],
    ['SigPnd', hex16(thread?.signals.pending.set ?? 0n)],
    ['ShdPnd', hex16(process.signals.pending.set)],
    ['SigBlk', hex16(thread?.signals.blocked ?? 0n)],
    ['SigIgn', hex16(actionSet(process, 'ignored'))],
    ['SigCgt', hex16(actionSet(process, 'caught'))],
    ['CapInh', hex16(credentials.inheritable)],
    ['CapPrm', hex16(credentials.permitted)],
    ['CapEff', hex16(credentials.effective)],
    ['CapBnd', hex16(credentials.bounding)],
    ['CapAmb', hex16(credentials.ambient)],
    ['NoNewPrivs', credentials.noNewPrivileges ? 1 : 0],
    ['Seccomp', thread?.confinement?.mode ?? 0],
    ['Seccomp_filters', filterCount(thread?.confinement)],
    ['Speculation_Store_Bypass', 'unknown'],
    ['SpeculationIndirectBranch', 'unsupported'],
    ['Cpus_allowed', 1],
    ['Cpus_allowed_list', 0],
    ['Mems_allowed', 1],
    ['Mems_allowed_list', 0],
    ['voluntary_ctxt_switches', thread?.usage.voluntarySwitches ?? 0],
    ['nonvoluntary_ctxt_switches', thread?.usage.involuntarySwitches ?? 0],
  );
  return lines.map(([name, value]) => `${name}:\t${value}\n`).join('');
}

/** The kernel's number of what the path names. */
function kernelId({ id, pids }: Target): number {
  return pids === undefined ? id : pids.toKernel(id);
}

/** The numbers of `id` in the pid namespace of this /proc and in those inside of it that the process is in. */
function allNumbers(target: Target, id: number): string {
  const numbers: number[] = [];
  for (let at = target.process.pidNamespace; at !== target.pids && at !== undefined; at = at.parent)
    if (at.level > 0) numbers.unshift(at.shown(id));
  return [numberIn(target, id), ...numbers].join('\t');
}

function memoryLines({ mm, coreDump }: Process): [string, string | number][] {
  const sizes = memorySizes(mm);
  const kb = (pages: number): string => `${String(pages * PAGE_KB).padStart(8)} kB`;
  return [
    ['VmPeak', kb(sizes.peakTotal)],
    ['VmSize', kb(sizes.total)],
    ['VmLck', kb(sizes.locked)],
    ['VmPin', kb(0)],
    ['VmHWM', kb(sizes.peakResident)],
    ['VmRSS', kb(sizes.resident)],
    ['RssAnon', kb(sizes.resident - sizes.shared)],
    ['RssFile', kb(sizes.shared)],
    ['RssShmem', kb(0)],
    ['VmData', kb(sizes.data)],
    ['VmStk', kb(sizes.stack)],
    ['VmExe', kb(sizes.text)],
    ['VmLib', kb(sizes.library)],
    ['VmPTE', kb(Math.ceil(sizes.resident / 512) + 2)],
    ['VmSwap', kb(0)],
    ['HugetlbPages', kb(0)],
    ['CoreDumping', coreDump === undefined ? 0 : 1],
    ['THP_enabled', 0],
    ['untag_mask', '0xffffffffffffffff'],
  ];
}

export function statmText({ process, thread }: Target): string {
  if (thread === undefined) return '0 0 0 0 0 0 0\n';
  const { total, resident, shared, text, data, stack } = memorySizes(process.mm);
  return `${total} ${resident} ${shared} ${text} 0 ${data + stack} 0\n`;
}

/** The low 31 signals, as the old fields of stat have them. */
function low(set: bigint): number {
  return Number(set & 0x7fff_ffffn);
}

export function statText(target: Target, reader: Thread): string {
  const { process, thread, id, isTask } = target;
  const { session, terminal } = process;
  const time = isTask && thread !== undefined ? threadCpuTime(thread) : processCpuTime(process);
  const startNs = (isTask ? thread?.startNs : undefined) ?? process.startNs;
  const since = clockOffset(reader, CLOCK_BOOTTIME);
  const nice = thread?.nice ?? 0;
  const rank = thread?.rank ?? 0;
  const sizes = thread === undefined ? undefined : memorySizes(process.mm);
  const image = thread !== undefined && mayLook(reader, target) ? process.mm.image : undefined;
  const rssLimit = process.limits.get(RLIMIT_RSS).soft;
  const fields: (string | number)[] = [
    id,
    `(${nameOf(target)})`,
    stateLetter(target),
    numberIn(target, process.parent?.pid ?? 0),
    numberIn(target, process.group.id),
    numberIn(target, session.id),
    terminal?.rdev ?? 0,
    terminal === undefined ? -1 : numberIn(target, terminal.foregroundId),
    process.hasExecuted ? 0x40_0000 : 0x40_0040, // PF_RANDOMIZE, PF_FORKNOEXEC
    (isTask && thread !== undefined ? thread.usage : processUsage(process)).minorFaults,
    process.childrenUsage.minorFaults,
    0,
    0,
    clockTicks(time.userNs),
    clockTicks(time.systemNs),
    clockTicks(process.childrenUserNs),
    clockTicks(process.childrenSystemNs),
    rank > 0 ? -1 - rank : 20 + nice,
    nice,
    process.threads.size,
    0,
    clockTicks(startNs + since.nsec) + since.sec * 100,
    (sizes?.total ?? 0) * PAGE_SIZE,
    sizes?.resident ?? 0,
    rssLimit === Number.POSITIVE_INFINITY ? '18446744073709551615' : rssLimit,
    image?.startCode ?? (sizes === undefined ? 0 : 1),
    image?.endCode ?? (sizes === undefined ? 0 : 1),
    image?.startStack ?? 0,
    0,
    0,
    low(thread?.signals.pending.set ?? 0n),
    low(thread?.signals.blocked ?? 0n),
    low(actionSet(process, 'ignored')),
    low(actionSet(process, 'caught')),
    thread?.state === 'blocked' ? 1 : 0,
    0,
    0,
    isTask && thread !== process.leader ? -1 : process.exitSignal,
    0,
    thread?.realtimePriority ?? 0,
    thread?.policy ?? 0,
    0,
    0,
    0,
    image?.startData ?? 0,
    image?.endData ?? 0,
    image?.startBrk ?? 0,
    image?.argStart ?? 0,
    image?.argEnd ?? 0,
    image?.envStart ?? 0,
    image?.envEnd ?? 0,
    mayLook(reader, target) ? process.waitStatus : 0,
  ];
  return `${fields.join(' ')}\n`;
}
