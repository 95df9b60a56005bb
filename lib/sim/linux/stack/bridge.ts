/** The bridge's data path: net/bridge/br_input.c, br_forward.c. */
import { BROADCAST_MAC, isGroupMac } from '../../addr/mac.ts';
import { note as noteStep, stepKind } from '../../kernel/trace-log.ts';
import type { World } from '../../kernel/world.ts';
import { clonePacket, frameLength, type Packet } from '../../packet/packet.ts';
import { runFrameHook } from '../netfilter/walk.ts';
import type { BridgeData, BridgePort, Link, NetNs } from '../types.ts';
import { brForwardHooks, bridgeNetfilter, brPreRouting } from './br-netfilter.ts';
import { bridgeEgressVlan, bridgeIngressVlan } from './bridge-vlan.ts';
import { drop } from './drop.ts';
import { findFdb, learnFdb } from './fdb.ts';
import { netifReceive } from './input.ts';
import { countRx } from './stats.ts';
import { xmit } from './xmit.ts';

/** 01:80:C2:00:00:00 to 0F: never forwarded by a bridge (IEEE 802.1D). */
const LINK_LOCAL = 0x0180c2000000;

/** What a bridge did with a frame; `to` is a port's name, or those of several. */
export const BRIDGE = stepKind(
  (bridge: string, port: string, action: 'forward' | 'flood' | 'local', to: string | string[]) => ({
    kind: 'bridge',
    bridge,
    port,
    action,
    to: typeof to === 'string' ? [to] : to,
  }),
);

/** A frame that came in by a bridge port: br_handle_frame(). */
export function bridgeReceive(world: World, ns: NetNs, bridge: Link, port: Link, packet: Packet): void {
  const { eth } = packet;
  const settings = port.port as BridgePort;
  if (!eth || isGroupMac(eth.src) || eth.src === 0) return;
  if (settings.state !== 'forwarding' && settings.state !== 'learning') {
    drop(world, ns, packet, 'BRIDGE_INGRESS_STP_STATE', () => `bridge port ${port.name} is ${settings.state}`);
    return;
  }
  if (eth.dst - (eth.dst % 16) === LINK_LOCAL) return;
  if (!runFrameHook(world, ns, 'bridge', 'PREROUTING', packet, port, null)) return;
  let hooked = false;
  if (bridgeNetfilter(world, ns, packet)) {
    if (!brPreRouting(world, ns, bridge, port, packet)) return;
    hooked = true;
  }
  forwardFrame(world, ns, bridge, port, packet, hooked);
}

/** Learning and the choice of ports: br_handle_frame_finish(). `hooked`: br_netfilter's PREROUTING has run. */
export function forwardFrame(world: World, ns: NetNs, bridge: Link, port: Link, packet: Packet, hooked: boolean): void {
  const data = bridge.data as BridgeData;
  const settings = port.port as BridgePort;
  const eth = packet.eth as NonNullable<Packet['eth']>;
  const vid = bridgeIngressVlan(data, settings, packet);
  if (vid === null) {
    drop(world, ns, packet, 'NOT_SPECIFIED', () => `${port.name}: the frame's VLAN is not one of the port's`);
    return;
  }
  if (settings.learning) learnFdb(world, data, port, eth.src, vid);
  if (settings.state === 'learning') {
    drop(world, ns, packet, 'BRIDGE_INGRESS_STP_STATE', () => `bridge port ${port.name} only learns`);
    return;
  }
  if (isGroupMac(eth.dst)) {
    flood(world, ns, bridge, port, packet, vid, { hooked, local: bridge.up });
    if (bridge.up) passUp(world, ns, bridge, port, packet, vid, hooked);
    return;
  }
  const entry = findFdb(world, data, eth.dst, vid);
  if (entry?.isLocal || eth.dst === bridge.mac) {
    passUp(world, ns, bridge, port, packet, vid, hooked);
    return;
  }
  // A bridge in promiscuous mode (tcpdump on it) sees what it forwards.
  if (bridge.promisc > 0 && bridge.up) passUp(world, ns, bridge, port, clonePacket(packet), vid, hooked);
  const to = entry && ns.links.get(entry.port);
  if (entry && to) {
    entry.used = world.now;
    if (!shouldDeliver(port, to)) {
      drop(world, ns, packet, 'NOT_SPECIFIED', () => refusal(port, to));
      return;
    }
    note(world, ns, packet, bridge, port.name, 'forward', to.name);
    deliver(world, ns, bridge, port, to, packet, vid, hooked);
    return;
  }
  flood(world, ns, bridge, port, packet, vid, { hooked });
}

/** To the bridge device itself: br_pass_frame_up(). */
function passUp(world: World, ns: NetNs, bridge: Link, port: Link, packet: Packet, vid: number, hooked: boolean): void {
  if (!bridge.up) {
    drop(world, ns, packet, 'DEV_READY', () => `${bridge.name} is down`);
    return;
  }
  bridgeEgressVlan(bridge.data as BridgeData, null, packet, vid);
  note(world, ns, packet, bridge, port.name, 'local', bridge.name);
  countRx(bridge, packet);
  if (!runFrameHook(world, ns, 'bridge', 'INPUT', packet, port, null)) return;
  netifReceive(world, ns, bridge, packet, { counted: true, prerouted: hooked, mine: packet.eth?.dst === port.mac });
}

/** Whether a port takes a frame from another: should_deliver(). `from` is null for what the host sends. */
function shouldDeliver(from: Link | null, to: Link): boolean {
  const settings = to.port;
  if (settings?.state !== 'forwarding') return false;
  if (from === to) return settings.hairpin;
  return !(from?.port?.isolated && settings.isolated);
}

function refusal(from: Link, to: Link): string {
  if (from === to) return `${to.name}: hairpin is off, a frame does not go back where it came from`;
  if (to.port?.state !== 'forwarding') return `${to.name} is ${to.port?.state ?? 'no port any more'}`;
  return `${from.name} and ${to.name} are isolated ports`;
}

/**
 * To every port but the one it came by: br_flood(). `from` is null for what the host sends; `local`: the host itself
 * takes a copy as well.
 */
export function flood(
  world: World,
  ns: NetNs,
  bridge: Link,
  from: Link | null,
  packet: Packet,
  vid: number,
  { hooked = false, local = false } = {},
): void {
  const dst = packet.eth?.dst ?? 0;
  const targets: Link[] = [];
  for (const link of ns.links.values()) {
    if (link.master !== bridge.ifindex || !link.port || !shouldDeliver(from, link)) continue;
    const { port } = link;
    if (dst === BROADCAST_MAC ? !port.bcastFlood : isGroupMac(dst) ? !port.mcastFlood : !port.flood) continue;
    targets.push(link);
  }
  if (!world.trace.off) {
    const names = targets.map((t) => t.name);
    note(world, ns, packet, bridge, from?.name ?? bridge.name, 'flood', names);
  }
  if (targets.length === 0 && !local)
    drop(world, ns, packet, 'NO_TX_TARGET', () => `no other port of ${bridge.name} takes the frame`);
  for (const to of targets) deliver(world, ns, bridge, from, to, clonePacket(packet), vid, hooked);
}

/** Out of one port, through br_netfilter's FORWARD and POSTROUTING when it is on: __br_forward(). */
export function deliver(
  world: World,
  ns: NetNs,
  bridge: Link,
  from: Link | null,
  to: Link,
  packet: Packet,
  vid: number,
  hooked: boolean,
): void {
  if (!bridgeEgressVlan(bridge.data as BridgeData, to.port ?? null, packet, vid)) {
    drop(world, ns, packet, 'NOT_SPECIFIED', () => `${to.name}: VLAN ${vid} is not one of the port's`);
    return;
  }
  const first = from ? 'FORWARD' : 'OUTPUT';
  if (!runFrameHook(world, ns, 'bridge', first, packet, from, to)) return;
  if (from && hooked && !brForwardHooks(world, ns, bridge, to, packet)) return;
  if (!runFrameHook(world, ns, 'bridge', 'POSTROUTING', packet, null, to)) return;
  if (from && frameLength(packet) > to.mtu + 18) {
    drop(world, ns, packet, 'PKT_TOO_BIG', () => `the frame is larger than the MTU ${to.mtu} of ${to.name}`);
    return;
  }
  packet.physIn = undefined;
  xmit(world, ns, to, packet);
}

function note(
  world: World,
  ns: NetNs,
  packet: Packet,
  bridge: Link,
  port: string,
  action: 'forward' | 'flood' | 'local',
  to: string | string[],
): void {
  if (!world.trace.off) noteStep(world, ns, packet, BRIDGE, bridge.name, port, action, to);
}
