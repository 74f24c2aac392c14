// /proc/net/igmp, mcfilter, igmp6, mcfilter6 and dev_mcast: the groups that the loopback listens to
// (net/ipv4/igmp.c igmp_mc_seq_show, igmp_mcf_seq_show; net/ipv6/mcast.c). proc-net.ts makes files of them.
import { MCAST_EXCLUDE, MCAST_INCLUDE } from '../../abi/inet.ts';
import { LOOPBACK_INDEX, LOOPBACK_NAME, type Loopback } from '../loopback.ts';
import { isV4 } from './endpoint.ts';
import type { ListenedGroup } from './multicast-groups.ts';

/** MAF_*: the interface was told; nobody else is told. */
const MAF_LOADED = 4;
const MAF_NOREPORT = 8;
/** Scopes of IPv6 groups (IPV6_ADDR_SCOPE_LINKLOCAL). */
const OF_LINK = 2;
const ALL_NODES_OF_LINK = `\xff\x02${'\0'.repeat(13)}\x01`;

export const MULTICAST_TABLES: Readonly<Record<string, (loopback: Loopback) => string>> = {
  igmp: (loopback) => {
    const groups = groupsOf(loopback, true);
    const rows = groups.map(
      ({ group, users }) =>
        `\t\t\t\t${digits(group.slice(12), true).toUpperCase()} ${String(users).padStart(5)} 0:00000000\t\t0\n`,
    );
    const device = `${LOOPBACK_INDEX}\t${LOOPBACK_NAME.padEnd(10)}: ${String(groups.length).padStart(5)}      V3\n`;
    return `Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter\n${rows.length > 0 ? device : ''}${rows.join('')}`;
  },
  mcfilter: (loopback) =>
    `Idx Device        MCA        SRC    INC    EXC\n${filters(loopback, true, (ip) => `0x${digits(ip.slice(12))}`)}`,
  igmp6: (loopback) =>
    groupsOf(loopback, false)
      .map(({ group, users, isLoaded }) => {
        const scope = group.charCodeAt(1) & 15;
        const isQuiet = scope < OF_LINK || group === ALL_NODES_OF_LINK;
        const flags = (isLoaded && scope >= OF_LINK ? MAF_LOADED : 0) | (isQuiet ? MAF_NOREPORT : 0);
        return `${String(LOOPBACK_INDEX).padEnd(4)} ${LOOPBACK_NAME.padEnd(15)} ${digits(group)} ${String(users).padStart(5)} ${flags.toString(16).toUpperCase().padStart(8, '0')} 0\n`;
      })
      .join(''),
  mcfilter6: (loopback) =>
    `Idx Device                Multicast Address                   Source Address    INC    EXC\n${filters(loopback, false, (ip) => digits(ip))}`,
  // a loopback has no addresses of hardware that groups would be (arp_mc_map, ndisc_mc_map)
  dev_mcast: () => '',
};

function groupsOf({ groups }: Loopback, isOfV4: boolean): ListenedGroup[] {
  return groups.all.filter(({ group }) => isV4(group) === isOfV4);
}

function filters(loopback: Loopback, isOfV4: boolean, shown: (ip: string) => string): string {
  let text = '';
  for (const { group, sources } of groupsOf(loopback, isOfV4))
    for (const [source, counts] of sources) {
      const numbers = [counts[MCAST_INCLUDE], counts[MCAST_EXCLUDE]].map((count) =>
        String(count).padStart(6),
      );
      text += `${String(LOOPBACK_INDEX).padStart(3)} ${LOOPBACK_NAME.padStart(6)} ${shown(group)} ${shown(source)} ${numbers.join(' ')}\n`;
    }
  return text;
}

/** Bytes as digits; `isReversed` as the processor reads a word. */
function digits(bytes: string, isReversed = false): string {
  const pairs = Array.from(bytes, (unit) => unit.charCodeAt(0).toString(16).padStart(2, '0'));
  return (isReversed ? pairs.reverse() : pairs).join('');
}
