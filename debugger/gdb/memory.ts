// Guest memory for m, M and X packets, as ptrace gives it to a debugger.
// Reading is a glance that changes nothing; writing is a change of the session's, done again when the run is repeated.
import { PAGE_SIZE } from '../../emulator/memory/layout.ts';
import { forcedWrite } from '../../kernel/mm/forced-access.ts';
import type { Thread } from '../../kernel/task/thread.ts';
import type { Session } from '../session/session.ts';

/** As many bytes as can be read from `address` on, at most `length`; undefined when not even one can. */
export function readMemory(
  session: Session,
  thread: Thread,
  address: number,
  length: number,
): Uint8Array | undefined {
  const all = session.read(thread, address, length);
  if (all !== undefined) return all;
  const parts: Uint8Array[] = [];
  let done = 0;
  while (done < length) {
    const at = address + done;
    const part = session.read(thread, at, Math.min(length - done, PAGE_SIZE - (at % PAGE_SIZE)));
    if (part === undefined) break;
    parts.push(part);
    done += part.length;
  }
  if (done === 0) return undefined;
  const bytes = new Uint8Array(done);
  let to = 0;
  for (const part of parts) {
    bytes.set(part, to);
    to += part.length;
  }
  return bytes;
}

/** False when not all of it can be written. Code and read-only data can, as under ptrace, where they are private. */
export function writeMemory(session: Session, thread: Thread, address: number, bytes: Uint8Array): boolean {
  if (bytes.length === 0) return true;
  if (readMemory(session, thread, address, bytes.length)?.length !== bytes.length) return false;
  const { tid } = thread;
  let isDone = true;
  session.change(({ kernel }) => {
    const mm = kernel.pids.thread(tid)?.mm;
    isDone = mm !== undefined && forcedWrite(mm, address, bytes) === bytes.length;
  });
  return isDone;
}
