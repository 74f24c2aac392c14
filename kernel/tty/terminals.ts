// All terminals of a machine: /dev/tty, /dev/console, /dev/ptmx and /dev/pts.
// The Kernel owns one; mountTerminals puts the nodes into a tree that is being built.

import { makeDev } from '../abi/device-number.ts';
import { MS_NOEXEC, MS_NOSUID, MS_RELATIME } from '../abi/mount-flags.ts';
import { ENODEV, ENXIO, fail } from '../errno.ts';
import type { Path } from '../fs/path.ts';
import type { Tree } from '../fs/tree.ts';
import type { Kernel } from '../kernel.ts';
import { late } from '../late.ts';
import { CONSOLE_RDEV, type Console } from './console.ts';
import { Devpts, PTMX_RDEV } from './devpts.ts';
import { Tty } from './tty.ts';
import { TtyFile } from './tty-file.ts';

const TTY_RDEV = makeDev(5, 0);

export class Terminals {
  readonly devpts: Devpts;
  /** What /dev/console is; undefined when the machine runs without a terminal. */
  console: Console | undefined;
  #consolePath: Path | undefined;

  constructor(kernel: Kernel) {
    const { vfs } = kernel;
    this.devpts = new Devpts(kernel);
    vfs.registerFileSystem('devpts', {
      make: (thread, options) => late.devpts.make(thread, options),
      accepts: (thread, key, value) => late.devpts.accepts(thread, key, value),
    });
    vfs.registerDevice(PTMX_RDEV, (thread, path) => this.devpts.openMaster(thread, path.inode));
    vfs.registerDevice(TTY_RDEV, (thread, path) => {
      const tty = thread.process.terminal;
      if (!(tty instanceof Tty)) fail(ENXIO, 'the process has no controlling terminal');
      tty.demandOpen(thread);
      return new TtyFile(kernel, tty, path.inode);
    });
    // Opening the console never makes it the controlling terminal.
    vfs.registerDevice(CONSOLE_RDEV, (_, path) => {
      const console = this.console ?? fail(ENODEV, 'the machine has no console');
      return new TtyFile(kernel, console.tty, path.inode);
    });
  }

  /** Where descriptors of the console were opened. mountTerminals was called before. */
  consolePath(): Path {
    if (this.#consolePath === undefined) throw new Error('no terminals are mounted');
    return this.#consolePath;
  }

  mount(kernel: Kernel, tree: Tree): void {
    tree.device('/dev/tty', 0o666, TTY_RDEV);
    tree.device('/dev/console', 0o600, CONSOLE_RDEV);
    tree.device('/dev/ptmx', 0o666, PTMX_RDEV);
    this.#consolePath = tree.find('/dev/console');
    const { devpts } = this;
    const flags = MS_NOSUID | MS_NOEXEC | MS_RELATIME;
    devpts.mount = kernel.vfs.mount(tree.directory('/dev/pts'), devpts, devpts.root, 'devpts', flags);
  }
}

/** Puts the terminals' nodes into /dev; the directory exists. */
export function mountTerminals(kernel: Kernel, tree: Tree): void {
  kernel.terminals.mount(kernel, tree);
}
