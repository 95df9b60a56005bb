/** Devices that take frames from the one they stand on: vlan_do_receive(), macvlan_handle_frame(), ipvlan_handle_frame(). */
import { isGroupMac } from '../../addr/mac.ts';
import type { World } from '../../kernel/world.ts';
import { clonePacket, ETH_VLAN, type Packet, popTag } from '../../packet/packet.ts';
import { upperLinks } from '../link/find.ts';
import { vlanOf, vlanTpid } from '../link/vlan.ts';
import type { Link, NetNs } from '../types.ts';
import { netifReceive } from './input.ts';
import { ipvlanReceive } from './ipvlan.ts';
import { scrub } from './scrub.ts';
import { queueRx } from './softirq.ts';

/** Kinds whose frames come from a lower device. */
const STACKED = new Set(['vlan', 'macvlan', 'ipvlan']);

/** True when the frame went to a device above and is not this one's any more. */
export function stackedReceive(world: World, ns: NetNs, link: Link, packet: Packet, mine: boolean): boolean {
  const { eth } = packet;
  if (!eth || !link.stacked) return false;
  const uppers = upperLinks(world, ns, link).filter((u) => STACKED.has(u.link.kind));
  if (uppers.length === 0) return false;
  if (eth.vlan !== undefined) {
    const tpid = eth.tpid ?? ETH_VLAN;
    const id = eth.vlan & 0xfff;
    const to = uppers.find((u) => vlanOf(u.link)?.id === id && vlanTpid(u.link) === tpid);
    if (!to) return false;
    packet.eth = popTag(eth);
    scrub(packet, to.ns !== ns);
    netifReceive(world, to.ns, to.link, packet, { mine });
    return true;
  }
  const macvlans = uppers.filter((u) => u.link.kind === 'macvlan' && u.link.up);
  if (isGroupMac(eth.dst)) {
    for (const to of macvlans) {
      const copy = clonePacket(packet);
      scrub(copy, to.ns !== ns);
      queueRx(world, to.ns, to.link, copy);
    }
  } else {
    const to = macvlans.find((u) => u.link.mac === eth.dst || (u.link.data as { mode?: string }).mode === 'passthru');
    if (to) {
      scrub(packet, to.ns !== ns);
      queueRx(world, to.ns, to.link, packet, 1);
      return true;
    }
  }
  return ipvlanReceive(
    world,
    ns,
    uppers.filter((u) => u.link.kind === 'ipvlan'),
    packet,
  );
}
