// mq_open, mq_unlink, mq_timedsend, mq_timedreceive, mq_notify, mq_getsetattr: POSIX message queues (mq_overview(7)).
// Rows for table.ts; the queues are kernel/ipc/posix-queue.ts, their names those of a file system (kernel/ipc/queue-fs.ts).
import { O_ACCMODE, O_CLOEXEC, O_CREAT, O_EXCL, O_NONBLOCK } from '../abi/fcntl.ts';
import { BufferIn, BufferOut, I32, Path, Size, U32, U32Out } from '../abi/kinds/basic.ts';
import { OpenFlags, OpenMode } from '../abi/kinds/file-kinds.ts';
import { MqAttrIn, MqAttrOfOpen, MqAttrOut } from '../abi/kinds/mqueue-kinds.ts';
import { SigeventIn, TimespecIn } from '../abi/kinds/time-kinds.ts';
import { NAME_MAX } from '../abi/limits.ts';
import { MqAttr } from '../abi/mqueue.ts';
import { NSIG, SIGEV_NONE, SIGEV_SIGNAL, SIGEV_THREAD, Sigevent } from '../abi/signal.ts';
import { S_IFREG } from '../abi/stat.ts';
import { isValidTimespec, Timespec } from '../abi/time.ts';
import {
  EACCES,
  EAGAIN,
  EBADF,
  EBUSY,
  EEXIST,
  EINVAL,
  EMFILE,
  EMSGSIZE,
  ENAMETOOLONG,
  ENOENT,
  ENOSPC,
  EPERM,
  ETIMEDOUT,
  fail,
} from '../errno.ts';
import { OpenFile } from '../file/open-file.ts';
import { newInode } from '../fs/make-node.ts';
import { IN_CREATE, IN_DELETE, notifyEntry } from '../fs/notify.ts';
import { opensForReading, opensForWriting } from '../fs/open-flags.ts';
import { Path as FilePath } from '../fs/path.ts';
import { demandAccess, MAY_READ, MAY_WRITE, ownsInode } from '../fs/permission.ts';
import {
  HARD_MSG_MAX,
  HARD_MSGSIZE_MAX,
  MSG_MAX,
  MSGSIZE_MAX,
  type PosixQueue,
  PosixQueueFile,
  QUEUES_MAX,
} from '../ipc/posix-queue.ts';
import { NetlinkCore } from '../net/netlink.ts';
import { coreOf, socketFile } from '../net/socket.ts';
import { CAP_SYS_RESOURCE, capable } from '../task/credentials.ts';
import { RLIMIT_MSGQUEUE, RLIMIT_NOFILE } from '../task/rlimits.ts';
import type { Thread } from '../task/thread.ts';
import { absoluteDeadline } from '../time/deadlines.ts';
import { type Wait, type WaitQueue, wait } from '../wait.ts';
import { type Answer, syscall } from './syscall.ts';

const NO_RESERVED = new Uint8Array(32);
const COOKIE_SIZE = 32;
const MQ_PRIO_MAX = 32_768;
/** What RLIMIT_MSGQUEUE counts for a message besides its bytes: struct msg_msg and its node of the tree. */
const MESSAGE_COST = 48 + 48;

/** Names have one part (mqueue has no directories). */
function readName(thread: Thread, address: number): string {
  const name = thread.user.readPath(address);
  if (name === '') fail(ENOENT, 'an empty name');
  if (name.includes('/') || name === '.' || name === '..') fail(EACCES, 'names have one part');
  if (name.length > NAME_MAX) fail(ENAMETOOLONG, 'longer than NAME_MAX');
  return name;
}

interface OpenArguments {
  readonly name: number;
  readonly oflag: number;
  readonly mode: number;
  readonly attr: number;
}

function mqOpen(thread: Thread, { name: address, oflag, mode, attr }: OpenArguments): number {
  const wanted = (oflag & O_CREAT) !== 0 && attr !== 0 ? thread.user.readStruct(attr, MqAttr) : undefined;
  const name = readName(thread, address);
  const { queues, mount } = thread.namespaces.ipc.posixQueues;
  let queue = queues.get(name);
  if (queue === undefined) {
    if ((oflag & O_CREAT) === 0) fail(ENOENT, 'no such queue');
    queue = createQueue(thread, name, mode, wanted);
  } else {
    if ((oflag & O_CREAT) !== 0 && (oflag & O_EXCL) !== 0) fail(EEXIST, 'the queue exists');
    if ((oflag & O_ACCMODE) === O_ACCMODE) fail(EINVAL, 'no such access mode');
    const mask = [MAY_READ, MAY_WRITE, MAY_READ | MAY_WRITE][oflag & O_ACCMODE] ?? 0;
    demandAccess(thread.credentials, queue.inode, mask, 'the mode bits do not allow it');
  }
  const path = new FilePath(mount, mount.root.child(name, queue.inode));
  const file = new OpenFile(new PosixQueueFile(queue), oflag & (O_ACCMODE | O_NONBLOCK | O_CLOEXEC), path);
  try {
    const limit = thread.process.limits.get(RLIMIT_NOFILE).soft;
    return thread.files.install(file, limit, true); // whatever was asked (ipc/mqueue.c, do_mq_open)
  } catch (failure) {
    file.release();
    throw failure;
  }
}

/** EINVAL: attributes beyond the limits. EMFILE: RLIMIT_MSGQUEUE. ENOSPC: too many queues. */
function createQueue(
  thread: Thread,
  name: string,
  mode: number,
  wanted: { readonly maxmsg: number; readonly msgsize: number } | undefined,
): PosixQueue {
  const { maxmsg: maxMessages, msgsize: messageSize } = wanted ?? { maxmsg: MSG_MAX, msgsize: MSGSIZE_MAX };
  const isFree = capable(thread.credentials, CAP_SYS_RESOURCE);
  const { queues, root, mount } = thread.namespaces.ipc.posixQueues;
  if (queues.size >= QUEUES_MAX && !isFree) fail(ENOSPC, 'queues_max queues exist');
  if (maxMessages <= 0 || messageSize <= 0) fail(EINVAL, 'no messages, or empty ones');
  const isTooMuch = isFree
    ? maxMessages > HARD_MSG_MAX || messageSize > HARD_MSGSIZE_MAX
    : maxMessages > MSG_MAX || messageSize > MSGSIZE_MAX;
  if (isTooMuch) fail(EINVAL, 'beyond msg_max or msgsize_max');
  const limit = thread.process.limits.get(RLIMIT_MSGQUEUE).soft;
  const uid = thread.credentials.ruid;
  let used = maxMessages * (messageSize + MESSAGE_COST);
  for (const other of queues.values()) {
    if (other.inode.uid === uid) used += other.maxMessages * (other.messageSize + MESSAGE_COST);
  }
  if (used > limit) fail(EMFILE, 'RLIMIT_MSGQUEUE reached');
  const what = newInode(thread, root, S_IFREG | (mode & 0o7777 & ~thread.fs.umask));
  notifyEntry(mount.root, name, root.add(name, what, { maxMessages, messageSize }), IN_CREATE);
  return queues.get(name) as PosixQueue;
}

/** The directory of queues is sticky: EPERM for those of others. */
function mqUnlink(thread: Thread, { name: address }: { name: number }): number {
  const name = readName(thread, address);
  const { queues, root, mount } = thread.namespaces.ipc.posixQueues;
  const queue = queues.get(name) ?? fail(ENOENT, 'no such queue');
  if (!ownsInode(thread.credentials, queue.inode)) fail(EPERM, "someone else's queue");
  root.unlink(name);
  mount.root.childRemoved(name);
  notifyEntry(mount.root, name, queue.inode, IN_DELETE);
  return 0;
}

/** EBADF also for other kinds of files. */
function queueFile(thread: Thread, fd: number): { file: OpenFile; queue: PosixQueue } {
  const file = thread.files.get(fd);
  const { descriptor } = file;
  if (!(descriptor instanceof PosixQueueFile)) fail(EBADF, 'not a message queue');
  return { file, queue: descriptor.queue };
}

/** The absolute real time of the call, fixed at the first try. EFAULT, EINVAL. */
function readDeadline(thread: Thread, address: number): void {
  const { call, kernel } = thread;
  if (call === undefined || address === 0 || call.deadlineNs !== undefined) return;
  const value = thread.user.readStruct(address, Timespec);
  if (!isValidTimespec(value)) fail(EINVAL, 'not a valid timespec');
  call.deadlineNs = absoluteDeadline(kernel.clock, value, true);
}

/** EAGAIN, ETIMEDOUT, or a wait that SA_RESTART restarts (signal(7)). */
function waitOn(thread: Thread, file: OpenFile, queue: WaitQueue): Wait {
  const { call, kernel } = thread;
  if ((file.flags & O_NONBLOCK) !== 0) fail(EAGAIN, 'the queue is not ready, and O_NONBLOCK');
  const deadlineNs = call?.deadlineNs;
  if (deadlineNs !== undefined && deadlineNs <= kernel.clock.monotonicNs()) fail(ETIMEDOUT);
  return wait(queue, 'restart', deadlineNs);
}

interface TransferArguments {
  readonly mqdes: number;
  readonly msg_ptr: number;
  readonly msg_len: number;
  readonly abs_timeout: number;
}

function send(thread: Thread, args: TransferArguments & { readonly msg_prio: number }): Answer {
  readDeadline(thread, args.abs_timeout);
  if (args.msg_prio >= MQ_PRIO_MAX) fail(EINVAL, 'a priority of MQ_PRIO_MAX or more');
  const { file, queue } = queueFile(thread, args.mqdes);
  if (!opensForWriting(file.flags)) fail(EBADF, 'the queue is not open for writing');
  if (args.msg_len > queue.messageSize) fail(EMSGSIZE, 'longer than mq_msgsize');
  const message = thread.user.read(args.msg_ptr, args.msg_len).slice();
  if (queue.isFull) return waitOn(thread, file, queue.room);
  queue.add(thread, message, args.msg_prio);
  return 0;
}

function receive(thread: Thread, args: TransferArguments & { readonly msg_prio: number }): Answer {
  readDeadline(thread, args.abs_timeout);
  const { file, queue } = queueFile(thread, args.mqdes);
  if (!opensForReading(file.flags)) fail(EBADF, 'the queue is not open for reading');
  if (args.msg_len < queue.messageSize) fail(EMSGSIZE, 'shorter than mq_msgsize');
  if (queue.count === 0) return waitOn(thread, file, queue.arrived);
  const message = queue.take();
  if (message === undefined) throw new Error('a queue with messages gave none');
  if (args.msg_prio !== 0) thread.user.writeU32(args.msg_prio, message.priority);
  thread.user.write(args.msg_ptr, message.bytes);
  return message.bytes.length;
}

/** EINVAL: an unknown way. EBUSY: somebody registered before. */
function mqNotify(thread: Thread, { mqdes, sevp }: { mqdes: number; sevp: number }): number {
  const event = sevp === 0 ? undefined : thread.user.readStruct(sevp, Sigevent);
  if (event !== undefined) {
    if (![SIGEV_NONE, SIGEV_SIGNAL, SIGEV_THREAD].includes(event.notify))
      fail(EINVAL, 'no such notification');
    const isSignal = event.signo >= 0 && event.signo <= NSIG;
    if (event.notify === SIGEV_SIGNAL && !isSignal) fail(EINVAL, 'no such signal');
  }
  const cookie = event?.notify === SIGEV_THREAD ? readCookie(thread, event) : undefined;
  const { queue } = queueFile(thread, mqdes);
  const { process } = thread;
  if (event === undefined) {
    queue.forgetNotification(process);
    return 0;
  }
  if (queue.notification !== undefined) fail(EBUSY, 'somebody is registered');
  const { notify, signo, value } = event;
  queue.notification = { process, notify, signo, value, cookie };
  return 0;
}

/** SIGEV_THREAD: the bytes at `value` go to the netlink socket `signo`. EFAULT, EBADF, ENOTSOCK, EINVAL. */
function readCookie(
  thread: Thread,
  { value, signo }: { readonly value: bigint; readonly signo: number },
): NonNullable<PosixQueue['notification']>['cookie'] {
  const bytes = thread.user.read(Number(value), COOKIE_SIZE);
  const socket = coreOf(socketFile(thread, signo));
  return socket instanceof NetlinkCore ? { socket, bytes } : fail(EINVAL, 'no netlink socket');
}

interface AttributeArguments {
  readonly mqdes: number;
  readonly mqstat: number;
  readonly omqstat: number;
}

function getSetAttributes(thread: Thread, { mqdes, mqstat, omqstat }: AttributeArguments): number {
  const wanted = mqstat === 0 ? undefined : thread.user.readStruct(mqstat, MqAttr);
  if (wanted !== undefined && (wanted.flags & ~O_NONBLOCK) !== 0) fail(EINVAL, 'only O_NONBLOCK can be set');
  const { file, queue } = queueFile(thread, mqdes);
  const old = {
    flags: file.flags & O_NONBLOCK,
    maxmsg: queue.maxMessages,
    msgsize: queue.messageSize,
    curmsgs: queue.count,
    reserved: NO_RESERVED,
  };
  if (wanted !== undefined) file.flags = (file.flags & ~O_NONBLOCK) | (wanted.flags & O_NONBLOCK);
  if (omqstat !== 0) thread.user.writeStruct(omqstat, MqAttr, old);
  return 0;
}

export const POSIX_QUEUE_CALLS = {
  180: syscall('mq_open', { name: Path, oflag: OpenFlags, mode: OpenMode, attr: MqAttrOfOpen }, mqOpen),
  181: syscall('mq_unlink', { name: Path }, mqUnlink),
  182: syscall(
    'mq_timedsend',
    { mqdes: I32, msg_ptr: BufferIn, msg_len: Size, msg_prio: U32, abs_timeout: TimespecIn },
    send,
  ),
  183: syscall(
    'mq_timedreceive',
    { mqdes: I32, msg_ptr: BufferOut, msg_len: Size, msg_prio: U32Out, abs_timeout: TimespecIn },
    receive,
  ),
  184: syscall('mq_notify', { mqdes: I32, sevp: SigeventIn }, mqNotify),
  185: syscall('mq_getsetattr', { mqdes: I32, mqstat: MqAttrIn, omqstat: MqAttrOut }, getSetAttributes),
};
