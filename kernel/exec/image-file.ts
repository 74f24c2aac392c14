// The file that execve runs: may it be executed, what is it, and the chain of `#!` interpreters (fs/exec.c).
// exec.ts opens the program and its loader through here.
import { AT_FDCWD, O_RDONLY } from '../abi/fcntl.ts';
import { MS_NOEXEC } from '../abi/mount-flags.ts';
import { EACCES, ELOOP, ENOENT, ENOEXEC, fail } from '../errno.ts';
import { OpenFile } from '../file/open-file.ts';
import {
  askWatchers,
  FS_OPEN_EXEC,
  FS_OPEN_EXEC_PERM,
  FS_OPEN_PERM,
  IN_ACCESS,
  IN_OPEN,
  notifyPath,
} from '../fs/notify.ts';
import type { Path } from '../fs/path.ts';
import { demandAccess, MAY_EXEC } from '../fs/permission.ts';
import { RegularInode } from '../fs/regular-inode.ts';
import { resolve } from '../fs/resolve.ts';
import { late } from '../late.ts';
import { bytesToText } from '../mm/user-memory.ts';
import type { Thread } from '../task/thread.ts';
import { hasElfMagic } from './elf-header.ts';
import { HEAD_SIZE, parseScript } from './script.ts';

/** A script's interpreter may be a script, and so on; this deep (exec_binprm). */
const MAX_DEPTH = 5;

/** A file held open and guarded against writers while a program is made from it. */
export interface ImageFile {
  readonly path: Path;
  readonly inode: RegularInode;
  readonly file: OpenFile;
}

/**
 * EACCES: not a regular file, no execute permission, mounted noexec. ETXTBSY: open for writing. EPERM: a watcher denies it.
 * Throws a Wait while one has not answered, or a lease is in the way.
 */
export function openImage(thread: Thread, path: Path): ImageFile {
  const { inode } = path;
  if (!(inode instanceof RegularInode)) fail(EACCES, 'only regular files can be executed');
  if ((path.mount.flags & MS_NOEXEC) !== 0) fail(EACCES, 'the file system is mounted noexec');
  demandAccess(thread.credentials, inode, MAY_EXEC, 'no execute permission');
  if (thread.credentials.domain !== undefined) late.landlock.demandOpen(thread, path, O_RDONLY, true);
  const asked = askWatchers(thread, path, FS_OPEN_EXEC_PERM) ?? askWatchers(thread, path, FS_OPEN_PERM);
  if (asked !== undefined) throw asked;
  const broken = inode.locks?.leases && late.breakLeases(thread, inode, O_RDONLY);
  if (broken !== undefined) throw broken;
  inode.denyWrite();
  try {
    const descriptor = inode.open(thread, path, O_RDONLY);
    if (descriptor.kind === 'wait') fail(EACCES, 'only regular files can be executed');
    notifyPath(path, IN_OPEN | FS_OPEN_EXEC);
    notifyPath(path, IN_ACCESS);
    return { path, inode, file: new OpenFile(descriptor as OpenFile['descriptor'], O_RDONLY, path) };
  } catch (thrown) {
    inode.allowWrite();
    throw thrown;
  }
}

/** Gives up what openImage took. */
export function closeImage(image: ImageFile): void {
  image.inode.allowWrite();
  image.file.release();
}

export interface ResolvedProgram {
  readonly image: ImageFile;
  readonly argv: readonly string[];
}

/**
 * Follows `#!` lines until an ELF comes. `name` is how the caller named the file; scripts get it as argument.
 * ENOEXEC: neither ELF nor script. ELOOP: scripts of scripts too deep. ENOENT: `nameIsGone`, an interpreter could not
 * open the script by its name (a close-on-exec descriptor); and what opening an interpreter fails with.
 */
export function resolveProgram(
  thread: Thread,
  path: Path,
  name: string,
  argv: readonly string[],
  nameIsGone: boolean,
): ResolvedProgram {
  let image = openImage(thread, path);
  let current = name;
  let args = argv;
  try {
    for (let depth = 0; ; depth++) {
      if (depth > MAX_DEPTH) fail(ELOOP, 'scripts that run scripts, too deep');
      const head = new Uint8Array(HEAD_SIZE);
      image.inode.readAt(0, head);
      if (hasElfMagic(head)) return { image, argv: args };
      const line = parseScript(bytesToText(head)) ?? fail(ENOEXEC, 'neither an ELF file nor a script');
      if (nameIsGone) fail(ENOENT, 'the interpreter could not open the script');
      args = [
        line.interpreter,
        ...(line.argument === undefined ? [] : [line.argument]),
        current,
        ...args.slice(1),
      ];
      current = line.interpreter;
      const next = openImage(thread, resolve(thread, AT_FDCWD, line.interpreter));
      closeImage(image);
      image = next;
    }
  } catch (thrown) {
    closeImage(image);
    throw thrown;
  }
}
