// What stands after `= `: numbers as the row says, errors with name and text, `?` for calls that never return.
// Tracer calls it at the exit of a call.
import type { PrintContext } from '../../kernel/abi/kind.ts';
import { hex } from '../../kernel/abi/kinds/format.ts';
import { errnoMessage, errnoName } from '../../kernel/errno.ts';
import type { Call, Thread } from '../../kernel/task/thread.ts';
import type { SignalPolicy } from '../../kernel/wait.ts';

/** The kernel's own numbers for "start again" (include/linux/errno.h) and strace's words for them. */
const RESTARTS: Readonly<Record<number, string>> = {
  512: 'ERESTARTSYS (To be restarted if SA_RESTART is set)',
  513: 'ERESTARTNOINTR (To be restarted)',
  514: 'ERESTARTNOHAND (To be restarted if no handler)',
  516: 'ERESTART_RESTARTBLOCK (Interrupted by signal)',
};

/** The number a blocked call is interrupted with, by its policy; undefined = plainly EINTR. */
export function restartNumber(policy: SignalPolicy): number | undefined {
  switch (policy) {
    case 'restart':
      return 512;
    case 'always':
      return 513;
    case 'nohand':
      return 514;
    case 'restart-block':
      return 516;
    default:
      return undefined;
  }
}

export function isFailure(result: number): boolean {
  return result < 0 && result > -4096;
}

/** `ENOENT (No such file or directory)`, `(errno 4095)` for one that has no name. */
function failureText(errno: number): string {
  const name = errnoName(errno);
  return name === `E${errno}` ? `(errno ${errno})` : `${name} (${errnoMessage(errno)})`;
}

/** `mark` follows: what was injected. */
export function resultText(
  call: Call,
  result: number,
  context: PrintContext,
  mark: string,
  isRaw = false,
): string {
  const restart = RESTARTS[-result];
  if (restart !== undefined) return `? ${restart}`;
  if (isFailure(result)) return `-1 ${failureText(-result)}${mark}`;
  if (isRaw) return `${hex(result)}${mark}`;
  const printed = call.syscall.returns?.print(result, context);
  return `${printed ?? result}${mark}`;
}

/** The 64-bit result register of a thread whose call replaced its context (rt_sigreturn). */
export function restoredResult(thread: Thread): number {
  return Number(BigInt.asIntN(64, thread.hart.x(10)));
}
