// Kinds of System V semaphores and message queues: keys, flags and commands.
// The rows of kernel/syscalls/semaphores.ts and message-queues.ts name them.
import type { Kind } from '../kind.ts';
import { flags, I64, kind, oneOf } from './basic.ts';
import { flagText, names, octal } from './format.ts';

const COMMANDS = { IPC_RMID: 0, IPC_SET: 1, IPC_STAT: 2, IPC_INFO: 3 };

export const IpcGetFlags: Kind = kind('ipc flags', 'u32', (value) => {
  const bits = flagText(value & ~0o777, names({ IPC_CREAT: 0o1000, IPC_EXCL: 0o2000 }), 'IPC_???');
  return bits === '0' ? octal(value & 0o777) : `${bits}|${octal(value & 0o777)}`;
});

export const SemCommand: Kind = oneOf(
  'SEM_???',
  {
    ...COMMANDS,
    GETPID: 11,
    GETVAL: 12,
    GETALL: 13,
    GETNCNT: 14,
    GETZCNT: 15,
    SETVAL: 16,
    SETALL: 17,
    SEM_STAT: 18,
    SEM_INFO: 19,
    SEM_STAT_ANY: 20,
  },
  'i32',
);

export const MsgCommand: Kind = oneOf(
  'MSG_???',
  { ...COMMANDS, MSG_STAT: 11, MSG_INFO: 12, MSG_STAT_ANY: 13 },
  'i32',
);

export const MsgType: Kind = I64;

export const MsgFlags: Kind = flags('MSG_???', {
  IPC_NOWAIT: 0o4000,
  MSG_NOERROR: 0o10000,
  MSG_EXCEPT: 0o20000,
  MSG_COPY: 0o40000,
});
