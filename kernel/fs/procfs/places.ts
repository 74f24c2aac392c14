// The links of /proc/PID to places in the file system: exe, cwd, root.
// process-rows.ts lists them; process-node.ts knows exe by itself, since C libraries read it before main.
import { ENOENT, fail } from '../../errno.ts';
import type { Thread } from '../../task/thread.ts';
import type { Path } from '../path.ts';
import { linkPath } from '../resolve.ts';
import type { LinkNode, ProcNode } from './nodes.ts';
import { demandLook, type Target } from './target.ts';

/** Makes the node of one name in /proc/PID. */
export type Row = (target: Target) => ProcNode;

export function place(of: (target: Target) => Path | undefined): Row {
  return (target): LinkNode => {
    const find = (reader: Thread): Path => {
      demandLook(reader, target);
      return of(target) ?? fail(ENOENT, 'the process has none');
    };
    return { kind: 'link', target: (reader) => linkPath(reader, find(reader)), follow: find };
  };
}

export const exe = place(({ process, thread }) =>
  thread === undefined ? undefined : process.executable?.path,
);
