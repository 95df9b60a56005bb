/** IPv4 and IPv6 as print-ip.c and print-ip6.c print them. */
import type { IpHeader, Packet } from '../../../packet/packet.ts';
import { ipLength, l4Length } from '../../../packet/packet.ts';
import { addr, type PrintContext, portName } from './context.ts';
import { printFrame } from './frame.ts';
import { printGre } from './gre.ts';
import { printIcmp, printIcmp6 } from './icmp.ts';
import { printTcp } from './tcp.ts';
import { printUdp } from './udp.ts';

const PROTOS: Record<number, string> = {
  0: 'HOPOPT',
  1: 'ICMP',
  2: 'IGMP',
  4: 'IPIP',
  6: 'TCP',
  17: 'UDP',
  41: 'IPv6',
  47: 'GRE',
  50: 'ESP',
  51: 'AH',
  58: 'ICMPv6',
  89: 'OSPF',
  103: 'PIM',
  112: 'VRRP',
  132: 'SCTP',
};

const ECN = ['', ',ECT(1)', ',ECT(0)', ',CE'];

function detail4(p: Packet, ip: IpHeader): string {
  const flags = [ip.mf && '+', ip.df && 'DF'].filter(Boolean).join(', ') || 'none';
  const ttl = ip.ttl >= 1 ? `, ttl ${ip.ttl}` : '';
  return (
    `(tos 0x${ip.tos.toString(16)}${ECN[ip.tos & 3]}${ttl}, id ${ip.id}, offset ${ip.offset}, flags [${flags}], ` +
    `proto ${PROTOS[ip.proto] ?? 'unknown'} (${ip.proto}), length ${ipLength(p)})\n    `
  );
}

function detail6(p: Packet, ip: IpHeader): string {
  const label = ip.tos ? `class 0x${ip.tos.toString(16).padStart(2, '0')}, ` : '';
  return `(${label}hlim ${ip.ttl}, next-header ${PROTOS[ip.proto] ?? 'unknown'} (${ip.proto}) payload length: ${l4Length(p)}) `;
}

/** An IP packet, `IP ` in front unless a link header said it already. */
export function printIp(c: PrintContext, p: Packet, named: boolean): string {
  const ip = p.ip!;
  const six = typeof ip.src === 'bigint';
  let out = named ? (six ? 'IP6 ' : 'IP ') : '';
  if (c.options.verbose) out += six ? detail6(p, ip) : detail4(p, ip);
  const src = addr(c, ip.src);
  const dst = addr(c, ip.dst);
  if (ip.offset > 0) return `${out}${src} > ${dst}: ${fragmentName(c, ip.proto)}`;
  return out + body(c, p, src, dst);
}

const PROTO_NAMES: Record<number, string> = { 1: 'icmp', 6: 'tcp', 17: 'udp', 47: 'gre', 58: 'ipv6-icmp', 132: 'sctp' };

const fragmentName = (c: PrintContext, proto: number): string =>
  (c.options.numeric ? null : PROTO_NAMES[proto]) ?? `ip-proto-${proto}`;

function body(c: PrintContext, p: Packet, src: string, dst: string): string {
  const inner = (context: PrintContext, frame: Packet) => printFrame(context, frame);
  if (p.tcp) {
    const ends = `${src}.${portName(c, p.tcp.sport, 'tcp')} > ${dst}.${portName(c, p.tcp.dport, 'tcp')}: `;
    return ends + printTcp(c, p, p.tcp);
  }
  if (p.udp) {
    const ends = `${src}.${portName(c, p.udp.sport, 'udp')} > ${dst}.${portName(c, p.udp.dport, 'udp')}: `;
    return ends + printUdp(c, p, p.udp, inner);
  }
  const word = (at: number) => (p.data.charCodeAt(at) << 8) | p.data.charCodeAt(at + 1);
  if (p.ip!.proto === 132) return `${src}.${word(0)} > ${dst}.${word(2)}: sctp`;
  const head = `${src} > ${dst}: `;
  if (p.icmp)
    return (
      head +
      (p.ip!.proto === 58
        ? printIcmp6(c, p, p.icmp)
        : printIcmp(c, p, p.icmp, (x, q) => printIp(x, q, !x.options.link)))
    );
  if (p.inner && p.ip!.proto === 47) return head + printGre(c, p, p.inner);
  if (p.inner?.ip) return head + printIp(c, p.inner, !c.options.link);
  return `${head} ip-proto-${p.ip!.proto} ${l4Length(p)}`;
}
