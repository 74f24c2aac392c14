// The root of /proc: the machine's own files, self and thread-self, and a directory for each process (proc(5)).
// proc-fs.ts mounts it.
import type { Kernel } from '../../kernel.ts';
import { locksText } from './locks-text.ts';
import { type DirectoryNode, directory, link, machineText, madeLater, type ProcNode } from './nodes.ts';
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
    cmdline: machineText(() => '\n'),
    consoles: machineText(() => ''),
    cpuinfo: machineText(cpuinfoText),
    devices: machineText(() => DEVICES_TEXT),
    diskstats: machineText(() => ''),
    execdomains: machineText(() => '0-0\tLinux           \t[kernel]\n'),
    filesystems: machineText(() => filesystemsText(kernel)),
    interrupts: machineText(() => '           CPU0       \n'),
    loadavg: machineText(() => loadavgText(kernel)),
    locks: machineText(() => locksText(kernel)),
    meminfo: machineText(() => meminfoText(kernel)),
    misc: machineText(() => ''),
    modules: machineText(() => ''),
    mounts: link(() => 'self/mounts'),
    net: link(() => 'self/net'),
    partitions: machineText(() => 'major minor  #blocks  name\n\n'),
    stat: machineText(() => statText(kernel)),
    swaps: machineText(() => 'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n'),
    sys: sysctlDirectory(kernel),
    sysvipc: directory({
      msg: machineText(() => messageQueuesText(kernel)),
      sem: machineText(() => semaphoresText(kernel)),
      shm: machineText(() => sharedMemoryText(kernel)),
    }),
    uptime: machineText(() => uptimeText(kernel)),
    version: machineText(() => versionText(kernel)),
    vmstat: machineText(() => VMSTAT_TEXT),
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
