import { isGroupMac } from '../../../addr/mac.ts';
import { note } from '../../../kernel/trace-log.ts';
import type { BridgeData } from '../../types.ts';
import { BRIDGE, deliver, flood, forwardFrame } from '../bridge.ts';
import { bridgeIngressVlan } from '../bridge-vlan.ts';
import { drop } from '../drop.ts';
import { findFdb } from '../fdb.ts';
import { countTx } from '../stats.ts';
import type { Transmit } from './contract.ts';

/** What the host sends by a bridge: br_dev_xmit(). */
export const bridge: Transmit = (world, ns, link, packet) => {
  const { eth } = packet;
  if (!eth) return null;
  const port = packet.bridged === undefined ? undefined : ns.links.get(packet.physIn ?? 0);
  if (packet.bridged !== undefined) {
    // A DNATed bridged frame whose neighbour is known now: br_nf_pre_routing_finish_bridge_slow().
    eth.src = packet.bridged;
    packet.bridged = undefined;
    if (port?.port) forwardFrame(world, ns, link, port, packet, true);
    return null;
  }
  const data = link.data as BridgeData;
  countTx(link, packet);
  const vid = bridgeIngressVlan(data, null, packet);
  if (vid === null) {
    drop(world, ns, packet, 'NOT_SPECIFIED', () => `${link.name}: the frame's VLAN is not one of the bridge's`);
    return null;
  }
  if (isGroupMac(eth.dst)) {
    flood(world, ns, link, null, packet, vid);
    return null;
  }
  const entry = findFdb(world, data, eth.dst, vid);
  const to = entry && ns.links.get(entry.port);
  if (!entry || !to) {
    flood(world, ns, link, null, packet, vid);
    return null;
  }
  entry.used = world.now;
  if (to.port?.state !== 'forwarding') {
    drop(world, ns, packet, 'NOT_SPECIFIED', () => `bridge port ${to.name} is ${to.port?.state ?? 'gone'}`);
    return null;
  }
  if (!world.trace.off) note(world, ns, packet, BRIDGE, link.name, link.name, 'forward', to.name);
  deliver(world, ns, link, null, to, packet, vid, false);
  return null;
};
