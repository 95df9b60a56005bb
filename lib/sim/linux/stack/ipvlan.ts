/** ipvlan shares the parent's MAC address and tells its devices apart by IP address: drivers/net/ipvlan/ipvlan_core.c. */
import type { Ip } from '../../addr/ip.ts';
import { isGroupMac } from '../../addr/mac.ts';
import type { World } from '../../kernel/world.ts';
import { clonePacket, type Packet } from '../../packet/packet.ts';
import type { Link, NetNs } from '../types.ts';
import { scrub } from './scrub.ts';
import { queueRx } from './softirq.ts';

export interface At {
  ns: NetNs;
  link: Link;
}

/** The device among `uppers` that has the address a frame is for. */
export function ipvlanOwner(uppers: At[], packet: Packet): At | undefined {
  const dst: Ip | undefined = packet.ip?.dst ?? packet.arp?.tpa;
  if (dst === undefined) return undefined;
  return uppers.find((u) => u.link.up && u.link.addrs.some((a) => a.local === dst));
}

/** Hands a frame from the parent to the device it is for. True when one took it. */
export function ipvlanReceive(world: World, ns: NetNs, uppers: At[], packet: Packet): boolean {
  if (uppers.length === 0 || !packet.eth) return false;
  if (isGroupMac(packet.eth.dst)) {
    for (const to of uppers) {
      if (!to.link.up || (to.link.data as { mode?: string }).mode !== 'l2') continue;
      const copy = clonePacket(packet);
      scrub(copy, to.ns !== ns);
      queueRx(world, to.ns, to.link, copy);
    }
    return false;
  }
  const to = ipvlanOwner(uppers, packet);
  if (!to) return false;
  scrub(packet, to.ns !== ns);
  queueRx(world, to.ns, to.link, packet, 1);
  return true;
}
