// Sysctls under /proc/sys/net: how each is read and written (Documentation/admin-guide/sysctl/net.rst).
// procfs makes a file of each row. Writing takes a decimal number; what is no number or out of range is EINVAL.

import { EINVAL, fail } from '../errno.ts';
import type { Changes } from '../fs/changes.ts';
import type { Kernel } from '../kernel.ts';
import type { Thread } from '../task/thread.ts';

export interface Sysctl {
  /** The content, with its newline. Some are the reader's namespace's own. */
  read(kernel: Kernel, reader: Thread): string;
  /** Absent for read-only ones. EINVAL. */
  write?(kernel: Kernel, text: string, writer: Thread): void;
  /** How many numbers it takes; 1 when absent. 'text': bytes, as they are written. */
  readonly takes?: number | 'text';
  /** 0644 when absent. */
  readonly mode?: number;
  /** What poll tells of (proc_sys_poll). */
  changes?(kernel: Kernel): Changes;
}

const INT_MIN = -0x8000_0000;

function parse(text: string, least: number): number {
  const match = /^\s*([+-]?\d+)\s*\0*$/.exec(text) ?? fail(EINVAL, 'a sysctl takes a number');
  const value = Number(match[1]);
  if (value < least || value > 0x7fff_ffff) fail(EINVAL, 'the number is out of range');
  return value;
}

function ofMachine(key: 'wmemMax' | 'rmemMax' | 'mostSources6', least: number): Sysctl {
  return {
    read: ({ net }) => `${net[key]}\n`,
    write: ({ net }, text) => {
      net[key] = parse(text, least);
    },
  };
}

function ofNamespace(
  key: 'maxDatagramQueue' | 'somaxconn' | 'mostMemberships' | 'mostSources4',
  least: number,
): Sysctl {
  return {
    read: (_kernel, { namespaces }) => `${namespaces.net[key]}\n`,
    write: (_kernel, text, { namespaces }) => {
      namespaces.net[key] = parse(text, least);
    },
  };
}

/** Groups that may have ping sockets: EINVAL unless they are two numbers; a range that is none is that of nobody. */
const PING_GROUPS: Sysctl = {
  takes: 2,
  read: (_kernel, { namespaces }) => `${namespaces.net.pingGroups.join('\t')}\n`,
  write: (_kernel, text, { namespaces }) => {
    const match = /^\s*(\d+)\s+(\d+)\s*\0*$/.exec(text) ?? fail(EINVAL, 'two groups');
    const [first, last] = [Number(match[1]), Number(match[2])];
    if (first > 0x7fff_ffff || last > 0x7fff_ffff) fail(EINVAL, 'no number of a group');
    namespaces.net.pingGroups = last < first ? [1, 0] : [first, last];
  },
};

/** By path below /proc/sys. */
export const NET_SYSCTLS: Readonly<Record<string, Sysctl>> = {
  'net/unix/max_dgram_qlen': ofNamespace('maxDatagramQueue', 0),
  'net/ipv4/ping_group_range': PING_GROUPS,
  'net/ipv4/igmp_max_memberships': ofNamespace('mostMemberships', INT_MIN),
  'net/ipv4/igmp_max_msf': ofNamespace('mostSources4', INT_MIN),
  'net/ipv6/mld_max_msf': ofMachine('mostSources6', INT_MIN),
  'net/core/somaxconn': ofNamespace('somaxconn', 0),
  'net/core/wmem_max': ofMachine('wmemMax', 4608),
  'net/core/rmem_max': ofMachine('rmemMax', 2304),
  'net/core/wmem_default': { read: () => '212992\n' },
  'net/core/rmem_default': { read: () => '212992\n' },
  'net/core/optmem_max': { read: () => '131072\n' },
};
