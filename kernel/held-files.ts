// What the descriptors of a call that waits referred to when it began to wait, held until the call ends (fs/file.c, fdget).
// dispatch.ts holds them when a thread parks and shows them to each further try; call-end.ts and exit.ts let them go.
// Only threads that share a descriptor table need it: nobody else can close or replace a number meanwhile.
import { Fd } from './abi/kinds/basic.ts';
import type { HeldFile } from './file/fd-table.ts';
import type { OpenFile } from './file/open-file.ts';
import type { Call, Thread } from './task/thread.ts';

export interface HeldFiles {
  /** What numbers among the call's arguments mean to it. */
  readonly named: readonly HeldFile[];
  /** Kept open, and looked up by nobody. */
  readonly watched: readonly OpenFile[];
}

/** The thread parks: another one may close its descriptors, and the call goes on with what they were. */
export function holdFiles(thread: Thread, { syscall, args }: Call): void {
  const named: HeldFile[] = [];
  for (const [name, kind] of syscall.kinds) {
    if (kind !== Fd) continue;
    const fd = args[name] as number;
    const file = thread.files.lookup(fd);
    if (file !== undefined) named.push({ fd, file: file.retain() });
  }
  thread.heldFiles = { named, watched: [] };
}

/** poll and select: the files they wait on are held, too, yet each further look asks the numbers afresh (poll_wait). */
export function holdWatched(thread: Thread, files: readonly OpenFile[]): void {
  if (thread.files.users === 1 || thread.heldFiles !== undefined) return;
  thread.heldFiles = { named: [], watched: files.map((file) => file.retain()) };
}

/** The call is over. What was closed meanwhile closes now. */
export function letGoOfFiles(thread: Thread): void {
  const held = thread.heldFiles;
  if (held === undefined) return;
  thread.heldFiles = undefined;
  for (const { file } of held.named) file.release();
  for (const file of held.watched) file.release();
}
