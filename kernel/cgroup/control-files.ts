// The table of the files in a cgroup's directory (Documentation/admin-guide/cgroup-v2.rst, "Core Interface Files", "PID").
// cgroup-fs.ts shows those that a group has. A reader gives the text, a writer gets what was written without blanks around it.
import { SIGKILL } from '../abi/signal.ts';
import { EBUSY, EINVAL, ENOENT, EOPNOTSUPP, ERANGE, fail } from '../errno.ts';
import { busyTime } from '../fs/procfs/system-texts.ts';
import type { Kernel } from '../kernel.ts';
import type { Process } from '../task/process.ts';
import { sendToProcess } from '../task/send-signal.ts';
import { kernelSignal } from '../task/signal-info.ts';
import type { Thread } from '../task/thread.ts';
import type { CpuTime } from '../time/cpu-time.ts';
import { type Cgroup, CONTROLLERS, type Controller } from './cgroup.ts';
import { revisit, setFreeze } from './freezer.ts';
import { moveNumber, type Opener } from './membership.ts';
import { PIDS_MAX } from './pids.ts';

export interface ControlRow {
  /** The root has it too. */
  readonly isAtRoot?: boolean;
  /** Only groups with this controller have it. */
  readonly controller?: Controller;
  /** Counts inside of a namespace that the group is delegated to (CFTYPE_NS_DELEGATABLE). */
  readonly isDelegatable?: boolean;
  read?(cgroup: Cgroup, reader: Thread): string;
  write?(cgroup: Cgroup, writer: Thread, text: string, opener: Opener): void;
}

/** kstrtoint, or with 2^63 kstrtoll, with any base. EINVAL: no number; ERANGE. */
function integer(text: string, end = 2 ** 31): number {
  if (!/^[+-]?(0x[\da-f]+|\d+)$/i.test(text)) fail(EINVAL, 'not a number');
  const digits = text.replace(/^[+-]/, '');
  const isOctal = /^0\d/.test(digits);
  if (isOctal && /[89]/.test(digits)) fail(EINVAL, 'not a number');
  const size = isOctal ? Number.parseInt(digits, 8) : Number(digits);
  const value = text.startsWith('-') ? -size : size;
  if (value >= end || value < -end) fail(ERANGE, 'the number is too large');
  return value;
}

/** A number up to 2^31 or "max". */
function limit(text: string): number {
  if (text === 'max') return Number.POSITIVE_INFINITY;
  const value = integer(text);
  return value < 0 ? fail(ERANGE, 'a limit is not negative') : value;
}

function limitText(value: number): string {
  return value === Number.POSITIVE_INFINITY ? 'max\n' : `${value}\n`;
}

function typeText(cgroup: Cgroup): string {
  if (cgroup.isThreaded) return 'threaded\n';
  if (!cgroup.isValidDomain) return 'domain invalid\n';
  return cgroup.isThreadRoot ? 'domain threaded\n' : 'domain\n';
}

/** EOPNOTSUPP: it has processes, or the domain above cannot have threaded groups (cgroup_enable_threaded). */
function becomeThreaded(cgroup: Cgroup, text: string): void {
  if (text !== 'threaded') fail(EINVAL, 'a group can be made threaded and nothing else');
  if (cgroup.isThreaded) return;
  const domain = cgroup.parent?.domain;
  if (cgroup.isPopulated || domain?.isValidDomain !== true || !domain.canBeThreadRoot)
    fail(EOPNOTSUPP, 'it has processes, or the group above is no domain for threads');
  cgroup.isThreaded = true;
}

/** Threads in the order in which they came. Those of the root are all that are nowhere else. */
function* threadsOf({ pids }: Kernel, cgroup: Cgroup): Generator<Thread> {
  if (cgroup.parent !== undefined) yield* cgroup.members;
  else for (const thread of pids.threads()) if (thread.ownCgroup === undefined) yield thread;
}

/** Numbers as the reader counts, 0 for those that it cannot see. EOPNOTSUPP: the threaded have no processes of their own. */
function procsText(cgroup: Cgroup, { kernel, process }: Thread): string {
  if (cgroup.isThreaded) fail(EOPNOTSUPP, 'a threaded group');
  const processes = cgroup.parent === undefined ? [kernel.init] : [];
  for (const each of cgroup.threadedFamily())
    for (const thread of threadsOf(kernel, each))
      if (thread === thread.process.leader) processes.push(thread.process);
  return processes.map(({ pid }) => `${process.shownPid(pid)}\n`).join('');
}

function threadsText(cgroup: Cgroup, { kernel, process }: Thread): string {
  const ids = Array.from(threadsOf(kernel, cgroup), ({ tid }) => tid);
  if (cgroup.parent === undefined) ids.unshift(kernel.init.pid);
  return ids.map((tid) => `${process.shownPid(tid)}\n`).join('');
}

function move(isProcess: boolean): NonNullable<ControlRow['write']> {
  return (cgroup, writer, text, opener) => {
    if (!/^[+]?(0x[\da-f]{1,8}|\d{1,10})$/i.test(text)) fail(EINVAL, 'not the number of a process');
    moveNumber(writer, cgroup, integer(text), isProcess, opener);
  };
}

function controllersText(given: (controller: Controller) => boolean): string {
  const names = CONTROLLERS.filter(given);
  return names.length === 0 ? '' : `${names.join(' ')}\n`;
}

/** EINVAL; ENOENT: the group does not have it itself; EBUSY: a child gives it on, or processes would compete with groups. */
function changeSubtreeControl(cgroup: Cgroup, text: string): void {
  const wanted = new Map<Controller, boolean>();
  for (const word of text.split(' ').filter((each) => each !== '')) {
    const known = CONTROLLERS.find((name) => name === word.slice(1) && /^[+-]/.test(word));
    const controller = known ?? fail(EINVAL, 'no such controller');
    wanted.set(controller, word.startsWith('+'));
  }
  const { subtreeControl } = cgroup;
  const changes = [...wanted].filter(([controller, isOn]) => subtreeControl.has(controller) !== isOn);
  for (const [controller, isOn] of changes) {
    if (isOn && !cgroup.has(controller)) fail(ENOENT, 'the group above does not give the controller');
    const isGivenOn = [...cgroup.children.values()].some((child) => child.subtreeControl.has(controller));
    if (!isOn && isGivenOn) fail(EBUSY, 'a group below gives the controller on');
  }
  if (changes.some(([, isOn]) => isOn)) demandNoCompetition(cgroup);
  for (const [controller, isOn] of changes) {
    if (isOn) subtreeControl.add(controller);
    else subtreeControl.delete(controller);
    for (const child of cgroup.children.values()) child.pids.reset(child.charge);
  }
}

/** cgroup_vet_subtree_control_enable. EOPNOTSUPP, EBUSY. */
function demandNoCompetition(cgroup: Cgroup): void {
  if (cgroup.parent === undefined) return;
  if (!cgroup.domain.isValidDomain) fail(EOPNOTSUPP, 'the group is no valid domain');
  if (cgroup.canBeThreadRoot || cgroup.isThreaded) return;
  if (cgroup.hasMembers) fail(EBUSY, 'its processes would compete with the groups below');
}

function eventsText(cgroup: Cgroup): string {
  revisit(cgroup);
  return `populated ${Number(cgroup.isPopulated)}\nfrozen ${Number(cgroup.isFrozen)}\n`;
}

function statText(cgroup: Cgroup): string {
  const family = [...cgroup.family()];
  const dying = [...(cgroup.directory?.cgroups.dying ?? [])].filter((dead) => dead.isWithin(cgroup));
  const lines = [`nr_descendants ${family.length - 1}`];
  for (const controller of CONTROLLERS)
    lines.push(`nr_subsys_${controller} ${family.filter((each) => each.has(controller)).length}`);
  lines.push(`nr_dying_descendants ${dying.length}`);
  for (const controller of CONTROLLERS)
    lines.push(`nr_dying_subsys_${controller} ${dying.filter((each) => each.has(controller)).length}`);
  return `${lines.join('\n')}\n`;
}

/** Everybody in it and below dies. EOPNOTSUPP: threads are not killed one by one. */
function kill(cgroup: Cgroup, text: string): void {
  if (integer(text) !== 1) fail(ERANGE, '1 or nothing');
  if (cgroup.isThreaded) fail(EOPNOTSUPP, 'a threaded group');
  const processes = new Set<Process>();
  for (const each of cgroup.family()) for (const { process } of each.members) processes.add(process);
  for (const process of processes) sendToProcess(process, kernelSignal(SIGKILL));
}

function cpuStatText(cgroup: Cgroup, { kernel }: Thread): string {
  const time: CpuTime = cgroup.parent === undefined ? busyTime(kernel) : cgroup.cpuTime;
  const userUs = Math.floor(time.userNs / 1000);
  const systemUs = Math.floor(time.systemNs / 1000);
  return `usage_usec ${userUs + systemUs}\nuser_usec ${userUs}\nsystem_usec ${systemUs}\n`;
}

/** In the order of a listing. */
export const CONTROL_FILES: Readonly<Record<string, ControlRow | undefined>> = {
  'cgroup.type': { read: typeText, write: (cgroup, _, text) => becomeThreaded(cgroup, text) },
  'cgroup.procs': { isAtRoot: true, isDelegatable: true, read: procsText, write: move(true) },
  'cgroup.threads': { isAtRoot: true, isDelegatable: true, read: threadsText, write: move(false) },
  'cgroup.controllers': {
    isAtRoot: true,
    read: (cgroup) => controllersText((controller) => cgroup.has(controller)),
  },
  'cgroup.subtree_control': {
    isAtRoot: true,
    isDelegatable: true,
    read: ({ subtreeControl }) => controllersText((controller) => subtreeControl.has(controller)),
    write: (cgroup, _, text) => changeSubtreeControl(cgroup, text),
  },
  'cgroup.events': { read: eventsText },
  'cgroup.max.descendants': {
    isAtRoot: true,
    read: ({ maxDescendants }) => limitText(maxDescendants),
    write: (cgroup, _, text) => {
      cgroup.maxDescendants = limit(text);
    },
  },
  'cgroup.max.depth': {
    isAtRoot: true,
    read: ({ maxDepth }) => limitText(maxDepth),
    write: (cgroup, _, text) => {
      cgroup.maxDepth = limit(text);
    },
  },
  'cgroup.stat': { isAtRoot: true, read: statText },
  'cgroup.stat.local': {
    read: ({ isFreezing, freezeStartNs, frozenNs }, { kernel }) => {
      const nowNs = isFreezing ? kernel.clock.monotonicNs() - freezeStartNs : 0;
      return `frozen_usec ${Math.floor((frozenNs + nowNs) / 1000)}\n`;
    },
  },
  'cgroup.freeze': {
    read: ({ freeze }) => `${Number(freeze)}\n`,
    write: (cgroup, { kernel }, text) => {
      const value = integer(text);
      if (value !== 0 && value !== 1) fail(ERANGE, '0 or 1');
      setFreeze(cgroup, value === 1, kernel.clock.monotonicNs());
    },
  },
  'cgroup.kill': { write: (cgroup, _, text) => kill(cgroup, text) },
  'cpu.stat': { isAtRoot: true, read: cpuStatText },
  'cpu.stat.local': { isAtRoot: true, read: () => '' },
  'pids.max': {
    controller: 'pids',
    read: ({ pids }) => (pids.max === PIDS_MAX ? 'max\n' : `${pids.max}\n`),
    write: ({ pids }, _, text) => {
      const value = text === 'max' ? PIDS_MAX : integer(text, 2 ** 63);
      if (text !== 'max' && (value < 0 || value >= PIDS_MAX)) fail(EINVAL, 'no limit of processes');
      pids.max = value;
    },
  },
  'pids.current': { controller: 'pids', read: ({ charge }) => `${charge}\n` },
  'pids.peak': { controller: 'pids', read: ({ pids }) => `${pids.peak}\n` },
  'pids.events': { controller: 'pids', read: ({ pids }) => `max ${pids.events}\n` },
  'pids.events.local': { controller: 'pids', read: ({ pids }) => `max ${pids.localEvents}\n` },
};
