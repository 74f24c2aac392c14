// Building the tree from outside the guest: directories, files and links by absolute path, before or while it runs.
// The machine's set-up and the library's mount calls use it; no permissions are checked, links are followed.
import { S_IFCHR, S_IFDIR, S_IFLNK, S_IFREG } from '../abi/stat.ts';
import { ELOOP, ENOENT, ENOTDIR, fail } from '../errno.ts';
import type { Inode, NewInode } from './inode.ts';
import { Path } from './path.ts';
import { RegularInode } from './regular-inode.ts';

export interface Ownership {
  readonly uid?: number;
  readonly gid?: number;
}

/** One tree, seen from its root. Paths begin at that root, with or without a slash. */
export class Tree {
  readonly root: Path;

  constructor(root: Path) {
    this.root = root;
  }

  /** What `text` leads to. ENOENT, ENOTDIR, ELOOP. */
  find(text: string): Path {
    return this.#walk(text, undefined);
  }

  /** Makes the directory and those above it; what exists stays as it is. */
  directory(text: string, mode = 0o755, owner: Ownership = {}): Path {
    return this.#walk(text, { mode: S_IFDIR | mode, uid: owner.uid ?? 0, gid: owner.gid ?? 0 });
  }

  /** Makes or replaces a regular file. */
  file(text: string, content: Uint8Array | string, mode = 0o644, owner: Ownership = {}): Path {
    const path = this.#entry(text, { mode: S_IFREG | mode, uid: owner.uid ?? 0, gid: owner.gid ?? 0 });
    const { inode } = path;
    if (!(inode instanceof RegularInode)) fail(ENOENT, 'not a regular file');
    inode.replaceContent(typeof content === 'string' ? bytesOf(content) : content);
    return path;
  }

  /** Makes a symbolic link unless the name is taken. */
  symlink(text: string, target: string): void {
    const { parent, name } = this.#parent(text);
    if (parent.inode.lookup(name) !== undefined) return;
    parent.inode.symlink(name, target, { mode: S_IFLNK | 0o777, uid: 0, gid: 0 });
  }

  /** Makes a character device unless the name is taken. */
  device(text: string, mode: number, rdev: number): void {
    this.#entry(text, { mode: S_IFCHR | mode, uid: 0, gid: 0, rdev });
  }

  #parent(text: string): { readonly parent: Path; readonly name: string } {
    const at = text.lastIndexOf('/');
    return { parent: this.directory(text.slice(0, Math.max(at, 0))), name: text.slice(at + 1) };
  }

  #entry(text: string, what: NewInode): Path {
    const { parent, name } = this.#parent(text);
    const known = parent.inode.lookup(name);
    const inode = known ?? parent.inode.create(name, what);
    return this.#child(parent, name, inode);
  }

  #child(parent: Path, name: string, inode: Inode): Path {
    let path = new Path(parent.mount, parent.dentry.child(name, inode));
    for (;;) {
      const over = path.mount.over(path.dentry);
      if (over === undefined) return path;
      path = over.rootPath;
    }
  }

  /** Follows `text`; with `make`, missing directories are made that way. */
  #walk(text: string, make: NewInode | undefined): Path {
    const names = text.split('/').filter((name) => name !== '' && name !== '.');
    const trail: Path[] = [this.root];
    let links = 0;
    for (let name = names.shift(); name !== undefined; name = names.shift()) {
      const at = trail[trail.length - 1] as Path;
      if (name === '..') {
        if (trail.length > 1) trail.pop();
        continue;
      }
      if (!at.inode.isDirectory) fail(ENOTDIR, `${name} is not below a directory`);
      let inode = at.inode.lookup(name);
      if (inode === undefined) {
        if (make === undefined) fail(ENOENT, `there is no ${name}`);
        inode = at.inode.create(name, make);
      }
      const target = inode.linkTarget;
      if (target === undefined) {
        trail.push(this.#child(at, name, inode));
        continue;
      }
      if (++links > 40) fail(ELOOP, 'too many symbolic links');
      names.unshift(...target.split('/').filter((part) => part !== '' && part !== '.'));
      if (target.startsWith('/')) trail.length = 1;
    }
    return trail[trail.length - 1] as Path;
  }
}

/** Text of a configuration file: ASCII. */
function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
