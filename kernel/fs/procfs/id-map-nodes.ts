// /proc/PID/uid_map, gid_map, projid_map and setgroups: how a process's user namespace counts ids (user_namespaces(7)).
// Rows of process-rows.ts; the rules of writing are the namespace's own.
import { ESRCH, fail } from '../../errno.ts';
import { type MapKind, type UserNamespace, userNamespaceOf } from '../../namespaces/user-namespace.ts';
import { type ProcNode, text } from './nodes.ts';
import type { Target } from './target.ts';

/** Init has no thread and stays in the first one; a zombie keeps its own. */
export function userNamespaceOfTarget({ kernel, process, thread }: Target): UserNamespace {
  const credentials = thread?.credentials ?? process.last?.credentials;
  if (credentials === undefined) return fail(ESRCH, 'the process is gone');
  return credentials.userNamespace ?? kernel.namespaces.user;
}

export function idMapNode(kind: MapKind): (target: Target) => ProcNode {
  return (target) => ({
    ...text((reader) => userNamespaceOfTarget(target).mapText(kind, userNamespaceOf(reader)), 0o644),
    store: (writer, value) => userNamespaceOfTarget(target).writeMap(writer.credentials, kind, value),
  });
}

export function setgroupsNode(target: Target): ProcNode {
  return {
    ...text(() => (userNamespaceOfTarget(target).allowsSetgroups ? 'allow\n' : 'deny\n'), 0o644),
    store: (writer, value) => userNamespaceOfTarget(target).writeSetgroups(writer.credentials, value),
  };
}
