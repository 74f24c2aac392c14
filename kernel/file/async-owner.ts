// Signal-driven I/O (fcntl(2), F_SETOWN, F_SETSIG): SIGIO when a file becomes ready, SIGURG for an urgent byte.
// Sockets, pipes and terminals call notifyOwner where they wake their pollers; fcntl and ioctl set the owner.
// What the owner may receive is decided by the ids of whoever set it (fs/fcntl.c, send_sigio_to_task).

import { LANDLOCK_SCOPE } from '../abi/landlock.ts';
import {
  POLLERR,
  POLLHUP,
  POLLMSG,
  POLLPRI,
  POLLRDBAND,
  READ_EVENTS,
  SOCKET_WRITE_EVENTS,
} from '../abi/poll.ts';
import { SI_KERNEL, SI_SIGIO, SIGIO, SIGURG } from '../abi/signal.ts';
import { FASYNC } from '../abi/socket.ts';
import { EINVAL, ESRCH, fail } from '../errno.ts';
import type { Kernel } from '../kernel.ts';
import { isScoped } from '../landlock/domain.ts';
import { sendToProcess, sendToThread } from '../task/send-signal.ts';
import type { SignalInfo } from '../task/signal-info.ts';
import type { Thread } from '../task/thread.ts';
import type { FileOwner, OpenFile } from './open-file.ts';

/** Why a file tells its owner. */
export type Readiness = 'in' | 'out' | 'msg' | 'err' | 'pri' | 'hup';

/** si_code POLL_IN … POLL_HUP and the si_band that goes with it. */
const CODES: Readonly<Record<Readiness, { readonly code: number; readonly band: number }>> = {
  in: { code: 1, band: READ_EVENTS },
  out: { code: 2, band: SOCKET_WRITE_EVENTS },
  msg: { code: 3, band: READ_EVENTS | POLLMSG },
  err: { code: 4, band: POLLERR },
  pri: { code: 5, band: POLLPRI | POLLRDBAND },
  hup: { code: 6, band: POLLHUP | POLLERR },
};

/** Signals whose si_code has meanings of its own: for them SI_SIGIO is used. */
const OWN_CODES = new Set([4, 5, 7, 8, 11, 17, 31]); // ILL TRAP BUS FPE SEGV CHLD SYS

/** Sends SIGIO, or the signal of F_SETSIG with si_fd and si_band, if O_ASYNC is on and there is an owner. */
export function notifyOwner(kernel: Kernel, file: OpenFile | undefined, readiness: Readiness): void {
  if (file !== undefined && (file.flags & FASYNC) !== 0) signalOwner(kernel, file, readiness, file.asyncFd);
}

/** The same whether or not O_ASYNC is on, with `fd` as the descriptor: leases and directories (send_sigio). */
export function signalOwner(kernel: Kernel, file: OpenFile, readiness: Readiness, fd: number): void {
  if (file.owner === undefined) return;
  const { code, band } = CODES[readiness];
  const signo = file.ownerSignal === 0 ? SIGIO : file.ownerSignal;
  const plain: SignalInfo = { signo: SIGIO, code: SI_KERNEL };
  if (file.ownerSignal === 0) {
    forEachOwner(kernel, file, (send) => send(plain));
    return;
  }
  const info: SignalInfo = { signo, code: OWN_CODES.has(signo) ? SI_SIGIO : code, band, fd };
  forEachOwner(kernel, file, (send) => {
    if (send(info) !== 0) send(plain); // the queue is full: fall back on the old plain signal
  });
}

/** An urgent byte has arrived: SIGURG to the owner, whether or not O_ASYNC is on (send_sigurg). */
export function notifyUrgent(kernel: Kernel, file: OpenFile | undefined): void {
  if (file?.owner === undefined) return;
  forEachOwner(kernel, file, (send) => send({ signo: SIGURG, code: SI_KERNEL }));
  notifyOwner(kernel, file, 'pri');
}

/**
 * F_SETOWN's argument, FIOSETOWN and SIOCSPGRP too: a pid, a negative process group, 0 for nobody.
 * ESRCH: no such process or group. EINVAL: the smallest integer.
 */
export function setOwner(thread: Thread, file: OpenFile, id: number): void {
  const { pids } = thread.kernel;
  if (id === -0x8000_0000) fail(EINVAL, 'this number has no positive counterpart');
  if (id === 0) {
    file.owner = NOBODY;
    return;
  }
  const known = thread.process.kernelPid(Math.abs(id));
  if (id < 0) {
    if (pids.group(known) === undefined) fail(ESRCH, 'no such process group');
    file.owner = ownedBy(thread, 'pgrp', known);
    return;
  }
  if (pids.process(known) === undefined && pids.thread(known) === undefined) fail(ESRCH, 'no such process');
  file.owner = ownedBy(thread, 'pid', known);
}

/** Who wants to hear of something becomes the owner, unless there is one (__f_setown without force). */
export function ownUnlessOwned(thread: Thread, file: OpenFile): void {
  if (file.owner === undefined || file.owner.id === 0)
    file.owner = ownedBy(thread, 'pid', thread.process.pid);
}

/** The owner that `setter` sets; of its own process it is told whatever its domain (control_current_fowner). */
export function ownedBy(
  { kernel, process, credentials }: Thread,
  type: FileOwner['type'],
  id: number,
): FileOwner {
  const { ruid: uid, euid, domain } = credentials;
  // of a group it is asked of who joined it last (pid_task)
  const own =
    type === 'pgrp' ? [...(kernel.pids.group(id)?.members ?? [])].at(-1) : kernel.pids.thread(id)?.process;
  return { type, id, uid, euid, domain: own === process ? undefined : domain };
}

export const NOBODY: FileOwner = { type: 'pid', id: 0, uid: 0, euid: 0, domain: undefined };

/** Turns O_ASYNC on or off; `fd` is the number that signals will name (fasync_helper). False: not of this file. */
export function setAsync(file: OpenFile, fd: number, isOn: boolean): boolean {
  if (isOn === ((file.flags & FASYNC) !== 0)) return true;
  if (!file.descriptor.signalsOwner) return false;
  file.flags ^= FASYNC;
  if (!isOn) return true;
  file.asyncFd = fd;
  file.descriptor.asyncStarted(file);
  return true;
}

/** F_GETOWN: a pid, a negative process group, 0 for nobody. */
export function ownerOf({ process }: Thread, file: OpenFile): number {
  const { owner } = file;
  if (owner === undefined) return 0;
  const id = process.shownPid(owner.id);
  return owner.type === 'pgrp' ? -id : id;
}

function forEachOwner(
  kernel: Kernel,
  file: OpenFile,
  tell: (send: (info: SignalInfo) => number) => void,
): void {
  const { owner } = file;
  if (owner === undefined) return;
  if (owner.type === 'tid') {
    const thread = kernel.pids.thread(owner.id);
    if (thread !== undefined && mayTell(owner, thread)) tell((info) => sendToThread(thread, info));
    return;
  }
  const group = kernel.pids.group(owner.id);
  const own = kernel.pids.process(owner.id) ?? kernel.pids.thread(owner.id)?.process;
  const processes = owner.type === 'pgrp' ? [...(group?.members ?? [])] : own === undefined ? [] : [own];
  for (const process of processes) {
    const { leader } = process;
    if (leader !== undefined && mayTell(owner, leader)) tell((info) => sendToProcess(process, info));
  }
}

/** sigio_perm. */
function mayTell(owner: FileOwner, { credentials }: Thread): boolean {
  const { ruid, suid } = credentials;
  if (owner.domain !== undefined && isScoped(owner.domain, credentials.domain, LANDLOCK_SCOPE.SIGNAL))
    return false;
  if (owner.euid === 0) return true;
  return [owner.euid, owner.uid].some((id) => id === ruid || id === suid);
}
