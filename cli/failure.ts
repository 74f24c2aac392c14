// How the command line fails: one clear line on stderr and the right status, never a stack trace.
// Commands throw UsageError or CommandError; main.ts turns everything that is thrown into its line.
import { errnoName, isFailure } from '../kernel/errno.ts';
import { SpawnError } from '../machine/spawn-error.ts';
import { writeAll } from './node-host.ts';

/** Our own errors: wrong usage, missing host files, broken machine. */
export const STATUS_FAILED = 125;
export const STATUS_NOT_EXECUTABLE = 126;
export const STATUS_NOT_FOUND = 127;

/** A wrong option or argument. */
export class UsageError extends Error {}

/** Something else that stops a command: a file that is not there, a bad mount. */
export class CommandError extends Error {}

/** The status for a program that could not be started, as shells have it. */
export function statusOfSpawnError(error: SpawnError): number {
  return error.code === 'ENOENT' || error.code === 'ENOTDIR' ? STATUS_NOT_FOUND : STATUS_NOT_EXECUTABLE;
}

/** Writes one line to stderr. */
export function complain(line: string): void {
  writeAll(2, Buffer.from(`rivulet: ${line}\n`));
}

/** What a wrong line of words ends with; `command` is the one that was meant, absent when that is what was wrong. */
export function usageHint(command: string | undefined): string {
  return `(rivulet ${command === undefined ? '' : `${command} `}--help shows how it is used)`;
}

/** Reports what `command` has thrown and returns the status. */
export function report(error: unknown, command?: string): number {
  if (error instanceof UsageError) {
    complain(`${error.message} ${usageHint(command)}`);
    return STATUS_FAILED;
  }
  if (error instanceof CommandError) {
    complain(error.message);
    return STATUS_FAILED;
  }
  if (error instanceof SpawnError) {
    complain(error.message);
    return statusOfSpawnError(error);
  }
  const { message, stack } = describe(error);
  complain(`internal error: ${message.split('\n')[0]}`);
  if (process.env.RIVULET_DEBUG !== undefined) writeAll(2, Buffer.from(`${stack ?? ''}\n`));
  else complain('this is a fault of Rivulet: please report it with the output under RIVULET_DEBUG=1');
  return STATUS_FAILED;
}

/** An errno is thrown as a plain object: outside a system call it has come to the wrong place. */
function describe(error: unknown): { message: string; stack?: string } {
  if (error instanceof Error) return error;
  if (!isFailure(error)) return { message: String(error) };
  return { message: `${errnoName(error.errno)} outside a system call: ${error.why ?? 'no reason given'}` };
}
