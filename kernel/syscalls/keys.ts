// add_key, request_key and keyctl (keyctl(2); security/keys/keyctl.c, permission.c, process_keys.c).
// Rows for table.ts; the keys themselves are kernel/keys/keys.ts, and who may use which find.ts.
import { PAGE_SIZE } from '../../emulator/memory/layout.ts';
import { BufferIn, CString, Size } from '../abi/kinds/basic.ts';
import {
  KeyctlFifth,
  KeyctlFourth,
  KeyctlOperation,
  KeyctlSecond,
  KeyctlThird,
  KeySerial,
} from '../abi/kinds/key-kinds.ts';
import {
  EACCES,
  EEXIST,
  EINVAL,
  ENODEV,
  ENOENT,
  ENOKEY,
  EOPNOTSUPP,
  EPERM,
  fail,
  isFailure,
} from '../errno.ts';
import { type Found, find, findFor, mayUse, ownRings, searchNamed } from '../keys/find.ts';
import { type Key, LINK, READ, SEARCH, SETATTR, VIEW, WRITE } from '../keys/keys.ts';
import { bytesToText, textToBytes } from '../mm/user-memory.ts';
import { CAP_SYS_ADMIN, capable, inGroup } from '../task/credentials.ts';
import type { Thread } from '../task/thread.ts';
import { syscall } from './syscall.ts';

const MOST_PAYLOAD = 1024 * 1024 - 1;
const MOST_USER_PAYLOAD = 32_767;
const MOST_DESCRIPTION = 4096;
const MOST_TYPE = 32;
const NO_ID = 0xffff_ffff;
const OVERFLOW_GID = 65_534;
/** KEY_POS_VIEW | SEARCH | LINK | SETATTR, and KEY_USR_VIEW. */
const DEFAULT_PERMISSIONS = 0x3901_0000;
const POSSESSOR_READ = 0x0200_0000;
const POSSESSOR_WRITE = 0x0400_0000;
const NAMED_SESSION_PERMISSIONS = 0x3f13_0000;
const ALL_PERMISSIONS = 0x3f3f_3f3f;

/** Types of keys: which can be read (a logon key cannot). */
const TYPES: Readonly<Record<string, { readonly isReadable: boolean }>> = {
  keyring: { isReadable: true },
  user: { isReadable: true },
  logon: { isReadable: false },
};

function readType(thread: Thread, address: number): string {
  const type = bytesToText(thread.user.readCString(address, MOST_TYPE, EINVAL));
  if (type === '') fail(EINVAL, 'an empty type');
  if (type.startsWith('.')) fail(EPERM, "a type of the kernel's own");
  return type;
}

interface AddArguments {
  readonly type: number;
  readonly description: number;
  readonly payload: number;
  readonly plen: number;
  readonly keyring: number;
}

/** The key's number: a new one, or the one of that name with other content. */
function addKey(
  thread: Thread,
  { type: typeAt, description: at, payload, plen, keyring }: AddArguments,
): number {
  if (plen > MOST_PAYLOAD) fail(EINVAL, 'a payload of a mebibyte or more');
  const { user, kernel, credentials } = thread;
  const type = readType(thread, typeAt);
  const description = at === 0 ? '' : bytesToText(user.readCString(at, MOST_DESCRIPTION, EINVAL));
  if (type === 'keyring' && description.startsWith('.')) fail(EPERM, "a name of the kernel's own");
  const bytes = plen === 0 ? new Uint8Array(0) : user.read(payload, plen);
  const ring = findFor(thread, keyring, WRITE, true);
  const known = TYPES[type] ?? fail(ENODEV, 'no such type of keys');
  ring.ring.has(ring); // ENOTDIR
  demandContent(type, description, bytes);
  const old = ring.named(type, description);
  const now = kernel.clock.realtimeNs();
  if (old !== undefined && type !== 'keyring' && isValid(old, now)) {
    const isPossessed = true;
    if (!mayUse(thread, { key: old, isPossessed }, WRITE)) fail(EACCES, 'the key may not be changed');
    setContent(thread, old, bytes);
    return old.serial;
  }
  let permissions = DEFAULT_PERMISSIONS | POSSESSOR_WRITE;
  if (known.isReadable) permissions |= POSSESSOR_READ;
  const { fsuid: uid, fsgid: gid } = credentials;
  const key = kernel.keys.make({ type, description, uid, gid, permissions }, bytes);
  ring.link(key);
  return key.serial;
}

function isValid(key: Key, nowNs: bigint): boolean {
  try {
    key.validate(nowNs);
    return true;
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown;
    return false;
  }
}

function demandContent(type: string, description: string, bytes: Uint8Array): void {
  if (description === '') fail(EINVAL, 'a key needs a description');
  if (type === 'keyring') {
    if (bytes.length > 0) fail(EINVAL, 'a keyring has no payload');
    return;
  }
  if (type === 'logon' && description.indexOf(':') <= 0) fail(EINVAL, 'a logon key has a prefix and a colon');
  if (bytes.length === 0 || bytes.length > MOST_USER_PAYLOAD) fail(EINVAL, 'no payload, or too long a one');
}

function setContent(thread: Thread, key: Key, bytes: Uint8Array): void {
  thread.kernel.keys.demandQuota(key.uid, Math.max(0, bytes.length - key.payload.length));
  key.payload = bytes.slice();
  key.expiresNs = undefined;
}

interface RequestArguments {
  readonly type: number;
  readonly description: number;
  readonly callout_info: number;
  readonly dest_keyring: number;
}

/** The key of that name in the thread's keyrings. There is nobody to ask for others: ENOKEY. EFAULT, EINVAL of a string. */
function requestKey(
  thread: Thread,
  { type: typeAt, description: at, callout_info: info, dest_keyring: target }: RequestArguments,
): number {
  const type = readType(thread, typeAt);
  const description = bytesToText(thread.user.readCString(at, MOST_DESCRIPTION, EINVAL));
  if (info !== 0) thread.user.readCString(info, PAGE_SIZE, EINVAL);
  const ring = target === 0 ? undefined : findFor(thread, target, WRITE, true);
  if (TYPES[type] === undefined) fail(ENOKEY, 'no such type of keys');
  const found = searchNamed(thread, ownRings(thread), type, description); // there is nobody who makes it
  ring?.link(found.key);
  return found.key.serial;
}

function joinSession(thread: Thread, nameAt: number): number {
  const { keys } = thread.kernel;
  const { keyrings } = thread.process;
  if (nameAt === 0) keyrings.session = keys.makeSession(thread);
  else {
    const name = bytesToText(thread.user.readCString(nameAt, MOST_DESCRIPTION, EINVAL));
    if (name === '') fail(EINVAL, 'a key needs a description');
    if (name.startsWith('.')) fail(EPERM, "a name of the kernel's own");
    keyrings.session =
      keys.findRing(name, thread.credentials.fsuid) ?? keys.makeRing(thread, name, NAMED_SESSION_PERMISSIONS);
  }
  return keyrings.session.serial;
}

/** A size_t that was read as a long. */
function roomOf(value: number): number {
  return value < 0 ? Number.MAX_SAFE_INTEGER : value;
}

/** What fits, or nothing; how much there is. */
function give(thread: Thread, bytes: Uint8Array, address: number, room: number): number {
  if (address !== 0 && room >= bytes.length) thread.user.write(address, bytes);
  return bytes.length;
}

function describe(thread: Thread, id: number, address: number, room: number): number {
  const { type, uid, gid, permissions, description } = findFor(thread, id, VIEW);
  const shown = gid === NO_ID ? OVERFLOW_GID : gid;
  const text = `${type};${uid};${shown};${permissions.toString(16).padStart(8, '0')};${description}\0`;
  return give(thread, textToBytes(text), address, room);
}

/** Whatever is wrong with the number is ENOKEY (keyctl_read_key). */
function findToRead(thread: Thread, id: number): Found {
  try {
    return find(thread, id, false);
  } catch (thrown) {
    if (isFailure(thrown) && thrown.errno === EINVAL) fail(ENOKEY, 'no key has this number');
    throw thrown;
  }
}

/** Those that possess a key may read it though its permissions say nothing of it. */
function readKey(thread: Thread, id: number, address: number, room: number): number {
  const found = findToRead(thread, id);
  if (!mayUse(thread, found, READ) && !found.isPossessed) fail(EACCES, 'the key may not be read');
  const { key } = found;
  if (TYPES[key.type]?.isReadable !== true) fail(EOPNOTSUPP, 'keys of this type are not read');
  if (key.links === undefined) return give(thread, key.payload, address, room);
  const numbers = Uint32Array.from([...key.links], ({ serial }) => serial);
  const fitting = new Uint8Array(numbers.buffer).subarray(0, Math.floor(room / 4) * 4);
  if (address !== 0) thread.user.write(address, fitting);
  return numbers.length * 4;
}

function chown(thread: Thread, id: number, uid: number, gid: number): number {
  if (uid === NO_ID && gid === NO_ID) return 0; // nothing is looked at
  const key = findFor(thread, id, SETATTR, true);
  const { credentials } = thread;
  if (!capable(credentials, CAP_SYS_ADMIN)) {
    if (uid !== NO_ID && uid !== key.uid) fail(EACCES, 'only the privileged give keys away');
    if (gid !== NO_ID && gid !== key.gid && !inGroup(credentials, gid)) fail(EACCES, 'not a group of yours');
  }
  if (uid !== NO_ID) key.uid = uid;
  if (gid !== NO_ID) key.gid = gid;
  return 0;
}

function setPermissions(thread: Thread, id: number, permissions: number): number {
  if ((permissions & ~ALL_PERMISSIONS) !== 0) fail(EINVAL, 'unknown permissions');
  const key = findFor(thread, id, SETATTR, true);
  const { credentials } = thread;
  if (key.uid !== credentials.fsuid && !capable(credentials, CAP_SYS_ADMIN))
    fail(EACCES, "someone else's key");
  key.permissions = permissions;
  return 0;
}

function revoke(thread: Thread, id: number): number {
  const found = find(thread, id, false);
  if (!mayUse(thread, found, WRITE) && !mayUse(thread, found, SETATTR))
    fail(EACCES, 'the key may not be revoked');
  found.key.isRevoked = true;
  found.key.links?.clear();
  return 0;
}

function searchRing(thread: Thread, id: number, typeAt: number, at: number, target: number): number {
  const type = readType(thread, typeAt);
  const description = bytesToText(thread.user.readCString(at, MOST_DESCRIPTION, EINVAL));
  const found = find(thread, id, false);
  if (!mayUse(thread, found, SEARCH)) fail(EACCES, 'the keyring may not be searched');
  const ring = target === 0 ? undefined : findFor(thread, target, WRITE, true);
  if (TYPES[type] === undefined) fail(ENOKEY, 'no such type of keys');
  found.key.ring.has(found.key); // ENOTDIR
  const result = searchNamed(thread, [found], type, description);
  if (ring !== undefined) {
    if (!mayUse(thread, result, LINK)) fail(EACCES, 'the key may not be linked');
    ring.link(result.key);
  }
  return result.key.serial;
}

/** KEYCTL_MOVE: from one keyring to another, or to where it is. EINVAL, ENOTDIR, ENOENT, EEXIST (key_move). */
function moveKey(thread: Thread, id: number, { arg3, arg4, arg5 }: Arguments): number {
  if ((arg5 & ~KEYCTL_MOVE_EXCL) !== 0) fail(EINVAL, 'unknown flags');
  const key = findFor(thread, id, LINK, true);
  const from = findFor(thread, arg3 | 0, WRITE);
  const to = findFor(thread, arg4 | 0, WRITE, true);
  if (from === to) return 0;
  const gone = from.named(key.type, key.description); // ENOTDIR; whichever key has the name
  const displaced = to.named(key.type, key.description);
  if (gone === undefined) fail(ENOENT, 'the keyring does not lead to it');
  if (displaced !== undefined && (arg5 & KEYCTL_MOVE_EXCL) !== 0) fail(EEXIST, 'the name is taken there');
  to.link(key);
  from.ring.delete(gone);
  return 0;
}

/** Who makes keys that were asked for has an authority; nobody is ever asked. EINVAL first, then EPERM. */
function refuseInstantiation(isSense: boolean): never {
  return isSense ? fail(EPERM, 'nobody asked for a key') : fail(EINVAL, 'not an errno, or too long');
}

/** An errno that programs know. */
function isErrno(value: number): boolean {
  return value > 0 && value < MAX_ERRNO && !INNER_ERRNOS.includes(value);
}

const KEYCTL_MOVE_EXCL = 1;
const MAX_ERRNO = 4095;
/** ERESTARTSYS, ERESTARTNOINTR, ERESTARTNOHAND, ERESTART_RESTARTBLOCK. */
const INNER_ERRNOS: readonly number[] = [512, 513, 514, 516];
/** What this kernel has of keyctl(2): KEYCTL_CAPABILITIES itself, _INVALIDATE and _MOVE; names of keyrings are the machine's. */
const CAPABILITIES = Uint8Array.of(0x01 | 0x20 | 0x80, 0);

/** How many bytes there are; what has room, zeros behind them. */
function capabilities(thread: Thread, address: number, room: number): number {
  if (room > 0) {
    const bytes = new Uint8Array(Math.min(room, PAGE_SIZE));
    bytes.set(CAPABILITIES.subarray(0, bytes.length));
    thread.user.write(address, bytes);
  }
  return CAPABILITIES.length;
}

interface Arguments {
  readonly operation: number;
  readonly arg2: number;
  readonly arg3: number;
  readonly arg4: number;
  readonly arg5: number;
}

type Operation = (thread: Thread, id: number, args: Arguments) => number;

const OPERATIONS: Readonly<Record<number, Operation>> = {
  0: (thread, id, { arg3 }) => findFor(thread, id, SEARCH, arg3 !== 0).serial,
  1: (thread, _, { arg2 }) => joinSession(thread, arg2),
  2: (thread, id, { arg3, arg4 }) => {
    if (arg4 < 0 || arg4 > 4096) fail(EINVAL, 'a payload of more than a page');
    const bytes = arg4 === 0 ? new Uint8Array(0) : thread.user.read(arg3, arg4);
    const key = findFor(thread, id, WRITE);
    if (key.links !== undefined) fail(EOPNOTSUPP, 'a keyring has no payload');
    demandContent(key.type, key.description, bytes);
    setContent(thread, key, bytes);
    return 0;
  },
  3: (thread, id) => revoke(thread, id),
  4: (thread, id, { arg3, arg4 }) => chown(thread, id, arg3 >>> 0, arg4 >>> 0),
  5: (thread, id, { arg3 }) => setPermissions(thread, id, arg3 | 0),
  6: (thread, id, { arg3, arg4 }) => describe(thread, id, arg3, roomOf(arg4)),
  7: (thread, id) => {
    findFor(thread, id, WRITE, true).ring.clear();
    return 0;
  },
  8: (thread, id, { arg3 }) => {
    const ring = findFor(thread, arg3 | 0, WRITE, true);
    const key = findFor(thread, id, LINK, true);
    ring.link(key);
    return 0;
  },
  9: (thread, id, { arg3 }) => {
    const ring = findFor(thread, arg3 | 0, WRITE);
    const { key } = find(thread, id, false, true);
    const gone = ring.named(key.type, key.description); // whichever key has the name
    if (gone === undefined) fail(ENOENT, 'the keyring does not lead to it');
    ring.ring.delete(gone);
    return 0;
  },
  10: (thread, id, { arg3, arg4, arg5 }) => searchRing(thread, id, arg3, arg4, arg5 | 0),
  11: (thread, id, { arg3, arg4 }) => readKey(thread, id, arg3, roomOf(arg4)),
  12: (_thread, _id, { arg4 }) => refuseInstantiation(arg4 >= 0 && arg4 < MOST_PAYLOAD),
  13: () => refuseInstantiation(true),
  15: (thread, id, { arg3 }) => {
    const key = findFor(thread, id, SETATTR);
    const seconds = arg3 >>> 0;
    const now = thread.kernel.clock.realtimeNs();
    key.expiresNs = seconds === 0 ? undefined : now + BigInt(seconds) * 1_000_000_000n;
    return 0;
  },
  16: (_thread, id) => {
    if (id < 0) fail(EINVAL, 'no special key');
    return id === 0 ? 0 : fail(ENOKEY, 'nobody asked for a key');
  },
  17: (thread, id, { arg3, arg4 }) => {
    const found = find(thread, id, false);
    // whoever may make the key may look at it, too: what fails is the search for that right (keyctl_get_security)
    if (!mayUse(thread, found, VIEW))
      searchNamed(thread, ownRings(thread), '.request_key_auth', id.toString(16));
    return give(thread, new Uint8Array(1), arg3, roomOf(arg4)); // no security module has a label
  },
  19: (_thread, _id, { arg4 }) => refuseInstantiation(isErrno(arg4 >>> 0)),
  20: (thread, _id, { arg3, arg4 }) => {
    if (arg3 !== 0) thread.user.readIovecs(arg3, arg4 >>> 0);
    return refuseInstantiation(true);
  },
  21: (thread, id) => {
    findFor(thread, id, SEARCH).isInvalid = true;
    return 0;
  },
  30: (thread, id, args) => moveKey(thread, id, args),
  31: (thread, _id, { arg2, arg3 }) => capabilities(thread, arg2, roomOf(arg3)),
};

function keyctl(thread: Thread, args: Arguments): number {
  const operation = OPERATIONS[args.operation] ?? fail(EOPNOTSUPP, 'no such operation');
  return operation(thread, args.arg2 | 0, args);
}

export const KEY_CALLS = {
  217: syscall(
    'add_key',
    { type: CString, description: CString, payload: BufferIn, plen: Size, keyring: KeySerial },
    addKey,
    { returns: KeySerial, partial: 'keys of types user, logon and keyring' },
  ),
  218: syscall(
    'request_key',
    { type: CString, description: CString, callout_info: CString, dest_keyring: KeySerial },
    requestKey,
    { returns: KeySerial, partial: 'there is no program that makes keys: ENOKEY' },
  ),
  219: syscall(
    'keyctl',
    {
      operation: KeyctlOperation,
      arg2: KeyctlSecond,
      arg3: KeyctlThird,
      arg4: KeyctlFourth,
      arg5: KeyctlFifth,
    },
    keyctl,
    {
      partial: 'nobody is asked to make keys; no persistent keyrings, public keys and restrictions',
    },
  ),
};
