// Resource limits of a process (getrlimit(2)): soft and hard values by number.
// fork copies them, prlimit64 changes them, every subsystem asks for the one it enforces.
// Values are bytes, seconds or counts as the man page says; no limit is Infinity.
import { RESOURCES, type Resource } from '../abi/limits.ts';
import { EINVAL, EPERM, fail } from '../errno.ts';

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
/** /proc/sys/fs/nr_open. */
const NR_OPEN = MIB;

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

/** A limit as plain data, which JSON can hold. */
export type LimitValue = number | 'unlimited';
export type ResourceChanges = Readonly<
  Partial<Record<Resource, { readonly soft: LimitValue; readonly hard: LimitValue }>>
>;

function asLimit(value: LimitValue): number {
  return value === 'unlimited' ? RLIM_INFINITY : value;
}

/** What no process may ask for (do_prlimit). EINVAL, EPERM. */
export function demandPossible(resource: number, { soft, hard }: ResourceLimit): void {
  if (soft > hard) fail(EINVAL, 'the soft limit is above the hard one');
  if (resource === RLIMIT_NOFILE && hard > NR_OPEN) fail(EPERM, 'more descriptors than fs.nr_open');
}

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

  /** Makes changes by name, each checked as setrlimit(2) does. EINVAL, EPERM. */
  change(changes: ResourceChanges): void {
    for (const [resource, name] of RESOURCES.entries()) {
      const wanted = changes[name];
      if (wanted === undefined) continue;
      const limit = { soft: asLimit(wanted.soft), hard: asLimit(wanted.hard) };
      demandPossible(resource, limit);
      this.set(resource, limit);
    }
  }

  copy(): ResourceLimits {
    return new ResourceLimits(this.#limits);
  }
}
