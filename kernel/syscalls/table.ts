// The system call table: the family files' rows joined by number (asm-generic/unistd.h, riscv64).
// dispatch.ts looks calls up here; `rivulet syscalls` and the coverage page list it.
import { PIPE_CALLS } from './pipe.ts';
import { SOCKET_CALLS } from './socket.ts';
import { MESSAGE_CALLS } from './socket-messages.ts';
import { MULTI_MESSAGE_CALLS } from './socket-multi.ts';
import type { Syscall } from './syscall.ts';

const FAMILIES: readonly Readonly<Record<number, Syscall>>[] = [PIPE_CALLS, SOCKET_CALLS, MESSAGE_CALLS, MULTI_MESSAGE_CALLS];

/** Rows by number; holes are ENOSYS. */
export const SYSCALLS: readonly (Syscall | undefined)[] = join();

function join(): (Syscall | undefined)[] {
  const table: (Syscall | undefined)[] = [];
  for (const family of FAMILIES) {
    for (const [number, syscall] of Object.entries(family)) {
      if (table[Number(number)] !== undefined) throw new Error(`two rows for system call ${number}`);
      table[Number(number)] = syscall;
    }
  }
  return table;
}
