// RLIMIT_CPU: SIGXCPU at the soft limit and each second after it, SIGKILL at the hard one (getrlimit(2)).
// setrlimit and fork arm it; the kernel's loop fires it with the other CPU timers.
import { SIGKILL, SIGXCPU } from '../abi/signal.ts';
import { processCpuNs } from '../time/cpu-time.ts';
import type { Process } from './process.ts';
import { RLIMIT_CPU } from './rlimits.ts';
import { sendToProcess } from './send-signal.ts';
import { kernelSignal } from './signal-info.ts';

const SECOND_NS = 1_000_000_000;

/** Watches the limit that is in force now. */
export function armCpuLimit(process: Process): void {
  const { timers } = process;
  for (const timer of timers.cpu ?? []) if (timer.isLimit === true) timers.cpu?.delete(timer);
  const { soft, hard } = process.limits.get(RLIMIT_CPU);
  if (soft === Number.POSITIVE_INFINITY && hard === Number.POSITIVE_INFINITY) return;
  const now = (): number => processCpuNs(process);
  const watch = (seconds: number): void => {
    const isHard = seconds >= hard;
    const fire = (): void => {
      sendToProcess(process, kernelSignal(isHard ? SIGKILL : SIGXCPU));
      if (!isHard) watch(seconds + 1);
    };
    timers.addCpu({ now, deadlineNs: Math.min(seconds, hard) * SECOND_NS, fire, isLimit: true });
  };
  watch(Math.max(1, soft)); // 0 means one second, as Linux has it (RLIMIT_CPU in update_rlimit_cpu)
}
