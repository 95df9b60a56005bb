/** Receiving neighbour discovery: ndisc_recv_ns(), ndisc_recv_na(). Router messages change nothing here. */
import { isMulticast } from '../../addr/ip.ts';
import type { World } from '../../kernel/world.ts';
import type { IcmpHeader, Packet } from '../../packet/packet.ts';
import { findNeighbour } from '../neigh/ops.ts';
import type { Link, NetNs } from '../types.ts';
import { devConf } from './conf.ts';
import { groupMac, sendNd } from './ndp-send.ts';
import { neighUpdate } from './neigh.ts';

const ALL_NODES = 0xff020000000000000000000000000001n;

/** A solicitation or advertisement for this host. */
export function ndpReceive(world: World, ns: NetNs, link: Link, packet: Packet, icmp: IcmpHeader): void {
  const ip = packet.ip as NonNullable<Packet['ip']>;
  const { target } = icmp;
  if (ip.ttl !== 255 || typeof target !== 'bigint' || typeof ip.src !== 'bigint' || typeof ip.dst !== 'bigint') return;
  if (icmp.type === 135) {
    const own =
      link.addrs.some((a) => a.local === target) ||
      (devConf(ns, link, 'forwarding', 6) !== 0 && findNeighbour(ns, link.ifindex, target, true) !== undefined);
    if (!own) return;
    const router = devConf(ns, link, 'forwarding', 6) !== 0;
    const answer = { type: 136, code: 0, target, lladdr: link.mac, router };
    if (ip.src === 0n) {
      sendNd(world, ns, link, target, ALL_NODES, groupMac(ALL_NODES), answer);
      return;
    }
    if (icmp.lladdr !== undefined) neighUpdate(world, ns, link, ip.src, icmp.lladdr, 'STALE', true);
    sendNd(world, ns, link, target, ip.src, icmp.lladdr ?? packet.eth?.src ?? 0, answer);
  } else if (icmp.type === 136 && icmp.lladdr !== undefined) {
    neighUpdate(world, ns, link, target, icmp.lladdr, isMulticast(ip.dst) ? 'STALE' : 'REACHABLE', false);
    const entry = findNeighbour(ns, link.ifindex, target);
    if (entry) entry.flags = [...entry.flags.filter((f) => f !== 'router'), ...(icmp.router ? ['router'] : [])];
  }
}
