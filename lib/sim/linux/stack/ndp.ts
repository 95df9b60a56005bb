/** Receiving neighbour discovery: ndisc_recv_ns(), ndisc_recv_na(). Router messages change nothing here. */
import { isMulticast } from '../../addr/ip.ts';
import { nextBelow } from '../../kernel/rng.ts';
import { onTimer, setTimer } from '../../kernel/timers.ts';
import type { World } from '../../kernel/world.ts';
import type { IcmpHeader, Packet } from '../../packet/packet.ts';
import { findNeighbour } from '../neigh/ops.ts';
import { sysctlNum } from '../sysctl/sysctl.ts';
import type { Link, NetNs } from '../types.ts';
import { allConf, devConf } from './conf.ts';
import { groupMac, sendNd } from './ndp-send.ts';
import { neighUpdate } from './neigh.ts';

const ALL_NODES = 0xff020000000000000000000000000001n;

/** A solicitation or advertisement for this host. */
export function ndpReceive(world: World, ns: NetNs, link: Link, packet: Packet, icmp: IcmpHeader): void {
  const ip = packet.ip as NonNullable<Packet['ip']>;
  const { target } = icmp;
  if (ip.ttl !== 255 || typeof target !== 'bigint' || typeof ip.src !== 'bigint' || typeof ip.dst !== 'bigint') return;
  if (icmp.type === 135) {
    if (!link.addrs.some((a) => a.local === target)) {
      if (!proxied(ns, link, target)) return;
      const delay = sysctlNum(ns, `net.ipv6.neigh.${link.name}.proxy_delay`);
      // Proxies answer the group late, so that the owner comes first (pneigh_enqueue).
      if (isMulticast(ip.dst) && delay !== 0) {
        const late: ProxyAnswer = { ns: ns.id, dev: link.ifindex, packet: { ...packet }, icmp: { ...icmp } };
        setTimer(world, nextBelow(world.rng, delay) * 10_000, 'ndp-proxy', late);
        return;
      }
    }
    answer(world, ns, link, packet, icmp);
  } else if (icmp.type === 136 && icmp.lladdr !== undefined) {
    neighUpdate(world, ns, link, target, icmp.lladdr, isMulticast(ip.dst) ? 'STALE' : 'REACHABLE', false);
    const entry = findNeighbour(ns, link.ifindex, target);
    if (entry) entry.flags = [...entry.flags.filter((f) => f !== 'router'), ...(icmp.router ? ['router'] : [])];
  }
}

interface ProxyAnswer {
  ns: number;
  dev: number;
  packet: Packet;
  icmp: IcmpHeader;
}

onTimer<ProxyAnswer>('ndp-proxy', (world, { ns: id, dev, packet, icmp }) => {
  const ns = world.netns.get(id);
  const link = ns?.links.get(dev);
  if (ns && link) answer(world, ns, link, packet, icmp);
});

/** pndisc_is_router(): whether the device answers for an address that another has. */
const proxied = (ns: NetNs, link: Link, target: bigint): boolean =>
  devConf(ns, link, 'forwarding', 6) !== 0 &&
  (allConf(ns, 'proxy_ndp', 6) !== 0 || devConf(ns, link, 'proxy_ndp', 6) !== 0) &&
  findNeighbour(ns, link.ifindex, target, true) !== undefined;

/** The advertisement that a solicitation gets: to the asker, or to all nodes when it has no address yet. */
function answer(world: World, ns: NetNs, link: Link, packet: Packet, icmp: IcmpHeader): void {
  const src = packet.ip?.src as bigint;
  const target = icmp.target as bigint;
  const router = devConf(ns, link, 'forwarding', 6) !== 0;
  const na: IcmpHeader = { type: 136, code: 0, target, lladdr: link.mac, router };
  if (src === 0n) {
    sendNd(world, ns, link, target, ALL_NODES, groupMac(ALL_NODES), na);
    return;
  }
  if (icmp.lladdr !== undefined) neighUpdate(world, ns, link, src, icmp.lladdr, 'STALE', true);
  sendNd(world, ns, link, target, src, icmp.lladdr ?? packet.eth?.src ?? 0, na);
}
