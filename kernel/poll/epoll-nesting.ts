// Epolls that watch epolls: no circles, and chains of at most five (fs/eventpoll.c, ep_loop_check).
// EPOLL_CTL_ADD asks before it adds one epoll to another.
import { EINVAL, ELOOP, fail } from '../errno.ts';
import type { OpenFile } from '../file/open-file.ts';
import { Epoll } from './epoll.ts';
import { EpollItem } from './epoll-item.ts';

/** EP_MAX_NESTS. */
const MAX_NESTS = 4;

/** ELOOP when `target` leads to `epoll`, or when the chain through both would be too long. */
export function demandNoLoop(epoll: Epoll, epollFile: OpenFile, target: Epoll): void {
  const below = depthBelow(target, epoll, new Map());
  if (below > MAX_NESTS) fail(ELOOP, 'epolls would watch each other in a circle, or too deep');
  if (below + 1 + heightAbove(epollFile, new Map()) > MAX_NESTS) fail(ELOOP, 'epolls nested too deep');
}

function depthBelow(from: Epoll, forbidden: Epoll, known: Map<Epoll, number>): number {
  const seen = known.get(from);
  if (seen !== undefined) return seen;
  known.set(from, 0);
  let depth = 0;
  for (const { file } of from.items()) {
    const { descriptor } = file;
    if (!(descriptor instanceof Epoll)) continue;
    const below = descriptor === forbidden ? MAX_NESTS + 1 : depthBelow(descriptor, forbidden, known) + 1;
    depth = Math.max(depth, below);
    if (depth > MAX_NESTS) break;
  }
  known.set(from, depth);
  return depth;
}

function heightAbove(file: OpenFile, known: Map<OpenFile, number>): number {
  const seen = known.get(file);
  if (seen !== undefined) return seen;
  known.set(file, 0);
  let height = 0;
  for (const watcher of file.watchers ?? []) {
    if (watcher instanceof EpollItem) height = Math.max(height, heightAbove(watcher.epollFile, known) + 1);
  }
  known.set(file, height);
  return height;
}

/** By how many epolls lie between: how many ways may lead from one file to epolls that nothing watches (path_limits). */
const PATH_LIMITS: readonly number[] = [Number.POSITIVE_INFINITY, 500, 100, 50, 10];

/** EINVAL when a new item of `epollFile` makes too many ways from files below `target`; the item is there (reverse_path_check). */
export function demandFewPaths(epollFile: OpenFile, target: OpenFile): void {
  const isNested = (epollFile.watchers?.size ?? 0) > 0 || target.descriptor instanceof Epoll;
  if (!isNested) return;
  const leaves = new Set<OpenFile>();
  collectLeaves(target, leaves, new Set());
  for (const leaf of leaves) countPaths(leaf, 0, [0, 0, 0, 0, 0]);
}

function collectLeaves(file: OpenFile, leaves: Set<OpenFile>, seen: Set<OpenFile>): void {
  const { descriptor } = file;
  if (!(descriptor instanceof Epoll)) leaves.add(file);
  else if (!seen.has(file)) {
    seen.add(file);
    for (const item of descriptor.items()) collectLeaves(item.file, leaves, seen);
  }
}

function countPaths(file: OpenFile, depth: number, counts: number[]): void {
  for (const watcher of file.watchers ?? []) {
    if (!(watcher instanceof EpollItem)) continue;
    const { epollFile } = watcher;
    if ((epollFile.watchers?.size ?? 0) > 0 && depth < MAX_NESTS) countPaths(epollFile, depth + 1, counts);
    else {
      const count = (counts[depth] ?? 0) + 1;
      counts[depth] = count;
      if (count > (PATH_LIMITS[depth] ?? 0)) fail(EINVAL, 'too many ways to be woken');
    }
  }
}
