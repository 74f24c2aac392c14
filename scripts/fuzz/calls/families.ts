// The families of random scripts, in the order in which fuzz:calls runs them.

import { CONFINED } from './confined.ts';
import type { Family } from './family.ts';
import { FILES } from './files.ts';
import { FUTEXES } from './futexes.ts';
import { IPC } from './ipc.ts';
import { JOBS } from './jobs.ts';
import { KEYS } from './keys.ts';
import { LOCKS } from './locks.ts';
import { MEMORY } from './memory.ts';
import { MOUNTS } from './mounts.ts';
import { PIPES } from './pipes.ts';
import { POLL } from './poll.ts';
import { PROCESSES } from './processes.ts';
import { RINGS } from './rings.ts';
import { SIGNALS } from './signals.ts';
import { SOCKETS } from './sockets.ts';
import { TERMINALS } from './terminals.ts';
import { TIME } from './time.ts';
import { TRACES } from './traces.ts';
import { UNIX } from './unix.ts';
import { UNIX_MESSAGES } from './unix-messages.ts';
import { UNIX_NAMES } from './unix-names.ts';
import { WATCHES } from './watches.ts';

export const FAMILIES: readonly Family[] = [
  SOCKETS,
  UNIX,
  UNIX_NAMES,
  UNIX_MESSAGES,
  FILES,
  LOCKS,
  WATCHES,
  CONFINED,
  MOUNTS,
  PIPES,
  POLL,
  RINGS,
  TERMINALS,
  JOBS,
  TRACES,
  MEMORY,
  SIGNALS,
  PROCESSES,
  FUTEXES,
  IPC,
  KEYS,
  TIME,
];
