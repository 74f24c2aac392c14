// Which namespaces there are: those that something refers to. They are looked for when somebody asks (by a number, by a
// handle, for the next one, or whether one was left), so nothing counts who refers to them.

import type { Inode } from '../fs/inode.ts';
import { MountNamespace } from '../fs/mount-namespace.ts';
import type { Kernel } from '../kernel.ts';
import type { Namespace } from './namespace.ts';
import { NamespaceInode } from './namespace-file.ts';
import { PidNamespace, pidNamespaceOf } from './pid-namespace.ts';
import { UserNamespace, userNamespaceOf } from './user-namespace.ts';

/** Those of threads, open files, sockets and mounts, and all that these are in. Files inside of messages do not count. */
export function liveNamespaces(kernel: Kernel): ReadonlySet<Namespace> {
  const live = new Set<Namespace>();
  const { first, pid } = kernel.namespaces;
  for (const namespace of [...Object.values(first), pid]) add(live, namespace);
  for (const thread of kernel.pids.threads()) {
    for (const namespace of Object.values(thread.namespaces)) add(live, namespace);
    add(live, pidNamespaceOf(kernel, thread.process));
    add(live, userNamespaceOf(thread));
    for (const [, file] of thread.files.entries()) addInode(live, file.descriptor.inode);
  }
  const { unixSockets, inetSockets } = kernel.net;
  for (const { net } of [...unixSockets, ...inetSockets]) add(live, net);
  return live;
}

function add(live: Set<Namespace>, namespace: Namespace): void {
  if (live.has(namespace)) return;
  live.add(namespace);
  if (!(namespace instanceof UserNamespace && namespace.isFirst)) add(live, namespace.owner);
  if (namespace instanceof PidNamespace && namespace.parent !== undefined) add(live, namespace.parent);
  if (namespace instanceof MountNamespace)
    for (const { root } of namespace.tree.mounts) addInode(live, root.inode);
}

function addInode(live: Set<Namespace>, inode: Inode): void {
  if (inode instanceof NamespaceInode) add(live, inode.namespace);
}
