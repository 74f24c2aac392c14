// NETLINK_SOCK_DIAG's messages (sock_diag(7)): requests and answers about sockets of AF_UNIX and the internet.
// messages.ts asks by family and by whether a message is a request: both have the same type.
import { hex, type NameTable, names } from '../../../kernel/abi/kinds/format.ts';
import { IP_PROTOCOLS, TYPES } from '../../../kernel/abi/kinds/socket-names.ts';
import * as f from './fields.ts';

export const DIAG_TYPES: NameTable = names({
  TCPDIAG_GETSOCK: 18,
  DCCPDIAG_GETSOCK: 19,
  SOCK_DIAG_BY_FAMILY: 20,
  SOCK_DESTROY: 21,
});

const STATES = f.counted(
  'TCP_',
  1,
  'ESTABLISHED SYN_SENT SYN_RECV FIN_WAIT1 FIN_WAIT2 TIME_WAIT CLOSE CLOSE_WAIT LAST_ACK LISTEN CLOSING NEW_SYN_RECV',
);
const state = f.named(1, STATES, 'TCP_???');

const MEMORY = 'RMEM_ALLOC RCVBUF WMEM_ALLOC SNDBUF FWD_ALLOC WMEM_QUEUED OPTMEM BACKLOG DROPS'.split(' ');
/** `[[SK_MEMINFO_RMEM_ALLOC]=0, …]`. */
const memory: f.Show = (bytes) =>
  `[${MEMORY.slice(0, bytes.length >> 2)
    .map((name, i) => `[SK_MEMINFO_${name}]=${f.u32(bytes.subarray(4 * i), 0)}`)
    .join(', ')}]`;

/** struct unix_diag_vfs: the inode is first in memory, the device in the text. */
const place: f.Show = (bytes) => {
  if (bytes.length < 8) return undefined;
  const device = f.view(bytes).getUint32(4, true);
  // as stat(2) has it: 12 bits of major, 20 of minor
  return `{udiag_vfs_dev=makedev(${hex(device >>> 20)}, ${hex(device & 0xfffff)}), udiag_vfs_ino=${f.u32(bytes, 0)}}`;
};

const UNIX_REQUEST: f.Body = {
  layout: [
    ['sdiag_family', 1, f.family],
    ['sdiag_protocol', 1, f.u8],
    ['', 2, f.u16],
    ['udiag_states', 4, f.shifted(4, STATES)],
    ['udiag_ino', 4, f.u32],
    [
      'udiag_show',
      4,
      f.bits(
        4,
        names({
          UDIAG_SHOW_NAME: 1,
          UDIAG_SHOW_VFS: 2,
          UDIAG_SHOW_PEER: 4,
          UDIAG_SHOW_ICONS: 8,
          UDIAG_SHOW_RQLEN: 16,
          UDIAG_SHOW_MEMINFO: 32,
          UDIAG_SHOW_UID: 64,
        }),
        'UDIAG_SHOW_???',
      ),
    ],
    ['udiag_cookie', 8, f.cookie],
  ],
};

const UNIX_ANSWER: f.Body = {
  layout: [
    ['udiag_family', 1, f.family],
    ['udiag_type', 1, f.named(1, TYPES, 'SOCK_???')],
    ['udiag_state', 1, state],
    ['', 1, f.u8],
    ['udiag_ino', 4, f.u32],
    ['udiag_cookie', 8, f.cookie],
  ],
  attributes: {
    unknown: 'UNIX_DIAG_???',
    table: f.counted('UNIX_DIAG_', 0, 'NAME VFS PEER ICONS RQLEN MEMINFO SHUTDOWN UID'),
    shows: {
      UNIX_DIAG_NAME: f.string,
      UNIX_DIAG_VFS: place,
      UNIX_DIAG_PEER: f.u32,
      UNIX_DIAG_ICONS: f.words,
      UNIX_DIAG_RQLEN: f.struct([
        ['udiag_rqueue', 4, f.u32],
        ['udiag_wqueue', 4, f.u32],
      ]),
      UNIX_DIAG_MEMINFO: memory,
      UNIX_DIAG_SHUTDOWN: f.u8,
      UNIX_DIAG_UID: f.u32,
    },
  },
};

const AF_INET6 = 10;

/** struct inet_diag_sockid. */
const SOCKET: f.Layout = [
  ['idiag_sport', 2, f.port],
  ['idiag_dport', 2, f.port],
  ['idiag_src', 16, f.address],
  ['idiag_dst', 16, f.address],
  ['idiag_if', 4, f.interfaceIndex],
  ['idiag_cookie', 8, f.cookie],
];
const SOCKET_SIZE = 48;

const INET_REQUEST: f.Body = {
  layout: [
    ['sdiag_family', 1, f.family],
    ['sdiag_protocol', 1, f.named(1, IP_PROTOCOLS, 'IPPROTO_???')],
    [
      'idiag_ext',
      1,
      (bytes) =>
        f
          .shifted(
            1,
            f.counted('INET_DIAG_', 0, 'MEMINFO INFO VEGASINFO CONG TOS TCLASS SKMEMINFO SHUTDOWN'),
          )(bytes, 0)
          ?.replaceAll(/1<<(\w+)/g, '1<<($1-1)'),
    ],
    ['', 1, f.u8],
    ['idiag_states', 4, f.shifted(4, STATES)],
    ['id', SOCKET_SIZE, f.struct(SOCKET)],
  ],
};

const INET_ANSWER: f.Body = {
  layout: [
    ['idiag_family', 1, f.family],
    ['idiag_state', 1, state],
    ['idiag_timer', 1, f.u8],
    ['idiag_retrans', 1, f.u8],
    ['id', SOCKET_SIZE, f.struct(SOCKET)],
    ['idiag_expires', 4, f.u32],
    ['idiag_rqueue', 4, f.u32],
    ['idiag_wqueue', 4, f.u32],
    ['idiag_uid', 4, f.u32],
    ['idiag_inode', 4, f.u32],
  ],
  attributes: {
    unknown: 'INET_DIAG_???',
    table: f.counted(
      'INET_DIAG_',
      0,
      'NONE MEMINFO INFO VEGASINFO CONG TOS TCLASS SKMEMINFO SHUTDOWN DCTCPINFO PROTOCOL SKV6ONLY LOCALS PEERS PAD MARK ' +
        'BBRINFO CLASS_ID MD5SIG ULP_INFO SK_BPF_STORAGES CGROUP_ID SOCKOPT',
    ),
    shows: {
      INET_DIAG_MEMINFO: f.struct(
        ['idiag_rmem', 'idiag_wmem', 'idiag_fmem', 'idiag_tmem'].map((name) => [name, 4, f.u32] as const),
      ),
      INET_DIAG_CONG: f.string,
      INET_DIAG_TOS: f.u8,
      INET_DIAG_TCLASS: f.u8,
      INET_DIAG_SKMEMINFO: memory,
      INET_DIAG_SHUTDOWN: f.u8,
      INET_DIAG_PROTOCOL: f.named(1, IP_PROTOCOLS, 'IPPROTO_???'),
      INET_DIAG_SKV6ONLY: f.u8,
      INET_DIAG_MARK: f.u32,
      INET_DIAG_CLASS_ID: f.u32,
      INET_DIAG_CGROUP_ID: f.u64,
    },
  },
};

const AF_UNIX = 1;
const AF_INET = 2;

/** How a message about sockets of a family looks; undefined when it is shown as bytes. */
export function diagBody(family: number, isRequest: boolean): f.Body | undefined {
  if (family === AF_UNIX) return isRequest ? UNIX_REQUEST : UNIX_ANSWER;
  if (family === AF_INET || family === AF_INET6) return isRequest ? INET_REQUEST : INET_ANSWER;
  return undefined;
}
