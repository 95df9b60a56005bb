/**
 * A packet as the kernel holds it: headers as plain records, application bytes as a byte string (one char, one
 * byte), and the sk_buff's own notes (mark, conntrack, bridge ports). Encapsulation nests a whole packet as payload.
 * Sources: RFC 791, 792, 768, 9293, 826, 7348; include/linux/skbuff.h.
 */
import type { Ip, Ip4 } from '../addr/ip.ts';
import type { Mac } from '../addr/mac.ts';

export const ETH_IP = 0x0800;
export const ETH_ARP = 0x0806;
export const ETH_IP6 = 0x86dd;
export const ETH_VLAN = 0x8100;
/** A provider's tag: 802.1ad. */
export const ETH_QINQ = 0x88a8;
/** Transparent Ethernet bridging: a frame inside GRE. */
export const ETH_TEB = 0x6558;

export const IPPROTO = { icmp: 1, ipip: 4, tcp: 6, udp: 17, gre: 47, icmp6: 58, sctp: 132 } as const;

export interface VlanTag {
  tpid: number;
  tci: number;
}

export interface EthHeader {
  dst: Mac;
  src: Mac;
  type: number;
  /** The outermost VLAN tag, when there is one: priority and id. */
  vlan?: number;
  /** Its protocol when it is not 802.1Q. */
  tpid?: number;
  /** Priority of a tag that a bridge has taken off and will put on again. */
  pcp?: number;
  /** Tags behind the outermost one, outer first. */
  tags?: readonly VlanTag[];
}

export interface ArpPacket {
  op: 1 | 2;
  sha: Mac;
  spa: Ip4;
  tha: Mac;
  tpa: Ip4;
}

export interface IpHeader {
  src: Ip;
  dst: Ip;
  /** Time to live (hop limit for IPv6). */
  ttl: number;
  proto: number;
  tos: number;
  id: number;
  df: boolean;
  /** More fragments. */
  mf: boolean;
  /** Fragment offset in bytes. */
  offset: number;
  /** Record route option: the addresses noted so far, at most nine (RFC 791). */
  rr?: Ip4[];
}

export interface IcmpHeader {
  type: number;
  code: number;
  /** Echo id and sequence. */
  id?: number;
  seq?: number;
  /** Next-hop MTU of "fragmentation needed". */
  mtu?: number;
  gateway?: Ip;
  /** The offending packet, as error messages quote it. */
  quoted?: Packet;
  /** Neighbour discovery target (ICMPv6). */
  target?: Ip;
  lladdr?: Mac;
  /** An advertisement comes from a router. */
  router?: boolean;
}

export interface UdpHeader {
  sport: number;
  dport: number;
}

/** The rest of SCTP's common header, and what the first chunk is (RFC 9260); the ports stand in `udp`, the chunks' bytes in `data`. */
export interface SctpHeader {
  /** Verification tag: the one that the receiver chose. */
  vtag: number;
  chunk: number;
  /** Chunk flags: T of ABORT and SHUTDOWN COMPLETE. */
  flags: number;
  /** The sender's own tag, in INIT and INIT ACK. */
  tag: number;
}

export interface TcpHeader {
  sport: number;
  dport: number;
  seq: number;
  ack: number;
  syn: boolean;
  ackFlag: boolean;
  fin: boolean;
  rst: boolean;
  psh: boolean;
  win: number;
  mss?: number;
  wscale?: number;
  sackOk?: boolean;
  ts?: { val: number; ecr: number };
  /** Bytes that an option was overwritten with: each is a no-operation. */
  nops?: number;
}

export interface DnsRecord {
  name: string;
  type: string;
  ttl: number;
  data: string;
}

export interface DnsMessage {
  id: number;
  response: boolean;
  opcode: number;
  rd: boolean;
  ra: boolean;
  aa: boolean;
  tc: boolean;
  ad: boolean;
  rcode: number;
  question: { name: string; type: string };
  answer: DnsRecord[];
  authority: DnsRecord[];
  additional: DnsRecord[];
  /** The OPT pseudo-record; `cookie` is in hex (RFC 7873). */
  edns?: { size: number; cookie?: string };
}

/** A conntrack entry's id with the packet's direction in it: skb->_nfct and ctinfo. */
export interface SkbConntrack {
  id: number;
  reply: boolean;
  state: 'NEW' | 'ESTABLISHED' | 'RELATED' | 'INVALID' | 'UNTRACKED';
}

/** A WireGuard message, as its two ends can read it; the bytes on the wire are opaque. Keys are public ones in base64. */
export interface WgMessage {
  kind: 'initiation' | 'response' | 'data';
  session: number;
  from: string;
  to: string;
  psk: string;
  /** What a data message carries; none in a keepalive. */
  inner?: Packet;
}

export interface Packet {
  /** Identity for traces: given where the packet is born, kept through NAT, forwarding and encapsulation. */
  id: number;
  eth?: EthHeader;
  arp?: ArpPacket;
  ip?: IpHeader;
  icmp?: IcmpHeader;
  udp?: UdpHeader;
  tcp?: TcpHeader;
  sctp?: SctpHeader;
  /** Application bytes after the last header, one char a byte. */
  data: string;
  /** A DNS message that `data` encodes: kept parsed for tcpdump and resolvers. */
  dns?: DnsMessage;
  /** Encapsulated packet: VXLAN carries a frame, IPIP and GRE carry IP. */
  inner?: Packet;
  /** GRE header: GRE_CSUM, GRE_KEY, GRE_SEQ and what they announce. */
  gre?: { flags: number; key: number; seq: number };
  /** What the UDP payload is to WireGuard. */
  wg?: WgMessage;
  /** Payload bytes that a fragment carries (its `offset` says which); the parsed headers are the whole packet's. */
  fragment?: number;
  /** Length of the longest fragment it was put together from: frag_max_size. */
  fragMax?: number;
  /** VXLAN network identifier when `inner` is a VXLAN payload. */
  vni?: number;
  // What sk_buff notes beside the bytes:
  mark: number;
  /** Process that holds the socket which sent it: skb->sk and its open file. */
  sender?: number;
  ct?: SkbConntrack;
  /** Id of the namespace whose IPVS has handled it: skb->ipvs_property. */
  ipvs?: number;
  /** Conntrack zone that a CT target gave it before tracking. */
  ctZone?: number;
  /** ifindex on which it was received (0: made here). */
  iif: number;
  /** Port of a routing domain by which it came in, when `iif` is the domain (inet_sdif). */
  sdif?: number;
  /** Bridge port (ifindex) it came in by, while br_netfilter or the bridge sees it. */
  physIn?: number;
  physOut?: number;
  /** Taken from that device by a tc action, and whether it is on its way back from an ifb there. */
  redirected?: { dev: number; ingress: boolean; resumed?: boolean } | undefined;
  /** A copy on its way out of the host that doubled it: it is not doubled again (in_nf_duplicate). */
  doubled?: true;
  /** Devices passed since the last routing decision: ends loops of bridges. */
  hops?: number;
  /** Source address of a bridged frame that br_netfilter sends to a new neighbour. */
  bridged?: Mac;
}

/** Bytes of the L4 header and what follows it. */
export function l4Length(p: Packet): number {
  if (p.fragment !== undefined) return p.fragment;
  if (p.tcp) return tcpHeaderLength(p.tcp) + p.data.length;
  if (p.sctp) return 12 + p.data.length;
  if (p.udp) return 8 + (p.inner ? (p.vni === undefined ? 0 : 8) + frameLength(p.inner) : p.data.length);
  if (p.icmp) return 8 + icmpBody(p, p.icmp);
  if (p.inner) return frameLength(p.inner) + (p.ip?.proto === IPPROTO.gre ? greHeaderLength(p.gre?.flags ?? 0) : 0);
  return p.data.length;
}

/** Bytes of a GRE header with these flags: two words, and one each for checksum, key and sequence number (RFC 2890). */
export const greHeaderLength = (flags: number): number =>
  4 + (flags & 0x8000 ? 4 : 0) + (flags & 0x2000 ? 4 : 0) + (flags & 0x1000 ? 4 : 0);

/** What follows the first 8 bytes: a quoted packet, a neighbour discovery target with its link-layer option, or data. */
function icmpBody(p: Packet, h: IcmpHeader): number {
  if (h.quoted) return quotedLength(h.quoted);
  const option = h.lladdr === undefined ? 0 : 8;
  return h.target === undefined ? option + p.data.length : 16 + option;
}

/** ICMP errors keep to 576 bytes, those of ICMPv6 to the least MTU, 1280 (RFC 1812, 4443). */
const quotedLength = (q: Packet): number => Math.min(ipLength(q), typeof q.ip?.src === 'bigint' ? 1232 : 548);

/** TCP header bytes with its options (padded to 4). */
export function tcpHeaderLength(t: TcpHeader): number {
  let options = 0;
  if (t.mss !== undefined) options += 4;
  if (t.sackOk) options += 2;
  if (t.ts) options += t.sackOk ? 10 : 12;
  if (t.wscale !== undefined) options += 4;
  if (t.nops) options += t.nops;
  return 20 + Math.ceil(options / 4) * 4;
}

/** The fragment header of IPv6 (RFC 8200). */
export const FRAGMENT_HEADER = 8;

/** Total length as the IP header has it (0 when there is none). */
export function ipLength(p: Packet): number {
  if (!p.ip) return 0;
  if (typeof p.ip.src === 'bigint') return (p.fragment === undefined ? 40 : 40 + FRAGMENT_HEADER) + l4Length(p);
  return (p.ip.rr ? 60 : 20) + l4Length(p);
}

/** Bytes of the whole frame as a device counts them (Ethernet header included when there is one). */
export function frameLength(p: Packet): number {
  const head = p.eth ? 14 + (p.eth.vlan === undefined ? 0 : 4 + 4 * (p.eth.tags?.length ?? 0)) : 0;
  return head + (p.arp ? 28 : ipLength(p));
}

/**
 * A packet of its own. Every field is there from the beginning, and none is ever deleted: packets of one shape are what
 * keeps the data path quick.
 */
export const makePacket = (p: Packet): Packet => ({
  id: p.id,
  eth: p.eth,
  arp: p.arp,
  ip: p.ip,
  icmp: p.icmp,
  udp: p.udp,
  tcp: p.tcp,
  sctp: p.sctp,
  data: p.data,
  dns: p.dns,
  inner: p.inner,
  gre: p.gre,
  wg: p.wg,
  fragment: p.fragment,
  vni: p.vni,
  mark: p.mark,
  ct: p.ct,
  ipvs: p.ipvs,
  ctZone: p.ctZone,
  iif: p.iif,
  sdif: p.sdif,
  physIn: p.physIn,
  physOut: p.physOut,
  hops: p.hops,
  bridged: p.bridged,
});

/** The header with one more tag around it. */
export const pushTag = (eth: EthHeader, tci: number, tpid = ETH_VLAN): EthHeader => {
  const { src, dst, type } = eth;
  const out: EthHeader = tpid === ETH_VLAN ? { src, dst, type, vlan: tci } : { src, dst, type, vlan: tci, tpid };
  if (eth.vlan !== undefined) out.tags = [{ tpid: eth.tpid ?? ETH_VLAN, tci: eth.vlan }, ...(eth.tags ?? [])];
  return out;
};

/** The header without its outermost tag. */
export const popTag = (eth: EthHeader): EthHeader => {
  const { src, dst, type } = eth;
  const [next, ...rest] = eth.tags ?? [];
  if (!next) return { src, dst, type };
  const out: EthHeader = { src, dst, type, vlan: next.tci };
  if (next.tpid !== ETH_VLAN) out.tpid = next.tpid;
  if (rest.length > 0) out.tags = rest;
  return out;
};

/** A copy whose headers can be changed without touching the original; `id` stays. */
export function clonePacket(p: Packet): Packet {
  const copy = makePacket(p);
  if (p.eth) copy.eth = { ...p.eth };
  if (p.arp) copy.arp = { ...p.arp };
  if (p.ip) copy.ip = p.ip.rr ? { ...p.ip, rr: [...p.ip.rr] } : { ...p.ip };
  if (p.icmp) copy.icmp = { ...p.icmp };
  if (p.udp) copy.udp = { ...p.udp };
  if (p.tcp) copy.tcp = { ...p.tcp };
  if (p.ct) copy.ct = { ...p.ct };
  return copy;
}
