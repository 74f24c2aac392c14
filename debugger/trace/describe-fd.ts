// What a descriptor refers to, for -y and -yy: a path, pipe:[12], UNIX-STREAM:[12->13,"/tmp/s"].
// CallText gives it to the kinds; the debugger's `info fds` shows the same words.
// A file that has gone is shown with what is still known of it.

import { majorOf, minorOf } from '../../kernel/abi/device-number.ts';
import { AT_FDCWD } from '../../kernel/abi/fcntl.ts';
import { S_IFBLK, S_IFCHR } from '../../kernel/abi/stat.ts';
import type { OpenFile } from '../../kernel/file/open-file.ts';
import { AnonymousInode } from '../../kernel/fs/anonymous.ts';
import { absolutePath } from '../../kernel/fs/resolve.ts';
import type { Thread } from '../../kernel/task/thread.ts';
import { describeSocket } from './describe-socket.ts';

/** Text for between `<` and `>`; undefined when `fd` is not open. AT_FDCWD is the working directory. */
export function describeFd(thread: Thread, fd: number, detail: 0 | 1 | 2): string | undefined {
  if (fd === AT_FDCWD) return absolutePath(thread, thread.fs.cwd);
  const file = thread.files.lookup(fd);
  return file === undefined ? undefined : describeFile(thread, file, detail);
}

export function describeFile(thread: Thread, file: OpenFile, detail: 0 | 1 | 2): string {
  const { path, descriptor } = file;
  const { inode } = descriptor;
  const socket = detail < 2 ? undefined : describeSocket(file);
  if (socket !== undefined) return socket;
  if (inode instanceof AnonymousInode) return inode.label;
  if (path === undefined) return `${descriptor.kind}:[${inode.ino}]`;
  const name = absolutePath(thread, path);
  const kind = inode.type === S_IFCHR ? 'char' : inode.type === S_IFBLK ? 'block' : undefined;
  return detail < 2 || kind === undefined
    ? name
    : `${name}<${kind} ${majorOf(inode.rdev)}:${minorOf(inode.rdev)}>`;
}
