// The file system of cgroups (cgroup2): a directory for each group, and in it the files of control-files.ts.
// hierarchy.ts makes the only one; all mounts show it, or the part of it that is the root of a cgroup namespace.
import { POLLERR, POLLPRI } from '../abi/poll.ts';
import { S_IFDIR, S_IFMT, S_IFREG } from '../abi/stat.ts';
import { E2BIG, EACCES, EAGAIN, EBUSY, EINVAL, ENODEV, ENOENT, EPERM, fail } from '../errno.ts';
import type { FileDescriptor, Sink, Source } from '../file/file-descriptor.ts';
import type { OpenFile } from '../file/open-file.ts';
import { Changes } from '../fs/changes.ts';
import { DirectoryFile } from '../fs/directory-file.ts';
import { type DirectoryEntry, type FileSystem, Inode, type NewInode } from '../fs/inode.ts';
import { IN_MODIFY, notifyEntry, notifyInode } from '../fs/notify.ts';
import { Dentry, type Path } from '../fs/path.ts';
import { TextFile } from '../fs/procfs/text-file.ts';
import type { Kernel } from '../kernel.ts';
import type { Thread } from '../task/thread.ts';
import type { WaitQueue } from '../wait.ts';
import { Cgroup } from './cgroup.ts';
import { CONTROL_FILES, type ControlRow } from './control-files.ts';
import type { Cgroups } from './hierarchy.ts';
import { openerOf } from './membership.ts';

const CGROUP2_SUPER_MAGIC = 0x6367_7270;
const WRITE_LIMIT = 4096;
const NAMES = Object.keys(CONTROL_FILES);

export class CgroupFileSystem implements FileSystem {
  readonly type = 'cgroup2';
  readonly magic = CGROUP2_SUPER_MAGIC;
  readonly readOnly = false;
  readonly hasXattrs = true;
  readonly dev: number;
  readonly root: CgroupDirectory;
  readonly #top: Dentry;
  #nextIno = 1;

  constructor(kernel: Kernel, cgroups: Cgroups) {
    this.dev = kernel.vfs.allocateDev();
    this.root = new CgroupDirectory(this, cgroups, cgroups.root, { mode: S_IFDIR | 0o555, uid: 0, gid: 0 });
    this.#top = new Dentry('', undefined, this.root);
  }

  /** A number for a directory; those that follow are of its files. */
  allocateIno(): number {
    const ino = this.#nextIno;
    this.#nextIno += 1 + NAMES.length;
    return ino;
  }

  /** What its mounts have at their root: the group that is the root for the thread. */
  topFor({ namespaces }: Thread): Dentry {
    return this.#dentryOf(namespaces.cgroup.root);
  }

  #dentryOf({ parent, name, directory }: Cgroup): Dentry {
    if (parent === undefined || directory === undefined) return this.#top;
    return this.#dentryOf(parent).child(name, directory);
  }

  /** As mountinfo has it for the thread (cgroup_show_path). */
  rootText({ namespaces }: Thread, { inode }: Dentry): string | undefined {
    return inode instanceof CgroupDirectory ? inode.cgroup.pathFrom(namespaces.cgroup.root) : undefined;
  }

  statfs(): ReturnType<FileSystem['statfs']> {
    return { blocks: 0, blocksFree: 0, files: 0, filesFree: 0, blockSize: 4096, nameMax: 255 };
  }
}

export class CgroupDirectory extends Inode {
  readonly cgroups: Cgroups;
  readonly cgroup: Cgroup;
  readonly #fs: CgroupFileSystem;
  /** Those that somebody has looked up. */
  readonly #files = new Map<string, ControlInode>();
  readonly #owner: { readonly uid: number; readonly gid: number };

  constructor(fs: CgroupFileSystem, cgroups: Cgroups, cgroup: Cgroup, { mode, uid, gid }: NewInode) {
    super(fs, fs.allocateIno(), mode, uid, gid);
    this.#fs = fs;
    this.#owner = { uid, gid };
    this.cgroups = cgroups;
    this.cgroup = cgroup;
    this.nlink = 2;
    stamp(this, cgroups.kernel);
    cgroup.directory = this;
  }

  override get blocks(): number {
    return 0;
  }

  override open(_thread: Thread, path: Path): FileDescriptor {
    return new DirectoryFile(this, path);
  }

  override lookup(name: string): Inode | undefined {
    return this.#file(name) ?? this.cgroup.children.get(name)?.directory;
  }

  #file(name: string): ControlInode | undefined {
    if (!this.#hasFile(name)) return undefined;
    const known = this.#files.get(name);
    if (known !== undefined) return known;
    const made = new ControlInode(this.#fs, this, name, this.#owner);
    this.#files.set(name, made);
    return made;
  }

  #hasFile(name: string): boolean {
    const row = Object.hasOwn(CONTROL_FILES, name) ? CONTROL_FILES[name] : undefined;
    if (row === undefined || this.cgroup.isDead) return false;
    const isRoot = this.cgroup.parent === undefined;
    if (isRoot && row.isAtRoot !== true) return false;
    return row.controller === undefined || this.cgroup.has(row.controller);
  }

  override hasEntry(name: string): boolean {
    return this.#hasFile(name) || this.cgroup.children.has(name);
  }

  override readdir(): readonly DirectoryEntry[] {
    const entries: DirectoryEntry[] = [];
    for (const [i, name] of NAMES.entries())
      if (this.#hasFile(name)) entries.push({ name, ino: this.ino + 1 + i, type: S_IFREG });
    for (const [name, { directory }] of this.cgroup.children)
      if (directory !== undefined) entries.push({ name, ino: directory.ino, type: S_IFDIR });
    return entries;
  }

  /** mkdir. EAGAIN: cgroup.max.depth or cgroup.max.descendants of a group above; EACCES, EPERM: other files. */
  override create(name: string, what: NewInode): Inode {
    const { cgroup, cgroups } = this;
    const type = what.mode & S_IFMT;
    if (type !== S_IFDIR) fail(type === S_IFREG ? EACCES : EPERM, 'only directories can be made');
    if (name.includes('\n')) fail(EINVAL, 'a line feed would spoil /proc/PID/cgroup');
    let level = 0;
    for (let at: Cgroup | undefined = cgroup; at !== undefined; at = at.parent, level++) {
      if (level >= at.maxDepth) fail(EAGAIN, 'cgroup.max.depth');
      if (at.maxDescendants < Number.POSITIVE_INFINITY && at.descendantCount >= at.maxDescendants)
        fail(EAGAIN, 'cgroup.max.descendants');
    }
    const child = new Cgroup(name, cgroup);
    cgroup.children.set(name, child);
    child.isFreezing = child.isFrozen = cgroup.isFreezing;
    child.freezeStartNs = cgroups.kernel.clock.monotonicNs();
    this.nlink++;
    return new CgroupDirectory(this.#fs, cgroups, child, what);
  }

  /** EBUSY: it has processes or groups. */
  override rmdir(name: string): void {
    const child = this.cgroup.children.get(name) ?? fail(ENOENT, 'no such cgroup');
    if (child.isPopulated) fail(EBUSY, 'the cgroup has processes');
    if (child.children.size > 0) fail(EBUSY, 'there are cgroups in it');
    child.removed();
    this.nlink--;
    if (child.directory !== undefined) child.directory.nlink = 0;
    if (child.charge > 0) this.cgroups.dying.add(child);
  }

  /** Tells pollers and watches of it and of the directory (cgroup_file_notify, kernfs_notify). */
  fileChanged(name: string): void {
    const file = this.#files.get(name);
    file?.changes.happened();
    if (this.watches !== undefined || this.marks !== undefined || this.fs.marks !== undefined) {
      const inode = file ?? this.#file(name);
      if (inode !== undefined) notifyEntry(new Dentry('', undefined, this), name, inode, IN_MODIFY);
    }
    if (file !== undefined) notifyInode(file, IN_MODIFY);
  }
}

class ControlInode extends Inode {
  readonly row: ControlRow;
  readonly cgroup: Cgroup;
  readonly changes: Changes;

  constructor(
    fs: CgroupFileSystem,
    directory: CgroupDirectory,
    name: string,
    owner: { readonly uid: number; readonly gid: number },
  ) {
    const row = CONTROL_FILES[name] as ControlRow;
    super(fs, directory.ino + 1 + NAMES.indexOf(name), S_IFREG | modeOf(row), owner.uid, owner.gid);
    this.row = row;
    this.cgroup = directory.cgroup;
    this.changes = new Changes(`a change of ${name}`);
    this.atimeNs = this.mtimeNs = this.ctimeNs = directory.btimeNs;
  }

  override get blocks(): number {
    return 0;
  }

  override open(thread: Thread): FileDescriptor {
    return new ControlFile(this, thread);
  }

  /** O_TRUNC of a shell's `>`: nothing is kept that could be cut. */
  override truncate(): void {}
}

function modeOf({ read, write }: ControlRow): number {
  return (read === undefined ? 0 : 0o444) | (write === undefined ? 0 : 0o200);
}

/** ENODEV. */
function demandLive(cgroup: Cgroup): void {
  if (cgroup.isDead) fail(ENODEV, 'the cgroup was removed');
}

class ControlFile extends TextFile {
  readonly #changes: Changes;
  /** The changes that its reader has seen. */
  #seen = -1;

  constructor(inode: ControlInode, thread: Thread) {
    const { row, cgroup, changes } = inode;
    const opener = openerOf(thread);
    super(
      inode,
      {
        kind: 'text',
        text: (reader) => {
          demandLive(cgroup);
          return row.read === undefined ? fail(EINVAL, 'only for writing') : row.read(cgroup, reader);
        },
        store: (writer, text) => {
          demandLive(cgroup);
          if (row.write === undefined) fail(EINVAL, 'only for reading');
          inode.cgroup.directory?.cgroups.demandOutside(opener, cgroup, row);
          row.write(cgroup, writer, (text.split('\0', 1)[0] ?? '').trim(), opener);
        },
      },
      EINVAL,
    );
    this.#changes = changes;
  }

  /** A change is told until the file is read again (kernfs_generic_poll). */
  override poll(file: OpenFile): number {
    const ready = super.poll(file);
    return this.#changes.count === this.#seen ? ready : ready | POLLERR | POLLPRI;
  }

  override get changed(): WaitQueue {
    return this.#changes.queue;
  }

  override tryRead(thread: Thread, file: OpenFile, sink: Sink, position: number): number {
    this.#seen = this.#changes.count;
    return super.tryRead(thread, file, sink, position);
  }

  override tryWrite(thread: Thread, file: OpenFile, source: Source, position: number): number {
    if (source.remaining > WRITE_LIMIT) fail(E2BIG, 'more than a page');
    if (source.remaining === 0) return 0;
    return super.tryWrite(thread, file, source, position);
  }
}

function stamp(inode: Inode, kernel: Kernel): void {
  inode.atimeNs = inode.mtimeNs = inode.ctimeNs = inode.btimeNs = kernel.clock.realtimeNs();
}
