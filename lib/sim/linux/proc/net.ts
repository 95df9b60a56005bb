/** /proc/net: what one network namespace shows of itself. */
import { formatIp, type Ip, maskOf } from '../../addr/ip.ts';
import { formatMac } from '../../addr/mac.ts';
import type { Proc } from '../../kernel/process.ts';
import type { VNode } from '../../shell/vfs/types.ts';
import { ipvsFiles } from '../ipvs/proc.ts';
import { linkName, linksByIndex } from '../link/find.ts';
import { type VlanData, vlanOf } from '../link/vlan.ts';
import { legacyTableNames, netfilterEntries } from '../netfilter/proc.ts';
import type { Link, NetNs } from '../types.ts';
import { fibTrie, fibTrieStat } from './fib-trie.ts';
import { igmp6File, igmpFile, multicastFile } from './mcast.ts';
import { lazyDir, readOnly } from './nodes.ts';
import { snmpFile, sockstatFile } from './snmp.ts';
import { socketFile } from './sockets.ts';

/** An IPv4 address as /proc prints it: eight hex digits in the machine's byte order. */
export function hex4(ip: Ip): string {
  const n = ip as number;
  const swapped = ((n & 255) * 2 ** 24 + ((n >>> 8) & 255) * 65536 + ((n >>> 16) & 255) * 256 + (n >>> 24)) >>> 0;
  return swapped.toString(16).toUpperCase().padStart(8, '0');
}

const DEV_HEAD = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
`;

/** /proc/net/dev. */
function devFile(ns: NetNs): string {
  const cell = (n: number, width: number) => String(n).padStart(width);
  return (
    DEV_HEAD +
    linksByIndex(ns)
      .map(({ name, stats: s }) => {
        const rx = `${cell(s.rxBytes, 8)} ${cell(s.rxPackets, 7)} ${cell(s.rxErrors, 4)} ${cell(s.rxDropped, 4)} ${cell(0, 4)} ${cell(0, 5)} ${cell(0, 10)} ${cell(s.multicast, 9)}`;
        const tx = `${cell(s.txBytes, 8)} ${cell(s.txPackets, 7)} ${cell(s.txErrors, 4)} ${cell(s.txDropped, 4)} ${cell(0, 4)} ${cell(s.collisions, 5)} ${cell(s.txCarrier, 7)} ${cell(0, 10)}`;
        return `${name.padStart(6)}: ${rx.slice(1)} ${tx}\n`;
      })
      .join('')
  );
}

const ROUTE_WIDTH = 127;

/** /proc/net/route: main's unicast routes (and refusals), hexadecimal. */
function routeFile(ns: NetNs): string {
  const rows = ['Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT'];
  for (const route of ns.routes4.get(254) ?? []) {
    if (route.type === 'broadcast' || route.type === 'multicast') continue;
    const nh = route.nexthops[0];
    const refused =
      route.type === 'unreachable' || route.type === 'prohibit' || route.type === 'blackhole' || route.type === 'throw';
    const flags = (refused ? 0x200 : 0) | (nh?.gateway ? 0x2 : 0) | (route.dst.len === 32 ? 0x4 : 0) | 0x1;
    const mtu = route.metrics.advmss ? route.metrics.advmss + 40 : 0;
    rows.push(
      [
        nh ? linkName(ns, nh.dev) : '*',
        hex4(route.dst.ip),
        hex4(nh?.gateway ?? 0),
        flags.toString(16).toUpperCase().padStart(4, '0'),
        '0',
        '0',
        route.metric,
        hex4(maskOf(4, route.dst.len)),
        mtu,
        route.metrics.window ?? 0,
        route.metrics.rtt ?? 0,
      ].join('\t'),
    );
  }
  return `${rows.map((row) => row.padEnd(ROUTE_WIDTH)).join('\n')}\n`;
}

const ARP_FLAGS: Readonly<Record<string, number>> = { PERMANENT: 6, NOARP: 6, INCOMPLETE: 0, FAILED: 0 };

/** /proc/net/arp. */
function arpFile(ns: NetNs): string {
  let text = 'IP address       HW type     Flags       HW address            Mask     Device\n';
  const entries = [...ns.neigh.values()];
  for (const n of [...entries.filter((e) => !e.proxy), ...entries.filter((e) => e.proxy)]) {
    if (typeof n.ip === 'bigint' || (n.state === 'NOARP' && !n.proxy)) continue;
    const flags = n.proxy ? 12 : (ARP_FLAGS[n.state] ?? 2);
    const mac = formatMac(n.mac ?? 0);
    text += `${formatIp(n.ip).padEnd(16)} ${'0x1'.padEnd(11)} ${`0x${flags.toString(16)}`.padEnd(11)} ${mac.padEnd(21)} ${'*'.padEnd(8)} ${linkName(ns, n.dev)}\n`;
  }
  return text;
}

const hex6 = (ip: bigint): string => ip.toString(16).padStart(32, '0');
const SCOPE6: Readonly<Record<number, string>> = { 0: '00', 253: '20', 254: '10', 200: '40' };

/** /proc/net/if_inet6. */
function ifInet6File(ns: NetNs): string {
  let text = '';
  for (const link of linksByIndex(ns)) {
    for (const a of link.addrs) {
      if (typeof a.local !== 'bigint') continue;
      const flags = 0x80 | (a.flags.includes('nodad') ? 2 : 0);
      text += `${hex6(a.local)} ${link.ifindex.toString(16).padStart(2, '0')} ${a.len.toString(16).padStart(2, '0')} ${SCOPE6[a.scope] ?? '00'} ${flags.toString(16)} ${link.name.padStart(8)}\n`;
    }
  }
  return text;
}

/** /proc/net/vlan/config. */
function vlanConfig(ns: NetNs): string {
  let text = 'VLAN Dev name\t | VLAN ID\nName-Type: VLAN_NAME_TYPE_RAW_PLUS_VID_NO_PAD\n';
  for (const link of linksByIndex(ns)) {
    if (link.kind !== 'vlan') continue;
    text += `${link.name.padEnd(15)}| ${vlanOf(link)?.id}  | ${linkName(ns, link.lower)}\n`;
  }
  return text;
}

/** /proc/net/vlan/NAME: vlandev_seq_show. */
function vlanDevice(ns: NetNs, link: Link): string {
  const data = vlanOf(link) as VlanData;
  const row = (name: string, n: number) => `${name.padStart(30)} ${String(n).padStart(12)}\n`;
  const { rxPackets, rxBytes, multicast, txPackets, txBytes } = link.stats;
  const ingress = new Map(data.ingress);
  const shown = Array.from({ length: 8 }, (_, i) => `${i}:${ingress.get(i) ?? 0}`);
  return (
    `${link.name}  VID: ${data.id}\t REORDER_HDR: ${data.flags.reorder_hdr ? 1 : 0}  dev->priv_flags: 81021\n` +
    row('total frames received', rxPackets) +
    row('total bytes received', rxBytes) +
    row('Broadcast/Multicast Rcvd', multicast) +
    `\n${row('total frames transmitted', txPackets)}${row('total bytes transmitted', txBytes)}` +
    `Device: ${linkName(ns, link.lower)}\n` +
    `INGRESS priority mappings: ${shown.slice(0, 7).join('  ')} ${shown[7]}\n` +
    ` EGRESS priority mappings: ${data.egress.map(([from, to]) => `${from}:${to} `).join('')}\n`
  );
}

const LOGGERS = [
  'NONE',
  'NONE',
  'nf_log_ipv4',
  'nf_log_arp',
  'NONE',
  'nf_log_netdev',
  'NONE',
  'nf_log_bridge',
  'NONE',
  'NONE',
  'nf_log_ipv6',
];

const nfLog = (): string =>
  LOGGERS.map(
    (name, i) => `${String(i).padStart(2)} ${name} (${name === 'NONE' ? '' : `${name},`}nfnetlink_log)\n`,
  ).join('');

/** The files of /proc/net. */
export function netDir(proc: Proc, ns: NetNs): VNode {
  const files: [string, () => string][] = [
    ['arp', () => arpFile(ns)],
    ['dev', () => devFile(ns)],
    ['dev_mcast', () => multicastFile(proc.world, ns)],
    ['fib_trie', () => fibTrie(ns)],
    ['fib_triestat', () => fibTrieStat(ns)],
    ['if_inet6', () => ifInet6File(ns)],
    ['igmp', () => igmpFile(ns)],
    ['igmp6', () => igmp6File(ns)],
    ['ip6_tables_names', () => legacyTableNames(ns, 'ip6')],
    ['ip_tables_names', () => legacyTableNames(ns, 'ip')],
    ['raw', () => socketFile(ns, 'raw', 4)],
    ['raw6', () => socketFile(ns, 'raw', 6)],
    ['route', () => routeFile(ns)],
    ['snmp', () => snmpFile(ns)],
    ['sockstat', () => sockstatFile(ns)],
    ['tcp', () => socketFile(ns, 'tcp', 4)],
    ['tcp6', () => socketFile(ns, 'tcp', 6)],
    ['udp', () => socketFile(ns, 'udp', 4)],
    ['udp6', () => socketFile(ns, 'udp', 6)],
    ['icmp', () => socketFile(ns, 'icmp', 4)],
  ];
  return lazyDir(() => {
    const entries: [string, VNode][] = files.map(([name, read]) => [name, readOnly(read)]);
    entries.push(...netfilterEntries(proc.world, ns));
    if (proc.host.modules.has('ip_vs')) entries.push(...ipvsFiles(proc.world, ns));
    entries.push(['netfilter', lazyDir(() => [['nf_log', readOnly(nfLog)]])]);
    const vlans = linksByIndex(ns).filter((l) => l.kind === 'vlan');
    if (vlans.length > 0) {
      entries.push([
        'vlan',
        lazyDir(() => [
          ['config', readOnly(() => vlanConfig(ns))],
          ...vlans.map((l): [string, VNode] => [l.name, readOnly(() => vlanDevice(ns, l))]),
        ]),
      ]);
    }
    return entries;
  });
}
