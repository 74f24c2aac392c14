// The root of /proc: the machine's own files, self and thread-self, and a directory for each process (proc(5)).
// proc-fs.ts mounts it.
import type { Kernel } from '../../kernel.ts';
import { late } from '../../late.ts';
import { type DirectoryNode, link, madeLater, type ProcNode } from './nodes.ts';
import { processNode } from './process-node.ts';

const SELF: Readonly<Record<string, ProcNode>> = {
  self: link(({ process }) => String(process.pid)),
  'thread-self': link(({ process, tid }) => `${process.pid}/task/${tid}`),
};

export function rootNode(kernel: Kernel): DirectoryNode {
  const files = madeLater(() => late.systemFiles(kernel));
  return {
    kind: 'directory',
    names: () => {
      const pids = Array.from(kernel.processes, ({ pid }) => pid).sort((a, b) => a - b);
      return [...files.names(), ...Object.keys(SELF), ...pids.map(String)];
    },
    find: (name) => {
      if (/^[1-9]\d{0,9}$/.test(name)) return processNode(kernel, Number(name));
      return Object.hasOwn(SELF, name) ? SELF[name] : files.find(name);
    },
  };
}
