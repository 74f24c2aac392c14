// Calls through the Host's files: its errors become the guest's errno.
// Host mounts and overlays wrap every call in it; nothing else below cli/ touches host files.
import { fail } from '../../errno.ts';
import type { HostError } from '../../host.ts';

/** Runs `action`; a HostError becomes the errno it names. */
export function hostCall<T>(action: () => T): T {
  try {
    return action();
  } catch (thrown) {
    if (isHostError(thrown)) fail(thrown.hostErrno, thrown.message);
    throw thrown;
  }
}

/** As hostCall, with undefined for an error: what has gone meanwhile. */
export function hostTry<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (thrown) {
    if (isHostError(thrown)) return undefined;
    throw thrown;
  }
}

function isHostError(thrown: unknown): thrown is HostError {
  return typeof thrown === 'object' && thrown !== null && 'hostErrno' in thrown;
}
