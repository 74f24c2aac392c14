// Structs and numbers of packet sockets (include/uapi/linux/if_packet.h).
// kernel/net/packet-socket.ts and its ring read and write them.
import { bytes, i32, struct, u8, u16, u32 } from './struct.ts';

/** The protocol in network order; so many bytes of the address as halen says. */
export const SockaddrLl = struct('sockaddr_ll', {
  sll_family: u16,
  sll_protocol: u16,
  sll_ifindex: i32,
  sll_hatype: u16,
  sll_pkttype: u8,
  sll_halen: u8,
  sll_addr: bytes(8),
});
export const TpacketReq = struct('tpacket_req', {
  tp_block_size: u32,
  tp_block_nr: u32,
  tp_frame_size: u32,
  tp_frame_nr: u32,
});
export const Tpacket2Hdr = struct('tpacket2_hdr', {
  tp_status: u32,
  tp_len: u32,
  tp_snaplen: u32,
  tp_mac: u16,
  tp_net: u16,
  tp_sec: u32,
  tp_nsec: u32,
  tp_vlan_tci: u16,
  tp_vlan_tpid: u16,
  tp_padding: u32,
});
export const TpacketAuxdata = struct('tpacket_auxdata', {
  tp_status: u32,
  tp_len: u32,
  tp_snaplen: u32,
  tp_mac: u16,
  tp_net: u16,
  tp_vlan_tci: u16,
  tp_vlan_tpid: u16,
});
export const TpacketStats = struct('tpacket_stats', { tp_packets: u32, tp_drops: u32 });

export const PACKET_HOST = 0;
export const PACKET_OUTGOING = 4;

export const PACKET_ADD_MEMBERSHIP = 1;
export const PACKET_DROP_MEMBERSHIP = 2;
export const PACKET_RX_RING = 5;
export const PACKET_STATISTICS = 6;
export const PACKET_AUXDATA = 8;
export const PACKET_VERSION = 10;
export const PACKET_HDRLEN = 11;
export const PACKET_RESERVE = 12;

export const TPACKET_V2 = 1;
export const TP_STATUS_KERNEL = 0;
export const TP_STATUS_USER = 1;
