import { isGroupMac } from '../../../addr/mac.ts';
import { nextBelow } from '../../../kernel/rng.ts';
import type { Segment, World } from '../../../kernel/world.ts';
import { clonePacket, frameLength, type Packet } from '../../../packet/packet.ts';
import type { Link, NetNs, PhysData } from '../../types.ts';
import { drop } from '../drop.ts';
import { scrub } from '../scrub.ts';
import { queueRx } from '../softirq.ts';
import { countTx } from '../stats.ts';
import type { Transmit } from './contract.ts';

interface Port {
  ns: NetNs;
  link: Link;
}

/** Ports that the segment's switch gives a frame to: the owner of the address, or all when nobody has it for his own. */
function receivers(world: World, segment: Segment, from: Link, ns: NetNs, packet: Packet): Port[] {
  const others: Port[] = [];
  const dst = packet.eth?.dst ?? 0;
  for (const port of segment.ports) {
    const at = world.netns.get(port.ns);
    const link = at?.links.get(port.ifindex);
    if (!at || !link || (at === ns && link === from) || !link.up) continue;
    if (link.mac === dst) return [{ ns: at, link }];
    others.push({ ns: at, link });
  }
  // Nobody's own address: a Pod behind a bridge or macvlan on some port, or the group.
  return isGroupMac(dst)
    ? others
    : others.filter((p) => p.link.master !== 0 || p.link.promisc > 0 || hasUpper(world, p));
}

const hasUpper = (world: World, port: Port): boolean => {
  for (const at of world.netns.values()) {
    if (at.host !== port.ns.host) continue;
    for (const link of at.links.values()) {
      if (link.kind === 'macvlan' && link.lower === port.link.ifindex && (link.lowerNs ?? at.id) === port.ns.id)
        return true;
    }
  }
  return false;
};

/** A NIC: the frame travels the segment in its delay and a little jitter. */
export const phys: Transmit = (world, ns, link, packet) => {
  const segment = world.segments.find((s) => s.id === (link.data as PhysData).segment);
  if (!segment) return null;
  if (frameLength(packet) > segment.mtu + 18) {
    link.stats.txErrors++;
    drop(
      world,
      ns,
      packet,
      'PKT_TOO_BIG',
      () => `${frameLength(packet) - 14} bytes do not fit the network ${segment.name} (MTU ${segment.mtu})`,
    );
    return null;
  }
  countTx(link, packet);
  scrub(packet, true);
  const to = receivers(world, segment, link, ns, packet);
  if (to.length === 0)
    drop(world, ns, packet, 'UNHANDLED_PROTO', () => `nobody on the network ${segment.name} takes this frame`);
  const delay = segment.delay + nextBelow(world.rng, 1 + Math.floor(segment.delay / 4));
  to.forEach((port, i) => {
    queueRx(world, port.ns, port.link, i === to.length - 1 ? packet : clonePacket(packet), delay);
  });
  return null;
};
