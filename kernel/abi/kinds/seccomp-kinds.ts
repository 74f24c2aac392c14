// Kinds of seccomp(2): the operation and its flags by name.
// The row of kernel/syscalls/seccomp.ts names them.

import { errnoName } from '../../errno.ts';
import type { Kind, PrintContext } from '../kind.ts';
import { SeccompNotif, SeccompNotifAddfd, SeccompNotifResp, SeccompNotifSizes } from '../seccomp.ts';
import { array, b64, i32, struct, u32 } from '../struct.ts';
import { kind, oneOf, outKind } from './basic.ts';
import { programText } from './bpf-text.ts';
import { flagText, hex, nameOf, names, pointer } from './format.ts';
import { braces, peekNumber, structText } from './peek.ts';
import { architectureText } from './signal-text.ts';

/** What a filter looks at. */
const SeccompData = struct('seccomp_data', {
  nr: i32,
  arch: u32,
  instruction_pointer: b64,
  args: array(b64, 6),
});

const SET_MODE_FILTER = 1;
const GET_ACTION_AVAIL = 2;
const GET_NOTIF_SIZES = 3;

export const SeccompOperation: Kind = oneOf('SECCOMP_SET_MODE_???', {
  SECCOMP_SET_MODE_STRICT: 0,
  SECCOMP_SET_MODE_FILTER: SET_MODE_FILTER,
  SECCOMP_GET_ACTION_AVAIL: GET_ACTION_AVAIL,
  SECCOMP_GET_NOTIF_SIZES: GET_NOTIF_SIZES,
});

const FILTER_FLAGS = names({
  SECCOMP_FILTER_FLAG_TSYNC: 1,
  SECCOMP_FILTER_FLAG_LOG: 2,
  SECCOMP_FILTER_FLAG_SPEC_ALLOW: 4,
  SECCOMP_FILTER_FLAG_NEW_LISTENER: 8,
  SECCOMP_FILTER_FLAG_TSYNC_ESRCH: 16,
  SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV: 32,
});
/** The flags of a filter; of other operations a number. */
export const SeccompFlags: Kind = kind('seccomp flags', 'u32', (value, { args }) =>
  args.operation === SET_MODE_FILTER ? flagText(value, FILTER_FLAGS, 'SECCOMP_FILTER_FLAG_???') : hex(value),
);

const ACTIONS = names({
  SECCOMP_RET_KILL_PROCESS: 0x8000_0000,
  SECCOMP_RET_KILL_THREAD: 0,
  SECCOMP_RET_TRAP: 0x0003_0000,
  SECCOMP_RET_ERRNO: 0x0005_0000,
  SECCOMP_RET_USER_NOTIF: 0x7fc0_0000,
  SECCOMP_RET_TRACE: 0x7ff0_0000,
  SECCOMP_RET_LOG: 0x7ffc_0000,
  SECCOMP_RET_ALLOW: 0x7fff_0000,
});

/** What a filter returns: `SECCOMP_RET_ERRNO|0x1`. */
export function seccompResultText(value: number): string {
  const action = nameOf((value & 0xffff_0000) >>> 0, ACTIONS, 'SECCOMP_RET_???');
  const data = value & 0xffff;
  return data === 0 ? action : `${action}|${hex(data)}`;
}

/** A program, the action that is asked about, or what the operation fills in. */
export const SeccompArgument: Kind = outKind('seccomp argument', 'u64', (address, context) => {
  switch (context.args.operation) {
    case SET_MODE_FILTER:
      return programText(context, address, seccompResultText);
    case GET_ACTION_AVAIL: {
      const action = address === 0 ? undefined : peekNumber(context, address, 'u32');
      return action === undefined ? pointer(address) : `[${seccompResultText(Number(action))}]`;
    }
    case GET_NOTIF_SIZES:
      return structText(
        context,
        address,
        SeccompNotifSizes,
        (sizes) => braces(Object.entries(sizes).map(([name, size]) => `${name}=${size}`)),
        context.result >= 0,
      );
    default:
      return pointer(address);
  }
});

type Notification = ReturnType<typeof SeccompNotif.decode>;

function notificationText(context: PrintContext, { id, pid, flags: bits, data }: Notification): string {
  const { nr, arch, instruction_pointer, args } = SeccompData.decode(data);
  const call = braces([
    `nr=${context.callName?.(nr) ?? nr}`,
    `arch=${architectureText(arch)}`,
    `instruction_pointer=${hex(instruction_pointer)}`,
    `args=[${args.map((each) => hex(each)).join(', ')}]`,
  ]);
  return braces([`id=${hex(id)}`, `pid=${pid}`, `flags=${hex(bits)}`, `data=${call}`]);
}

const RESPONSE_FLAGS = names({ SECCOMP_USER_NOTIF_FLAG_CONTINUE: 1 });
const ADD_FLAGS = names({ SECCOMP_ADDFD_FLAG_SETFD: 1, SECCOMP_ADDFD_FLAG_SEND: 2 });

/** The argument of a listener's ioctl; undefined for another request. */
export function notificationArgument(
  context: PrintContext,
  request: string,
  address: number,
): string | undefined {
  switch (request) {
    case 'SECCOMP_IOCTL_NOTIF_RECV':
      return structText(
        context,
        address,
        SeccompNotif,
        (value) => notificationText(context, value),
        context.result >= 0,
      );
    case 'SECCOMP_IOCTL_NOTIF_SEND':
      return structText(context, address, SeccompNotifResp, ({ id, val, error, flags: bits }) =>
        braces([
          `id=${hex(id)}`,
          `val=${BigInt.asIntN(64, val)}`,
          `error=${error < 0 ? `-${errnoName(-error)}` : error}`,
          `flags=${flagText(bits, RESPONSE_FLAGS, 'SECCOMP_USER_NOTIF_FLAG_???')}`,
        ]),
      );
    case 'SECCOMP_IOCTL_NOTIF_ID_VALID': {
      const id = address === 0 ? undefined : peekNumber(context, address, 'u64');
      return id === undefined ? pointer(address) : `[${hex(id)}]`;
    }
    case 'SECCOMP_IOCTL_NOTIF_ADDFD':
      return structText(context, address, SeccompNotifAddfd, (given) =>
        braces([
          `id=${hex(given.id)}`,
          `flags=${flagText(given.flags, ADD_FLAGS, 'SECCOMP_ADDFD_FLAG_???')}`,
          `srcfd=${given.srcfd}`,
          `newfd=${given.newfd}`,
          `newfd_flags=${flagText(given.newfd_flags, names({ O_CLOEXEC: 0o2000000 }), 'O_???')}`,
        ]),
      );
    default:
      return undefined;
  }
}
