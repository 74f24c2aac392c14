// Job control at terminals: who may read, write and change one from the background (POSIX, 11.1.4; tty_jobctrl.c).
// tty-file.ts and tty-ioctl.ts ask before they act.
import { SIG_IGN, SIGTTIN, signalBit } from '../abi/signal.ts';
import { EIO, fail } from '../errno.ts';
import type { Process } from '../task/process.ts';
import { sendToGroup } from '../task/send-signal.ts';
import { kernelSignal } from '../task/signal-info.ts';
import type { Thread } from '../task/thread.ts';
import { type Wait, wait } from '../wait.ts';
import type { Tty } from './tty.ts';

export function isLeader(process: Process): boolean {
  return process.session.id === process.pid;
}

/**
 * May the caller read (SIGTTIN) or write and change (SIGTTOU) the terminal? In the background its whole group gets the
 * signal, and the call is tried again after it. EIO: no shell could bring the group to the foreground, or
 * SIGTTIN is ignored. A background writer that ignores SIGTTOU may write.
 */
export function checkForeground(thread: Thread, tty: Tty, signo: number): Wait | undefined {
  const { process } = thread;
  if (process.terminal !== tty) return undefined;
  const { foregroundId } = tty;
  if (foregroundId === 0 || foregroundId === process.group.id) return undefined;
  const isBlocked = (thread.signals.blocked & signalBit(signo)) !== 0n;
  if (isBlocked || process.signals.actions.get(signo).handler === SIG_IGN) {
    if (signo === SIGTTIN) fail(EIO, 'a background process reads its terminal and ignores SIGTTIN');
    return undefined;
  }
  if (process.group.isOrphaned()) fail(EIO, 'the process group in the background is orphaned');
  if (thread.call?.interrupted !== true) sendToGroup(process.group, kernelSignal(signo));
  return wait(tty.changed);
}
