// What a /proc/PID directory is about: a process and, while it has one, the thread that stands for it.
// The rows of process-rows.ts get one; access checks are those of ptrace(2).
import { EACCES, EPERM, fail } from '../../errno.ts';
import type { Kernel } from '../../kernel.ts';
import type { PidNamespace } from '../../namespaces/pid-namespace.ts';
import { mayInspect } from '../../task/permission.ts';
import type { Process } from '../../task/process.ts';
import type { Thread } from '../../task/thread.ts';
import type { Owner } from './nodes.ts';

export interface Target {
  readonly kernel: Kernel;
  readonly process: Process;
  /** The thread of /proc/PID/task/TID, or the leader; undefined for a zombie. */
  readonly thread: Thread | undefined;
  /** The number in the path. */
  readonly id: number;
  /** Whose numbers this /proc shows; undefined for the machine's first pid namespace. */
  readonly pids: PidNamespace | undefined;
  /** Only this thread is meant, not the process. */
  readonly isTask: boolean;
}

/** The kernel's number `id` as this /proc shows it; 0 for who is not in its pid namespace. */
export function numberIn({ pids }: Pick<Target, 'pids'>, id: number): number {
  return pids === undefined ? id : pids.shown(id);
}

/** The owner of the target's files: its effective ids, or root when it must not be looked into. */
export function ownerOf({ process, thread }: Target): Owner {
  const credentials = thread?.credentials ?? process.last?.credentials;
  if (credentials === undefined || process.dumpable !== 1) return { uid: 0, gid: 0 };
  return { uid: credentials.euid, gid: credentials.egid };
}

export function mayLook(reader: Thread, { thread }: Target): boolean {
  return thread === undefined || mayInspect(reader, thread);
}

/** EACCES (links, maps, environ) unless the reader may look into the target (PTRACE_MODE_READ). */
export function demandLook(reader: Thread, target: Target): void {
  if (!mayLook(reader, target)) fail(EACCES, 'the process is not yours to look into');
}

/** As demandLook with EPERM (stack, syscall, personality). */
export function demandAttach(reader: Thread, target: Target): void {
  if (!mayLook(reader, target)) fail(EPERM, 'the process is not yours to look into');
}
