// How a user namespace numbers ids (user_namespaces(7), "User and group ID mappings"; kernel/user_namespace.c).
// The kernel itself counts as the first namespace does; what an inner one calls an id is looked up here.
// A map is written once, as lines of `inside outside count`, where outside is as the parent namespace counts.
import { EINVAL, fail } from '../errno.ts';
import { NO_ID } from '../task/credentials.ts';

/** What stands for an id that has no number here (/proc/sys/kernel/overflowuid). */
export const OVERFLOW_ID = 65_534;

export interface Extent {
  /** First id as this namespace counts. */
  readonly inside: number;
  /** First id as the kernel counts. */
  readonly kernel: number;
  readonly count: number;
}

/** UID_GID_MAP_MAX_EXTENTS. */
const MOST_EXTENTS = 340;

export class IdMap {
  readonly extents: readonly Extent[];

  constructor(extents: readonly Extent[]) {
    this.extents = extents;
  }

  /** The kernel's id, or NO_ID. */
  toKernel(id: number, count = 1): number {
    for (const { inside, kernel, count: size } of this.extents)
      if (id >= inside && id + count <= inside + size) return kernel + (id - inside);
    return NO_ID;
  }

  /** This namespace's id, or NO_ID. */
  toInside(id: number): number {
    for (const { inside, kernel, count } of this.extents)
      if (id >= kernel && id < kernel + count) return inside + (id - kernel);
    return NO_ID;
  }

  /** What its processes see of the kernel's id. */
  shown(id: number): number {
    const inside = this.toInside(id);
    return inside === NO_ID ? OVERFLOW_ID : inside;
  }

  get isWritten(): boolean {
    return this.extents.length > 0;
  }
}

/** The first namespace's: every id is the kernel's. */
export const IDENTITY = new IdMap([{ inside: 0, kernel: 0, count: NO_ID }]);
export const UNMAPPED = new IdMap([]);

/** What was written to a map, with `kernel` as the parent namespace counts. EINVAL (map_write). */
export function parseExtents(text: string): Extent[] {
  const extents: Extent[] = [];
  for (const line of text.split('\0', 1)[0]?.replace(/\n$/, '').split('\n') ?? []) {
    const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s*$/.exec(line) ?? fail(EINVAL, 'a line has three numbers');
    const [inside, kernel, count] = match
      .slice(1)
      .map((digits) => Number(BigInt.asUintN(32, BigInt(digits))));
    if (inside === undefined || kernel === undefined || count === undefined || count === 0)
      return fail(EINVAL, 'a range of nothing');
    if (inside + count > NO_ID || kernel + count > NO_ID) fail(EINVAL, 'the range goes beyond the last id');
    if (extents.some((other) => overlap(other, inside, kernel, count))) fail(EINVAL, 'ranges overlap');
    if (extents.length === MOST_EXTENTS) fail(EINVAL, 'too many lines');
    extents.push({ inside, kernel, count });
  }
  return extents;
}

function overlap(other: Extent, inside: number, kernel: number, count: number): boolean {
  const meets = (a: number, b: number): boolean => a < b + other.count && b < a + count;
  return meets(inside, other.inside) || meets(kernel, other.kernel);
}
