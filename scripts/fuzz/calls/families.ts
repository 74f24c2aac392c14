// The families of random scripts, in the order in which fuzz:calls runs them.
import type { Family } from './family.ts';
import { FILES } from './files.ts';
import { SOCKETS } from './sockets.ts';

export const FAMILIES: readonly Family[] = [SOCKETS, FILES];
