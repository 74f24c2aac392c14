// A file system that is being made or changed by steps (fs/fsopen.c, fs/fs_context.c): parameters one by one, then a mount.
// fsopen and fspick make one; fsconfig sets parameters; reading it gives what was wrong with them.
import { EBUSY, EINVAL, EMSGSIZE, ENODATA, fail, isFailure } from '../errno.ts';
import { FileDescriptor, type Sink } from '../file/file-descriptor.ts';
import type { OpenFile } from '../file/open-file.ts';
import type { UserNamespace } from '../namespaces/user-namespace.ts';
import type { Thread } from '../task/thread.ts';
import type { FileSystem, Inode } from './inode.ts';

/** Lines that are kept (struct fc_log). */
const MOST_LINES = 8;

/** Parameters of every file system (common_set_sb_flag, common_clear_sb_flag): is it read-only from then on? */
const COMMON: Readonly<Record<string, boolean | undefined>> = { ro: true, rw: false };
const IGNORED = ['dirsync', 'lazytime', 'mand', 'sync', 'async', 'nolazytime', 'nomand'];

/** What comes next. */
export type ConfigPhase = 'create' | 'mount' | 'reconfigure' | 'failed';

export class FsConfig extends FileDescriptor {
  readonly kind = 'fscontext';
  override readonly inode: Inode;
  readonly type: string;
  /** Where it was opened. */
  readonly owner: UserNamespace;
  phase: ConfigPhase;
  source: string | undefined;
  /** What `ro` and `rw` said; undefined: nothing. */
  readOnly: boolean | undefined;
  /** What it is about: picked, or made by FSCONFIG_CMD_CREATE. */
  made: (FileSystem & { readonly root: Inode }) | undefined;
  /** The one that was picked to be changed. */
  readonly picked: FileSystem | undefined;
  readonly #options: string[] = [];
  readonly #log: string[] = [];

  constructor(inode: Inode, owner: UserNamespace, type: string, picked?: FileSystem) {
    super();
    this.inode = inode;
    this.owner = owner;
    this.type = type;
    this.picked = picked;
    this.phase = picked === undefined ? 'create' : 'reconfigure';
  }

  override get isReadable(): boolean {
    return true;
  }

  /** As mount(2) takes them. */
  get options(): string {
    return this.#options.join(',');
  }

  /** One parameter. EBUSY; EINVAL, which the log explains (vfs_parse_fs_param). */
  set(thread: Thread, key: string, value: string | undefined): void {
    if (this.phase !== 'create' && this.phase !== 'reconfigure') fail(EBUSY, 'no parameters now');
    if (value === undefined && IGNORED.includes(key)) return;
    const readOnly = value === undefined ? COMMON[key] : undefined;
    if (readOnly !== undefined) {
      this.readOnly = readOnly;
      return;
    }
    if (this.#accepts(thread, key, value ?? '')) {
      this.#options.push(value === undefined ? key : `${key}=${value}`);
      return;
    }
    if (key !== 'source') this.refuse(`${this.type}: Unknown parameter '${key}'`);
    if (value === undefined) this.refuse('Non-string source');
    if (this.source !== undefined) this.refuse('Multiple sources');
    this.source = value;
  }

  #accepts(thread: Thread, key: string, value: string): boolean {
    const { accepts } = thread.kernel.vfs.fileSystemType(this.type);
    try {
      return accepts?.(thread, key, value) === true;
    } catch (thrown) {
      if (!isFailure(thrown)) throw thrown;
      return this.refuse(`${this.type}: Bad value for '${key}'`);
    }
  }

  /** EINVAL, and why in the log (invalf). */
  refuse(line: string): never {
    if (this.#log.length === MOST_LINES) this.#log.shift();
    this.#log.push(`e ${line}\n`);
    return fail(EINVAL, 'the log of the descriptor says why');
  }

  /** One line of the log. ENODATA: there is none; EMSGSIZE: longer than the buffer. */
  override tryRead(_thread: Thread, _file: OpenFile, sink: Sink): number {
    const [line] = this.#log;
    if (line === undefined) return fail(ENODATA, 'nothing was wrong');
    const bytes = new TextEncoder().encode(line);
    if (bytes.length > sink.remaining) fail(EMSGSIZE, 'the buffer is shorter than the line');
    this.#log.shift();
    return sink.put(bytes);
  }
}
