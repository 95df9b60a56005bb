/** What ping says about ICMP errors: pr_icmph(), pr_icmph6(). */
import { formatIp, type Ip } from '../../addr/ip.ts';

const UNREACHABLE = [
  'Destination Net Unreachable',
  'Destination Host Unreachable',
  'Destination Protocol Unreachable',
  'Destination Port Unreachable',
  '',
  'Source Route Failed',
  'Destination Net Unknown',
  'Destination Host Unknown',
  'Source Host Isolated',
  'Destination Net Prohibited',
  'Destination Host Prohibited',
  'Destination Net Unreachable for Type of Service',
  'Destination Host Unreachable for Type of Service',
  'Packet filtered',
  'Precedence Violation',
  'Precedence Cutoff',
];
const REDIRECT = [
  'Redirect Network',
  'Redirect Host',
  'Redirect Type of Service and Network',
  'Redirect Type of Service and Host',
];
const UNREACHABLE6 = [
  'No route',
  'Administratively prohibited',
  'Beyond scope of source address',
  'Address unreachable',
  'Port unreachable',
];

/** The words for an ICMP error. `info` is the next-hop MTU, `gateway` a redirect's. */
export function icmpWords(type: number, code: number, info: number, gateway?: Ip): string {
  switch (type) {
    case 3:
      if (code === 4) return `Frag needed and DF set (mtu = ${info})`;
      return UNREACHABLE[code] ?? `Dest Unreachable, Bad Code: ${code}`;
    case 4:
      return 'Source Quench';
    case 5:
      return `${REDIRECT[code] ?? `Redirect, Bad Code: ${code}`}(New nexthop: ${formatIp(gateway ?? 0)})`;
    case 11:
      return code === 0
        ? 'Time to live exceeded'
        : code === 1
          ? 'Frag reassembly time exceeded'
          : `Time exceeded, Bad Code: ${code}`;
    case 12:
      return `Parameter problem: pointer = ${info}`;
    default:
      return `Bad ICMP type: ${type}`;
  }
}

/** The words for an ICMPv6 error. */
export function icmp6Words(type: number, code: number, info: number): string {
  switch (type) {
    case 1:
      return `Destination unreachable: ${UNREACHABLE6[code] ?? `Unknown code ${code}`}`;
    case 2:
      return `Packet too big: mtu=${info}`;
    case 3:
      return code === 0
        ? 'Time exceeded: Hop limit'
        : code === 1
          ? 'Time exceeded: Defragmentation failure'
          : `Time exceeded: code ${code}`;
    case 4:
      return 'Parameter problem: Wrong header field ';
    default:
      return `unknown icmp type: ${type}`;
  }
}
