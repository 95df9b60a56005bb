/** /sys/class/net/IFACE: net/core/net-sysfs.c, net/bridge/br_sysfs_*.c. */
import { formatMac } from '../../addr/mac.ts';
import type { Proc } from '../../kernel/process.ts';
import type { VNode } from '../../shell/vfs/types.ts';
import { iflink, linkName, linksByIndex, portsOf } from '../link/find.ts';
import { flagBits, operState } from '../link/flags.ts';
import { kindOf } from '../link/kinds.ts';
import { setLink } from '../link/ops.ts';
import { isIpTunnel } from '../link/tunnel.ts';
import type { BridgeData, BridgePort, Link, NetNs } from '../types.ts';
import { lazyDir, linkTo, readOnly, writable } from './nodes.ts';

const STATS: readonly [string, (l: Link) => number][] = [
  ['collisions', (l) => l.stats.collisions],
  ['multicast', (l) => l.stats.multicast],
  ['rx_bytes', (l) => l.stats.rxBytes],
  ['rx_dropped', (l) => l.stats.rxDropped],
  ['rx_errors', (l) => l.stats.rxErrors],
  ['rx_packets', (l) => l.stats.rxPackets],
  ['tx_bytes', (l) => l.stats.txBytes],
  ['tx_carrier_errors', (l) => l.stats.txCarrier],
  ['tx_dropped', (l) => l.stats.txDropped],
  ['tx_errors', (l) => l.stats.txErrors],
  ['tx_packets', (l) => l.stats.txPackets],
];

const ARPHRD = { ether: 1, loopback: 772, ipip: 768, gre: 778, none: 65534 } as const;
const PORT_STATES: Readonly<Record<BridgePort['state'], number>> = {
  disabled: 0,
  listening: 1,
  learning: 2,
  forwarding: 3,
  blocking: 4,
};

type Entry = [string, VNode];
const value = (name: string, read: () => string | number): Entry => [name, readOnly(() => `${read()}\n`)];

function bridgeId(link: Link): string {
  const br = link.data as BridgeData;
  return `${(br.opts.priority ?? 32768).toString(16).padStart(4, '0')}.${formatMac(link.mac).replaceAll(':', '')}`;
}

function bridgeDir(link: Link): VNode {
  const br = link.data as BridgeData;
  const opt = (name: string): Entry => value(name, () => br.opts[name] ?? 0);
  return lazyDir(() => [
    value('ageing_time', () => br.ageingTime),
    value('bridge_id', () => bridgeId(link)),
    opt('forward_delay'),
    opt('group_fwd_mask'),
    opt('hello_time'),
    opt('max_age'),
    value('multicast_snooping', () => (br.mcastSnooping ? 1 : 0)),
    opt('nf_call_arptables'),
    opt('nf_call_ip6tables'),
    opt('nf_call_iptables'),
    opt('priority'),
    value('root_id', () => bridgeId(link)),
    value('root_path_cost', () => 0),
    value('root_port', () => 0),
    value('stp_state', () => (br.stp ? 1 : 0)),
    value('vlan_filtering', () => (br.vlanFiltering ? 1 : 0)),
  ]);
}

function portDir(port: BridgePort): VNode {
  const flag = (name: string, key: keyof BridgePort): Entry => [
    name,
    writable(
      () => `${port[key] ? 1 : 0}\n`,
      (data) => {
        if (!/^\s*\d+\s*$/.test(data)) return 'EINVAL';
        Object.assign(port, { [key]: Number(data) !== 0 });
        return null;
      },
    ),
  ];
  return lazyDir(() => [
    flag('bpdu_guard', 'guard'),
    flag('broadcast_flood', 'bcastFlood'),
    flag('hairpin_mode', 'hairpin'),
    flag('isolated', 'isolated'),
    flag('learning', 'learning'),
    flag('multicast_fast_leave', 'fastLeave'),
    flag('multicast_flood', 'mcastFlood'),
    flag('neigh_suppress', 'neighSuppress'),
    flag('proxyarp', 'proxyArp'),
    flag('root_block', 'rootBlock'),
    flag('unicast_flood', 'flood'),
    value('path_cost', () => port.cost),
    value('port_no', () => `0x${port.portNo.toString(16)}`),
    value('priority', () => port.priority),
    value('state', () => PORT_STATES[port.state]),
  ]);
}

function linkDir(proc: Proc, ns: NetNs, link: Link): VNode {
  const { world } = proc;
  const kind = kindOf(link);
  return lazyDir(() => {
    const entries: Entry[] = [
      value('addr_assign_type', () => (link.macSet ? 3 : 1)),
      value('addr_len', () => (isIpTunnel(link) ? 4 : 6)),
      value('address', () => formatMac(link.mac)),
      value('broadcast', () => (kind.linkType === 'loopback' ? '00:00:00:00:00:00' : 'ff:ff:ff:ff:ff:ff')),
      ['carrier', readOnly(() => (link.up ? `${link.carrier ? 1 : 0}\n` : ''))],
      value('carrier_changes', () => link.carrierChanges ?? 0),
      value('flags', () => `0x${flagBits(world, ns, link).toString(16)}`),
      ['ifalias', readOnly(() => (link.alias ? `${link.alias}\n` : ''))],
      value('ifindex', () => link.ifindex),
      value('iflink', () => iflink(world, ns, link)?.ifindex ?? link.ifindex),
      [
        'mtu',
        writable(
          () => `${link.mtu}\n`,
          (data) =>
            /^\s*\d+\s*$/.test(data) ? (setLink(world, ns, link, { mtu: Number(data) })?.errno ?? null) : 'EINVAL',
        ),
      ],
      value('operstate', () => operState(world, ns, link).toLowerCase()),
      ['statistics', lazyDir(() => STATS.map(([name, read]) => value(name, () => read(link))))],
      value('tx_queue_len', () => link.txqlen),
      value('type', () => ARPHRD[kind.linkType]),
      [
        'uevent',
        readOnly(
          () =>
            `${link.data.type === 'bridge' || link.kind === 'vlan' ? `DEVTYPE=${link.kind}\n` : ''}INTERFACE=${link.name}\nIFINDEX=${link.ifindex}\n`,
        ),
      ],
    ];
    if (link.data.type === 'bridge') {
      entries.push(
        ['bridge', bridgeDir(link)],
        ['brif', lazyDir(() => portsOf(ns, link).map((p): Entry => [p.name, linkTo(`../../${p.name}/brport`)]))],
      );
    }
    if (link.port) entries.push(['brport', portDir(link.port)], ['master', linkTo(`../${linkName(ns, link.master)}`)]);
    return entries.sort(([a], [b]) => (a < b ? -1 : 1));
  });
}

/** /sys/class/net of the process's namespace. */
export const sysClassNet = (proc: Proc): VNode =>
  lazyDir(() =>
    linksByIndex(proc.netns)
      .map((link): Entry => [link.name, linkDir(proc, proc.netns, link)])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
