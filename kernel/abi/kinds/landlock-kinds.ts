// Kinds of the landlock_* calls: rights, rules and rulesets as strace prints them.
// The rows of kernel/syscalls/landlock.ts name them.
import type { Kind } from '../kind.ts';
import {
  LANDLOCK_ACCESS_FS,
  LANDLOCK_ACCESS_NET,
  LANDLOCK_RESTRICT_SELF,
  LANDLOCK_RULE_NET_PORT,
  LANDLOCK_RULE_PATH_BENEATH,
  LANDLOCK_SCOPE,
  LandlockNetPortAttr,
  LandlockPathBeneathAttr,
  PATH_BENEATH_SIZE,
} from '../landlock.ts';
import { flags, kind, oneOf } from './basic.ts';
import { printFd } from './fd-text.ts';
import { flagText, type NameTable, pointer } from './format.ts';
import { braces, peekBytes, structText } from './peek.ts';

function prefixed(prefix: string, bits: Readonly<Record<string, number>>): NameTable {
  return Object.entries(bits).map(([name, bit]) => [prefix + name, bit]);
}

const FS = prefixed('LANDLOCK_ACCESS_FS_', LANDLOCK_ACCESS_FS);
const NET = prefixed('LANDLOCK_ACCESS_NET_', LANDLOCK_ACCESS_NET);
const SCOPES = prefixed('LANDLOCK_SCOPE_', LANDLOCK_SCOPE);

function bitsText(bits: bigint, names: NameTable, unknown: string): string {
  return flagText(Number(bits), names, unknown);
}

/** struct landlock_ruleset_attr: as much of it as `size` says. */
export const LandlockRulesetIn: Kind = kind('landlock_ruleset_attr', 'u64', (address, context) => {
  const size = Math.min(context.args.size ?? 0, 24);
  const bytes = address === 0 || size < 8 ? undefined : peekBytes(context, address, size);
  if (bytes === undefined) return pointer(address);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const field = (at: number, name: string, table: NameTable, unknown: string): string | undefined =>
    at + 8 <= size ? `${name}=${bitsText(view.getBigUint64(at, true), table, unknown)}` : undefined;
  return braces([
    field(0, 'handled_access_fs', FS, 'LANDLOCK_ACCESS_FS_???'),
    field(8, 'handled_access_net', NET, 'LANDLOCK_ACCESS_NET_???'),
    field(16, 'scoped', SCOPES, 'LANDLOCK_SCOPE_???'),
  ]);
});

export const LandlockCreateFlags: Kind = flags('LANDLOCK_CREATE_RULESET_???', {
  LANDLOCK_CREATE_RULESET_VERSION: 1,
  LANDLOCK_CREATE_RULESET_ERRATA: 2,
});

export const LandlockRuleType: Kind = oneOf('LANDLOCK_RULE_???', {
  LANDLOCK_RULE_PATH_BENEATH,
  LANDLOCK_RULE_NET_PORT,
});

/** The struct that the rule's type says. */
export const LandlockRuleIn: Kind = kind('landlock_rule_attr', 'u64', (address, context) => {
  if (context.args.rule_type === LANDLOCK_RULE_NET_PORT)
    return structText(context, address, LandlockNetPortAttr, ({ allowed_access, port }) =>
      braces([`allowed_access=${bitsText(allowed_access, NET, 'LANDLOCK_ACCESS_NET_???')}`, `port=${port}`]),
    );
  const bytes =
    context.args.rule_type === LANDLOCK_RULE_PATH_BENEATH
      ? peekBytes(context, address, PATH_BENEATH_SIZE)
      : undefined;
  if (bytes === undefined) return pointer(address);
  const whole = new Uint8Array(LandlockPathBeneathAttr.size);
  whole.set(bytes);
  const { allowed_access, parent_fd } = LandlockPathBeneathAttr.decode(whole);
  return braces([
    `allowed_access=${bitsText(allowed_access, FS, 'LANDLOCK_ACCESS_FS_???')}`,
    `parent_fd=${printFd(parent_fd, context)}`,
  ]);
});

/** No call that adds a rule has flags. */
export const LandlockRuleFlags: Kind = flags('LANDLOCK_???', {});
export const LandlockRestrictFlags: Kind = flags(
  'LANDLOCK_RESTRICT_SELF_???',
  prefixed('LANDLOCK_RESTRICT_SELF_', LANDLOCK_RESTRICT_SELF),
);
