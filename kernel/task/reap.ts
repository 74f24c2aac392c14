// What becomes of a zombie: its parent is told, and it is forgotten when the parent has seen it or will not look.
// exit.ts comes here at a process's end, wait-child.ts when it was waited for, ptrace/detach.ts when a tracer lets go of it.
// A zombie that is traced by a stranger is the tracer's to see first (kernel/exit.c, exit_notify, wait_task_zombie).
import { CLD_DUMPED, CLD_EXITED, CLD_KILLED, NSIG, SA_NOCLDWAIT, SIG_IGN, SIGCHLD } from '../abi/signal.ts';
import type { Kernel } from '../kernel.ts';
import { late } from '../late.ts';
import { processCpuTime } from '../time/cpu-time.ts';
import type { Process } from './process.ts';
import { childSignal, sendToProcess } from './send-signal.ts';
import { addUsage, processUsage } from './usage.ts';

/** Tells the parent, or a tracer, of a death; true when nobody will wait, so that it must be reaped (do_notify_parent). */
export function notifyDeath(process: Process): boolean {
  const { parent, exitSignal, endedLeader } = process;
  const tracer = endedLeader?.tracee?.tracer?.process;
  if (tracer !== undefined && tracer !== parent) {
    tellOfDeath(process, tracer, SIGCHLD);
    return false;
  }
  if (parent === undefined || parent.isInit) return true;
  const action = parent.signals.actions.get(SIGCHLD);
  const isUnwanted = action.handler === SIG_IGN || (action.flags & SA_NOCLDWAIT) !== 0;
  const isSilent = tracer === undefined && exitSignal === SIGCHLD && action.handler === SIG_IGN;
  tellOfDeath(process, parent, isSilent ? 0 : exitSignal);
  return tracer === undefined && exitSignal === SIGCHLD && isUnwanted;
}

function tellOfDeath(process: Process, whom: Process, signo: number): void {
  if (signo > 0 && signo <= NSIG) {
    const { code, status } = exitFacts(process.waitStatus);
    sendToProcess(whom, childSignal(process, whom, signo, code, status));
  }
  whom.childChanged.wake();
}

/** si_code and si_status for a wait status. */
export function exitFacts(waitStatus: number): { code: number; status: number } {
  const signal = waitStatus & 0x7f;
  if (signal === 0) return { code: CLD_EXITED, status: waitStatus >> 8 };
  return { code: (waitStatus & 0x80) !== 0 ? CLD_DUMPED : CLD_KILLED, status: signal };
}

/** Forgets a zombie; its times go to its parent. */
export function reapProcess(kernel: Kernel, process: Process): void {
  process.state = 'reaped';
  const { parent } = process;
  if (parent !== undefined) {
    const { userNs, systemNs } = processCpuTime(process);
    parent.childrenUserNs += userNs + process.childrenUserNs;
    addUsage(parent.childrenUsage, processUsage(process));
    addUsage(parent.childrenUsage, process.childrenUsage);
    parent.childrenSystemNs += systemNs + process.childrenSystemNs;
    parent.childrenMaxRssKib = Math.max(
      parent.childrenMaxRssKib,
      process.maxRssKib,
      process.childrenMaxRssKib,
    );
    parent.children.delete(process);
  }
  if (process.last?.thread?.ownCgroup !== undefined) late.cgroupMembers.processReaped(process);
  process.group.remove(process);
  kernel.pids.removeProcess(process);
  parent?.childChanged.wake();
}
