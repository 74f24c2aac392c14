// Netlink messages (include/uapi/linux/netlink.h, rtnetlink.h, sock_diag.h, unix_diag.h, inet_diag.h).
// kernel/net/netlink reads and writes them.
import { array, bytes, i32, struct, u8, u16, u32 } from './struct.ts';

export const NETLINK_ROUTE = 0;
export const NETLINK_SOCK_DIAG = 4;
export const NETLINK_KOBJECT_UEVENT = 15;

export const NLM_F_REQUEST = 1;
export const NLM_F_MULTI = 2;
export const NLM_F_ACK = 4;
export const NLM_F_DUMP = 0x300;
/** Of a request to make something. */
export const NLM_F_CREATE = 0x400;
/** Of an error message: the request's body is not in it. */
export const NLM_F_CAPPED = 0x100;
/** Types below this are control messages. */
export const NLMSG_MIN_TYPE = 16;
export const NLMSG_ERROR = 2;
export const NLMSG_DONE = 3;

export const SOCK_DIAG_BY_FAMILY = 20;
export const SOCK_DESTROY = 21;
export const RTM_NEWLINK = 16;
export const RTM_GETLINK = 18;
export const RTM_SETLINK = 19;
export const RTM_NEWADDR = 20;
export const RTM_DELADDR = 21;
export const RTM_GETADDR = 22;
export const RTM_NEWROUTE = 24;
export const RTM_DELROUTE = 25;
export const RTM_GETROUTE = 26;
export const RTM_GETNEIGH = 30;
export const RTM_NEWRULE = 32;
export const RTM_GETRULE = 34;
export const RTM_NEWNSID = 88;
export const RTM_GETNSID = 90;

export const SockaddrNl = struct('sockaddr_nl', { nl_family: u16, nl_pad: u16, nl_pid: u32, nl_groups: u32 });
export const Nlmsghdr = struct('nlmsghdr', {
  nlmsg_len: u32,
  nlmsg_type: u16,
  nlmsg_flags: u16,
  nlmsg_seq: u32,
  nlmsg_pid: u32,
});
export const UnixDiagReq = struct('unix_diag_req', {
  sdiag_family: u8,
  sdiag_protocol: u8,
  pad: u16,
  udiag_states: u32,
  udiag_ino: u32,
  udiag_show: u32,
  udiag_cookie: array(u32, 2),
});
export const UnixDiagMsg = struct('unix_diag_msg', {
  udiag_family: u8,
  udiag_type: u8,
  udiag_state: u8,
  pad: u8,
  udiag_ino: u32,
  udiag_cookie: array(u32, 2),
});
/** struct inet_diag_sockid. Ports and addresses are in network order. */
const SOCKET_ID = {
  id_sport: u16,
  id_dport: u16,
  id_src: bytes(16),
  id_dst: bytes(16),
  id_if: u32,
  idiag_cookie: array(u32, 2),
};
export const InetDiagReq = struct('inet_diag_req_v2', {
  sdiag_family: u8,
  sdiag_protocol: u8,
  idiag_ext: u8,
  pad: u8,
  idiag_states: u32,
  ...SOCKET_ID,
});
export const InetDiagMsg = struct('inet_diag_msg', {
  idiag_family: u8,
  idiag_state: u8,
  idiag_timer: u8,
  idiag_retrans: u8,
  ...SOCKET_ID,
  idiag_expires: u32,
  idiag_rqueue: u32,
  idiag_wqueue: u32,
  idiag_uid: u32,
  idiag_inode: u32,
});
export const Ifinfomsg = struct('ifinfomsg', {
  ifi_family: u8,
  pad: u8,
  ifi_type: u16,
  ifi_index: i32,
  ifi_flags: u32,
  ifi_change: u32,
});
export const Ifaddrmsg = struct('ifaddrmsg', {
  ifa_family: u8,
  ifa_prefixlen: u8,
  ifa_flags: u8,
  ifa_scope: u8,
  ifa_index: u32,
});
export const Rtmsg = struct('rtmsg', {
  rtm_family: u8,
  rtm_dst_len: u8,
  rtm_src_len: u8,
  rtm_tos: u8,
  rtm_table: u8,
  rtm_protocol: u8,
  rtm_scope: u8,
  rtm_type: u8,
  rtm_flags: u32,
});
export const RTN_UNICAST = 1;
export const RTN_LOCAL = 2;
export const RTN_MULTICAST = 5;
/** include/uapi/linux/fib_rules.h. */
export const FibRuleHdr = struct('fib_rule_hdr', {
  family: u8,
  dst_len: u8,
  src_len: u8,
  tos: u8,
  table: u8,
  res1: u8,
  res2: u8,
  action: u8,
  flags: u32,
});
