// The machine's own files in /proc (proc(5)); root.ts shows them beside the processes.
import { controllersTable } from '../../cgroup/hierarchy.ts';
import { versionText } from '../../identity.ts';
import type { Kernel } from '../../kernel.ts';
import type { PidNamespace } from '../../namespaces/pid-namespace.ts';
import { ProcKmsg } from '../devices/kmsg.ts';
import { locksText } from './locks-text.ts';
import { type DirectoryNode, directory, link, machineText } from './nodes.ts';
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
} from './system-texts.ts';
import { messageQueuesText, semaphoresText, sharedMemoryText } from './sysvipc-texts.ts';

export function systemFiles(kernel: Kernel, pids: PidNamespace | undefined): DirectoryNode {
  return directory({
    cgroups: machineText(() => controllersTable(kernel)),
    cmdline: machineText(() => '\n'),
    consoles: machineText(() => ''),
    cpuinfo: machineText(cpuinfoText),
    devices: machineText(() => DEVICES_TEXT),
    diskstats: machineText(() => ''),
    execdomains: machineText(() => '0-0\tLinux           \t[kernel]\n'),
    filesystems: machineText(() => filesystemsText(kernel)),
    interrupts: machineText(() => '           CPU0       \n'),
    kmsg: { kind: 'file', mode: 0o400, open: (reader, inode) => new ProcKmsg(reader, inode) },
    loadavg: machineText(loadavgText),
    locks: machineText(() => locksText(kernel, pids)),
    meminfo: machineText(() => meminfoText(kernel)),
    misc: machineText(() => ''),
    modules: machineText(() => ''),
    mounts: link(() => 'self/mounts'),
    net: link(() => 'self/net'),
    partitions: machineText(() => 'major minor  #blocks  name\n\n'),
    stat: machineText(statText),
    swaps: machineText(() => 'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n'),
    sys: sysctlDirectory(kernel),
    sysvipc: directory({
      msg: machineText((reader) => messageQueuesText(reader.namespaces.ipc, pids)),
      sem: machineText((reader) => semaphoresText(reader.namespaces.ipc)),
      shm: machineText((reader) => sharedMemoryText(reader.namespaces.ipc, pids)),
    }),
    uptime: machineText(uptimeText),
    version: machineText(() => versionText(kernel.identity)),
    vmstat: machineText(() => VMSTAT_TEXT),
  });
}
