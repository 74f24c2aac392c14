// /proc/net, which is /proc/PID/net: rows of the network code, and Linux's headers for tables that are always empty.
// process-node.ts puts it into each process's directory; root.ts links /proc/net to the reader's own.
import type { NetNamespace } from '../../net/net-namespace.ts';
import { PROC_NET } from '../../net/proc-net.ts';
import { directory, machineText, type ProcNode } from './nodes.ts';

const SOCKETS_4 =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
const SOCKETS_6 =
  '  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
const DATAGRAMS = ' ref pointer drops';

/** Tables of protocols of which no socket exists. */
const EMPTY: Readonly<Record<string, string>> = {
  arp: 'IP address       HW type     Flags       HW address            Mask     Device\n',
  icmp: `${SOCKETS_4}${DATAGRAMS}             \n`,
  igmp: 'Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter\n',
  netlink: 'sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode\n',
  packet: 'sk               RefCnt Type Proto  Iface R Rmem   User   Inode\n',
  raw: `${SOCKETS_4}${DATAGRAMS}\n`,
  raw6: `${SOCKETS_6}${DATAGRAMS}\n`,
  route: `${'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT'.padEnd(127)}\n`,
  udplite: ` ${SOCKETS_4}${DATAGRAMS}            \n`,
  udplite6: `${SOCKETS_6}${DATAGRAMS}\n`,
};

export function netDirectory(net: NetNamespace): ProcNode {
  const entries: Record<string, ProcNode> = {};
  for (const [name, content] of Object.entries(EMPTY)) entries[name] = machineText(() => content);
  for (const [name, generate] of Object.entries(PROC_NET)) entries[name] = machineText(() => generate(net));
  return directory(entries);
}
