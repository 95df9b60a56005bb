/**
 * Protocol headers as nf_tables' payload expression sees them: base, bit offset and width of each field. One table for
 * parsing, printing, JSON and evaluation. Sources: RFC 791, 8200, 792, 4443, 9293, 768, 826, 9260, 4302, 4303, 3173.
 */
export type Base = 'll' | 'nh' | 'th' | 'ih';

export interface HeaderField {
  proto: string;
  field: string;
  name: string;
  type: string;
  base: Base;
  off: number;
  bits: number;
  /** Names the protocol that follows. */
  key: boolean;
  /** ICMP types that carry the field; nft asks for one of them first. */
  icmp?: readonly number[];
}

const PORTS = 'sport:inet_service:0:16 dport:inet_service:16:16';

const TABLE: Record<string, [Base, string]> = {
  ether: ['ll', 'daddr:ether_addr:0:48 saddr:ether_addr:48:48 type*:ether_type:96:16'],
  vlan: ['ll', 'pcp:integer:112:3 dei:integer:115:1 id:integer:116:12 type*:ether_type:128:16'],
  arp: [
    'nh',
    'htype:integer:0:16 ptype:ether_type:16:16 hlen:integer:32:8 plen:integer:40:8 operation:arp_op:48:16 ' +
      'saddr_ether:ether_addr:64:48 saddr_ip:ipv4_addr:112:32 daddr_ether:ether_addr:144:48 daddr_ip:ipv4_addr:192:32',
  ],
  ip: [
    'nh',
    'version:integer:0:4 hdrlength:integer:4:4 dscp:dscp:8:6 ecn:ecn:14:2 length:integer:16:16 id:integer:32:16 ' +
      'frag-off:integer:48:16 ttl:integer:64:8 protocol*:inet_proto:72:8 checksum:integer:80:16 ' +
      'saddr:ipv4_addr:96:32 daddr:ipv4_addr:128:32',
  ],
  ip6: [
    'nh',
    'version:integer:0:4 dscp:dscp:4:6 ecn:ecn:10:2 flowlabel:integer:12:20 length:integer:32:16 ' +
      'nexthdr*:inet_proto:48:8 hoplimit:integer:56:8 saddr:ipv6_addr:64:128 daddr:ipv6_addr:192:128',
  ],
  icmp: [
    'th',
    'type*:icmp_type:0:8 code:icmp_code:8:8 checksum:integer:16:16 id:integer:32:16:0,8 sequence:integer:48:16:0,8 ' +
      'gateway:integer:32:32:5 mtu:integer:48:16:3',
  ],
  icmpv6: [
    'th',
    'type*:icmpv6_type:0:8 code:icmpv6_code:8:8 checksum:integer:16:16 parameter-problem:integer:32:32:4 ' +
      'packet-too-big:integer:32:32:2 mtu:integer:32:32:2 id:integer:32:16:128,129 sequence:integer:48:16:128,129 ' +
      'max-delay:integer:32:16:130',
  ],
  igmp: ['th', 'type:igmp_type:0:8 mrt:integer:8:8 checksum:integer:16:16 group:integer:32:32'],
  tcp: [
    'th',
    `${PORTS} sequence:integer:32:32 ackseq:integer:64:32 doff:integer:96:4 reserved:integer:100:4 ` +
      'flags:tcp_flag:104:8 window:integer:112:16 checksum:integer:128:16 urgptr:integer:144:16',
  ],
  udp: ['th', `${PORTS} length:integer:32:16 checksum:integer:48:16`],
  udplite: ['th', `${PORTS} csumcov:integer:32:16 checksum:integer:48:16`],
  sctp: ['th', `${PORTS} vtag:integer:32:32 checksum:integer:64:32`],
  dccp: ['th', `${PORTS} type:dccp_pkttype:67:4`],
  th: ['th', PORTS],
  ah: [
    'th',
    'nexthdr*:inet_proto:0:8 hdrlength:integer:8:8 reserved:integer:16:16 spi:integer:32:32 sequence:integer:64:32',
  ],
  esp: ['th', 'spi:integer:0:32 sequence:integer:32:32'],
  comp: ['th', 'nexthdr*:inet_proto:0:8 flags:bitmask:8:8 cpi:integer:16:16'],
};

function build(): Map<string, HeaderField> {
  const all = new Map<string, HeaderField>();
  for (const [proto, [base, spec]] of Object.entries(TABLE)) {
    for (const word of spec.split(' ')) {
      const [name = '', type = '', off = '0', bits = '0', icmp] = word.split(':');
      const field = name.replace('*', '').replace('_', ' ');
      all.set(`${proto} ${field}`, {
        proto,
        field,
        name: `${proto} ${field}`,
        type,
        base,
        off: Number(off),
        bits: Number(bits),
        key: name.endsWith('*'),
        ...(icmp === undefined ? {} : { icmp: icmp.split(',').map(Number) }),
      });
    }
  }
  return all;
}

/** Every header field by its name in nft (`tcp dport`). */
export const HEADER_FIELDS: ReadonlyMap<string, HeaderField> = build();

/** The protocols that have header fields, and which fields. */
export const HEADER_NAMES: ReadonlyMap<string, readonly string[]> = new Map(
  Object.keys(TABLE).map((p) => [p, [...HEADER_FIELDS.values()].filter((f) => f.proto === p).map((f) => f.field)]),
);

/** Numbers of the transport protocols nft has descriptions for. */
export const L4_NUMBERS: Readonly<Record<string, number>> = {
  icmp: 1,
  igmp: 2,
  tcp: 6,
  udp: 17,
  dccp: 33,
  esp: 50,
  ah: 51,
  icmpv6: 58,
  comp: 108,
  sctp: 132,
  udplite: 136,
};

/** Ethertypes of the network protocols. */
export const L3_NUMBERS: Readonly<Record<string, number>> = { ip: 0x800, arp: 0x806, ip6: 0x86dd, vlan: 0x8100 };
