// What a descriptor refers to, for -y and -yy: a path, pipe:[12], UNIX-STREAM:[12->13,"/tmp/s"].
// CallText gives it to the kinds; the debugger's `info fds` shows the same words.
// A file that has gone is shown with what is still known of it.

import type { OpenFile } from '../../kernel/file/open-file.ts';
import { S_IFCHR, S_IFSOCK } from '../../kernel/fs/inode.ts';
import { absolutePath } from '../../kernel/fs/resolve.ts';
import { majorOf, minorOf } from '../../kernel/fs/vfs.ts';
import type { Thread } from '../../kernel/task/thread.ts';

/** Text for between `<` and `>`; undefined when `fd` is not open. */
export function describeFd(thread: Thread, fd: number, detail: 0 | 1 | 2): string | undefined {
  const file = thread.files.lookup(fd);
  return file === undefined ? undefined : describeFile(thread, file, detail);
}

export function describeFile(thread: Thread, file: OpenFile, detail: 0 | 1 | 2): string {
  const { path, descriptor } = file;
  const { inode } = descriptor;
  if (inode.type === S_IFSOCK && path === undefined) return socketText(file, detail);
  if (path === undefined) return `${plainKind(descriptor.kind)}:[${inode.ino}]`;
  const name = absolutePath(thread, path);
  if (detail < 2 || inode.type !== S_IFCHR) return name;
  return `${name}<char ${majorOf(inode.rdev)}:${minorOf(inode.rdev)}>`;
}

function plainKind(kind: string): string {
  return kind.startsWith('pipe') ? 'pipe' : kind;
}

/** A socket as the sockets themselves describe it, when they can. */
interface SelfDescribing {
  describe?(): string;
}

function socketText(file: OpenFile, detail: 0 | 1 | 2): string {
  const described = detail < 2 ? undefined : (file.descriptor as SelfDescribing).describe?.();
  return described ?? `socket:[${file.descriptor.inode.ino}]`;
}
