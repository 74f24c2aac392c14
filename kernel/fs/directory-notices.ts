// dnotify: a signal to who has a directory open when something in it changes (fcntl(2), F_NOTIFY; fs/notify/dnotify/).
// The directory's open description keeps what each descriptor table asked for, until a descriptor there is closed.
import { ownUnlessOwned, signalOwner } from '../file/async-owner.ts';
import type { FdTable } from '../file/fd-table.ts';
import type { OpenFile } from '../file/open-file.ts';
import type { Kernel } from '../kernel.ts';
import type { Thread } from '../task/thread.ts';
import type { Inode } from './inode.ts';
import {
  type FileEvent,
  FS_RENAME,
  IN_ACCESS,
  IN_ATTRIB,
  IN_CREATE,
  IN_DELETE,
  IN_ISDIR,
  IN_MODIFY,
  IN_MOVED_FROM,
  IN_MOVED_TO,
  type InodeWatch,
} from './notify.ts';

export const DN_MULTISHOT = 0x8000_0000;

/** DN_ACCESS, DN_MODIFY, DN_CREATE, DN_DELETE, DN_RENAME, DN_ATTRIB in order of their bits. */
const EVENTS: readonly number[] = [
  IN_ACCESS,
  IN_MODIFY,
  IN_CREATE | IN_MOVED_TO,
  IN_DELETE | IN_MOVED_FROM,
  FS_RENAME,
  IN_ATTRIB,
];

/** What was asked for through one open description of a directory, by descriptor table. */
export class DirectoryNotices {
  readonly #inode: Inode;
  readonly #byTable = new Map<FdTable, Notice>();

  constructor(inode: Inode) {
    this.#inode = inode;
  }

  /** Adds to what this table asked for. The owner becomes the process unless there is one. */
  ask(thread: Thread, file: OpenFile, fd: number, wanted: number): void {
    const { kernel, files } = thread;
    ownUnlessOwned(thread, file);
    let notice = this.#byTable.get(files);
    if (notice === undefined) {
      notice = new Notice(kernel, file, () => this.drop(files));
      this.#byTable.set(files, notice);
      this.#inode.watches ??= new Set();
      this.#inode.watches.add(notice);
    }
    notice.fd = fd;
    if ((wanted & DN_MULTISHOT) !== 0) notice.isLasting = true;
    EVENTS.forEach((events, bit) => {
      if ((wanted & (1 << bit)) !== 0) (notice as Notice).mask |= events;
    });
  }

  drop(files: FdTable): void {
    const notice = this.#byTable.get(files);
    if (notice === undefined) return;
    this.#byTable.delete(files);
    this.#inode.watches?.delete(notice);
    if (this.#inode.watches?.size === 0) this.#inode.watches = undefined;
  }
}

class Notice implements InodeWatch {
  readonly #kernel: Kernel;
  readonly #file: OpenFile;
  fd = -1;
  mask = 0;
  /** DN_MULTISHOT. */
  isLasting = false;
  readonly ended: () => void;

  constructor(kernel: Kernel, file: OpenFile, drop: () => void) {
    this.#kernel = kernel;
    this.#file = file;
    this.ended = drop;
  }

  notify({ mask, name }: FileEvent): void {
    if ((mask & this.mask) === 0 || (name === undefined && (mask & IN_ISDIR) === 0)) return;
    signalOwner(this.#kernel, this.#file, 'msg', this.fd);
    if (!this.isLasting) this.ended();
  }
}
