// -P PATH and -e trace-fds=FDS: does a call touch one of these paths, by name or through a descriptor, or one of these descriptors?
// Tracer asks at the entry of each call.

import { PATH_MAX } from '../../kernel/abi/limits.ts';
import { absolutePath } from '../../kernel/fs/resolve.ts';
import { bytesToText } from '../../kernel/mm/user-memory.ts';
import type { Call, Thread } from '../../kernel/task/thread.ts';

/** True when a path argument is one of `paths` or a descriptor argument is open on one. */
export function touchesPath(thread: Thread, call: Call, paths: readonly string[]): boolean {
  return call.syscall.kinds.some(([name, kind]) => {
    const value = call.args[name] ?? 0;
    if (kind.name === 'path') return paths.includes(pathAt(thread, value) ?? '');
    if (kind.name !== 'fd' && kind.name !== 'dirfd') return false;
    const path = thread.files.lookup(value)?.path;
    return path !== undefined && paths.includes(absolutePath(thread, path));
  });
}

/** True when a descriptor argument is one of those; AT_FDCWD is none. */
export function touchesFd(call: Call, isWanted: (fd: number) => boolean): boolean {
  return call.syscall.kinds.some(([name, kind]) => {
    const fd = call.args[name] ?? 0;
    return (kind.name === 'fd' || kind.name === 'dirfd') && fd >= 0 && isWanted(fd);
  });
}

function pathAt(thread: Thread, address: number): string | undefined {
  try {
    return bytesToText(thread.user.readCString(address, PATH_MAX));
  } catch {
    return undefined; // not a string: the call will say so itself
  }
}
