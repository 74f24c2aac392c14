// Memory that only those who map it see: memfd_secret(2) (mm/secretmem.c).
// syscalls/memfd.ts makes it. Its bytes are reached through shared mappings alone, which are locked and left out of cores;
// what reads memory on behalf of others looks for VmaFlag.Secret (kernel/mm/secret-areas.ts).
import { O_LARGEFILE, O_RDWR } from '../abi/fcntl.ts';
import { S_IFREG } from '../abi/stat.ts';
import { EINVAL, ENXIO, fail } from '../errno.ts';
import { FileDescriptor, type MappedPages } from '../file/file-descriptor.ts';
import { OpenFile } from '../file/open-file.ts';
import type { MemoryAccount } from '../mm/account.ts';
import { AnonymousPages } from '../mm/anonymous-pages.ts';
import { PageCache } from '../mm/page-cache.ts';
import { VmaFlag } from '../mm/vma.ts';
import type { Thread } from '../task/thread.ts';
import type { PseudoFileSystem } from './anonymous.ts';
import { Inode } from './inode.ts';
import { Dentry, Path } from './path.ts';

class SecretInode extends Inode {
  readonly cache: PageCache;
  readonly pages: AnonymousPages;

  constructor(fs: PseudoFileSystem, account: MemoryAccount, uid: number, gid: number) {
    super(fs, fs.allocateIno(), S_IFREG | 0o600, uid, gid);
    this.pages = new AnonymousPages(0, account);
    this.cache = new PageCache(this.pages, `secret:${this.ino}`);
    this.atimeNs = fs.now();
    this.mtimeNs = this.atimeNs;
    this.ctimeNs = this.atimeNs;
  }

  override get size(): number {
    return this.pages.size;
  }

  /** Pages belong to who maps them. */
  override get blocks(): number {
    return 0;
  }

  /** ENXIO: not even through /proc/PID/fd. */
  override open(): never {
    return fail(ENXIO, 'this kind of file cannot be opened by name');
  }

  /** EINVAL: the size is set once. */
  override truncate(size: number): void {
    if (this.pages.size !== 0) fail(EINVAL, 'the size was set already');
    this.pages.size = size;
  }
}

/** Neither read, written nor sought in. */
export class SecretFile extends FileDescriptor {
  readonly kind = 'secret';
  override readonly inode: SecretInode;

  constructor(inode: SecretInode) {
    super();
    this.inode = inode;
  }

  override mapped(offset: number): MappedPages {
    const areaFlags = VmaFlag.Secret | VmaFlag.Locked | VmaFlag.DontDump;
    return { cache: this.inode.cache, offset, areaFlags };
  }

  /** Neither a descriptor nor a mapping is left. */
  override close(): void {
    this.inode.pages.free();
  }
}

/** A new one of no size yet, open for reading and writing. */
export function createSecretFile({ kernel, mm, credentials }: Thread): OpenFile {
  const mount = kernel.vfs.secretMount;
  const fs = mount.fs as PseudoFileSystem;
  const inode = new SecretInode(fs, mm.account, credentials.fsuid, credentials.fsgid);
  const dentry = new Dentry('/secretmem', undefined, inode);
  dentry.isDeleted = true;
  return new OpenFile(new SecretFile(inode), O_RDWR | O_LARGEFILE, new Path(mount, dentry));
}
