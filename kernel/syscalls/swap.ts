// swapon and swapoff (mm/swapfile.c): memory is never swapped out, and no file system here can hold what is.
// So all that is right about a file is still not enough, as on Linux with files on tmpfs: EINVAL.
import { AT_FDCWD, O_EXCL, O_LARGEFILE, O_RDWR } from '../abi/fcntl.ts';
import { Path } from '../abi/kinds/basic.ts';
import { SwapFlags } from '../abi/kinds/system-kinds.ts';
import { EINVAL, EPERM, fail } from '../errno.ts';
import { OpenFile } from '../file/open-file.ts';
import { openFile } from '../fs/open.ts';
import { CAP_SYS_ADMIN, capable } from '../task/credentials.ts';
import type { Thread } from '../task/thread.ts';
import { type Answer, syscall } from './syscall.ts';

const SWAP_FLAGS_VALID = 0x7_ffff;

/** The file has to be there and to be writable before it is refused. EPERM; as open(2); EINVAL. */
function refuse(thread: Thread, path: number, why: string): Answer {
  const text = thread.user.readPath(path);
  const how = { flags: O_RDWR | O_LARGEFILE | O_EXCL, mode: 0, resolve: 0 };
  const file = openFile(thread, AT_FDCWD, text, how);
  if (!(file instanceof OpenFile)) return file;
  file.release();
  return fail(EINVAL, why);
}

function swapon(thread: Thread, { path, flags }: { path: number; flags: number }): Answer {
  if ((flags & ~SWAP_FLAGS_VALID) !== 0) fail(EINVAL, 'unknown flags');
  if (!capable(thread.credentials, CAP_SYS_ADMIN)) fail(EPERM, 'needs CAP_SYS_ADMIN');
  return refuse(thread, path, 'no file that memory could be swapped to');
}

function swapoff(thread: Thread, { path }: { path: number }): Answer {
  if (!capable(thread.credentials, CAP_SYS_ADMIN)) fail(EPERM, 'needs CAP_SYS_ADMIN');
  return refuse(thread, path, 'nothing is swapped there');
}

export const SWAP_CALLS = {
  224: syscall('swapon', { path: Path, flags: SwapFlags }, swapon),
  225: syscall('swapoff', { path: Path }, swapoff),
};
