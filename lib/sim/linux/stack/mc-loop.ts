/** What a host sends to a group it is in itself, or to all: ip_mc_output(), ip6_finish_output(), dev_loopback_xmit(). */
import { isMulticast } from '../../addr/ip.ts';
import { nextBelow } from '../../kernel/rng.ts';
import { addTimer, onTimer } from '../../kernel/timers.ts';
import type { World } from '../../kernel/world.ts';
import { clonePacket, type Packet } from '../../packet/packet.ts';
import { runHook } from '../netfilter/walk.ts';
import { IP_IN_RECEIVES, IP6_IN_RECEIVES } from '../snmp.ts';
import type { Link, NetNs } from '../types.ts';
import { localDeliver } from './ip-input.ts';
import { hearsGroup } from './mcast.ts';

interface Looped {
  ns: number;
  dev: number;
  packet: Packet;
}

/** Gives this host a copy of its own packet if it is one of those meant. Captures do not see it (PACKET_LOOPBACK). */
export function loopBack(world: World, ns: NetNs, link: Link, packet: Packet, broadcast: boolean): void {
  const dst = packet.ip?.dst;
  if (link.kind === 'loopback' || dst === undefined) return;
  if (!broadcast && !(isMulticast(dst) && hearsGroup(world, ns, link, dst))) return;
  const data: Looped = { ns: ns.id, dev: link.ifindex, packet: clonePacket(packet) };
  addTimer(world, { id: world.next.timer++, at: world.now + 5 + nextBelow(world.rng, 3), kind: 'mc-loop', data });
}

onTimer<Looped>('mc-loop', (world, { ns: id, dev, packet }) => {
  const ns = world.netns.get(id);
  const link = ns?.links.get(dev);
  if (!ns || !link) return;
  const six = typeof packet.ip?.dst === 'bigint';
  packet.iif = link.ifindex;
  ns.snmp.bump(six ? IP6_IN_RECEIVES : IP_IN_RECEIVES);
  // It has its route: only the hook is passed.
  if (runHook(world, ns, six ? 'ip6' : 'ip', 'PREROUTING', packet, link, null) === 'DROP') return;
  localDeliver(world, ns, link, packet, true);
});
