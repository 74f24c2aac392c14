// msgget, msgsnd, msgrcv, msgctl: System V message queues (msgop(2), msgctl(2), ipc/msg.c).
// Rows for table.ts; the queues are kernel/ipc/message-queue.ts.
import { firstBytes } from '../abi/first-bytes.ts';
import { Msginfo, MsqidDs } from '../abi/ipc.ts';
import { I32, Size } from '../abi/kinds/basic.ts';
import {
  IpcGetFlags,
  MessageIn,
  MessageOut,
  MsgBuffer,
  MsgCommand,
  MsgFlags,
  MsgType,
  ShmKey,
} from '../abi/kinds/ipc-kinds.ts';
import { E2BIG, EAGAIN, EIDRM, EINVAL, ENOMEM, ENOMSG, EPERM, fail } from '../errno.ts';
import {
  demandUse,
  IPC_INFO,
  IPC_NOWAIT,
  IPC_RMID,
  IPC_SET,
  IPC_STAT,
  MAY_ALTER,
  MAY_READ,
  setOwner,
} from '../ipc/ipc-table.ts';
import { MessageQueue, MSGMAX, MSGMNB, MSGMNI } from '../ipc/message-queue.ts';
import { CAP_SYS_RESOURCE, capable } from '../task/credentials.ts';
import type { Thread } from '../task/thread.ts';
import { wait } from '../wait.ts';
import { type Answer, syscall } from './syscall.ts';

const MSG_NOERROR = 0o10000;
const MSG_EXCEPT = 0o20000;
const MSG_COPY = 0o40000;
const MSG_STAT = 11;
const MSG_INFO = 12;
const MSG_STAT_ANY = 13;
const STAT_WAYS = { [IPC_STAT]: 'id', [MSG_STAT]: 'index', [MSG_STAT_ANY]: 'any index' } as const;
const TYPE_SIZE = 8;

/** The queue that a blocked call began with: an id may be given away while it waits. */
function queueOf(thread: Thread, id: number, wanted: number): MessageQueue {
  const { call, namespaces } = thread;
  const earlier = call?.data instanceof MessageQueue ? call.data : undefined;
  if (earlier?.isRemoved === true) fail(EIDRM, 'the queue was removed');
  const queue = earlier ?? namespaces.ipc.messages.get(id);
  demandUse(thread, queue, wanted);
  return queue;
}

interface SendArguments {
  readonly msqid: number;
  readonly msgp: number;
  readonly msgsz: number;
  readonly msgflg: number;
}

function msgsnd(thread: Thread, { msqid, msgp, msgsz, msgflg }: SendArguments): Answer {
  const type = BigInt.asIntN(64, thread.user.readB64(msgp));
  if (msgsz > MSGMAX || msqid < 0 || type < 1n) fail(EINVAL, 'too long, a negative id, or a type below 1');
  const bytes = thread.user.read(msgp + TYPE_SIZE, msgsz).slice();
  const queue = queueOf(thread, msqid, MAY_ALTER);
  if (!queue.hasRoomFor(msgsz)) {
    if ((msgflg & IPC_NOWAIT) !== 0) fail(EAGAIN, 'the queue is full, and IPC_NOWAIT');
    if (thread.call !== undefined) thread.call.data = queue;
    return wait(queue.room, 'nohand');
  }
  if (!queue.append(thread, { type, bytes })) fail(ENOMEM, 'the machine has no memory left');
  return 0;
}

interface ReceiveArguments extends SendArguments {
  /** The register; its low bits are read from the call. */
  readonly msgtyp: number;
}

function msgrcv(thread: Thread, args: ReceiveArguments): Answer {
  const { msqid, msgp, msgsz, msgflg } = args;
  if (msqid < 0 || msgsz >= 2 ** 63) fail(EINVAL, 'a negative id or size');
  const isCopy = (msgflg & MSG_COPY) !== 0;
  if (isCopy && ((msgflg & MSG_EXCEPT) !== 0 || (msgflg & IPC_NOWAIT) === 0))
    fail(EINVAL, 'MSG_COPY needs IPC_NOWAIT and no MSG_EXCEPT');
  const queue = queueOf(thread, msqid, MAY_READ);
  const how = isCopy ? 'index' : (msgflg & MSG_EXCEPT) !== 0 && args.msgtyp > 0 ? 'except' : 'type';
  const message = queue.find(BigInt(args.msgtyp), how);
  if (message === undefined) {
    if ((msgflg & IPC_NOWAIT) !== 0) fail(ENOMSG, 'no such message, and IPC_NOWAIT');
    if (thread.call !== undefined) thread.call.data = queue;
    return wait(queue.arrived, 'nohand');
  }
  if (message.bytes.length > msgsz && (msgflg & MSG_NOERROR) === 0) fail(E2BIG, 'the message is longer');
  if (isCopy && message.bytes.length > msgsz) fail(EINVAL, 'a copy is not cut'); // ipc/msgutil.c, copy_msg
  if (!isCopy) queue.take(thread, message);
  const length = Math.min(message.bytes.length, msgsz);
  thread.user.writeB64(msgp, message.type);
  thread.user.write(msgp + TYPE_SIZE, firstBytes(message.bytes, length));
  return length;
}

function msgctl(thread: Thread, msqid: number, command: number, address: number): number {
  const { messages } = thread.namespaces.ipc;
  if (msqid < 0 || command < 0) fail(EINVAL, 'a negative id or command');
  switch (command) {
    case IPC_INFO:
    case MSG_INFO:
      return information(thread, command === MSG_INFO, address);
    case IPC_STAT:
    case MSG_STAT:
    case MSG_STAT_ANY: {
      const { object, result } = messages.described(thread, msqid, STAT_WAYS[command]);
      thread.user.writeStruct(address, MsqidDs, describe(thread, object));
      return result;
    }
    case IPC_SET: {
      const { perm, qbytes } = thread.user.readStruct(address, MsqidDs);
      const queue = messages.owned(thread, msqid);
      if (qbytes > MSGMNB && !capable(thread.credentials, CAP_SYS_RESOURCE))
        fail(EPERM, 'more than MSGMNB needs CAP_SYS_RESOURCE');
      setOwner(thread, queue, perm);
      queue.byteLimit = qbytes;
      queue.changed();
      return 0;
    }
    case IPC_RMID: {
      const queue = messages.owned(thread, msqid);
      messages.remove(queue);
      queue.clear(thread);
      queue.changed();
      return 0;
    }
    default:
      return fail(EINVAL, 'unknown command');
  }
}

function information(thread: Thread, counts: boolean, address: number): number {
  const { messages } = thread.namespaces.ipc;
  const all = [...messages.objects];
  thread.user.writeStruct(address, Msginfo, {
    msgpool: counts ? messages.count : (MSGMNI * MSGMNB) / 1024,
    msgmap: counts ? all.reduce((sum, { count }) => sum + count, 0) : MSGMNB,
    msgmax: MSGMAX,
    msgmnb: MSGMNB,
    msgmni: MSGMNI,
    msgssz: 16,
    msgtql: counts ? all.reduce((sum, { bytes }) => sum + bytes, 0) : MSGMNB,
    msgseg: 0xffff,
  });
  return messages.highestIndex;
}

function describe(thread: Thread, queue: MessageQueue) {
  return {
    perm: queue.permissionsFor(thread.credentials),
    stime: queue.sendTime,
    rtime: queue.receiveTime,
    ctime: queue.changeTime,
    cbytes: queue.bytes,
    qnum: queue.count,
    qbytes: queue.byteLimit,
    lspid: thread.process.shownPid(queue.lastSender),
    lrpid: thread.process.shownPid(queue.lastReceiver),
    unused4: 0,
    unused5: 0,
  };
}

export const MESSAGE_QUEUE_CALLS = {
  186: syscall('msgget', { key: ShmKey, msgflg: IpcGetFlags }, (thread, { key, msgflg }) =>
    thread.namespaces.ipc.messages.find(thread, key | 0, msgflg, {
      make: (id) => new MessageQueue(thread, id, key | 0, msgflg),
      check: () => undefined,
    }),
  ),
  187: syscall('msgctl', { msqid: I32, cmd: MsgCommand, buf: MsgBuffer }, (thread, { msqid, cmd, buf }) =>
    msgctl(thread, msqid, cmd, buf),
  ),
  188: syscall(
    'msgrcv',
    { msqid: I32, msgp: MessageOut, msgsz: Size, msgtyp: MsgType, msgflg: MsgFlags },
    msgrcv,
  ),
  189: syscall('msgsnd', { msqid: I32, msgp: MessageIn, msgsz: Size, msgflg: MsgFlags }, msgsnd),
};
