// Where a name led: a dentry (name in a directory) seen through a mount, as Linux's struct path.
// The path walker makes them; cwd, root, open file descriptions and mounts hold them.
// A dentry keeps its identity when renamed, so getcwd and /proc links follow; a removed one stays, marked.
import type { Inode } from './inode.ts';
import type { Mount } from './mount.ts';

export class Dentry {
  name: string;
  /** Undefined for the root of a file system and for anonymous files. */
  parent: Dentry | undefined;
  inode: Inode;
  /** Unlinked: shown with " (deleted)" after it. */
  isDeleted = false;
  /** Something is or was mounted here, or below where names are volatile: `Mount.over` knows what. */
  isMountPoint = false;
  #children: Map<string, Dentry> | undefined;

  constructor(name: string, parent: Dentry | undefined, inode: Inode) {
    this.name = name;
    this.parent = parent;
    this.inode = inode;
  }

  /** The dentry for the entry `name`, which leads to `inode` now. */
  child(name: string, inode: Inode): Dentry {
    const known = this.#children?.get(name);
    if (known !== undefined && (known.inode === inode || known.isMountPoint)) return known;
    const dentry = new Dentry(name, this, inode);
    if (inode.fs.isVolatile !== true) {
      this.#children ??= new Map();
      this.#children.set(name, dentry);
    }
    return dentry;
  }

  /** Something is mounted here: looking its name up again gives this dentry, even where names are volatile (/proc). */
  becomeMountPoint(): void {
    for (let at: Dentry = this; !at.isMountPoint; ) {
      at.isMountPoint = true;
      const { parent } = at;
      if (parent === undefined || at.inode.fs.isVolatile !== true) return;
      parent.#children ??= new Map();
      if (parent.#children.get(at.name)?.isMountPoint === true) return; // this one is the root of a bind mount
      parent.#children.set(at.name, at);
      at = parent;
    }
  }

  /** The dentry of `name` when one was handed out before. */
  knownChild(name: string): Dentry | undefined {
    return this.#children?.get(name);
  }

  /** The entry `name` was unlinked. */
  childRemoved(name: string): void {
    const known = this.#children?.get(name);
    if (known === undefined) return;
    known.isDeleted = true;
    this.#children?.delete(name);
  }

  /** The entry `name` became `newName` of `newParent`, whose old dentry is gone. */
  childMoved(name: string, newParent: Dentry, newName: string): void {
    const moved = this.#children?.get(name);
    newParent.childRemoved(newName);
    if (moved === undefined) return;
    this.#children?.delete(name);
    newParent.#adopt(moved, newName);
  }

  /** RENAME_EXCHANGE: the entries changed places. */
  childrenExchanged(name: string, newParent: Dentry, newName: string): void {
    const mine = this.#children?.get(name);
    const theirs = newParent.#children?.get(newName);
    this.#children?.delete(name);
    newParent.#children?.delete(newName);
    if (mine !== undefined) newParent.#adopt(mine, newName);
    if (theirs !== undefined) this.#adopt(theirs, name);
  }

  #adopt(dentry: Dentry, name: string): void {
    dentry.name = name;
    dentry.parent = this;
    this.#children ??= new Map();
    this.#children.set(name, dentry);
  }
}

export class Path {
  readonly mount: Mount;
  readonly dentry: Dentry;

  constructor(mount: Mount, dentry: Dentry) {
    this.mount = mount;
    this.dentry = dentry;
  }

  get inode(): Inode {
    return this.dentry.inode;
  }

  equals(other: Path): boolean {
    return this.mount === other.mount && this.dentry === other.dentry;
  }
}
