// /proc/PID/fd and fdinfo: a link and a description for each open descriptor (proc_pid_fd(5)).
// process-node.ts puts the directories into a process's own; following a link reaches the open file itself.
import { O_CLOEXEC, O_PATH } from '../../abi/fcntl.ts';
import { EACCES, ENOENT, fail } from '../../errno.ts';
import type { OpenFile } from '../../file/open-file.ts';
import type { Credentials } from '../../task/credentials.ts';
import { pathOfFile } from '../anonymous.ts';
import { opensForReading, opensForWriting } from '../open-flags.ts';
import { linkPath } from '../resolve.ts';
import { descriptorLocksText } from './locks-text.ts';
import type { LinkNode, ProcNode } from './nodes.ts';
import { demandLook, mayLook, ownerOf, type Target } from './target.ts';

function numberOf(name: string): number | undefined {
  return /^(0|[1-9]\d{0,9})$/.test(name) ? Number(name) : undefined;
}

function fileAt({ thread }: Target, name: string): { file: OpenFile; fd: number } | undefined {
  const fd = numberOf(name);
  if (fd === undefined || thread === undefined || thread.state === 'dead') return undefined;
  const file = thread.files.lookup(fd);
  return file && { file, fd };
}

function* openNumbers({ process, thread }: Target): Generator<string> {
  if (process.state === 'reaped') fail(ENOENT, 'the process is gone');
  if (thread === undefined || thread.state === 'dead') return;
  for (const [fd] of thread.files.entries()) yield String(fd);
}

function linkMode(file: OpenFile): number {
  if ((file.flags & O_PATH) !== 0) return 0;
  return (opensForReading(file.flags) ? 0o500 : 0) | (opensForWriting(file.flags) ? 0o300 : 0);
}

function descriptorLink(target: Target, file: OpenFile): LinkNode {
  return {
    kind: 'link',
    mode: linkMode(file),
    size: 64,
    target: (reader) => {
      demandLook(reader, target);
      return linkPath(reader, pathOfFile(target.kernel, file));
    },
    follow: (reader) =>
      mayLook(reader, target) ? pathOfFile(target.kernel, file) : fail(EACCES, 'not yours'),
  };
}

/** A process may always look at its own, also when its ids changed (fs/proc/fd.c, proc_fd_permission). */
function isOfProcess({ process }: Target, credentials: Credentials): boolean {
  for (const thread of process.threads.values()) if (thread.credentials === credentials) return true;
  return false;
}

export function fdDirectory(target: Target): ProcNode {
  return {
    kind: 'directory',
    mode: 0o500,
    owner: ownerOf(target),
    isOpenTo: (credentials) => isOfProcess(target, credentials),
    size: [...openNumbers(target)].length,
    names: () => openNumbers(target),
    find: (name) => {
      const found = fileAt(target, name);
      return found && { ...descriptorLink(target, found.file), owner: ownerOf(target) };
    },
  };
}

export function fdinfoDirectory(target: Target): ProcNode {
  return {
    kind: 'directory',
    mode: 0o555,
    owner: ownerOf(target),
    demand: (reader) => demandLook(reader, target),
    names: () => openNumbers(target),
    find: (name) =>
      fileAt(target, name) && {
        kind: 'text',
        mode: 0o444,
        owner: ownerOf(target),
        demand: (reader) => demandLook(reader, target),
        text: () => {
          const now = fileAt(target, name);
          return now === undefined
            ? fail(ENOENT, 'the descriptor is closed')
            : fdinfoText(target, now.fd, now.file);
        },
      },
  };
}

function fdinfoText({ thread, kernel, pids }: Target, fd: number, file: OpenFile): string {
  const closesOnExec = thread?.files.closeOnExec(fd) === true;
  const flags = (file.flags | (closesOnExec ? O_CLOEXEC : 0)) >>> 0;
  const { mount, inode } = pathOfFile(kernel, file);
  const head = `pos:\t${file.position}\nflags:\t0${flags.toString(8)}\nmnt_id:\t${mount.id}\nino:\t${inode.ino}\n`;
  return (
    head +
    (thread === undefined ? '' : descriptorLocksText(file, thread.files, pids)) +
    file.descriptor.fdinfo(file, pids)
  );
}
