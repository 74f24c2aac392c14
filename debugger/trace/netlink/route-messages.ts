// NETLINK_ROUTE's messages (rtnetlink(7)): links, addresses, routes, neighbours, rules and their attributes.
// messages.ts asks by the message's type. Attributes without an entry are shown as bytes.
import { type NameTable, names } from '../../../kernel/abi/kinds/format.ts';
import * as f from './fields.ts';

/** From RTM_NEWLINK = 16: NEW, DEL, GET and SET of each. */
const SUBJECTS = (
  'LINK ADDR ROUTE NEIGH RULE QDISC TCLASS TFILTER ACTION PREFIX MULTICAST ANYCAST NEIGHTBL NDUSEROPT ADDRLABEL DCB ' +
  'NETCONF MDB NSID STATS CACHEREPORT CHAIN NEXTHOP LINKPROP VLAN NEXTHOPBUCKET TUNNEL'
).split(' ');

export const ROUTE_TYPES: NameTable = SUBJECTS.flatMap((subject, i) =>
  ['NEW', 'DEL', 'GET', 'SET'].map((verb, k) => [`RTM_${verb}${subject}`, 16 + 4 * i + k] as const),
);

const INTERFACE_FLAGS = f.counted(
  'IFF_',
  0,
  'UP BROADCAST DEBUG LOOPBACK POINTOPOINT NOTRAILERS RUNNING NOARP PROMISC ALLMULTI MASTER SLAVE MULTICAST PORTSEL ' +
    'AUTOMEDIA DYNAMIC LOWER_UP DORMANT ECHO',
);
const asBits = (table: NameTable): NameTable => table.map(([name, bit]) => [name, 1 << bit] as const);
const HARDWARE = names({ ARPHRD_NETROM: 0, ARPHRD_ETHER: 1, ARPHRD_TUNNEL: 768, ARPHRD_LOOPBACK: 772 });
const SCOPES = names({
  RT_SCOPE_UNIVERSE: 0,
  RT_SCOPE_SITE: 200,
  RT_SCOPE_LINK: 253,
  RT_SCOPE_HOST: 254,
  RT_SCOPE_NOWHERE: 255,
});
const TABLES = names({
  RT_TABLE_UNSPEC: 0,
  RT_TABLE_COMPAT: 252,
  RT_TABLE_DEFAULT: 253,
  RT_TABLE_MAIN: 254,
  RT_TABLE_LOCAL: 255,
});
const PROTOCOLS = names({
  RTPROT_UNSPEC: 0,
  RTPROT_REDIRECT: 1,
  RTPROT_KERNEL: 2,
  RTPROT_BOOT: 3,
  RTPROT_STATIC: 4,
});
const ROUTES = f.counted(
  'RTN_',
  0,
  'UNSPEC UNICAST LOCAL BROADCAST ANYCAST MULTICAST BLACKHOLE UNREACHABLE PROHIBIT THROW NAT XRESOLVE',
);
const ADDRESS_FLAGS = asBits(
  f.counted(
    'IFA_F_',
    0,
    'SECONDARY NODAD OPTIMISTIC DADFAILED HOMEADDRESS DEPRECATED TENTATIVE PERMANENT MANAGETEMPADDR NOPREFIXROUTE ' +
      'MCAUTOJOIN STABLE_PRIVACY',
  ),
);
const STATES = asBits(f.counted('NUD_', 0, 'INCOMPLETE REACHABLE STALE DELAY PROBE FAILED NOARP PERMANENT'));
const ACTIONS = f.counted('FR_ACT_', 0, 'UNSPEC TO_TBL GOTO NOP RES3 RES4 BLACKHOLE UNREACHABLE PROHIBIT');
const table = (size: number) => f.named(size, TABLES, 'RT_TABLE_???');

/** rtnl_link_stats, whose fields have 4 or 8 bytes. */
function statistics(size: number, show: f.Show, more: string): f.Show {
  const fields =
    'rx_packets tx_packets rx_bytes tx_bytes rx_errors tx_errors rx_dropped tx_dropped multicast collisions ' +
    'rx_length_errors rx_over_errors rx_crc_errors rx_frame_errors rx_fifo_errors rx_missed_errors tx_aborted_errors ' +
    `tx_carrier_errors tx_fifo_errors tx_heartbeat_errors tx_window_errors rx_compressed tx_compressed${more}`;
  return f.struct(fields.split(' ').map((name) => [name, size, show] as const));
}

const numbers = (prefix: string, show: f.Show, list: string): Record<string, f.Show> =>
  Object.fromEntries(list.split(' ').map((word) => [`${prefix}${word}`, show]));

const LINK: f.Body = {
  layout: [
    ['ifi_family', 1, f.family],
    ['', 1, f.u8],
    ['ifi_type', 2, f.named(2, HARDWARE, 'ARPHRD_???')],
    ['ifi_index', 4, f.interfaceIndex],
    ['ifi_flags', 4, f.bits(4, asBits(INTERFACE_FLAGS), 'IFF_???')],
    ['ifi_change', 4, (bytes) => f.bits(4, asBits(INTERFACE_FLAGS), 'IFF_???')(bytes, 0)],
  ],
  attributes: {
    unknown: 'IFLA_???',
    table: f.counted(
      'IFLA_',
      0,
      'UNSPEC ADDRESS BROADCAST IFNAME MTU LINK QDISC STATS COST PRIORITY MASTER WIRELESS PROTINFO TXQLEN MAP WEIGHT ' +
        'OPERSTATE LINKMODE LINKINFO NET_NS_PID IFALIAS NUM_VF VFINFO_LIST STATS64 VF_PORTS PORT_SELF AF_SPEC GROUP ' +
        'NET_NS_FD EXT_MASK PROMISCUITY NUM_TX_QUEUES NUM_RX_QUEUES CARRIER PHYS_PORT_ID CARRIER_CHANGES ' +
        'PHYS_SWITCH_ID LINK_NETNSID PHYS_PORT_NAME PROTO_DOWN GSO_MAX_SEGS GSO_MAX_SIZE PAD XDP EVENT NEW_NETNSID ' +
        'TARGET_NETNSID CARRIER_UP_COUNT CARRIER_DOWN_COUNT NEW_IFINDEX MIN_MTU MAX_MTU PROP_LIST ALT_IFNAME ' +
        'PERM_ADDRESS PROTO_DOWN_REASON PARENT_DEV_NAME PARENT_DEV_BUS_NAME GRO_MAX_SIZE TSO_MAX_SIZE TSO_MAX_SEGS ' +
        'ALLMULTI DEVLINK_PORT GSO_IPV4_MAX_SIZE GRO_IPV4_MAX_SIZE DPLL_PIN MAX_PACING_OFFLOAD_HORIZON ' +
        'NETNS_IMMUTABLE HEADROOM TAILROOM',
    ),
    shows: {
      ...numbers('IFLA_', f.hardware, 'ADDRESS BROADCAST PERM_ADDRESS'),
      ...numbers(
        'IFLA_',
        f.string,
        'IFNAME QDISC IFALIAS PHYS_PORT_NAME ALT_IFNAME PARENT_DEV_NAME PARENT_DEV_BUS_NAME',
      ),
      ...numbers('IFLA_', f.u8, 'OPERSTATE LINKMODE CARRIER PROTO_DOWN NETNS_IMMUTABLE'),
      ...numbers('IFLA_', f.u16, 'HEADROOM TAILROOM'),
      ...numbers(
        'IFLA_',
        f.u32,
        'MTU TXQLEN WEIGHT NET_NS_PID NUM_VF GROUP NET_NS_FD EXT_MASK PROMISCUITY NUM_TX_QUEUES NUM_RX_QUEUES ' +
          'CARRIER_CHANGES GSO_MAX_SEGS GSO_MAX_SIZE CARRIER_UP_COUNT CARRIER_DOWN_COUNT MIN_MTU MAX_MTU GRO_MAX_SIZE ' +
          'TSO_MAX_SIZE TSO_MAX_SEGS ALLMULTI GSO_IPV4_MAX_SIZE GRO_IPV4_MAX_SIZE',
      ),
      IFLA_LINK: f.interfaceIndex,
      IFLA_MASTER: f.interfaceIndex,
      IFLA_STATS: statistics(4, f.u32, ' rx_nohandler'),
      IFLA_STATS64: statistics(8, f.u64, ' rx_nohandler rx_otherhost_dropped'),
    },
  },
};

const ADDRESS: f.Body = {
  layout: [
    ['ifa_family', 1, f.family],
    ['ifa_prefixlen', 1, f.u8],
    ['ifa_flags', 1, f.bits(1, ADDRESS_FLAGS, 'IFA_F_???')],
    ['ifa_scope', 1, f.named(1, SCOPES, 'RT_SCOPE_???')],
    ['ifa_index', 4, f.interfaceIndex],
  ],
  attributes: {
    unknown: 'IFA_???',
    table: f.counted(
      'IFA_',
      0,
      'UNSPEC ADDRESS LOCAL LABEL BROADCAST ANYCAST CACHEINFO MULTICAST FLAGS RT_PRIORITY TARGET_NETNSID PROTO',
    ),
    shows: {
      ...numbers('IFA_', f.address, 'ADDRESS LOCAL BROADCAST ANYCAST MULTICAST'),
      IFA_LABEL: f.string,
      IFA_FLAGS: f.bits(4, ADDRESS_FLAGS, 'IFA_F_???'),
      IFA_RT_PRIORITY: f.u32,
      IFA_PROTO: f.u8,
      IFA_CACHEINFO: f.struct([
        ['ifa_prefered', 4, f.u32],
        ['ifa_valid', 4, f.u32],
        ['cstamp', 4, f.u32],
        ['tstamp', 4, f.u32],
      ]),
    },
  },
};

const ROUTE: f.Body = {
  layout: [
    ['rtm_family', 1, f.family],
    ['rtm_dst_len', 1, f.u8],
    ['rtm_src_len', 1, f.u8],
    ['rtm_tos', 1, f.u8],
    ['rtm_table', 1, table(1)],
    ['rtm_protocol', 1, f.named(1, PROTOCOLS, 'RTPROT_???')],
    ['rtm_scope', 1, f.named(1, SCOPES, 'RT_SCOPE_???')],
    ['rtm_type', 1, f.named(1, ROUTES, 'RTN_???')],
    ['rtm_flags', 4, f.bits(4, names({ RTM_F_NOTIFY: 0x100, RTM_F_CLONED: 0x200 }), 'RTM_F_???')],
  ],
  attributes: {
    unknown: 'RTA_???',
    table: f.counted(
      'RTA_',
      0,
      'UNSPEC DST SRC IIF OIF GATEWAY PRIORITY PREFSRC METRICS MULTIPATH PROTOINFO FLOW CACHEINFO SESSION MP_ALGO TABLE ' +
        'MARK MFC_STATS VIA NEWDST PREF ENCAP_TYPE ENCAP EXPIRES PAD UID TTL_PROPAGATE IP_PROTO SPORT DPORT NH_ID',
    ),
    shows: {
      ...numbers('RTA_', f.address, 'DST SRC GATEWAY PREFSRC'),
      ...numbers('RTA_', f.interfaceIndex, 'IIF OIF'),
      ...numbers('RTA_', f.u32, 'PRIORITY MARK UID'),
      RTA_TABLE: table(4),
      RTA_PREF: f.u8,
      RTA_CACHEINFO: f.struct([
        ['rta_clntref', 4, f.u32],
        ['rta_lastuse', 4, f.u32],
        ['rta_expires', 4, f.u32],
        ['rta_error', 4, f.u32],
        ['rta_used', 4, f.u32],
        ['rta_id', 4, f.u32],
        ['rta_ts', 4, f.u32],
        ['rta_tsage', 4, f.u32],
      ]),
    },
  },
};

const NEIGHBOUR: f.Body = {
  layout: [
    ['ndm_family', 1, f.family],
    ['', 3, f.u8],
    ['ndm_ifindex', 4, f.interfaceIndex],
    ['ndm_state', 2, f.bits(2, STATES, 'NUD_???')],
    ['ndm_flags', 1, f.bits(1, names({ NTF_PROXY: 8, NTF_ROUTER: 128 }), 'NTF_???')],
    ['ndm_type', 1, f.named(1, ROUTES, 'RTN_???')],
  ],
  attributes: {
    unknown: 'NDA_???',
    table: f.counted('NDA_', 0, 'UNSPEC DST LLADDR CACHEINFO PROBES VLAN PORT VNI IFINDEX MASTER'),
    shows: {
      NDA_DST: f.address,
      NDA_LLADDR: f.hardware,
      NDA_PROBES: f.u32,
      NDA_CACHEINFO: f.struct([
        ['ndm_confirmed', 4, f.u32],
        ['ndm_used', 4, f.u32],
        ['ndm_updated', 4, f.u32],
        ['ndm_refcnt', 4, f.u32],
      ]),
    },
  },
};

const RULE: f.Body = {
  layout: [
    ['family', 1, f.family],
    ['dst_len', 1, f.u8],
    ['src_len', 1, f.u8],
    ['tos', 1, f.u8],
    ['table', 1, table(1)],
    ['', 2, f.u16],
    ['action', 1, f.named(1, ACTIONS, 'FR_ACT_???')],
    [
      'flags',
      4,
      f.bits(4, names({ FIB_RULE_PERMANENT: 1, FIB_RULE_INVERT: 2, FIB_RULE_UNRESOLVED: 4 }), 'FIB_RULE_???'),
    ],
  ],
  attributes: {
    unknown: 'FRA_???',
    table: f.counted(
      'FRA_',
      0,
      'UNSPEC DST SRC IIFNAME GOTO UNUSED2 PRIORITY UNUSED3 UNUSED4 UNUSED5 FWMARK FLOW TUN_ID SUPPRESS_IFGROUP ' +
        'SUPPRESS_PREFIXLEN TABLE FWMASK OIFNAME PAD L3MDEV UID_RANGE PROTOCOL IP_PROTO SPORT_RANGE DPORT_RANGE',
    ),
    shows: {
      ...numbers('FRA_', f.u32, 'PRIORITY GOTO FWMARK FWMASK SUPPRESS_IFGROUP SUPPRESS_PREFIXLEN'),
      ...numbers('FRA_', f.string, 'IIFNAME OIFNAME'),
      ...numbers('FRA_', f.address, 'DST SRC'),
      FRA_TABLE: table(4),
      FRA_PROTOCOL: f.named(1, PROTOCOLS, 'RTPROT_???'),
    },
  },
};

/** By the number of the subject, in the order of the types. */
const BODIES: readonly (f.Body | undefined)[] = [LINK, ADDRESS, ROUTE, NEIGHBOUR, RULE];

/** How a message of this type looks; undefined when it is shown as bytes. */
export function routeBody(type: number): f.Body | undefined {
  return BODIES[(type - 16) >> 2];
}
