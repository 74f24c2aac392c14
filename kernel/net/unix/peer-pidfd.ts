// Descriptors for processes met over a socket: SCM_PIDFD and SO_PEERPIDFD.
// scm.ts and the option rows install what this opens; the process kind of file itself is kernel/event's.
import { EINVAL, fail } from '../../errno.ts';
import type { OpenFile } from '../../file/open-file.ts';
import type { Process } from '../../task/process.ts';

/** A pidfd for `process`, with one reference, reaped or not. */
export function openPidFd(_process: Process): OpenFile {
  fail(EINVAL, 'this kernel has no pidfds yet');
}
