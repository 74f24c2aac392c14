// semget, semop, semtimedop, semctl: System V semaphores (semop(2), semctl(2), ipc/sem.c).
// Rows for table.ts; the sets are kernel/ipc/semaphore-set.ts.

import { Sembuf, SemidDs, Seminfo } from '../abi/ipc.ts';
import { I32, U64 } from '../abi/kinds/basic.ts';
import { IpcGetFlags, SemArgument, SemCommand, SemOperations, ShmKey } from '../abi/kinds/ipc-kinds.ts';
import { TimespecIn } from '../abi/kinds/time-kinds.ts';
import { isValidTimespec, Timespec, timespecToNs } from '../abi/time.ts';
import { E2BIG, EAGAIN, EFBIG, EINTR, EINVAL, ENOMEM, ENOSPC, ERANGE, fail } from '../errno.ts';
import {
  demandUse,
  IPC_INFO,
  IPC_RMID,
  IPC_SET,
  IPC_STAT,
  MAY_ALTER,
  MAY_READ,
  setOwner,
} from '../ipc/ipc-table.ts';
import {
  SEMMNI,
  SEMMNS,
  SEMMSL,
  SEMOPM,
  SEMVMX,
  type SemaphoreOperation,
  SemaphoreSet,
  SemaphoreWait,
} from '../ipc/semaphore-set.ts';
import type { Thread } from '../task/thread.ts';
import { wait } from '../wait.ts';
import { type Answer, syscall } from './syscall.ts';

const GETPID = 11;
const GETVAL = 12;
const GETALL = 13;
const GETNCNT = 14;
const GETZCNT = 15;
const SETVAL = 16;
const SETALL = 17;
const SEM_STAT = 18;
const SEM_INFO = 19;
const SEM_STAT_ANY = 20;
const STAT_WAYS = { [IPC_STAT]: 'id', [SEM_STAT]: 'index', [SEM_STAT_ANY]: 'any index' } as const;
const VALUE_SIZE = 2;
/** `union semun` as an int is the lower half of its register; what the upper one holds is of no meaning. */
const A3 = 13;
/** Bytes of the host that a semaphore takes, about. */
const SEMAPHORE_COST = 64;

/** What a set takes of the machine's memory. */
function semaphorePages(count: number): number {
  return Math.ceil((count * SEMAPHORE_COST) / 4096);
}

function semget(thread: Thread, key: number, count: number, flags: number): number {
  const { semaphores } = thread.namespaces.ipc;
  if (count < 0 || count > SEMMSL) fail(EINVAL, 'more than SEMMSL semaphores, or less than none');
  return semaphores.find(thread, key, flags, {
    make: (id) => {
      if (count === 0) fail(EINVAL, 'a new set needs semaphores');
      if (semaphores.semaphoreCount + count > SEMMNS) fail(ENOSPC, 'SEMMNS semaphores exist');
      if (!thread.kernel.memory.charge(semaphorePages(count))) fail(ENOMEM, 'the machine has no memory left');
      return new SemaphoreSet(thread, id, key, flags, count);
    },
    check: (known) => {
      if (count > known.semaphores.length) fail(EINVAL, 'the set is smaller');
    },
  });
}

interface OperateArguments {
  readonly semid: number;
  readonly sops: number;
  readonly nsops: number;
  readonly timeout: number;
}

/** semop is never restarted after a handler (signal(7)). */
function semtimedop(thread: Thread, args: OperateArguments): Answer {
  const { call } = thread;
  if (call === undefined) throw new Error('semop outside a call');
  const earlier = call.data;
  if (earlier instanceof SemaphoreWait) return goOn(earlier, thread);
  const timeout = args.timeout === 0 ? undefined : thread.user.readStruct(args.timeout, Timespec);
  const operations = readOperations(thread, args);
  if (args.semid < 0) fail(EINVAL, 'a negative id');
  if (timeout !== undefined) {
    if (!isValidTimespec(timeout)) fail(EINVAL, 'not a valid timespec');
    call.deadlineNs = thread.kernel.clock.monotonicNs() + timespecToNs(timeout);
  }
  const set = thread.namespaces.ipc.semaphores.get(args.semid);
  if (operations.some(({ num }) => num >= set.semaphores.length)) fail(EFBIG, 'no such semaphore in the set');
  demandUse(thread, set, operations.some(({ op }) => op !== 0) ? MAY_ALTER : MAY_READ);
  const waiting = set.operate(thread, operations);
  if (waiting === undefined) return 0;
  call.data = waiting;
  return wait(waiting.done, 'interrupt', call.deadlineNs);
}

/** EINVAL, E2BIG, EFAULT. */
function readOperations(thread: Thread, { sops, nsops }: OperateArguments): SemaphoreOperation[] {
  if (nsops > SEMOPM) fail(E2BIG, 'more than SEMOPM operations');
  if (nsops < 1) fail(EINVAL, 'no operations');
  return Array.from({ length: nsops }, (_, i) => thread.user.readStruct(sops + i * Sembuf.size, Sembuf));
}

function goOn(waiting: SemaphoreWait, { call }: Thread): Answer {
  if (waiting.result !== undefined) return waiting.result === 0 ? 0 : fail(waiting.result);
  const isOver = call?.timedOut === true || call?.interrupted === true;
  if (!isOver) return wait(waiting.done, 'interrupt', call?.deadlineNs);
  waiting.set.abandon(waiting);
  return fail(call?.timedOut === true ? EAGAIN : EINTR);
}

interface ControlArguments {
  readonly semid: number;
  readonly semnum: number;
  readonly cmd: number;
  readonly arg: number;
}

function semctl(thread: Thread, { semid, semnum, cmd, arg }: ControlArguments): number {
  const { semaphores } = thread.namespaces.ipc;
  if (semid < 0) fail(EINVAL, 'a negative id');
  switch (cmd) {
    case IPC_INFO:
    case SEM_INFO:
      return information(thread, cmd === SEM_INFO, arg);
    case IPC_STAT:
    case SEM_STAT:
    case SEM_STAT_ANY: {
      const { object, result } = semaphores.described(thread, semid, STAT_WAYS[cmd]);
      thread.user.writeStruct(arg, SemidDs, describe(thread, object));
      return result;
    }
    case GETALL:
    case SETALL:
    case GETVAL:
    case GETPID:
    case GETNCNT:
    case GETZCNT:
      return values(thread, { semid, semnum, cmd, arg });
    case SETVAL:
      return setValue(thread, semid, semnum, thread.hart.xLo(A3) | 0);
    case IPC_SET: {
      const { perm } = thread.user.readStruct(arg, SemidDs);
      setOwner(thread, semaphores.owned(thread, semid), perm);
      return 0;
    }
    case IPC_RMID: {
      const set = semaphores.owned(thread, semid);
      semaphores.remove(set);
      set.removed();
      thread.kernel.memory.release(semaphorePages(set.semaphores.length));
      return 0;
    }
    default:
      return fail(EINVAL, 'unknown command');
  }
}

function information(thread: Thread, counts: boolean, address: number): number {
  const { semaphores } = thread.namespaces.ipc;
  thread.user.writeStruct(address, Seminfo, {
    semmap: SEMMNS,
    semmni: SEMMNI,
    semmns: SEMMNS,
    semmnu: SEMMNS,
    semmsl: SEMMSL,
    semopm: SEMOPM,
    semume: SEMOPM,
    semusz: counts ? semaphores.count : 20,
    semvmx: SEMVMX,
    semaem: counts ? semaphores.semaphoreCount : SEMVMX,
  });
  return semaphores.highestIndex;
}

function describe(thread: Thread, set: SemaphoreSet) {
  return {
    perm: set.permissionsFor(thread.credentials),
    otime: set.operationTime,
    ctime: set.changeTime,
    nsems: set.semaphores.length,
    unused3: 0,
    unused4: 0,
  };
}

/** semctl_main: permission first, then the number of the semaphore. */
function values(thread: Thread, { semid, semnum, cmd, arg }: ControlArguments): number {
  const { user } = thread;
  const set = thread.namespaces.ipc.semaphores.get(semid);
  demandUse(thread, set, cmd === SETALL ? MAY_ALTER : MAY_READ);
  const { semaphores } = set;
  if (cmd === GETALL) {
    const bytes = new Uint8Array(Uint16Array.from(semaphores, ({ value }) => value).buffer);
    user.write(arg, bytes);
    return 0;
  }
  if (cmd === SETALL) {
    const bytes = user.read(arg, semaphores.length * VALUE_SIZE);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const wanted = new Map(semaphores.map((_, num) => [num, view.getUint16(num * VALUE_SIZE, true)]));
    for (const value of wanted.values()) if (value > SEMVMX) fail(ERANGE, 'a value above SEMVMX');
    set.assign(thread, wanted);
    return 0;
  }
  const semaphore = semaphores[semnum] ?? fail(EINVAL, 'no such semaphore in the set');
  if (cmd === GETVAL) return semaphore.value;
  if (cmd === GETPID) return thread.process.shownPid(semaphore.pid);
  return set.countWaits(semnum, cmd === GETZCNT);
}

/** semctl_setval: the value first, the permission last. */
function setValue(thread: Thread, semid: number, semnum: number, value: number): number {
  if (value < 0 || value > SEMVMX) fail(ERANGE, 'not a value of a semaphore');
  const set = thread.namespaces.ipc.semaphores.get(semid);
  if (set.semaphores[semnum] === undefined) fail(EINVAL, 'no such semaphore in the set');
  demandUse(thread, set, MAY_ALTER);
  set.assign(thread, new Map([[semnum, value]]));
  return 0;
}

export const SEMAPHORE_CALLS = {
  190: syscall('semget', { key: ShmKey, nsems: I32, semflg: IpcGetFlags }, (thread, { key, nsems, semflg }) =>
    semget(thread, key | 0, nsems, semflg),
  ),
  191: syscall('semctl', { semid: I32, semnum: I32, cmd: SemCommand, arg: SemArgument }, semctl),
  192: syscall(
    'semtimedop',
    { semid: I32, sops: SemOperations, nsops: U64, timeout: TimespecIn },
    semtimedop,
  ),
  193: syscall('semop', { semid: I32, sops: SemOperations, nsops: U64 }, (thread, args) =>
    semtimedop(thread, { ...args, timeout: 0 }),
  ),
};
