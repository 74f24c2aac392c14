// The keys of the machine (keyrings(7); security/keys/): secrets and rings of them, found by number or by description.
// A key lives as long as a keyring of some process or user leads to it; syscalls/keys.ts is who may do what.
import { EDEADLK, EDQUOT, EKEYEXPIRED, EKEYREVOKED, ENOTDIR, fail } from '../errno.ts';
import type { Kernel } from '../kernel.ts';
import type { Process } from '../task/process.ts';
import type { Thread } from '../task/thread.ts';

export const VIEW = 1;
export const READ = 2;
export const WRITE = 4;
export const SEARCH = 8;
export const LINK = 16;
export const SETATTR = 32;

/** KEY_POS_ALL, and KEY_USR_ALL. */
const POSSESSOR_ALL = 0x3f00_0000;
const SESSION_PERMISSIONS = 0x3f03_0000;
const USER_KEYRING = 0x1f3f_0000;
const NO_GROUP = 0xffff_ffff;
/** Keys and bytes of a user (kernel.keys.maxkeys, maxbytes; root's). */
const QUOTA = { keys: 200, bytes: 20_000 };
const ROOT_QUOTA = { keys: 10_000, bytes: 25_000_000 };

export class Key {
  readonly serial: number;
  readonly type: string;
  readonly description: string;
  uid: number;
  gid: number;
  permissions: number;
  /** Of a keyring: what it leads to, in order. */
  readonly links: Set<Key> | undefined;
  payload = new Uint8Array(0);
  isRevoked = false;
  isInvalid = false;
  /** Real time, ns. */
  expiresNs: bigint | undefined;

  constructor(
    serial: number,
    what: { type: string; description: string; uid: number; gid: number; permissions: number },
  ) {
    this.serial = serial;
    this.type = what.type;
    this.description = what.description;
    this.uid = what.uid;
    this.gid = what.gid;
    this.permissions = what.permissions;
    this.links = what.type === 'keyring' ? new Set() : undefined;
  }

  get bytes(): number {
    return this.description.length + 1 + this.payload.length;
  }

  /** EKEYREVOKED, EKEYEXPIRED. */
  validate(nowNs: bigint): this {
    if (this.isRevoked) fail(EKEYREVOKED, 'the key is revoked');
    if (this.isExpired(nowNs)) fail(EKEYEXPIRED, 'the key has expired');
    return this;
  }

  isExpired(nowNs: bigint): boolean {
    return this.expiresNs !== undefined && this.expiresNs <= nowNs;
  }

  /** The ring's links. ENOTDIR. */
  get ring(): Set<Key> {
    return this.links ?? fail(ENOTDIR, 'not a keyring');
  }

  /** The key of this type and name that the ring leads to itself. */
  named(type: string, description: string): Key | undefined {
    for (const key of this.ring)
      if (key.type === type && key.description === description && !key.isInvalid) return key;
    return undefined;
  }

  /** In place of one with the same name. ENOTDIR; EDEADLK: the ring would lead to itself. */
  link(key: Key): void {
    const { ring } = this;
    if (key.links !== undefined && leadsTo(key, this)) fail(EDEADLK, 'a ring that leads to itself');
    const displaced = this.named(key.type, key.description);
    if (displaced !== undefined && displaced !== key) ring.delete(displaced);
    ring.add(key);
  }
}

function leadsTo(from: Key, to: Key): boolean {
  if (from === to) return true;
  const seen = new Set<Key>([from]);
  for (const ring of seen) {
    for (const key of ring.links ?? []) {
      if (key === to) return true;
      if (key.links !== undefined) seen.add(key);
    }
  }
  return false;
}

/** Keyrings of one process; a child has its parent's session, and no others. */
export interface ProcessKeyrings {
  session: Key | undefined;
  process: Key | undefined;
}

export class Keys {
  readonly #kernel: Kernel;
  readonly #keys = new Map<number, Key>();
  readonly #ofUsers = new Map<number, { readonly user: Key; readonly session: Key }>();
  readonly #ofThreads = new Map<Thread, Key>();
  #sweepAt = 256;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** A new key that nothing leads to yet. EDQUOT. */
  make(
    what: { type: string; description: string; uid: number; gid: number; permissions: number },
    payload: Uint8Array = new Uint8Array(0),
  ): Key {
    if (this.#keys.size >= this.#sweepAt) this.#sweep();
    this.demandQuota(what.uid, what.description.length + 1 + payload.length);
    let serial = 0;
    while (serial < 3 || this.#keys.has(serial)) serial = this.#kernel.random.below(0x7fff_ffff);
    const key = new Key(serial, what);
    key.payload = payload.slice();
    this.#keys.set(serial, key);
    return key;
  }

  demandQuota(uid: number, bytes: number): void {
    const quota = uid === 0 ? ROOT_QUOTA : QUOTA;
    if (this.#usage(uid, bytes, quota)) return;
    this.#sweep();
    if (!this.#usage(uid, bytes, quota)) fail(EDQUOT, 'too many keys, or too large ones');
  }

  #usage(uid: number, bytes: number, quota: typeof QUOTA): boolean {
    let count = 1;
    let sum = bytes;
    for (const key of this.#keys.values()) {
      if (key.uid !== uid) continue;
      count++;
      sum += key.bytes;
    }
    return count <= quota.keys && sum <= quota.bytes;
  }

  /** Forgets what nothing leads to any more. */
  #sweep(): void {
    const living = this.#living();
    for (const [serial, key] of this.#keys) if (!living.has(key)) this.#keys.delete(serial);
    for (const thread of this.#ofThreads.keys()) if (thread.state === 'dead') this.#ofThreads.delete(thread);
    this.#sweepAt = Math.max(256, this.#keys.size * 2);
  }

  #living(): Set<Key> {
    const living = new Set<Key>();
    for (const { user, session } of this.#ofUsers.values()) living.add(user).add(session);
    for (const [thread, key] of this.#ofThreads) if (thread.state !== 'dead') living.add(key);
    for (const { keyrings, state } of this.#kernel.processes) {
      if (keyrings.session !== undefined) living.add(keyrings.session);
      if (keyrings.process !== undefined && state === 'alive') living.add(keyrings.process);
    }
    for (const key of living) for (const next of key.links ?? []) living.add(next);
    return living;
  }

  /** The key with this number, if something leads to it. */
  find(serial: number): Key | undefined {
    const key = this.#keys.get(serial);
    if (key === undefined || key.isInvalid || !this.#living().has(key)) return undefined;
    return key;
  }

  /** A live keyring by its name, for JOIN_SESSION_KEYRING. */
  findRing(description: string, uid: number): Key | undefined {
    for (const key of this.#living())
      if (key.links !== undefined && key.description === description && key.uid === uid && !key.isRevoked)
        return key;
    return undefined;
  }

  /** A user's keyring, and its default session keyring, which leads to the other. */
  ofUser(uid: number): { readonly user: Key; readonly session: Key } {
    const known = this.#ofUsers.get(uid);
    if (known !== undefined) return known;
    const make = (description: string): Key =>
      this.make({ type: 'keyring', description, uid, gid: NO_GROUP, permissions: USER_KEYRING });
    const both = { user: make(`_uid.${uid}`), session: make(`_uid_ses.${uid}`) };
    both.session.link(both.user);
    this.#ofUsers.set(uid, both);
    return both;
  }

  ofThread(thread: Thread): Key | undefined {
    return this.#ofThreads.get(thread);
  }

  setThreadRing(thread: Thread, key: Key | undefined): void {
    if (key === undefined) this.#ofThreads.delete(thread);
    else this.#ofThreads.set(thread, key);
  }

  /** execve: only the session goes on. */
  programReplaced(thread: Thread, { keyrings }: Process): void {
    keyrings.process = undefined;
    this.#ofThreads.delete(thread);
  }

  /** Where a thread looks for keys, in order. */
  ringsOf(thread: Thread): Key[] {
    const { session, process } = thread.process.keyrings;
    const own = [
      this.ofThread(thread),
      process,
      session ?? this.#ofUsers.get(thread.credentials.ruid)?.session,
    ];
    return own.filter((ring) => ring !== undefined);
  }

  /** A new keyring of the thread's user. */
  makeRing({ credentials }: Thread, description: string, permissions = 0x3f01_0000): Key {
    const { fsuid: uid, fsgid: gid } = credentials;
    return this.make({ type: 'keyring', description, uid, gid, permissions: permissions | POSSESSOR_ALL });
  }

  /** A session keyring without a name of its own. */
  makeSession(thread: Thread): Key {
    return this.makeRing(thread, '_ses', SESSION_PERMISSIONS);
  }
}
