// Where a thread finds keys, and which it may use (security/keys/process_keys.c, keyring.c, permission.c).
// syscalls/keys.ts asks here for the keys and keyrings that calls name.
import { EACCES, EINVAL, EKEYEXPIRED, EKEYREVOKED, ENOKEY, fail } from '../errno.ts';
import { inGroup } from '../task/credentials.ts';
import type { Thread } from '../task/thread.ts';
import { type Key, SEARCH } from './keys.ts';

const NO_GROUP = 0xffff_ffff;

/** A key, and whether the thread has come to it by its own keyrings. */
export interface Found {
  readonly key: Key;
  readonly isPossessed: boolean;
}

/** key_task_permission. */
export function mayUse({ credentials }: Thread, { key, isPossessed }: Found, wanted: number): boolean {
  const { permissions } = key;
  let granted = permissions;
  if (key.uid === credentials.fsuid) granted = permissions >>> 16;
  else if (key.gid !== NO_GROUP && (permissions & 0x3f00) !== 0 && inGroup(credentials, key.gid))
    granted = permissions >>> 8;
  if (isPossessed) granted |= permissions >>> 24;
  return (granted & wanted) === wanted;
}

/** Searches rings, nearest first, through those that may be searched (search_nested_keyrings). */
export function search(
  thread: Thread,
  rings: readonly Found[],
  isRight: (key: Key, isAllowed: boolean) => boolean,
): Found | undefined {
  const seen = new Set<Key>();
  const queue = [...rings];
  for (const ring of queue) {
    if (seen.has(ring.key) || !mayUse(thread, ring, SEARCH) || ring.key.isRevoked) continue;
    seen.add(ring.key);
    for (const key of ring.key.links ?? []) {
      const found = { key, isPossessed: ring.isPossessed };
      const isAllowed = mayUse(thread, found, SEARCH);
      if (isRight(key, isAllowed) && isAllowed && !key.isInvalid) return found;
      if (key.links !== undefined) queue.push(found);
    }
  }
  return undefined;
}

/**
 * The key of this name in the rings, nearest first. What it fails with when there is none that may be had: EACCES, EKEYREVOKED,
 * EKEYEXPIRED if no ring is without such a key, else ENOKEY (search_cred_keyrings_rcu).
 */
export function searchNamed(
  thread: Thread,
  rings: readonly Found[],
  type: string,
  description: string,
): Found {
  const now = thread.kernel.clock.realtimeNs();
  let error: number | undefined;
  let isMissing = rings.length === 0;
  for (const ring of rings) {
    let own: number | undefined;
    const found = search(thread, [ring], (key, isAllowed) => {
      if (key.type !== type || key.description !== description) return false;
      own = key.isRevoked || key.isInvalid ? EKEYREVOKED : key.isExpired(now) ? EKEYEXPIRED : undefined;
      if (own === undefined && !isAllowed) own = EACCES;
      return own === undefined;
    });
    if (found !== undefined) return found;
    if (!mayUse(thread, ring, SEARCH)) own = EACCES;
    if (own === undefined) isMissing = true;
    error ??= own;
  }
  return fail(isMissing ? ENOKEY : (error ?? ENOKEY), 'no such key that may be had');
}

export function ownRings(thread: Thread): Found[] {
  return thread.kernel.keys.ringsOf(thread).map((key) => ({ key, isPossessed: true }));
}

/** The keyring with a special number. ENOKEY: there is none, and it is not to be made. EINVAL. */
function specialRing(thread: Thread, id: number, creates: boolean): Key {
  const { keys } = thread.kernel;
  const { keyrings } = thread.process;
  switch (id) {
    case -1: {
      const known = keys.ofThread(thread);
      if (known !== undefined) return known;
      if (!creates) fail(ENOKEY, 'the thread has no keyring');
      const made = keys.makeRing(thread, '_tid');
      keys.setThreadRing(thread, made);
      return made;
    }
    case -2:
      if (keyrings.process === undefined && !creates) fail(ENOKEY, 'the process has no keyring');
      keyrings.process ??= keys.makeRing(thread, '_pid');
      return keyrings.process;
    case -3: {
      const ofUser = keys.ofUser(thread.credentials.ruid).session;
      if (creates && (keyrings.session === undefined || keyrings.session === ofUser))
        keyrings.session = keys.makeSession(thread);
      keyrings.session ??= ofUser;
      return keyrings.session;
    }
    case -4:
      return keys.ofUser(thread.credentials.ruid).user;
    case -5:
      return keys.ofUser(thread.credentials.ruid).session;
    case -7:
    case -8:
      return fail(ENOKEY, 'no key is being asked for');
    default:
      return fail(EINVAL, 'no such keyring');
  }
}

/** lookup_user_key without its last check. ENOKEY, EINVAL, EKEYREVOKED, EKEYEXPIRED. */
export function find(thread: Thread, id: number, creates: boolean, isForUnlink = false): Found {
  const { keys, clock } = thread.kernel;
  const key =
    id < 0
      ? specialRing(thread, id, creates)
      : id === 0
        ? fail(EINVAL, 'no key has number 0')
        : keys.find(id);
  if (key === undefined) fail(ENOKEY, 'no such key');
  if (!isForUnlink) key.validate(clock.realtimeNs());
  const isPossessed =
    id < 0 ||
    ownRings(thread).some((ring) => ring.key === key && mayUse(thread, ring, SEARCH)) ||
    search(thread, ownRings(thread), (one) => one === key) !== undefined;
  return { key, isPossessed };
}

/** The same with a permission. EACCES. */
export function findFor(thread: Thread, id: number, wanted: number, creates = false): Key {
  const found = find(thread, id, creates);
  if (!mayUse(thread, found, wanted)) fail(EACCES, 'the permissions of the key do not allow it');
  return found.key;
}
