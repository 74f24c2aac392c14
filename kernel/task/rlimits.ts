// Resource limits of a process (getrlimit(2)): soft and hard values by number.
// fork copies them, prlimit64 changes them, every subsystem asks for the one it enforces.
// Values are bytes, seconds or counts as the man page says; no limit is Infinity.
import { EINVAL, fail } from '../errno.ts';

export const RLIMIT_CPU = 0;
export const RLIMIT_FSIZE = 1;
export const RLIMIT_DATA = 2;
export const RLIMIT_STACK = 3;
export const RLIMIT_CORE = 4;
export const RLIMIT_RSS = 5;
export const RLIMIT_NPROC = 6;
export const RLIMIT_NOFILE = 7;
export const RLIMIT_MEMLOCK = 8;
export const RLIMIT_AS = 9;
export const RLIMIT_SIGPENDING = 11;
export const RLIMIT_MSGQUEUE = 12;
export const RLIMIT_NICE = 13;
export const RLIMIT_RTPRIO = 14;
export const RLIM_NLIMITS = 16;

export const RLIM_INFINITY = Number.POSITIVE_INFINITY;
const MIB = 1024 * 1024;

export interface ResourceLimit {
  readonly soft: number;
  readonly hard: number;
}

/** What init has on a machine of about 4 GiB (asm-generic/resource.h, kernel/fork.c). */
const DEFAULTS: readonly ResourceLimit[] = [
  { soft: RLIM_INFINITY, hard: RLIM_INFINITY }, // CPU
  { soft: RLIM_INFINITY, hard: RLIM_INFINITY }, // FSIZE
  { soft: RLIM_INFINITY, hard: RLIM_INFINITY }, // DATA
  { soft: 8 * MIB, hard: RLIM_INFINITY }, // STACK
  { soft: 0, hard: RLIM_INFINITY }, // CORE
  { soft: RLIM_INFINITY, hard: RLIM_INFINITY }, // RSS
  { soft: 15_731, hard: 15_731 }, // NPROC
  { soft: 1024, hard: 1024 * 1024 }, // NOFILE
  { soft: 8 * MIB, hard: 8 * MIB }, // MEMLOCK
  { soft: RLIM_INFINITY, hard: RLIM_INFINITY }, // AS
  { soft: RLIM_INFINITY, hard: RLIM_INFINITY }, // LOCKS
  { soft: 15_731, hard: 15_731 }, // SIGPENDING
  { soft: 819_200, hard: 819_200 }, // MSGQUEUE
  { soft: 0, hard: 0 }, // NICE
  { soft: 0, hard: 0 }, // RTPRIO
  { soft: RLIM_INFINITY, hard: RLIM_INFINITY }, // RTTIME
];

export class ResourceLimits {
  readonly #limits: ResourceLimit[];

  constructor(limits: readonly ResourceLimit[] = DEFAULTS) {
    this.#limits = limits.slice();
  }

  /** EINVAL for a number that Linux does not have. */
  get(resource: number): ResourceLimit {
    return this.#limits[resource] ?? fail(EINVAL, 'no such resource limit');
  }

  set(resource: number, limit: ResourceLimit): void {
    this.get(resource);
    this.#limits[resource] = limit;
  }

  copy(): ResourceLimits {
    return new ResourceLimits(this.#limits);
  }
}
