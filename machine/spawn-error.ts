// Why a program could not be started: execve's errno with a sentence.
// Machine.spawn throws it; the command line turns it into one line and a status.
import { errnoMessage, errnoName, isFailure } from '../kernel/errno.ts';

export class SpawnError extends Error {
  /** Linux errno number. */
  readonly errno: number;
  /** Its name: ENOENT, EACCES, ENOEXEC … */
  readonly code: string;

  constructor(errno: number, what: string, why: string | undefined) {
    super(`${what}: ${why ?? errnoMessage(errno)}`);
    this.name = 'SpawnError';
    this.errno = errno;
    this.code = errnoName(errno);
  }
}

/** Runs `action`; what the kernel throws for an errno becomes a SpawnError about `what`. */
export function asSpawnError<T>(what: string, action: () => T): T {
  try {
    return action();
  } catch (thrown) {
    if (isFailure(thrown)) throw new SpawnError(thrown.errno, what, thrown.why);
    throw thrown;
  }
}
