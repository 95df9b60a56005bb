/** What `ip -d link` adds: limits, the kind's attributes, queues and offload sizes. */
import { lowerLink, portsOf, upperLinks } from '../../linux/link/find.ts';
import { kindOf } from '../../linux/link/kinds.ts';
import { mtuBounds } from '../../linux/link/ops.ts';
import { isIpTunnel, tunnelOf } from '../../linux/link/tunnel.ts';
import { l3slave } from '../../linux/link/vrf.ts';
import { unicastList } from '../../linux/proc/mcast.ts';
import { sysctlNum } from '../../linux/sysctl/sysctl.ts';
import type { Link } from '../../linux/types.ts';
import type { Printer } from '../../text/iproute.ts';
import type { Ip } from './context.ts';
import { printBridgePort } from './types/bridge-slave.ts';
import { linkType } from './types/index.ts';
import { printTable } from './types/vrf.ts';

const GEN_MODES = ['eui64', 'none', 'stable_secret', 'random'];

/** tso_max_size: the device's own, or the least of those it stands on. */
function tsoMax(ip: Ip, link: Link): number {
  const kind = kindOf(link);
  if (link.data.type === 'bridge') {
    const ports = portsOf(ip.ns, link);
    return ports.length > 0 ? Math.min(...ports.map((p) => tsoMax(ip, p))) : 65536;
  }
  const lower = lowerLink(ip.world, ip.ns, link);
  return lower ? tsoMax({ ...ip, ns: lower.ns }, lower.link) : (kind.tsoMax ?? 65536);
}

/**
 * What vlans on a device add: one for each that is promiscuous, and one when any has an address of its own, as virtual
 * devices cannot filter a second one (__dev_set_rx_mode).
 */
function promiscuityFromAbove(ip: Ip, link: Link): number {
  const vlans = upperLinks(ip.world, ip.ns, link).filter((u) => u.link.kind === 'vlan' && u.link.up);
  const foreign = link.up && unicastList(ip.world, ip.ns, link).length > 0 ? 1 : 0;
  return foreign + vlans.reduce((n, u) => n + u.link.promisc, 0);
}

/** Prints the details on and after the link layer's line. */
export function printLinkDetails(ip: Ip, p: Printer, link: Link, doLink: boolean): void {
  const kind = kindOf(link);
  const promiscuity = link.promisc + (link.port ? 1 : 0) + promiscuityFromAbove(ip, link);
  p.any('promiscuity', promiscuity, ` promiscuity ${promiscuity} `);
  const allmulti = (link.allmulti ? 1 : 0) + (link.port ? 1 : 0);
  p.any('allmulti', allmulti, ` allmulti ${allmulti} `);
  const [minMtu, maxMtu] = mtuBounds(kind, link);
  p.any('min_mtu', minMtu, `minmtu ${minMtu} `);
  p.any('max_mtu', maxMtu, `maxmtu ${maxMtu} `);
  const type = linkType(link.kind);
  if (type) {
    p.open('linkinfo');
    p.fp(p.nl);
    const shown = type.shownAs ?? link.kind;
    p.any('info_kind', shown, `    ${shown} `);
    if (type.print) {
      p.open('info_data');
      type.print(ip, p, link);
      p.close();
    }
    if (link.port) {
      p.fp(p.nl);
      p.any('info_slave_kind', 'bridge', '    bridge_slave ');
      p.open('info_slave_data');
      printBridgePort(ip, p, link);
      p.close();
    }
    if (l3slave(ip.ns, link)) {
      p.fp(p.nl);
      p.any('info_slave_kind', 'vrf', '    vrf_slave ');
      p.open('info_slave_data');
      printTable(ip, p, link);
      p.close();
    }
    p.close();
  }
  // The module's own tunnel has no MTU when it is registered, so IPv6 takes it up when it first comes up.
  if (doLink && !(isIpTunnel(link) && tunnelOf(link)?.fallback && link.qdisc === undefined)) {
    const mode = GEN_MODES[sysctlNum(ip.ns, `net.ipv6.conf.${link.name}.addr_gen_mode`)] ?? 'eui64';
    p.any('inet6_addr_gen_mode', mode, `addrgenmode ${mode} `);
  }
  const numbers: [string, string, number][] = [
    ['num_tx_queues', 'numtxqueues', link.txQueues ?? kind.queues],
    ['num_rx_queues', 'numrxqueues', link.rxQueues ?? kind.queues],
    ['gso_max_size', 'gso_max_size', link.offload?.gso_max_size ?? 65536],
    ['gso_max_segs', 'gso_max_segs', link.offload?.gso_max_segs ?? 65535],
    ['tso_max_size', 'tso_max_size', tsoMax(ip, link)],
    ['tso_max_segs', 'tso_max_segs', 65535],
    ['gro_max_size', 'gro_max_size', link.offload?.gro_max_size ?? 65536],
  ];
  for (const [key, word, value] of numbers) p.any(key, value, `${word} ${value} `);
}
