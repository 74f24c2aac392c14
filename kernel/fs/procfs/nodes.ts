// The shapes of which /proc is made: texts computed when they are read, links, and directories of them.
// Tables in this folder make nodes; proc-fs.ts turns a node into an inode when a path leads to it.
// A node knows its place (a process, a descriptor); who reads comes as `reader`, for its root and its permissions.
import { POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from '../../abi/poll.ts';
import type { FileDescriptor } from '../../file/file-descriptor.ts';
import type { Credentials } from '../../task/credentials.ts';
import type { Process } from '../../task/process.ts';
import type { Thread } from '../../task/thread.ts';
import { Changes } from '../changes.ts';
import type { Inode } from '../inode.ts';
import type { Path } from '../path.ts';

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

export interface Polled {
  readonly changes: Changes;
  /** What poll says as long as nothing changes. */
  readonly ready: number;
}

export interface TextNode {
  readonly kind: 'text';
  /** Permission bits; 0444 when absent. */
  readonly mode?: number;
  /** The whole content, bytes as code units or as they are. Fails with the errno that read gives. */
  text(reader: Thread): string | Uint8Array;
  /** What was written; EIO when absent. */
  store?(writer: Thread, text: string): void;
  /** In place of `store` where it counts at which position was written; returns how many bytes were taken. */
  storeAt?(writer: Thread, text: string, position: number): number;
  /** A read that does not begin at the start finds nothing (kernel/sysctl.c, do_proc_dointvec). */
  isReadAtOnce?(content: string): boolean;
  /** Poll tells of its changes; without it the file is always ready and cannot be watched. */
  readonly polled?: Polled;
  /** Fails when the reader may not open it (ptrace access mode checks). */
  demand?(reader: Thread): void;
  /** The mode binds even those with CAP_DAC_OVERRIDE (proc_sys_permission). */
  readonly isStrict?: boolean;
}

export interface LinkNode {
  readonly kind: 'link';
  /** 0777 when absent. */
  readonly mode?: number;
  /** st_size; 0 when absent. */
  readonly size?: number;
  target(reader: Thread): string;
  /** Where following leads, whatever the text says. */
  follow?(reader: Thread): Path | undefined;
}

export interface DirectoryNode {
  readonly kind: 'directory';
  /** 0555 when absent. */
  readonly mode?: number;
  readonly size?: number;
  /** Who may list and search it whatever the mode says. */
  isOpenTo?(credentials: Credentials): boolean;
  /** st_nlink; 2 when absent. */
  readonly links?: number;
  /** Fails when the reader may not open it. */
  demand?(reader: Thread): void;
  /** Whose directory in /proc it is. */
  readonly process?: Process;
  /** In the order of a listing. ENOENT when what it lists is gone. */
  names(): Iterable<string>;
  find(name: string): ProcNode | undefined;
}

/** A file with a descriptor of its own kind: /proc/PID/mem. */
export interface FileNode {
  readonly kind: 'file';
  readonly mode?: number;
  open(reader: Thread, inode: Inode): FileDescriptor;
}

export type ProcNode = (TextNode | LinkNode | DirectoryNode | FileNode) & {
  /** root when absent. */
  readonly owner?: Owner;
};

export function text(content: (reader: Thread) => string | Uint8Array, mode = 0o444): TextNode {
  return { kind: 'text', mode, text: content };
}

/** DEFAULT_POLLMASK. */
const ALWAYS_READY = POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;

/** Files of the machine, not of a process, can be watched though few ever tell of changes (proc_reg_poll, proc_sys_poll). */
export function watchable(changes = new Changes('a change in /proc')): Polled {
  return { changes, ready: ALWAYS_READY };
}

/** A text of the machine, not of a process. */
export function machineText(content: (reader: Thread) => string | Uint8Array): TextNode {
  return { ...text(content), polled: watchable() };
}

export function link(target: (reader: Thread) => string): LinkNode {
  return { kind: 'link', target };
}

/** A fixed directory. Listings go by the names' length, then by bytes, as those of proc_dir_entry do. */
export function directory(entries: Readonly<Record<string, ProcNode>>, mode = 0o555): DirectoryNode {
  return {
    kind: 'directory',
    mode,
    names: () => Object.keys(entries).sort((a, b) => a.length - b.length || (a < b ? -1 : 1)),
    find: (name) => (Object.hasOwn(entries, name) ? entries[name] : undefined),
  };
}

/** A directory that is made when someone looks into it: most programs never do, and all would pay for it. */
export function madeLater(make: () => DirectoryNode): DirectoryNode {
  let made: DirectoryNode | undefined;
  const known = (): DirectoryNode => {
    made ??= make();
    return made;
  };
  return {
    kind: 'directory',
    mode: 0o555,
    names: () => known().names(),
    find: (name) => known().find(name),
  };
}
