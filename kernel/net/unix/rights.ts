// Descriptors on their way in a message (SCM_RIGHTS): open file descriptions, held until received or dropped.
// sendmsg collects them, queues carry them, recvmsg installs them; in-flight.ts counts them.
// The list holds one reference to each file for as long as it exists.
import { EBADF, EINVAL, fail } from '../../errno.ts';
import type { OpenFile } from '../../file/open-file.ts';
import type { Thread } from '../../task/thread.ts';

/** SCM_MAX_FD: the most descriptors of one message. */
const MOST_DESCRIPTORS = 253;

export interface Rights {
  readonly files: readonly OpenFile[];
  /** Whose count of descriptors in flight they are in: the sender's real uid. */
  readonly uid: number;
}

/**
 * The files behind the descriptors of one SCM_RIGHTS header, added to `files` without references.
 * EINVAL: more than 253 in the message, or an io_uring among them. EBADF: one is not open (O_PATH descriptors pass).
 */
export function collectRights(thread: Thread, data: Uint8Array, files: OpenFile[]): void {
  const count = Math.floor(data.length / 4);
  if (files.length + count > MOST_DESCRIPTORS) fail(EINVAL, 'more than 253 descriptors in one message');
  for (let at = 0; at < count * 4; at += 4) {
    const file = thread.files.lookup(readInt(data, at));
    if (file === undefined) fail(EBADF, 'SCM_RIGHTS names a descriptor that is not open');
    if (file.descriptor.kind === 'io_uring') fail(EINVAL, 'an io_uring stays with who made it');
    files.push(file);
  }
}

/** A little-endian int. A view of so few bytes takes longer to make than they to read. */
function readInt(bytes: Uint8Array, at: number): number {
  let value = 0;
  for (let i = 3; i >= 0; i--) value = (value << 8) | (bytes[at + i] as number);
  return value;
}
