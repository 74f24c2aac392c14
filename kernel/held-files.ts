// What the descriptors of a call that waits referred to when it began to wait, held until the call ends (fs/file.c, fdget).
// dispatch.ts holds them when a thread parks and shows them to each further try; call-end.ts and exit.ts let them go.
// Only threads that share a descriptor table need it: nobody else can close or replace a number meanwhile.
import { Fd } from './abi/kinds/basic.ts';
import type { HeldFile } from './file/fd-table.ts';
import type { Call, Thread } from './task/thread.ts';

/** The thread parks: another one may close its descriptors, and the call goes on with what they were. */
export function holdFiles(thread: Thread, { syscall, args }: Call): void {
  const held: HeldFile[] = [];
  for (const [name, kind] of syscall.kinds) {
    if (kind !== Fd) continue;
    const fd = args[name] as number;
    const file = thread.files.lookup(fd);
    if (file !== undefined) held.push({ fd, file: file.retain() });
  }
  thread.heldFiles = held;
}

/** The call is over. What was closed meanwhile closes now. */
export function letGoOfFiles(thread: Thread): void {
  const held = thread.heldFiles;
  if (held === undefined) return;
  thread.heldFiles = undefined;
  for (const { file } of held) file.release();
}
