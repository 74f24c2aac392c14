// Putting a new nameless file into the caller's descriptor table: epolls, eventfds, timerfds, signalfds, inotify.
import type { FileDescriptor } from '../file/file-descriptor.ts';
import { OpenFile } from '../file/open-file.ts';
import { RLIMIT_NOFILE } from '../task/rlimits.ts';
import type { Thread } from '../task/thread.ts';

/** The new descriptor. EMFILE leaves nothing behind. */
export function installNew(
  thread: Thread,
  descriptor: FileDescriptor,
  flags: number,
  closeOnExec: boolean,
): number {
  const file = new OpenFile(descriptor, flags);
  try {
    return thread.files.install(file, thread.process.limits.get(RLIMIT_NOFILE).soft, closeOnExec);
  } catch (failure) {
    file.release();
    throw failure;
  }
}
