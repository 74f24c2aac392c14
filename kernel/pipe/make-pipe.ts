// Making a pipe: two open file descriptions on one inode of the pipe file system.
// pipe2 calls it, and host streams that stand for the person's stdin, stdout and stderr.

import { O_DIRECT, O_WRONLY } from '../abi/fcntl.ts';
import { S_IFIFO } from '../abi/stat.ts';
import { OpenFile } from '../file/open-file.ts';
import { anonymousInode } from '../fs/anonymous.ts';
import type { Kernel } from '../kernel.ts';
import type { Credentials } from '../task/credentials.ts';
import { reopenPipe } from './fifo.ts';
import { Pipe } from './pipe.ts';
import { PipeEnd } from './pipe-end.ts';

export interface PipePair {
  readonly pipe: Pipe;
  /** One reference each. `flags` of pipe2 are added to O_RDONLY and O_WRONLY. */
  readonly reader: OpenFile;
  readonly writer: OpenFile;
}

export function makePipe(kernel: Kernel, credentials: Credentials, flags = 0): PipePair {
  const pipe = new Pipe(kernel.pipeAccounts, credentials.ruid);
  const inode = anonymousInode(kernel, 'pipe', S_IFIFO | 0o600);
  inode.uid = credentials.fsuid;
  inode.gid = credentials.fsgid;
  inode.opener = (thread, _path, openFlags) => reopenPipe(thread, pipe, inode, openFlags);
  pipe.readers = pipe.writers = pipe.readerOpens = pipe.writerOpens = 1;
  const reading = new PipeEnd(kernel, pipe, inode, { reads: true, writes: false });
  const writing = new PipeEnd(kernel, pipe, inode, { reads: false, writes: true });
  return {
    pipe,
    reader: new OpenFile(reading, flags & ~O_DIRECT),
    writer: new OpenFile(writing, flags | O_WRONLY),
  };
}
