// landlock_create_ruleset, landlock_add_rule, landlock_restrict_self (landlock(7); security/landlock/syscalls.c).
// Rows for late-families.ts; what a domain denies is kernel/landlock/. There is no audit log for the LOG flags to change.
import { O_RDWR } from '../abi/fcntl.ts';
import { Fd, Size } from '../abi/kinds/basic.ts';
import {
  LandlockCreateFlags,
  LandlockRestrictFlags,
  LandlockRuleFlags,
  LandlockRuleIn,
  LandlockRulesetIn,
  LandlockRuleType,
} from '../abi/kinds/landlock-kinds.ts';
import {
  ALL_ACCESS_FS,
  ALL_ACCESS_NET,
  ALL_RESTRICT_SELF,
  ALL_SCOPES,
  LANDLOCK_ACCESS_FS,
  LANDLOCK_CREATE_RULESET_ERRATA,
  LANDLOCK_CREATE_RULESET_VERSION,
  LANDLOCK_RESTRICT_SELF,
  LANDLOCK_RULE_NET_PORT,
  LANDLOCK_RULE_PATH_BENEATH,
  LandlockNetPortAttr,
  LandlockPathBeneathAttr,
  LandlockRulesetAttr,
  PATH_BENEATH_SIZE,
} from '../abi/landlock.ts';
import { E2BIG, EBADFD, EFAULT, EINVAL, ENOMSG, EPERM, fail } from '../errno.ts';
import { installNew } from '../event/install.ts';
import { anonymousInode, pathOfFile } from '../fs/anonymous.ts';
import { Domain } from '../landlock/domain.ts';
import { ACCESS_FILE } from '../landlock/paths.ts';
import { RulesetFile } from '../landlock/ruleset.ts';
import { CAP_SYS_ADMIN, hasCapability } from '../task/credentials.ts';
import type { Thread } from '../task/thread.ts';
import { readExtensible } from './extensible-struct.ts';
import { syscall } from './syscall.ts';

const ABI_VERSION = 7;
/** Mistakes of earlier releases that are mended: TCP alone, signals within a process, directories moved out of bind mounts. */
const ERRATA = 7;
const MOST_LAYERS = 16;
const MIN_RULESET_SIZE = 8;
const MOST_PORTS = 0xffff;

interface CreateArguments {
  readonly attr: number;
  readonly size: number;
  readonly flags: number;
}

/** EFAULT, EINVAL, E2BIG; ENOMSG: it would handle nothing. */
function createRuleset(thread: Thread, { attr, size, flags }: CreateArguments): number {
  if (flags !== 0) {
    if (attr !== 0 || size !== 0) fail(EINVAL, 'flags ask a question that has no ruleset');
    if (flags === LANDLOCK_CREATE_RULESET_VERSION) return ABI_VERSION;
    return flags === LANDLOCK_CREATE_RULESET_ERRATA ? ERRATA : fail(EINVAL, 'unknown flags');
  }
  if (attr === 0) fail(EFAULT, 'no ruleset');
  const wanted = readExtensible(thread, attr, size, LandlockRulesetAttr, MIN_RULESET_SIZE);
  const handled = {
    fs: knownBits(wanted.handled_access_fs, ALL_ACCESS_FS),
    net: knownBits(wanted.handled_access_net, ALL_ACCESS_NET),
    scoped: knownBits(wanted.scoped, ALL_SCOPES),
  };
  if ((handled.fs | handled.net | handled.scoped) === 0) fail(ENOMSG, 'a ruleset that denies nothing');
  const inode = anonymousInode(thread.kernel, '[landlock-ruleset]', 0o600);
  return installNew(thread, new RulesetFile(inode, handled), O_RDWR, true);
}

function knownBits(given: bigint, known: number): number {
  return (given & ~BigInt(known)) === 0n ? Number(given) : fail(EINVAL, 'unknown rights');
}

/** EBADF; EBADFD: another sort of file. */
function rulesetOf(thread: Thread, fd: number): RulesetFile {
  const { descriptor } = thread.files.get(fd);
  return descriptor instanceof RulesetFile ? descriptor : fail(EBADFD, 'not a ruleset');
}

interface RuleArguments {
  readonly ruleset_fd: number;
  readonly rule_type: number;
  readonly rule_attr: number;
  readonly flags: number;
}

function addRule(thread: Thread, { ruleset_fd, rule_type, rule_attr, flags }: RuleArguments): number {
  if (flags !== 0) fail(EINVAL, 'unknown flags');
  const ruleset = rulesetOf(thread, ruleset_fd);
  if (rule_type === LANDLOCK_RULE_PATH_BENEATH) allowBeneath(thread, ruleset, rule_attr);
  else if (rule_type === LANDLOCK_RULE_NET_PORT) allowPort(thread, ruleset, rule_attr);
  else fail(EINVAL, 'no such type of rules');
  return 0;
}

/** ENOMSG: gives nothing. EINVAL: gives what the ruleset does not take. */
function demandHandled(allowed: bigint, handled: number): number {
  if (allowed === 0n) fail(ENOMSG, 'a rule that allows nothing');
  return knownBits(allowed, handled);
}

/** EBADFD: what can have no rules. EINVAL: rights of directories for what is none. */
function allowBeneath(thread: Thread, ruleset: RulesetFile, address: number): void {
  const whole = new Uint8Array(LandlockPathBeneathAttr.size);
  whole.set(thread.user.read(address, PATH_BENEATH_SIZE));
  const { allowed_access, parent_fd } = LandlockPathBeneathAttr.decode(whole);
  const access = demandHandled(allowed_access, ruleset.handled.fs);
  const { inode } = pathOfFile(thread.kernel, thread.files.any(parent_fd));
  if (inode.fs.isPseudo === true) fail(EBADFD, 'nothing with a name');
  if (!inode.isDirectory && (access & ~ACCESS_FILE) !== 0) fail(EINVAL, 'rights of directories for a file');
  ruleset.allowBeneath(inode, access);
}

function allowPort(thread: Thread, ruleset: RulesetFile, address: number): void {
  const { allowed_access, port } = thread.user.readStruct(address, LandlockNetPortAttr);
  const access = demandHandled(allowed_access, ruleset.handled.net);
  if (port > MOST_PORTS) fail(EINVAL, 'no port has this number');
  ruleset.allowPort(port, access);
}

interface RestrictArguments {
  readonly ruleset_fd: number;
  readonly flags: number;
}

/** EPERM without no_new_privs and CAP_SYS_ADMIN; EINVAL, EBADF, EBADFD; E2BIG: too many layers. */
function restrictSelf(thread: Thread, { ruleset_fd, flags }: RestrictArguments): number {
  const { credentials } = thread;
  if (!credentials.noNewPrivileges && !hasCapability(credentials, CAP_SYS_ADMIN))
    fail(EPERM, 'needs PR_SET_NO_NEW_PRIVS or CAP_SYS_ADMIN');
  if ((flags & ~ALL_RESTRICT_SELF) !== 0) fail(EINVAL, 'unknown flags');
  if (ruleset_fd === -1 && flags === LANDLOCK_RESTRICT_SELF.LOG_SUBDOMAINS_OFF) return 0;
  const { handled, rules } = rulesetOf(thread, ruleset_fd);
  const { domain } = credentials;
  if (domain !== undefined && domain.depth >= MOST_LAYERS) fail(E2BIG, 'no more than 16 layers');
  const refers = handled.fs === 0 ? 0 : LANDLOCK_ACCESS_FS.REFER; // denied whether handled or not
  const upgraded = { ...handled, fs: handled.fs | refers };
  thread.credentials = { ...credentials, domain: new Domain(upgraded, rules, domain) };
  return 0;
}

export const LANDLOCK_CALLS = {
  444: syscall(
    'landlock_create_ruleset',
    { attr: LandlockRulesetIn, size: Size, flags: LandlockCreateFlags },
    createRuleset,
    { returns: Fd },
  ),
  445: syscall(
    'landlock_add_rule',
    { ruleset_fd: Fd, rule_type: LandlockRuleType, rule_attr: LandlockRuleIn, flags: LandlockRuleFlags },
    addRule,
  ),
  446: syscall('landlock_restrict_self', { ruleset_fd: Fd, flags: LandlockRestrictFlags }, restrictSelf),
};
