/** VLAN filtering on bridges: net/bridge/br_vlan.c. Without it every frame is in VLAN 0 and keeps its tag. */
import { type Packet, popTag, pushTag } from '../../packet/packet.ts';
import { bridgeVlans } from '../link/bridge.ts';
import type { BridgeData, BridgePort, PortVlan } from '../types.ts';

/** br_vlan_state_allowed: what the VLAN's own state on a port lets pass. */
const open = (v: PortVlan): boolean => v.state === undefined || v.state === 'forwarding';

/** The VLAN a frame is in once it entered by a port (0 when the bridge does not filter); null drops it. Takes the tag off. */
export function bridgeIngressVlan(bridge: BridgeData, port: BridgePort | null, packet: Packet): number | null {
  if (!bridge.vlanFiltering) return 0;
  const { eth } = packet;
  if (!eth) return null;
  const vlans = port ? port.vlans : bridgeVlans(bridge);
  const vid = eth.vlan === undefined || eth.tpid !== undefined ? 0 : eth.vlan & 0xfff;
  if (vid === 0) {
    // Untagged, tagged by another protocol than the bridge's, or with a priority only.
    if (eth.vlan !== undefined && eth.tpid === undefined) packet.eth = popTag(eth);
    const pvid = vlans.find((v) => v.pvid);
    return pvid && open(pvid) ? pvid.vid : null;
  }
  if (!vlans.some((v) => v.vid === vid && open(v))) return null;
  packet.eth = { ...popTag(eth), pcp: (eth.vlan ?? 0) >> 13 };
  return vid;
}

/** Tags a frame for the port (null: the bridge device) it leaves by. False when the port is not in the VLAN. */
export function bridgeEgressVlan(bridge: BridgeData, port: BridgePort | null, packet: Packet, vid: number): boolean {
  if (!bridge.vlanFiltering || !packet.eth) return true;
  const vlans = port ? port.vlans : bridgeVlans(bridge);
  const member = vlans.find((v) => v.vid === vid);
  if (!member || !open(member)) return false;
  if (!member.untagged) packet.eth = pushTag(packet.eth, ((packet.eth.pcp ?? 0) << 13) | vid);
  return true;
}
