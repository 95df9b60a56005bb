/** IPv4 and IPv6 as print-ip.c, print-ip-demux.c and print-ip6.c print them. */
import { bits, type Dissector, hex } from './dissector.ts';
import { printGre } from './gre.ts';
import { printIcmp } from './icmp.ts';
import { printIcmp6 } from './icmp6.ts';
import { printIgmp } from './igmp.ts';
import { printIp4Options } from './ip-options.ts';
import { printHopByHop } from './ip6-options.ts';
import { residue, shouldBe } from './sum.ts';
import { printTcp } from './tcp.ts';
import { printUdp } from './udp.ts';
import { printVrrp } from './vrrp.ts';

const PROTOS: Record<number, string> = {
  0: 'Options',
  1: 'ICMP',
  2: 'IGMP',
  4: 'IPIP',
  6: 'TCP',
  8: 'EGP',
  9: 'IGRP',
  17: 'UDP',
  33: 'DCCP',
  41: 'IPv6',
  43: 'Routing',
  44: 'Fragment',
  46: 'RSVP',
  47: 'GRE',
  50: 'ESP',
  51: 'AH',
  55: 'Mobile IP',
  58: 'ICMPv6',
  60: 'Options',
  62: 'Options',
  88: 'EIGRP',
  89: 'OSPF',
  97: 'Ethernet',
  103: 'PIM',
  108: 'Compressed IP',
  112: 'VRRP',
  113: 'PGM',
  132: 'SCTP',
  135: 'Mobility',
};

const ECN = ['', ',ECT(1)', ',ECT(0)', ',CE'];
const FRAGMENT_FLAGS = [
  [0x2000, '+'],
  [0x4000, 'DF'],
  [0x8000, 'rsvd'],
] as const;
const PORTED = [6, 17, 33, 132];

/** Names of /etc/protocols that a default line shows without -n. */
const PROTO_NAMES: Record<number, string> = {
  0: 'ip',
  1: 'icmp',
  2: 'igmp',
  3: 'ggp',
  4: 'ipencap',
  5: 'st',
  6: 'tcp',
  8: 'egp',
  9: 'igp',
  12: 'pup',
  17: 'udp',
  20: 'hmp',
  22: 'xns-idp',
  27: 'rdp',
  29: 'iso-tp4',
  33: 'dccp',
  36: 'xtp',
  37: 'ddp',
  38: 'idpr-cmtp',
  41: 'ipv6',
  43: 'ipv6-route',
  44: 'ipv6-frag',
  45: 'idrp',
  46: 'rsvp',
  47: 'gre',
  50: 'esp',
  51: 'ah',
  57: 'skip',
  58: 'ipv6-icmp',
  59: 'ipv6-nonxt',
  60: 'ipv6-opts',
  73: 'rspf',
  81: 'vmtp',
  88: 'eigrp',
  89: 'ospf',
  93: 'ax.25',
  94: 'ipip',
  97: 'etherip',
  98: 'encap',
  103: 'pim',
  108: 'ipcomp',
  112: 'vrrp',
  115: 'l2tp',
  124: 'isis',
  132: 'sctp',
  133: 'fc',
  135: 'mobility-header',
  136: 'udplite',
  137: 'mpls-in-ip',
  138: 'manet',
  139: 'hip',
  140: 'shim6',
  141: 'wesp',
  142: 'rohc',
  143: 'ethernet',
};

const protoName = (d: Dissector, proto: number): string =>
  (d.options.numeric ? undefined : PROTO_NAMES[proto]) ?? `ip-proto-${proto}`;

/** An IPv4 packet of `length` bytes at `at`: ip_print(). */
export function printIp4(d: Dissector, at: number, length: number): undefined {
  d.protocol = 'ip';
  const version = d.u8(at) >> 4;
  if (version !== 4) {
    d.print(version === 6 ? 'IP6, wrong link-layer encapsulation' : `IP${version}`);
    return d.invalid();
  }
  if (!d.options.link) d.print('IP ');
  d.check(at, 20);
  if (length < 20) return d.print(`truncated-ip ${length}`);
  const head = (d.u8(at) & 15) * 4;
  if (head < 20) return d.print(`bad-hlen ${head}`);
  const total = d.u16(at + 2);
  if (length < total) d.print(`truncated-ip - ${total - length} bytes missing! `);
  if (total < head) return d.print(`bad-len ${total}`);
  d.within(at + total, () => body4(d, at, head, total));
}

function body4(d: Dissector, at: number, head: number, total: number): undefined {
  const off = d.u16(at + 6);
  const proto = d.u8(at + 9);
  const src = () => d.addr4(at + 12);
  const dst = () => d.addr4(at + 16);
  if (d.options.verbose && !detail4(d, at, head, total)) {
    d.print(`${src()} > ${dst()}: `);
    return d.truncated();
  }
  if ((off & 0x1fff) === 0) {
    if (!PORTED.includes(proto)) d.print(`${src()} > ${dst()}: `);
    if (!d.has(at, head)) {
      d.print(` [remaining caplen(${d.end - at}) < header length(${head})]`);
      return d.truncated();
    }
    return demux(d, at + head, total - head, 4, (off & 0x2000) !== 0, proto, at);
  }
  d.print(`${src()} > ${dst()}: ${protoName(d, proto)}`);
}

/** The parentheses of -v. False when the options are cut off. */
function detail4(d: Dissector, at: number, head: number, total: number): boolean {
  const tos = d.u8(at + 1);
  const ttl = d.u8(at + 8);
  const off = d.u16(at + 6);
  const proto = d.u8(at + 9);
  d.print(`(tos ${hex(tos)}${ECN[tos & 3]}${ttl >= 1 ? `, ttl ${ttl}` : ''}, id ${d.u16(at + 4)}`);
  d.print(`, offset ${(off & 0x1fff) * 8}, flags [${bits(FRAGMENT_FLAGS, off & 0xe000, 'none')}]`);
  d.print(`, proto ${PROTOS[proto] ?? 'unknown'} (${proto}), length ${total}`);
  let whole = true;
  if (head > 20) {
    d.print(', options (');
    whole = printIp4Options(d, at + 20, head - 20);
    if (!whole) d.print(' [truncated-option]');
    d.print(')');
  }
  if (!d.options.noChecksum && d.has(at, head)) {
    const rest = residue(d.slice(at, head));
    const there = d.u16(at + 10);
    if (rest !== 0) d.print(`, bad cksum ${there.toString(16)} (->${shouldBe(there, rest).toString(16)})!`);
  }
  d.print(')\n    ');
  return whole;
}

/** What an IP header carries: ip_demux_print(). `ip` is where that header is. */
function demux(d: Dissector, at: number, length: number, version: 4 | 6, frag: boolean, proto: number, ip: number) {
  switch (proto) {
    case 6:
      return printTcp(d, at, length, ip, frag);
    case 17:
      return printUdp(d, at, length, ip, frag);
    case 1:
      if (version === 4) return printIcmp(d, at, length, frag, printIp4);
      d.print('[ICMP requires IPv4]');
      return d.invalid();
    case 58:
      if (version === 6) return printIcmp6(d, at, length, ip, frag);
      d.print('[ICMPv6 requires IPv6]');
      return d.invalid();
    case 2:
      return printIgmp(d, at, length);
    case 4:
      return printIp4(d, at, length);
    case 41:
      return printIp6(d, at, length);
    case 47:
      return printGre(d, at, length, { ip4: printIp4, ip6: printIp6 });
    case 112:
      return printVrrp(d, at, length, ip);
    case 59:
      return d.print('no next header');
    case 132:
      return printSctpPorts(d, at, ip);
    case 8:
    case 9:
    case 33:
    case 46:
    case 50:
    case 51:
    case 55:
    case 88:
    case 89:
    case 103:
    case 108:
    case 113:
      return d.print(`flatnet: not modelled: decoding of IP protocol ${proto}, length ${length}`);
    default:
      d.print(` ${protoName(d, proto)} ${length}`);
  }
}

function printSctpPorts(d: Dissector, at: number, ip: number): undefined {
  const six = d.u8(ip) >> 4 === 6;
  const [src, dst] = six ? [d.addr6(ip + 8), d.addr6(ip + 24)] : [d.addr4(ip + 12), d.addr4(ip + 16)];
  d.print(`${src}.${d.u16(at)} > ${dst}.${d.u16(at + 2)}: sctp`);
}

/** An IPv6 packet of `length` bytes at `at`: ip6_print(). */
export function printIp6(d: Dissector, at: number, length: number): undefined {
  d.protocol = 'ip6';
  d.check(at, 40);
  if (length < 40) return d.print(`truncated-ip6 ${length}`);
  if (!d.options.link) d.print('IP6 ');
  const version = d.u8(at) >> 4;
  if (version !== 6) return d.print(`version error: ${version} != 6`);
  const payload = d.u16(at + 4);
  if (length < payload + 40) d.print(`truncated-ip6 - ${payload + 40 - length} bytes missing!`);
  const next = d.u8(at + 6);
  if (d.options.verbose) {
    const flow = d.u32(at);
    const traffic = (flow >>> 20) & 0xff;
    d.print('(');
    if (traffic) d.print(`class ${hex(traffic, 2)}, `);
    if (flow & 0xfffff) d.print(`flowlabel ${hex(flow & 0xfffff, 5)}, `);
    d.print(`hlim ${d.u8(at + 7)}, next-header ${PROTOS[next] ?? 'unknown'} (${next}) payload length: ${payload}) `);
  }
  d.within(at + 40 + payload, () => chain6(d, at, payload, next));
}

/** Extension headers, then what they carry. */
function chain6(d: Dissector, ip: number, payload: number, first: number): undefined {
  let at = ip + 40;
  let left = payload;
  let next = first;
  let fragmented = false;
  if (!PORTED.includes(next)) d.print(`${d.addr6(ip + 8)} > ${d.addr6(ip + 24)}: `);
  for (let depth = 0; depth < 64 && (depth === 0 || at < d.end); depth++) {
    let advance: number;
    if (next === 0 || next === 60) advance = printHopByHop(d, at, next === 0 ? 'HBH' : 'DSTOPT');
    else if (next === 43) {
      d.print(`srcrt (len=${d.u8(at + 1)}, type=${d.u8(at + 2)}, segleft=${d.u8(at + 3)}) `);
      advance = (d.u8(at + 1) + 1) * 8;
    } else if (next === 44) {
      d.protocol = 'frag6';
      d.check(at, 8);
      const off = d.u16(at + 2) & 0xfff8;
      const id = d.options.verbose ? `${hex(d.u32(at + 4), 8)}:` : '';
      d.print(`frag (${id}${off}|${left - 8})`);
      if (off !== 0) return;
      d.print(' ');
      fragmented = true;
      advance = 8;
    } else return demux(d, at, left, 6, fragmented, next, ip);
    next = d.u8(at);
    at += advance;
    left -= advance;
  }
}
