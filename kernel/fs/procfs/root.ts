// The root of /proc: the machine's own files, self and thread-self, and a directory for each process (proc(5)).
// proc-fs.ts mounts it.
import { ENOENT, fail } from '../../errno.ts';
import type { Kernel } from '../../kernel.ts';
import { late } from '../../late.ts';
import type { PidNamespace } from '../../namespaces/pid-namespace.ts';
import { type DirectoryNode, link, madeLater, type ProcNode } from './nodes.ts';
import { processNode } from './process-node.ts';
import { numberIn } from './target.ts';

type Pids = PidNamespace | undefined;

/** ENOENT: the reader is not in the pid namespace. */
function numberOf(pids: Pids, id: number): number {
  return numberIn({ pids }, id) || fail(ENOENT, 'the reader is not in the pid namespace of this /proc');
}

const SELF: Readonly<Record<string, (pids: Pids) => ProcNode>> = {
  self: (pids) => link(({ process }) => String(numberOf(pids, process.pid))),
  'thread-self': (pids) =>
    link(({ process, tid }) => `${numberOf(pids, process.pid)}/task/${numberOf(pids, tid)}`),
};

/** `pids` is whose processes are shown. */
export function rootNode(kernel: Kernel, pids?: PidNamespace): DirectoryNode {
  const files = madeLater(() => late.systemFiles(kernel, pids));
  return {
    kind: 'directory',
    names: () => {
      const numbers = Array.from(kernel.processes, ({ pid }) => numberIn({ pids }, pid));
      const shown = numbers.filter((number) => number !== 0).sort((a, b) => a - b);
      return [...files.names(), ...Object.keys(SELF), ...shown.map(String)];
    },
    find: (name) => {
      if (/^[1-9]\d{0,9}$/.test(name)) return processNode(kernel, Number(name), pids);
      return Object.hasOwn(SELF, name) ? SELF[name]?.(pids) : files.find(name);
    },
  };
}
