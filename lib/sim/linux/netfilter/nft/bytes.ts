/** Headers as bytes, for payload expressions that name no field. Sources: RFC 791, 8200, 792, 4443, 9293, 768, 826. */
import { IPPROTO, ipLength, l4Length, type Packet, tcpHeaderLength } from '../../../packet/packet.ts';
import type { Base } from './headers.ts';

class Writer {
  readonly bytes: number[] = [];

  put(value: number | bigint, width: number): this {
    let n = BigInt(value);
    const out: number[] = [];
    for (let i = 0; i < width; i++) {
      out.unshift(Number(n & 255n));
      n >>= 8n;
    }
    this.bytes.push(...out);
    return this;
  }

  text(data: string): this {
    for (const ch of data) this.bytes.push(ch.charCodeAt(0) & 255);
    return this;
  }
}

function checksum(bytes: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += (bytes[i] as number) * 256 + (bytes[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

function fill(bytes: number[], at: number, value: number): number[] {
  bytes[at] = value >> 8;
  bytes[at + 1] = value & 255;
  return bytes;
}

function network(p: Packet): number[] {
  const w = new Writer();
  if (p.arp) {
    const a = p.arp;
    return w
      .put(1, 2)
      .put(0x800, 2)
      .put(6, 1)
      .put(4, 1)
      .put(a.op, 2)
      .put(a.sha, 6)
      .put(a.spa, 4)
      .put(a.tha, 6)
      .put(a.tpa, 4).bytes;
  }
  const { ip } = p;
  if (!ip) return [];
  if (typeof ip.src === 'bigint') {
    w.put(0x60000000 + ip.tos * 0x100000, 4)
      .put(ipLength(p) - 40, 2)
      .put(ip.proto, 1)
      .put(ip.ttl, 1);
    return w.put(ip.src, 16).put(ip.dst, 16).bytes;
  }
  const words = 5 + (ip.rr ? 10 : 0);
  w.put(0x40 + words, 1)
    .put(ip.tos, 1)
    .put(ipLength(p), 2)
    .put(ip.id, 2);
  w.put((ip.df ? 0x4000 : 0) + (ip.mf ? 0x2000 : 0) + Math.floor(ip.offset / 8), 2);
  w.put(ip.ttl, 1).put(ip.proto, 1).put(0, 2).put(ip.src, 4).put(ip.dst, 4);
  while (w.bytes.length < words * 4) w.put(0, 1);
  return fill(w.bytes, 10, checksum(w.bytes));
}

function tcpOptions(p: Packet): number[] {
  const t = p.tcp;
  const w = new Writer();
  if (!t) return [];
  if (t.mss !== undefined) w.put(2, 1).put(4, 1).put(t.mss, 2);
  if (t.sackOk) w.put(4, 1).put(2, 1);
  if (t.ts) w.put(8, 1).put(10, 1).put(t.ts.val, 4).put(t.ts.ecr, 4);
  if (t.wscale !== undefined) w.put(1, 1).put(3, 1).put(3, 1).put(t.wscale, 1);
  return w.bytes;
}

function transport(p: Packet): number[] {
  const w = new Writer();
  const { tcp, udp, icmp } = p;
  let sumAt = -1;
  if (tcp) {
    const length = tcpHeaderLength(tcp);
    const flags =
      (tcp.fin ? 1 : 0) | (tcp.syn ? 2 : 0) | (tcp.rst ? 4 : 0) | (tcp.psh ? 8 : 0) | (tcp.ackFlag ? 16 : 0);
    w.put(tcp.sport, 2)
      .put(tcp.dport, 2)
      .put(tcp.seq, 4)
      .put(tcp.ack, 4)
      .put((length / 4) << 4, 1)
      .put(flags, 1);
    w.put(tcp.win, 2).put(0, 2).put(0, 2);
    w.bytes.push(...tcpOptions(p));
    while (w.bytes.length < length) w.put(0, 1);
    sumAt = 16;
  } else if (udp) {
    w.put(udp.sport, 2).put(udp.dport, 2).put(l4Length(p), 2).put(0, 2);
    sumAt = 6;
  } else if (icmp) {
    w.put(icmp.type, 1).put(icmp.code, 1).put(0, 2);
    if (icmp.mtu !== undefined) w.put(icmp.mtu, 4);
    else w.put(icmp.id ?? 0, 2).put(icmp.seq ?? 0, 2);
    if (icmp.target !== undefined) w.put(icmp.target, 16);
    sumAt = 2;
  }
  const { ip } = p;
  if (sumAt < 0 || !ip) return w.bytes;
  const pseudo = new Writer();
  const wide = typeof ip.src === 'bigint' ? 16 : 4;
  if (p.icmp === undefined || ip.proto === IPPROTO.icmp6)
    pseudo
      .put(ip.src, wide)
      .put(ip.dst, wide)
      .put(ip.proto, 2)
      .put(w.bytes.length + p.data.length, 2);
  const all = [...pseudo.bytes, ...w.bytes, ...new Writer().text(p.data).bytes];
  return fill(w.bytes, sumAt, checksum(all) || 0xffff);
}

function link(p: Packet): number[] {
  const { eth } = p;
  if (!eth) return [];
  const w = new Writer().put(eth.dst, 6).put(eth.src, 6);
  if (eth.vlan !== undefined) w.put(0x8100, 2).put(eth.vlan, 2);
  return w.put(eth.type, 2).bytes;
}

/** Some bits of a header; undefined when the packet ends before them. */
export function headerBits(p: Packet, base: Base, off: number, bits: number): number | bigint | undefined {
  const all =
    base === 'll' ? link(p) : base === 'nh' ? network(p) : [...transport(p), ...new Writer().text(p.data).bytes];
  if (base === 'ih' || (base === 'th' && p.ip && p.ip.offset > 0)) return undefined;
  const first = Math.floor(off / 8);
  const last = Math.ceil((off + bits) / 8);
  if (last > all.length) return undefined;
  let n = 0n;
  for (let i = first; i < last; i++) n = (n << 8n) | BigInt(all[i] as number);
  n = (n >> BigInt(last * 8 - off - bits)) & ((1n << BigInt(bits)) - 1n);
  return bits > 53 ? n : Number(n);
}

/** The place and length of a TCP option in the header, or null. */
export function tcpOption(p: Packet, kind: number): { at: number; bytes: number[] } | null {
  const options = tcpOptions(p);
  for (let i = 0; i < options.length; ) {
    const k = options[i] as number;
    if (k === kind) return { at: 20 + i, bytes: options.slice(i, i + (k < 2 ? 1 : (options[i + 1] as number))) };
    i += k < 2 ? 1 : (options[i + 1] as number) || 1;
  }
  return null;
}
