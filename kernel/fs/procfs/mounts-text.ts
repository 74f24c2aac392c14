// /proc/PID/mounts, mountinfo and mountstats: the mount table as a process sees it from its root (proc(5)).
// process-rows.ts makes files of them. Mounts that the root does not reach are left out.

import { majorOf, minorOf } from '../../abi/device-number.ts';
import { MS_RDONLY } from '../../abi/mount-flags.ts';
import type { Thread } from '../../task/thread.ts';
import { type Mount, rootWithin, treeOf } from '../mount.ts';
import { masterGroup } from '../peers.ts';
import { dominatingGroup } from '../propagation.ts';
import { mountPlace } from '../resolve.ts';
import type { Target } from './target.ts';

interface SeenMount {
  readonly mount: Mount;
  readonly at: string;
}

/** Space, tab, newline, backslash and # as octal (fs/seq_file.c, mangle_path). */
function mangled(text: string): string {
  return text.replaceAll(/[ \t\n\\#]/g, (c) => `\\${c.charCodeAt(0).toString(8).padStart(3, '0')}`);
}

function seenFrom(thread: Thread): SeenMount[] {
  const seen: SeenMount[] = [];
  thread.kernel.cgroups.show();
  for (const mount of treeOf(thread).mounts) {
    const at = mountPlace(thread, mount);
    if (!at.startsWith('(unreachable)')) seen.push({ mount, at: mangled(at) });
  }
  return seen;
}

export function mountsText({ thread }: Target): string {
  if (thread === undefined) return '';
  return seenFrom(thread)
    .map(
      ({ mount, at }) =>
        `${mangled(mount.source)} ${at} ${mount.fs.type} ${[mount.isReadOnly ? 'ro' : 'rw', ...mount.options, ...shownOptions(mount)].join(',')} 0 0\n`,
    )
    .join('');
}

function shownOptions({ fs }: Mount): readonly string[] {
  return fs.shownOptions?.().map(mangled) ?? [];
}

/** Tagged fields (show_mountinfo). */
function propagationTags(thread: Thread, mount: Mount): string {
  const { peers, isUnbindable } = mount;
  const master = masterGroup(mount);
  const tags: string[] = [];
  if (peers !== undefined) tags.push(` shared:${peers.id}`);
  if (master !== undefined) {
    tags.push(` master:${master.id}`);
    const near = dominatingGroup(mount, (other) => isSeen(thread, other));
    if (near !== undefined && near !== master) tags.push(` propagate_from:${near.id}`);
  }
  if (isUnbindable) tags.push(' unbindable');
  return tags.join('');
}

function isSeen(thread: Thread, mount: Mount): boolean {
  return mount.tree === treeOf(thread) && !mountPlace(thread, mount).startsWith('(unreachable)');
}

export function mountinfoText({ thread }: Target): string {
  if (thread === undefined) return '';
  return seenFrom(thread)
    .map(({ mount, at }) => {
      const { id, fs, flags, source } = mount;
      const options = [(flags & MS_RDONLY) === 0 ? 'rw' : 'ro', ...mount.options].join(',');
      const root = fs.rootText?.(thread, mount.root) ?? rootWithin(mount);
      const parent = mount.at?.mount.id ?? 1;
      const device = `${majorOf(fs.dev)}:${minorOf(fs.dev)}`;
      const place = `${id} ${parent} ${device} ${mangled(root)} ${at} ${options}`;
      return `${place}${propagationTags(thread, mount)} - ${fs.type} ${mangled(source)} ${[fs.readOnly ? 'ro' : 'rw', ...shownOptions(mount)].join(',')}\n`;
    })
    .join('');
}

export function mountstatsText({ thread }: Target): string {
  if (thread === undefined) return '';
  return seenFrom(thread)
    .map(({ mount, at }) => `device ${mangled(mount.source)} mounted on ${at} with fstype ${mount.fs.type}\n`)
    .join('');
}
