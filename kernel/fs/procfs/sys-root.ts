// The root of /sys: the processor and the interface that the machine has (sysfs(5), Documentation/ABI/stable/sysfs-devices-system-cpu).
// proc-fs.ts mounts it. C libraries count processors here, lscpu and nproc look at their topology.
import type { Kernel } from '../../kernel.ts';
import { type DirectoryNode, directory, link, madeLater, type ProcNode, text } from './nodes.ts';

/** One file a value, each with a line feed. */
function values(of: Readonly<Record<string, string>>): Record<string, ProcNode> {
  return Object.fromEntries(Object.entries(of).map(([name, value]) => [name, text(() => `${value}\n`)]));
}

/** There is one processor, number 0. */
const cpu = madeLater(() =>
  directory({
    ...values({ online: '0', possible: '0', present: '0', offline: '', isolated: '', kernel_max: '0' }),
    cpu0: directory({
      topology: directory(
        values({
          core_id: '0',
          physical_package_id: '0',
          thread_siblings: '1',
          thread_siblings_list: '0',
          core_cpus: '1',
          core_cpus_list: '0',
          core_siblings: '1',
          core_siblings_list: '0',
          package_cpus: '1',
          package_cpus_list: '0',
        }),
      ),
    }),
  }),
);

const loopback = madeLater(() =>
  directory({
    ...values({
      address: '00:00:00:00:00:00',
      addr_len: '6',
      broadcast: '00:00:00:00:00:00',
      carrier: '1',
      flags: '0x9',
      ifindex: '1',
      mtu: '65536',
      operstate: 'unknown',
      tx_queue_len: '1000',
      type: '772',
    }),
    subsystem: link(() => '../../../../class/net'),
  }),
);

/** The cgroups are mounted in it when somebody looks for them. */
export function sysRootNode(kernel: Kernel): DirectoryNode {
  const root = directory({
    block: directory({}),
    bus: directory({}),
    class: directory({ net: directory({ lo: link(() => '../../devices/virtual/net/lo') }) }),
    devices: directory({
      system: directory({ cpu }),
      virtual: directory({ net: directory({ lo: loopback }) }),
    }),
    dev: directory({ block: directory({}), char: directory({}) }),
    fs: directory({ cgroup: directory({}) }),
    kernel: directory({}),
    module: directory({}),
  });
  return {
    ...root,
    find: (name) => {
      if (name === 'fs') kernel.cgroups.show();
      return root.find(name);
    },
  };
}
