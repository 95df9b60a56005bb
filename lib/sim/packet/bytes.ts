/**
 * A packet as the bytes a capture holds: filters index into them, `-x` and `-X` print them. One char is one byte.
 * Layouts: RFC 791, 8200, 826, 792, 4443, 768, 9293, 7348; checksums as RFC 1071.
 */
import type { Ip } from '../addr/ip.ts';
import type { Mac } from '../addr/mac.ts';
import type { IcmpHeader, Packet, TcpHeader } from './packet.ts';
import { ETH_IP, ETH_IP6, ETH_TEB, ETH_VLAN, IPPROTO, ipLength, l4Length, tcpHeaderLength } from './packet.ts';

const u8 = (n: number): string => String.fromCharCode(n & 255);
const u16 = (n: number): string => u8(n >>> 8) + u8(n);
const u32 = (n: number): string => u16(n >>> 16) + u16(n & 0xffff);
const macBytes = (mac: Mac): string => u16(Math.floor(mac / 2 ** 32)) + u32(mac % 2 ** 32);

/** Network-order bytes of an address: 4 or 16. */
export function ipBytes(ip: Ip): string {
  if (typeof ip === 'number') return u32(ip);
  let out = '';
  for (let i = 7; i >= 0; i--) out += u16(Number((ip >> BigInt(16 * i)) & 0xffffn));
  return out;
}

function sum16(bytes: string): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += (bytes.charCodeAt(i) << 8) | (bytes.charCodeAt(i + 1) || 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 65536);
  return sum;
}

/** The Internet checksum of `bytes`. */
export const checksum = (bytes: string): number => ~sum16(bytes) & 0xffff;

const pseudoHeader = (p: Packet, length: number): string => {
  const ip = p.ip as NonNullable<Packet['ip']>;
  const tail = typeof ip.src === 'bigint' ? u32(length) + u32(ip.proto) : u16(ip.proto) + u16(length);
  return ipBytes(ip.src) + ipBytes(ip.dst) + tail;
};

/** A TCP or UDP checksum as it travels: `there` is what the header has, `right` what it should have. */
export interface TransportSum {
  there: number;
  right: number;
}

/**
 * TCP and UDP checksums. Virtual devices offload them: the header holds the pseudo header's sum alone
 * (CHECKSUM_PARTIAL), resets that no socket sends are complete, VXLAN's outer UDP has none.
 */
export function transportSum(p: Packet): TransportSum {
  const body = transportBytes(p, 0);
  const pseudo = pseudoHeader(p, body.length);
  const right = checksum(pseudo + body) || (p.udp ? 0xffff : 0);
  if (p.udp && p.inner) return { there: 0, right };
  if (p.tcp?.rst) return { there: right, right };
  return { there: sum16(pseudo), right };
}

function tcpOptionBytes(t: TcpHeader): string {
  let out = '';
  if (t.mss !== undefined) out += `\x02\x04${u16(t.mss)}`;
  if (t.sackOk) out += t.ts ? '\x04\x02' : '\x01\x01\x04\x02';
  if (t.ts) out += `${t.sackOk ? '' : '\x01\x01'}\x08\x0a${u32(t.ts.val)}${u32(t.ts.ecr)}`;
  if (t.wscale !== undefined) out += `\x01\x03\x03${u8(t.wscale)}`;
  if (t.nops) out += '\x01'.repeat(t.nops);
  while (out.length % 4) out += '\x00';
  return out;
}

function transportBytes(p: Packet, sum: number): string {
  if (p.tcp) {
    const t = p.tcp;
    const flags = (t.fin ? 1 : 0) | (t.syn ? 2 : 0) | (t.rst ? 4 : 0) | (t.psh ? 8 : 0) | (t.ackFlag ? 16 : 0);
    const head = u16(t.sport) + u16(t.dport) + u32(t.seq) + u32(t.ack) + u8((tcpHeaderLength(t) / 4) << 4) + u8(flags);
    return head + u16(t.win) + u16(sum) + u16(0) + tcpOptionBytes(t) + p.data;
  }
  const u = p.udp as NonNullable<Packet['udp']>;
  const body = p.inner ? tunnelBytes(p) + packetBytes(p.inner, true) : p.data;
  return u16(u.sport) + u16(u.dport) + u16(l4Length(p)) + u16(sum) + body;
}

/** An SCTP packet. Its CRC32c is left to the device (CHECKSUM_PARTIAL), so that virtual devices carry none. */
const sctpBytes = (p: Packet): string =>
  u16(p.udp?.sport ?? 0) + u16(p.udp?.dport ?? 0) + u32(p.sctp?.vtag ?? 0) + u32(0) + p.data;

/** The VXLAN (RFC 7348) or Geneve (RFC 8926) header before an encapsulated frame. */
function tunnelBytes(p: Packet): string {
  if (p.vni === undefined) return '';
  const vni = u32((p.vni << 8) >>> 0);
  return p.udp?.dport === 6081 ? `\x00\x00\x65\x58${vni}` : `\x08\x00\x00\x00${vni}`;
}

function icmpBytes(p: Packet, h: IcmpHeader): string {
  // Advertisements: solicited and override set, as Linux answers a solicitation.
  let rest = u32(h.type === 136 ? (h.router ? 0xe0000000 : 0x60000000) : 0);
  if (h.id !== undefined) rest = u16(h.id) + u16(h.seq ?? 0);
  else if (h.mtu !== undefined) rest = typeof p.ip?.src === 'bigint' ? u32(h.mtu) : u16(0) + u16(h.mtu);
  else if (typeof h.gateway === 'number') rest = ipBytes(h.gateway);
  let body = p.data;
  if (h.quoted) body = packetBytes(h.quoted, false).slice(0, l4Length(p) - 8);
  else if (h.target !== undefined) body = ipBytes(h.target);
  if (h.lladdr !== undefined) body += u8(h.type === 136 ? 2 : 1) + u8(1) + macBytes(h.lladdr);
  const build = (sum: number) => u8(h.type) + u8(h.code) + u16(sum) + rest + body;
  const raw = build(0);
  return build(checksum(typeof p.ip?.src === 'bigint' ? pseudoHeader(p, raw.length) + raw : raw));
}

/** The GRE header (RFC 2890). */
function greBytes(p: Packet, sum: number): string {
  const { flags, key, seq } = p.gre ?? { flags: 0, key: 0, seq: 0 };
  const type = p.inner?.eth ? ETH_TEB : typeof p.inner?.ip?.src === 'bigint' ? ETH_IP6 : ETH_IP;
  return (
    u16(flags) +
    u16(type) +
    (flags & 0x8000 ? u16(sum) + u16(0) : '') +
    (flags & 0x2000 ? u32(key) : '') +
    (flags & 0x1000 ? u32(seq) : '')
  );
}

/**
 * GRE's checksum as virtual devices carry it: left to the device (0), unless the inner one is left to it already; then it
 * follows from that (lco_csum).
 */
export function greChecksum(p: Packet): number {
  const { inner } = p;
  if (!inner || !((p.gre?.flags ?? 0) & 0x8000) || !(inner.tcp || inner.udp)) return 0;
  const all = packetBytes(inner, true);
  const before = all.slice(0, all.length - l4Length(inner));
  const pseudo = sum16(pseudoHeader(inner, l4Length(inner)));
  return ~sum16(u16(sum16(greBytes(p, 0) + before)) + u16(~pseudo & 0xffff)) & 0xffff;
}

function payloadBytes(p: Packet): string {
  if (p.fragment !== undefined && p.ip) {
    const { fragment, ...whole } = p;
    const { offset } = p.ip;
    return payloadBytes({ ...whole, ip: { ...p.ip, offset: 0, mf: false } }).slice(offset, offset + fragment);
  }
  if (p.sctp) return sctpBytes(p);
  if (p.tcp || p.udp) return transportBytes(p, transportSum(p).there);
  if (p.icmp) return icmpBytes(p, p.icmp);
  if (p.inner) return (p.ip?.proto === IPPROTO.gre ? greBytes(p, greChecksum(p)) : '') + packetBytes(p.inner, true);
  return p.data;
}

/** Record route as ping -R fills it: room for nine addresses, a NOP before it. */
const routeOption = (noted: readonly number[]): string =>
  `\x01\x07\x27${u8(4 + 4 * noted.length)}${noted.map(u32).join('')}`.padEnd(40, '\0');

function ipHeaderBytes(p: Packet): string {
  const ip = p.ip as NonNullable<Packet['ip']>;
  if (typeof ip.src === 'bigint') {
    const cut = p.fragment !== undefined;
    const piece = cut ? u8(ip.proto) + u8(0) + u16((ip.offset & 0xfff8) | (ip.mf ? 1 : 0)) + u32(ip.id) : '';
    return (
      u32(0x60000000 | (ip.tos << 20)) +
      u16(l4Length(p) + piece.length) +
      u8(cut ? 44 : ip.proto) +
      u8(ip.ttl) +
      ipBytes(ip.src) +
      ipBytes(ip.dst) +
      piece
    );
  }
  const frag = (ip.df ? 0x4000 : 0) | (ip.mf ? 0x2000 : 0) | (ip.offset >>> 3);
  const options = ip.rr ? routeOption(ip.rr) : '';
  const build = (sum: number) =>
    `${u8(0x45 + options.length / 4)}${u8(ip.tos)}${u16(ipLength(p))}${u16(ip.id)}${u16(frag)}${u8(ip.ttl)}${u8(ip.proto)}${u16(sum)}${ipBytes(ip.src)}${ipBytes(ip.dst)}${options}`;
  return build(checksum(build(0)));
}

/** The Ethernet header (with its 802.1Q tag), or '' when the packet has none. */
export function linkBytes(p: Packet): string {
  if (!p.eth) return '';
  const { vlan, tpid = ETH_VLAN, tags = [] } = p.eth;
  const tag = vlan === undefined ? '' : u16(tpid) + u16(vlan) + tags.map((t) => u16(t.tpid) + u16(t.tci)).join('');
  return macBytes(p.eth.dst) + macBytes(p.eth.src) + tag + u16(p.eth.type);
}

/** The whole packet as bytes, with or without its link header. */
export function packetBytes(p: Packet, link: boolean): string {
  const head = link ? linkBytes(p) : '';
  if (p.arp) {
    const a = p.arp;
    return `${head}\x00\x01\x08\x00\x06\x04${u16(a.op)}${macBytes(a.sha)}${u32(a.spa)}${macBytes(a.tha)}${u32(a.tpa)}`;
  }
  return p.ip ? head + ipHeaderBytes(p) + payloadBytes(p) : head + p.data;
}
