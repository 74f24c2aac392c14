// What a thread's file names mean: root, working directory and umask (Linux's struct fs_struct).
// chdir, chroot and umask change it; the path walker starts from it; clone shares it with CLONE_FS or copies it.
import type { Path } from './path.ts';

export class FsContext {
  root: Path;
  cwd: Path;
  umask: number;
  /** Threads that share this context (CLONE_FS). */
  users = 1;

  constructor(root: Path, cwd: Path = root, umask = 0o022) {
    this.root = root;
    this.cwd = cwd;
    this.umask = umask;
  }

  /** A context of its own with the same values (fork, unshare). */
  clone(): FsContext {
    return new FsContext(this.root, this.cwd, this.umask);
  }
}
