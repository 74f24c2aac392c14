// pipe2(2). (riscv64 has no pipe(2).)

import { O_CLOEXEC, O_DIRECT, O_EXCL, O_NONBLOCK } from '../abi/fcntl.ts';
import { PipeFlags } from '../abi/kinds/file-kinds.ts';
import { FdPairOut } from '../abi/kinds/io-kinds.ts';
import { EINVAL, ENOPKG, fail } from '../errno.ts';
import { makePipe } from '../pipe/make-pipe.ts';
import { RLIMIT_NOFILE } from '../task/rlimits.ts';
import type { Thread } from '../task/thread.ts';
import { syscall } from './syscall.ts';

/** EINVAL: unknown flags. EMFILE. EFAULT: nothing is left open then. */
function pipe2(thread: Thread, { fds, flags }: { fds: number; flags: number }): number {
  if ((flags & ~(O_CLOEXEC | O_NONBLOCK | O_DIRECT | O_EXCL)) !== 0) fail(EINVAL, 'unknown flags');
  if ((flags & O_EXCL) !== 0) fail(ENOPKG, 'there are no notification pipes');
  const { kernel, credentials, files, process, user } = thread;
  const { reader, writer } = makePipe(kernel, credentials, flags & (O_NONBLOCK | O_DIRECT));
  const limit = process.limits.get(RLIMIT_NOFILE).soft;
  const isCloseOnExec = (flags & O_CLOEXEC) !== 0;
  const installed: number[] = [];
  try {
    installed.push(files.install(reader, limit, isCloseOnExec));
    installed.push(files.install(writer, limit, isCloseOnExec));
    user.writeU32(fds, installed[0] as number);
    user.writeU32(fds + 4, installed[1] as number);
  } catch (failure) {
    for (const fd of installed) files.close(thread, fd);
    if (installed.length < 1) reader.release();
    if (installed.length < 2) writer.release();
    throw failure;
  }
  return 0;
}

export const PIPE_CALLS = {
  59: syscall('pipe2', { fds: FdPairOut, flags: PipeFlags }, pipe2),
};
