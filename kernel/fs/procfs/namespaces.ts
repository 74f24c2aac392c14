// /proc/PID/ns: links to the namespaces a process is in (namespaces(7)).
// process-node.ts puts the directory into a process's own. Following a link gives a file that identifies the namespace.
import { ENOENT, fail } from '../../errno.ts';
import type { Namespace } from '../../namespaces/namespace.ts';
import { namespacePath } from '../../namespaces/namespace-file.ts';
import type { NamespaceSet } from '../../namespaces/set.ts';
import { userNamespaceOfTarget } from './id-map-nodes.ts';
import { directory, type LinkNode, type ProcNode } from './nodes.ts';
import { demandLook, type Target } from './target.ts';

/** Those of a process; it has left all but its user and pid namespace when it has ended. ENOENT. */
export function namespacesOf({ kernel, process, thread }: Target): NamespaceSet {
  if (process.isInit) return kernel.namespaces.first;
  return thread?.namespaces ?? fail(ENOENT, 'the process has ended');
}

/** Only once its process 1 was made (pidns_for_children_get). */
function pidForChildren(target: Target): Namespace {
  const { pidForChildren } = namespacesOf(target);
  if (pidForChildren.level > 0 && pidForChildren.reaper === undefined)
    fail(ENOENT, 'the pid namespace for children has no process yet');
  return pidForChildren;
}

const LINKS: Readonly<Record<string, (target: Target) => Namespace>> = {
  cgroup: (target) => namespacesOf(target).cgroup,
  ipc: (target) => namespacesOf(target).ipc,
  mnt: (target) => namespacesOf(target).mnt,
  net: (target) => namespacesOf(target).net,
  pid: ({ kernel, process }) => process.pidNamespace ?? kernel.namespaces.pid,
  pid_for_children: pidForChildren,
  time: (target) => namespacesOf(target).time,
  time_for_children: (target) => namespacesOf(target).timeForChildren,
  user: userNamespaceOfTarget,
  uts: (target) => namespacesOf(target).uts,
};

export function namespaceDirectory(target: Target): ProcNode {
  const entries: Record<string, LinkNode> = {};
  for (const [name, namespaceOf] of Object.entries(LINKS)) {
    entries[name] = {
      kind: 'link',
      target: (reader) => {
        demandLook(reader, target);
        return namespaceOf(target).label;
      },
      follow: (reader) => {
        demandLook(reader, target);
        return namespacePath(target.kernel, namespaceOf(target));
      },
    };
  }
  return directory(entries, 0o511);
}
