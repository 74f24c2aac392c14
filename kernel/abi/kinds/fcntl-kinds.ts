// Kinds of fcntl(2): the command by name, its argument as the command means it, and results with flags spelled out.
// The row of kernel/syscalls/fcntl.ts names them; its arguments are called fd, cmd, arg.
import { Flock, OwnerEx } from '../fcntl.ts';
import type { Kind, PrintContext } from '../kind.ts';
import { kind, outKind, pidText } from './basic.ts';
import { openFlagsText } from './file-kinds.ts';
import { flagText, hex, type NameTable, nameOf, names } from './format.ts';
import { braces, structText } from './peek.ts';
import { signalName } from './signal-text.ts';

const COMMANDS: NameTable = names({
  F_DUPFD: 0,
  F_GETFD: 1,
  F_SETFD: 2,
  F_GETFL: 3,
  F_SETFL: 4,
  F_GETLK: 5,
  F_SETLK: 6,
  F_SETLKW: 7,
  F_SETOWN: 8,
  F_GETOWN: 9,
  F_SETSIG: 10,
  F_GETSIG: 11,
  F_SETOWN_EX: 15,
  F_GETOWN_EX: 16,
  F_GETOWNER_UIDS: 17,
  F_OFD_GETLK: 36,
  F_OFD_SETLK: 37,
  F_OFD_SETLKW: 38,
  F_SETLEASE: 1024,
  F_GETLEASE: 1025,
  F_NOTIFY: 1026,
  F_DUPFD_CLOEXEC: 1030,
  F_SETPIPE_SZ: 1031,
  F_GETPIPE_SZ: 1032,
  F_ADD_SEALS: 1033,
  F_GET_SEALS: 1034,
});
/** Commands without a third argument. */
const BARE = new Set([
  'F_GETFD',
  'F_GETFL',
  'F_GETOWN',
  'F_GETSIG',
  'F_GETLEASE',
  'F_GETPIPE_SZ',
  'F_GET_SEALS',
]);
const SEALS = names({
  F_SEAL_SEAL: 1,
  F_SEAL_SHRINK: 2,
  F_SEAL_GROW: 4,
  F_SEAL_WRITE: 8,
  F_SEAL_FUTURE_WRITE: 16,
  F_SEAL_EXEC: 32,
});
const LOCK_TYPES = names({ F_RDLCK: 0, F_WRLCK: 1, F_UNLCK: 2 });
const WHENCES = names({ SEEK_SET: 0, SEEK_CUR: 1, SEEK_END: 2 });
const OWNER_TYPES = names({ F_OWNER_TID: 0, F_OWNER_PID: 1, F_OWNER_PGRP: 2 });
const NOTES = names({
  DN_ACCESS: 1,
  DN_MODIFY: 2,
  DN_CREATE: 4,
  DN_DELETE: 8,
  DN_RENAME: 16,
  DN_ATTRIB: 32,
  DN_MULTISHOT: 0x8000_0000,
});

function command(context: PrintContext): string {
  const { cmd } = context.args;
  return COMMANDS.find(([, number]) => number === cmd)?.[0] ?? '';
}

export const FcntlCommand: Kind = kind('fcntl command', 'u32', (value) => nameOf(value, COMMANDS, 'F_???'));

function lockText(context: PrintContext, address: number, hasPid: boolean): string {
  return structText(context, address, Flock, (lock) =>
    braces([
      `l_type=${nameOf(lock.l_type, LOCK_TYPES, 'F_???')}`,
      `l_whence=${nameOf(lock.l_whence, WHENCES, 'SEEK_???')}`,
      `l_start=${lock.l_start}`,
      `l_len=${lock.l_len}`,
      hasPid ? `l_pid=${pidText(lock.l_pid, context)}` : undefined,
    ]),
  );
}

/** Printed on exit, for F_GETLK and F_GETOWN_EX fill it in. */
export const FcntlArgument: Kind = {
  ...outKind('fcntl argument', 'i64', (value, context) => {
    const name = command(context);
    const low = value | 0;
    if (BARE.has(name)) return undefined;
    switch (name) {
      case 'F_SETFD':
        return flagText(low, names({ FD_CLOEXEC: 1 }), 'FD_???');
      case 'F_SETFL':
        return openFlagsText(low >>> 0);
      case 'F_SETLK':
      case 'F_SETLKW':
      case 'F_OFD_SETLK':
      case 'F_OFD_SETLKW':
        return lockText(context, value, false);
      case 'F_GETLK':
      case 'F_OFD_GETLK':
        return lockText(context, value, context.result >= 0);
      case 'F_SETOWN_EX':
      case 'F_GETOWN_EX':
        return structText(context, value, OwnerEx, (owner) =>
          braces([
            `type=${nameOf(owner.type, OWNER_TYPES, 'F_OWNER_???')}`,
            `pid=${pidText(owner.pid, context)}`,
          ]),
        );
      case 'F_SETSIG':
        return low === 0 ? '0' : signalName(low);
      case 'F_ADD_SEALS':
        return flagText(low, SEALS, 'F_SEAL_???');
      case 'F_SETLEASE':
        return nameOf(low, LOCK_TYPES, 'F_???');
      case 'F_NOTIFY':
        return flagText(low >>> 0, NOTES, 'DN_???');
      case '':
        return hex(context.raw);
      default:
        return String(low);
    }
  }),
  isOptional: true,
};

export const FcntlResult: Kind = kind('fcntl result', 'i64', (value, context) => {
  switch (command(context)) {
    case 'F_GETFD':
      return value === 0
        ? '0'
        : `${hex(value)} (flags ${flagText(value, names({ FD_CLOEXEC: 1 }), 'FD_???')})`;
    case 'F_GETFL':
      return `${hex(value)} (flags ${openFlagsText(value)})`;
    case 'F_GETSIG':
      return value === 0 ? '0' : `${value} (${signalName(value)})`;
    case 'F_GETLEASE':
      return `${hex(value)} (${nameOf(value, LOCK_TYPES, 'F_???')})`;
    case 'F_GET_SEALS':
      return value === 0 ? '0' : `${hex(value)} (seals ${flagText(value, SEALS, 'F_SEAL_???')})`;
    default:
      return String(value);
  }
});
