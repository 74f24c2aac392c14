// The root of /proc: the machine's own files, self and thread-self, and a directory for each process (proc(5)).
// proc-fs.ts mounts it.
import type { Kernel } from '../../kernel.ts';
import { locksText } from './locks-text.ts';
import { type DirectoryNode, directory, link, madeLater, type ProcNode, text } from './nodes.ts';
import { processNode } from './process-node.ts';
import { sysctlDirectory } from './sysctl-node.ts';
import {
  cpuinfoText,
  DEVICES_TEXT,
  filesystemsText,
  loadavgText,
  meminfoText,
  statText,
  uptimeText,
  VMSTAT_TEXT,
  versionText,
} from './system-texts.ts';
import { messageQueuesText, semaphoresText, sharedMemoryText } from './sysvipc-texts.ts';

function systemFiles(kernel: Kernel): DirectoryNode {
  return directory({
    cmdline: text(() => '\n'),
    consoles: text(() => ''),
    cpuinfo: text(cpuinfoText),
    devices: text(() => DEVICES_TEXT),
    diskstats: text(() => ''),
    execdomains: text(() => '0-0\tLinux           \t[kernel]\n'),
    filesystems: text(() => filesystemsText(kernel)),
    interrupts: text(() => '           CPU0       \n'),
    loadavg: text(() => loadavgText(kernel)),
    locks: text(() => locksText(kernel)),
    meminfo: text(() => meminfoText(kernel)),
    misc: text(() => ''),
    modules: text(() => ''),
    mounts: link(() => 'self/mounts'),
    net: link(() => 'self/net'),
    partitions: text(() => 'major minor  #blocks  name\n\n'),
    stat: text(() => statText(kernel)),
    swaps: text(() => 'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n'),
    sys: sysctlDirectory(kernel),
    sysvipc: directory({
      msg: text(() => messageQueuesText(kernel)),
      sem: text(() => semaphoresText(kernel)),
      shm: text(() => sharedMemoryText(kernel)),
    }),
    uptime: text(() => uptimeText(kernel)),
    version: text(() => versionText(kernel)),
    vmstat: text(() => VMSTAT_TEXT),
  });
}

const SELF: Readonly<Record<string, ProcNode>> = {
  self: link(({ process }) => String(process.pid)),
  'thread-self': link(({ process, tid }) => `${process.pid}/task/${tid}`),
};

export function rootNode(kernel: Kernel): DirectoryNode {
  const files = madeLater(() => systemFiles(kernel));
  return {
    kind: 'directory',
    names: () => {
      const pids = Array.from(kernel.processes, ({ pid }) => pid).sort((a, b) => a - b);
      return [...files.names(), ...Object.keys(SELF), ...pids.map(String)];
    },
    find: (name) => {
      if (/^[1-9]\d{0,9}$/.test(name)) return processNode(kernel, Number(name));
      return Object.hasOwn(SELF, name) ? SELF[name] : files.find(name);
    },
  };
}
