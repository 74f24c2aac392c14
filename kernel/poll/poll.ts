// poll(2) and ppoll(2): the array of descriptors, its states and what to wait on (fs/select.c, do_sys_poll).
// syscalls/poll.ts calls it. Each try looks at every descriptor afresh, yet waits on what the first one found.
import { O_PATH } from '../abi/fcntl.ts';
import { POLLERR, POLLHUP, POLLNVAL, Pollfd } from '../abi/poll.ts';
import { EFAULT, EINVAL, fail } from '../errno.ts';
import type { OpenFile } from '../file/open-file.ts';
import { holdWatched } from '../held-files.ts';
import { RLIMIT_NOFILE } from '../task/rlimits.ts';
import type { Call, Thread } from '../task/thread.ts';
import { type Wait, type WaitQueue, wait } from '../wait.ts';

/**
 * One try. The number of descriptors with events, 0 after the deadline, or a Wait.
 * EINVAL: more than RLIMIT_NOFILE. EFAULT.
 */
export function pollFiles(thread: Thread, address: number, count: number): number | Wait {
  if (count > thread.process.limits.get(RLIMIT_NOFILE).soft) fail(EINVAL, 'more entries than RLIMIT_NOFILE');
  const { user, files } = thread;
  const bytes = user.read(address, count * Pollfd.size);
  const watched: OpenFile[] = [];
  let ready = 0;
  for (let at = 0; at < bytes.length; at += Pollfd.size) {
    const fd = i32At(bytes, at);
    let revents = 0;
    if (fd >= 0) {
      const file = files.lookup(fd);
      if (file === undefined || (file.flags & O_PATH) !== 0) revents = POLLNVAL;
      else {
        watched.push(file);
        const events = i32At(bytes, at + 4) & 0xffff;
        revents = file.descriptor.poll(file) & (events | POLLERR | POLLHUP);
      }
    }
    bytes[at + 6] = revents & 0xff;
    bytes[at + 7] = revents >>> 8;
    if (revents !== 0) ready++;
  }
  if (ready === 0 && goesOn(thread)) return waitOn(thread, watched);
  writeEvents(thread, address, bytes);
  return ready;
}

/** Without a view, which for a small array costs as much as the rest. */
function i32At(bytes: Uint8Array, at: number): number {
  const byte = (offset: number): number => bytes[at + offset] as number;
  return byte(0) | (byte(1) << 8) | (byte(2) << 16) | (byte(3) << 24);
}

/** Nothing is ready: the call waits until its deadline, and signals come before that (do_poll, do_select): none is overlooked. */
export function goesOn(thread: Thread): boolean {
  return !(thread.call as Call).timedOut || thread.signals.attention;
}

/** Further tries wait on the files of the first one, whatever their numbers mean by then. */
export function waitOn(thread: Thread, files: readonly OpenFile[]): Wait {
  const call = thread.call as Call;
  if (call.data === undefined) {
    const queues = new Set<WaitQueue>();
    for (const { descriptor } of files) if (descriptor.changed !== undefined) queues.add(descriptor.changed);
    holdWatched(thread, files);
    call.data = wait([...queues], 'nohand', call.deadlineNs);
  }
  return call.data as Wait;
}

/** Only the revents are written back. */
function writeEvents(thread: Thread, address: number, bytes: Uint8Array): void {
  const { user } = thread;
  if (user.accessible(address, bytes.length, true) < bytes.length) fail(EFAULT, 'the array is not writable');
  user.write(address, bytes);
}
