// What wait(2) is asked for and what it tells: options and one child's report.
// wait-child.ts and ptrace/wait-tracee.ts make reports, syscalls/wait.ts writes them out.
import type { Process } from './process.ts';

export const WNOHANG = 1;
export const WUNTRACED = 2;
export const WSTOPPED = 2;
export const WEXITED = 4;
export const WCONTINUED = 8;
export const WNOWAIT = 0x0100_0000;
export const __WNOTHREAD = 0x2000_0000;
export const __WALL = 0x4000_0000;
export const __WCLONE = 0x8000_0000;

export interface ChildReport {
  readonly child: Process;
  readonly pid: number;
  /** As wait(2) encodes it. */
  readonly waitStatus: number;
  /** CLD_* and si_status for waitid. */
  readonly code: number;
  readonly status: number;
  readonly uid: number;
}
