// acct(2): says where ends of processes are recorded (kernel/acct.c). The records are kernel/task/accounting.ts.
import { AT_FDCWD, O_APPEND, O_LARGEFILE, O_WRONLY } from '../abi/fcntl.ts';
import { Path } from '../abi/kinds/basic.ts';
import { EACCES, EINVAL, EPERM, fail } from '../errno.ts';
import { OpenFile } from '../file/open-file.ts';
import { openFile } from '../fs/open.ts';
import { RegularInode } from '../fs/regular-inode.ts';
import { CAP_SYS_PACCT, capable } from '../task/credentials.ts';
import type { Thread } from '../task/thread.ts';
import { type Answer, syscall } from './syscall.ts';

/** EPERM; as open(2); EACCES: not a regular file; EINVAL: a file of the kernel's own. */
function acct(thread: Thread, { filename }: { filename: number }): Answer {
  const { kernel } = thread;
  if (!capable(thread.credentials, CAP_SYS_PACCT)) fail(EPERM, 'needs CAP_SYS_PACCT');
  if (filename === 0) {
    kernel.accounting?.release();
    kernel.accounting = undefined;
    return 0;
  }
  const how = { flags: O_WRONLY | O_APPEND | O_LARGEFILE, mode: 0, resolve: 0 };
  const file = openFile(thread, AT_FDCWD, thread.user.readPath(filename), how);
  if (!(file instanceof OpenFile)) return file;
  const { inode } = file.descriptor;
  if (!(inode instanceof RegularInode)) {
    file.release();
    const isOfKernel = inode.fs.type === 'proc' || inode.fs.type === 'sysfs';
    fail(isOfKernel ? EINVAL : EACCES, 'records are for regular files');
  }
  kernel.accounting?.release();
  kernel.accounting = file;
  return 0;
}

export const ACCOUNTING_CALLS = {
  89: syscall('acct', { filename: Path }, acct, {
    partial: 'ASU is never set',
  }),
};
