// Kinds of System V shared memory, semaphores and message queues: keys, flags, commands and their structs.
// The rows of kernel/syscalls/shm.ts, semaphores.ts and message-queues.ts name them.
import { MsqidDs, Sembuf, SemidDs } from '../ipc.ts';
import type { Kind, PrintContext } from '../kind.ts';
import { type IpcPerm, ShmidDs } from '../shm.ts';
import { flags, I64, kind, oneOf, outKind } from './basic.ts';
import { flagText, hex, names, octal, pointer } from './format.ts';
import { arrayText, braces, bufferText, peekNumber, peekStruct, structText } from './peek.ts';

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
  MSG_NOERROR: 0o10000,
  MSG_EXCEPT: 0o20000,
  MSG_COPY: 0o40000,
  IPC_NOWAIT: 0o4000,
});

export const ShmKey: Kind = kind('key', 'u32', (value) => (value === 0 ? 'IPC_PRIVATE' : hex(value)));
export const ShmGetFlags: Kind = kind('shm flags', 'u32', (value) => {
  const bits = flagText(
    value & ~0o777,
    names({ IPC_CREAT: 0o1000, IPC_EXCL: 0o2000, SHM_HUGETLB: 0o4000, SHM_NORESERVE: 0o10000 }),
    'SHM_???',
  );
  return bits === '0' ? octal(value & 0o777) : `${bits}|${octal(value & 0o777)}`;
});
export const ShmAtFlags: Kind = flags('SHM_???', {
  SHM_RDONLY: 0o10000,
  SHM_RND: 0o20000,
  SHM_REMAP: 0o40000,
  SHM_EXEC: 0o100000,
});
export const ShmCommand: Kind = oneOf(
  'SHM_???',
  {
    IPC_RMID: 0,
    IPC_SET: 1,
    IPC_STAT: 2,
    IPC_INFO: 3,
    SHM_LOCK: 11,
    SHM_UNLOCK: 12,
    SHM_STAT: 13,
    SHM_INFO: 14,
    SHM_STAT_ANY: 15,
  },
  'i32',
);

const IPC_SET = 1;
const IPC_STAT = 2;

/** Who may; IPC_SET reads the first three alone. */
function permText(perm: ReturnType<typeof IpcPerm.decode>, isSet: boolean): string {
  const { uid, gid, mode, key, cuid, cgid } = perm;
  const creator = isSet ? [] : [`key=${key}`, `cuid=${cuid}`, `cgid=${cgid}`];
  return braces([`uid=${uid}`, `gid=${gid}`, `mode=${octal(mode)}`, ...creator]);
}

function shmidText(value: ReturnType<typeof ShmidDs.decode>): string {
  return braces([
    `shm_perm=${permText(value.perm, false)}`,
    `shm_segsz=${value.segsz}`,
    `shm_cpid=${value.cpid}`,
    `shm_lpid=${value.lpid}`,
    `shm_nattch=${value.nattch}`,
    `shm_atime=${value.atime}`,
    `shm_dtime=${value.dtime}`,
    `shm_ctime=${value.ctime}`,
  ]);
}

/** shmctl's buffer, for the commands that have one. */
export const ShmBuffer: Kind = outKind('struct shmid_ds', 'u64', (value, context) => {
  const { cmd } = context.args;
  if (cmd !== IPC_STAT && cmd !== IPC_SET) return pointer(value);
  return structText(context, value, ShmidDs, shmidText, cmd === IPC_SET || context.result >= 0);
});

/** semctl's fourth argument, by command. */
export const SemArgument: Kind = outKind('union semun', 'u64', (value, context) => {
  const { cmd } = context.args;
  if (cmd !== IPC_STAT && cmd !== IPC_SET) return pointer(context.raw);
  const text = ({ perm, otime, ctime, nsems }: ReturnType<typeof SemidDs.decode>): string =>
    cmd === IPC_SET
      ? braces([`sem_perm=${permText(perm, true)}`])
      : braces([
          `sem_perm=${permText(perm, false)}`,
          `sem_otime=${otime}`,
          `sem_ctime=${ctime}`,
          `sem_nsems=${nsems}`,
        ]);
  return structText(context, value, SemidDs, text, cmd === IPC_SET || context.result >= 0);
});

/** msgctl's buffer, for the commands that have one. */
export const MsgBuffer: Kind = outKind('struct msqid_ds', 'u64', (value, context) => {
  const { cmd } = context.args;
  if (cmd !== IPC_STAT && cmd !== IPC_SET) return pointer(value);
  const text = (queue: ReturnType<typeof MsqidDs.decode>): string => {
    const perm = `msg_perm=${permText(queue.perm, cmd === IPC_SET)}`;
    if (cmd === IPC_SET) return braces([perm, `msg_qbytes=${queue.qbytes}`]);
    const fields = ['stime', 'rtime', 'ctime', 'qnum', 'qbytes', 'lspid', 'lrpid'] as const;
    return braces([perm, ...fields.map((field) => `msg_${field}=${queue[field]}`)]);
  };
  return structText(context, value, MsqidDs, text, cmd === IPC_SET || context.result >= 0);
});

const SEM_FLAGS = names({ IPC_NOWAIT: 0o4000, SEM_UNDO: 0o10000 });

/** semop's operations: `[{sem_num=0, sem_op=-1, sem_flg=SEM_UNDO}]`. */
export const SemOperations: Kind = kind('struct sembuf', 'u64', (value, context) =>
  arrayText(context, value, context.args.nsops ?? 0, Sembuf.size, (at) => {
    const operation = peekStruct(context, at, Sembuf);
    if (operation === undefined) return undefined;
    const { num, op, flg } = operation;
    return braces([
      `sem_num=${num}`,
      `sem_op=${op}`,
      `sem_flg=${flagText(flg & 0xffff, SEM_FLAGS, 'SEM_???')}`,
    ]);
  }),
);

const TEXT_OFFSET = 8;

/** A message of `length` bytes behind its type. */
function messageText(context: PrintContext, address: number, length: number): string {
  const type = peekNumber(context, address, 'i64');
  if (type === undefined) return hex(address);
  return braces([`mtype=${type}`, `mtext=${bufferText(context, address + TEXT_OFFSET, length)}`]);
}

export const MessageIn: Kind = kind('struct msgbuf', 'u64', (value, context) =>
  value === 0 ? 'NULL' : messageText(context, value, context.args.msgsz ?? 0),
);
export const MessageOut: Kind = outKind('struct msgbuf', 'u64', (value, context) =>
  context.result < 0 ? pointer(value) : messageText(context, value, context.result),
);
