// Opening a terminal may make it the controlling one (open(2), O_NOCTTY; tty_open_proc_set_tty).
import { opensForReading } from '../fs/open-flags.ts';
import type { Thread } from '../task/thread.ts';
import { isLeader } from './job-control.ts';
import type { Tty } from './tty.ts';

/** A session leader without a terminal takes one that is nobody's, if it may read from it. */
export function takeAsControlling(thread: Thread, tty: Tty, flags: number): void {
  const { process } = thread;
  if (!isLeader(process) || process.terminal !== undefined) return;
  if (tty.session !== undefined || !opensForReading(flags)) return;
  tty.control(process);
}
