// userfaultfd(2) and /dev/userfaultfd. The row is for table.ts; kernel/mm/userfault.ts is what both make.
import { O_CLOEXEC, O_NONBLOCK, O_RDONLY } from '../abi/fcntl.ts';
import { Fd } from '../abi/kinds/basic.ts';
import { UserfaultFlags } from '../abi/kinds/file-kinds.ts';
import { UFFD_USER_MODE_ONLY, USERFAULTFD_IOC_NEW } from '../abi/userfault.ts';
import { EINVAL, EPERM, fail } from '../errno.ts';
import { installNew } from '../event/install.ts';
import { FileDescriptor } from '../file/file-descriptor.ts';
import type { OpenFile } from '../file/open-file.ts';
import { anonymousInode } from '../fs/anonymous.ts';
import type { Inode } from '../fs/inode.ts';
import type { Path } from '../fs/path.ts';
import { Userfaultfd } from '../mm/userfault.ts';
import { CAP_SYS_PTRACE, capable } from '../task/credentials.ts';
import type { Thread } from '../task/thread.ts';
import { syscall } from './syscall.ts';

/** EPERM: faults of the kernel are for who may trace (userfaultfd_syscall_allowed). EINVAL, EMFILE. */
function userfaultfd(thread: Thread, flags: number): number {
  const isAllowed =
    (flags & UFFD_USER_MODE_ONLY) !== 0 ||
    thread.kernel.userfaultsForAll !== 0 ||
    capable(thread.credentials, CAP_SYS_PTRACE);
  if (!isAllowed) fail(EPERM, 'needs CAP_SYS_PTRACE or UFFD_USER_MODE_ONLY');
  return newUserfaultfd(thread, flags);
}

function newUserfaultfd(thread: Thread, flags: number): number {
  if ((flags & ~(O_CLOEXEC | O_NONBLOCK | UFFD_USER_MODE_ONLY)) !== 0) fail(EINVAL, 'unknown flags');
  const inode = anonymousInode(thread.kernel, '[userfaultfd]', 0o600);
  const file = new Userfaultfd(inode, thread.mm, (flags & UFFD_USER_MODE_ONLY) !== 0);
  return installNew(thread, file, O_RDONLY | (flags & O_NONBLOCK), (flags & O_CLOEXEC) !== 0);
}

/** Who may open it may have all faults. */
class UserfaultDevice extends FileDescriptor {
  readonly kind = 'userfaultfd-device';
  override readonly inode: Inode;

  constructor(inode: Inode) {
    super();
    this.inode = inode;
  }

  override ioctl(thread: Thread, _file: OpenFile, request: number, argument: number): number {
    if (request !== USERFAULTFD_IOC_NEW) fail(EINVAL, 'no such request');
    return newUserfaultfd(thread, argument | 0);
  }
}

export function openUserfaultDevice({ inode }: Path): FileDescriptor {
  return new UserfaultDevice(inode);
}

export const USERFAULT_CALLS = {
  282: syscall('userfaultfd', { flags: UserfaultFlags }, (thread, { flags }) => userfaultfd(thread, flags), {
    returns: Fd,
    partial: 'no events of fork, mremap, madvise and munmap; no write protection, as on all of riscv',
  }),
};
