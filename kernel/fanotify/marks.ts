// fanotify's marks on one inode, mount or file system, and who hears of a happening (fs/notify/fanotify/fanotify.c,
// fanotify_group_event_mask). fs/notify.ts calls announce and ask where there are marks; the groups are group.ts.
import {
  FAN_EVENT_ON_CHILD,
  FAN_MODIFY,
  FAN_ONDIR,
  FAN_REPORT_FID,
  FID_BITS,
  PERMISSION_EVENTS,
} from '../abi/fanotify.ts';
import { S_IFREG } from '../abi/stat.ts';
import { EPERM, fail } from '../errno.ts';
import type { Happening, MarkedPlaces, Marks } from '../fs/notify.ts';
import type { Thread } from '../task/thread.ts';
import { type Wait, wait } from '../wait.ts';
import type { FanotifyGroup } from './group.ts';
import { Questions } from './questions.ts';

export type PlaceKind = 'inode' | 'mount' | 'fs';
type Role = keyof MarkedPlaces;

/** Something that can be marked. */
export interface Markable {
  marks?: Marks | undefined;
}

export class Mark {
  readonly group: FanotifyGroup;
  readonly kind: PlaceKind;
  readonly place: Markable;
  mask = 0;
  ignored = 0;
  /** FAN_MARK_IGNORE: the ignored mask has flags of its own. */
  hasIgnoreFlags = false;
  /** FAN_MARK_IGNORED_SURV_MODIFY. */
  survivesChange = false;
  isEvictable = false;

  constructor(group: FanotifyGroup, kind: PlaceKind, place: Markable) {
    this.group = group;
    this.kind = kind;
    this.place = place;
  }

  /** What is ignored of an event in this role (fsnotify_effective_ignore_mask). */
  ignoredIn(role: Role, isDirectory: boolean): number {
    const flags = this.hasIgnoreFlags ? this.ignored : FAN_ONDIR | (this.mask & FAN_EVENT_ON_CHILD);
    if (isDirectory && (flags & FAN_ONDIR) === 0) return 0;
    return role === 'parent' && (flags & FAN_EVENT_ON_CHILD) === 0 ? 0 : this.ignored;
  }

  /** Does the mask apply to events in this role? (fsnotify_mask_applicable) */
  applies(role: Role, isDirectory: boolean): boolean {
    if (isDirectory && (this.mask & FAN_ONDIR) === 0) return false;
    return role !== 'parent' || (this.mask & FAN_EVENT_ON_CHILD) !== 0;
  }
}

/** Marks of one group in the places of a happening, and what they come to. */
class Match {
  wanted = 0;
  ignored = 0;
  readonly roles = new Set<Role>();
}

export class MarkSet implements Marks {
  readonly marks = new Map<FanotifyGroup, Mark>();

  /** The marks of a place, made when it has none. */
  static at(place: Markable): MarkSet {
    if (place.marks instanceof MarkSet) return place.marks;
    const made = new MarkSet();
    place.marks = made;
    return made;
  }

  announce(happening: Happening, places: MarkedPlaces): void {
    for (const [group, match] of matches(happening, places)) {
      const mask = maskFor(group, happening, match);
      if (mask !== 0) group.happened(happening, mask, match.roles);
    }
  }

  ask(thread: Thread, happening: Happening, places: MarkedPlaces): Wait | undefined {
    const asked = Questions.of(thread).about(happening.inode, happening.mask);
    const groups = [...matches(happening, places)].sort(([a], [b]) => b.priority - a.priority);
    for (const [group, match] of groups) {
      const mask = maskFor(group, happening, match) & PERMISSION_EVENTS;
      if (asked.allowed.has(group) || mask === 0) continue;
      asked.open ??= group.question(thread, happening, mask);
      const { isAllowed } = asked.open;
      if (isAllowed === undefined) return wait(group.answered, 'killable');
      asked.open = undefined;
      if (!isAllowed) fail(EPERM, 'a watcher of the file denies it');
      asked.allowed.add(group);
    }
    return undefined;
  }

  ended(): void {
    for (const mark of [...this.marks.values()]) mark.group.remove(mark);
  }
}

/** The groups that have marks in the places. Ignored masks that do not survive a change end with it. */
function matches(happening: Happening, places: MarkedPlaces): Map<FanotifyGroup, Match> {
  const found = new Map<FanotifyGroup, Match>();
  const isDirectory = (happening.mask & FAN_ONDIR) !== 0;
  for (const role of Object.keys(places) as Role[]) {
    const set = places[role];
    if (!(set instanceof MarkSet)) continue;
    for (const [group, mark] of set.marks) {
      const match = found.get(group) ?? new Match();
      found.set(group, match);
      if ((happening.mask & FAN_MODIFY) !== 0 && !mark.survivesChange) mark.ignored = 0;
      match.ignored |= mark.ignoredIn(role, isDirectory);
      if (!mark.applies(role, isDirectory)) continue;
      match.wanted |= mark.mask;
      match.roles.add(role);
    }
  }
  return found;
}

/** What of the happening the group is to be told; 0 for nothing. */
function maskFor(group: FanotifyGroup, { mask, inode, path, directory }: Happening, match: Match): number {
  const fidMode = group.flags & FID_BITS;
  const isDirectory = (mask & FAN_ONDIR) !== 0;
  if (fidMode === 0) {
    if (path === undefined || (inode.type !== S_IFREG && !inode.isDirectory)) return 0;
  } else if ((fidMode & FAN_REPORT_FID) === 0 && directory === undefined && !isDirectory) return 0;
  const told = mask & match.wanted & ~match.ignored;
  const events = told & ~(FAN_ONDIR | FAN_EVENT_ON_CHILD);
  if (events === 0) return 0;
  return fidMode === 0 ? events : told & ~FAN_EVENT_ON_CHILD;
}
