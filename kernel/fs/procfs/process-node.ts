// /proc/PID and /proc/PID/task/TID as directories (proc(5)).
// root.ts asks for the node of a number; the files are the rows of process-rows.ts.
import { ENOENT, fail } from '../../errno.ts';
import type { Kernel } from '../../kernel.ts';
import { late } from '../../late.ts';
import type { PidNamespace } from '../../namespaces/pid-namespace.ts';
import type { Process } from '../../task/process.ts';
import type { DirectoryNode, Owner, ProcNode } from './nodes.ts';
import { exe, type Row } from './places.ts';
import { numberIn, ownerOf, type Target } from './target.ts';

/** Directories in it: fd, fdinfo, net, ns; a process has task as well. */
const TASK_DIRECTORIES = 4;

/** Those that are not late: C libraries read exe before main. */
const TASK_ROWS: ReadonlyMap<string, Row> = new Map([['exe', exe]]);
const PROCESS_ROWS: ReadonlyMap<string, Row> = new Map([...TASK_ROWS, ['task', taskDirectory]]);

function node(target: Target): DirectoryNode & { readonly owner: Owner } {
  const early = target.isTask ? TASK_ROWS : PROCESS_ROWS;
  const rows = (): Readonly<Record<string, Row>> => (target.isTask ? late.taskRows : late.processRows);
  const owner = ownerOf(target);
  return {
    kind: 'directory',
    owner,
    ...(target.isTask ? {} : { process: target.process }),
    links: 2 + TASK_DIRECTORIES + (target.isTask ? 0 : 1),
    names: () => {
      if (isGone(target)) fail(ENOENT, 'the process is gone');
      return [...Object.keys(rows()), ...early.keys()].sort();
    },
    find: (name) => {
      const row = early.get(name) ?? (Object.hasOwn(rows(), name) ? rows()[name] : undefined);
      if (row === undefined || isGone(target)) return undefined;
      const made = row(target);
      return made.owner === undefined ? { ...made, owner } : made;
    },
  };
}

function isGone({ process, thread, isTask }: Target): boolean {
  return process.state === 'reaped' || (isTask && thread?.state === 'dead');
}

/** The directory of the process whose number it is; a thread's number works too, though it is not listed. */
export function processNode(kernel: Kernel, number: number, pids?: PidNamespace): ProcNode | undefined {
  const id = pids === undefined ? number : pids.toKernel(number);
  const process: Process | undefined = kernel.pids.process(id) ?? kernel.pids.thread(id)?.process;
  if (process === undefined || process.state === 'reaped') return undefined;
  const thread = kernel.pids.thread(id) ?? process.leader;
  return node({ kernel, process, thread, id: number, pids, isTask: false });
}

function taskDirectory({ kernel, process, pids }: Target): ProcNode {
  const ids = (): string[] => {
    const list = process.threads.size === 0 ? [process.pid] : [...process.threads.keys()];
    return list
      .map((id) => numberIn({ pids }, id))
      .sort((a, b) => a - b)
      .map(String);
  };
  return {
    kind: 'directory',
    size: 0,
    links: 2 + process.threads.size,
    names: ids,
    find: (name) => {
      if (!/^[1-9]\d{0,9}$/.test(name)) return undefined;
      const number = Number(name);
      const id = pids === undefined ? number : pids.toKernel(number);
      const thread = process.threads.get(id);
      if (thread === undefined && !(process.threads.size === 0 && id === process.pid)) return undefined;
      return node({ kernel, process, thread, id: number, pids, isTask: true });
    },
  };
}
