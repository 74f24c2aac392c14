// Kinds of the calls on keys: operations of keyctl, special keyrings and rights by name; keyctl's arguments by operation.
import type { Kind, PrintContext } from '../kind.ts';
import { kind, oneOf, outKind } from './basic.ts';
import { flagText, hex, nameOf, names, pointer } from './format.ts';
import { bufferText, stringText } from './peek.ts';

export const KeyctlOperation: Kind = oneOf('KEYCTL_???', {
  KEYCTL_GET_KEYRING_ID: 0,
  KEYCTL_JOIN_SESSION_KEYRING: 1,
  KEYCTL_UPDATE: 2,
  KEYCTL_REVOKE: 3,
  KEYCTL_CHOWN: 4,
  KEYCTL_SETPERM: 5,
  KEYCTL_DESCRIBE: 6,
  KEYCTL_CLEAR: 7,
  KEYCTL_LINK: 8,
  KEYCTL_UNLINK: 9,
  KEYCTL_SEARCH: 10,
  KEYCTL_READ: 11,
  KEYCTL_INSTANTIATE: 12,
  KEYCTL_NEGATE: 13,
  KEYCTL_SET_REQKEY_KEYRING: 14,
  KEYCTL_SET_TIMEOUT: 15,
  KEYCTL_ASSUME_AUTHORITY: 16,
  KEYCTL_GET_SECURITY: 17,
  KEYCTL_SESSION_TO_PARENT: 18,
  KEYCTL_REJECT: 19,
  KEYCTL_INSTANTIATE_IOV: 20,
  KEYCTL_INVALIDATE: 21,
  KEYCTL_GET_PERSISTENT: 22,
  KEYCTL_MOVE: 30,
  KEYCTL_CAPABILITIES: 31,
});

const SPECIAL = names({
  KEY_SPEC_THREAD_KEYRING: -1,
  KEY_SPEC_PROCESS_KEYRING: -2,
  KEY_SPEC_SESSION_KEYRING: -3,
  KEY_SPEC_USER_KEYRING: -4,
  KEY_SPEC_USER_SESSION_KEYRING: -5,
  KEY_SPEC_GROUP_KEYRING: -6,
  KEY_SPEC_REQKEY_AUTH_KEY: -7,
});

function serialText(value: number): string {
  return SPECIAL.find(([, serial]) => serial === value)?.[0] ?? String(value);
}

/** The number of a key, or a special keyring. */
export const KeySerial: Kind = kind('key', 'i32', serialText);

/** Rights of the possessor, the owner, the group and others, as six bits each. */
const RIGHTS = names(
  Object.fromEntries(
    ['POS', 'USR', 'GRP', 'OTH'].flatMap((who, i) =>
      ['VIEW', 'READ', 'WRITE', 'SEARCH', 'LINK', 'SETATTR'].map(
        (what, bit) => [`KEY_${who}_${what}`, 1 << (24 - 8 * i + bit)] as const,
      ),
    ),
  ),
);

const DEFAULTS = names({
  KEY_REQKEY_DEFL_NO_CHANGE: -1,
  KEY_REQKEY_DEFL_DEFAULT: 0,
  KEY_REQKEY_DEFL_THREAD_KEYRING: 1,
  KEY_REQKEY_DEFL_PROCESS_KEYRING: 2,
  KEY_REQKEY_DEFL_SESSION_KEYRING: 3,
  KEY_REQKEY_DEFL_USER_KEYRING: 4,
  KEY_REQKEY_DEFL_USER_SESSION_KEYRING: 5,
  KEY_REQKEY_DEFL_GROUP_KEYRING: 6,
  KEY_REQKEY_DEFL_REQUESTOR_KEYRING: 7,
});

type Show = (value: number, context: PrintContext) => string;

const key: Show = (value) => serialText(value | 0);
const int: Show = (value) => String(value | 0);
const size: Show = (_, context) => context.raw.toString();
const id: Show = (value) => String(value | 0);
const text: Show = (value, context) => stringText(context, value);
/** Bytes that the call reads, or that it wrote: their count is the next argument, here arg4. */
const given: Show = (value, context) => bufferText(context, value, context.args.arg4 ?? 0);
const written: Show = (value, context) =>
  context.result < 0
    ? pointer(value)
    : bufferText(context, value, Math.min(context.result, context.args.arg4 ?? 0));
const rights: Show = (value) => flagText(value >>> 0, RIGHTS, 'KEY_???');
const keyring: Show = (value) => nameOf(value | 0, DEFAULTS, 'KEY_REQKEY_DEFL_???');

/** What an operation takes. */
const TAKES: Readonly<Record<number, readonly Show[]>> = {
  0: [key, int],
  1: [text],
  2: [key, given, size],
  3: [key],
  4: [key, id, id],
  5: [key, rights],
  6: [key, written, size],
  7: [key],
  8: [key, key],
  9: [key, key],
  10: [key, text, text, key],
  11: [key, written, size],
  12: [key, given, size, key],
  13: [key, int, key],
  14: [keyring],
  15: [key, int],
  16: [key],
  17: [key, written, size],
  18: [],
  19: [key, int, int, key],
  21: [key],
  22: [id, key],
  30: [key, key, key, int],
};

function keyctlArgument(index: number): Kind {
  return {
    ...outKind('keyctl argument', 'i64', (value, context) => {
      const takes = TAKES[context.args.operation ?? -1];
      return takes === undefined ? hex(context.raw) : takes[index]?.(value, context);
    }),
    isOptional: true,
  };
}

/** keyctl's arguments behind the operation. */
export const KeyctlSecond: Kind = keyctlArgument(0);
export const KeyctlThird: Kind = keyctlArgument(1);
export const KeyctlFourth: Kind = keyctlArgument(2);
export const KeyctlFifth: Kind = keyctlArgument(3);
