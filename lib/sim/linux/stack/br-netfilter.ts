/** br_netfilter: bridged IP packets pass iptables. net/bridge/br_netfilter_hooks.c. */
import type { Ip } from '../../addr/ip.ts';
import type { World } from '../../kernel/world.ts';
import { ETH_IP, ETH_IP6, type Packet } from '../../packet/packet.ts';
import { runHook } from '../netfilter/walk.ts';
import { lookupRoute } from '../route/lookup.ts';
import { sysctlNum } from '../sysctl/sysctl.ts';
import type { Link, NetNs } from '../types.ts';
import { devConf } from './conf.ts';
import { drop } from './drop.ts';
import { neighOutput, resolvedMac } from './neigh.ts';
import { routeInput } from './route-input.ts';

const familyName = (packet: Packet): 'ip' | 'ip6' => (packet.eth?.type === ETH_IP6 ? 'ip6' : 'ip');

/** Whether iptables sees this frame on the bridge. */
export function bridgeNetfilter(world: World, ns: NetNs, packet: Packet): boolean {
  if (!packet.ip || packet.eth?.vlan !== undefined) return false;
  if (packet.eth?.type !== ETH_IP && packet.eth?.type !== ETH_IP6) return false;
  if (!world.hosts.get(ns.host)?.modules.has('br_netfilter')) return false;
  return (
    sysctlNum(
      ns,
      familyName(packet) === 'ip' ? 'net.bridge.bridge-nf-call-iptables' : 'net.bridge.bridge-nf-call-ip6tables',
    ) !== 0
  );
}

/** PREROUTING for a bridged packet, and what follows when DNAT changed where it goes. False when it ended here. */
export function brPreRouting(world: World, ns: NetNs, bridge: Link, port: Link, packet: Packet): boolean {
  const ip = packet.ip as NonNullable<Packet['ip']>;
  packet.physIn = port.ifindex;
  packet.iif = bridge.ifindex;
  const before = ip.dst;
  if (runHook(world, ns, familyName(packet), 'PREROUTING', packet, bridge, null) === 'DROP') return false;
  const now = packet.ip as NonNullable<Packet['ip']>;
  if (now.dst === before || !packet.eth) return true;
  // br_nf_pre_routing_finish(): the translated address may be on this bridge again, or elsewhere.
  const input = routeInput(world, ns, bridge, packet);
  if (!input.ok) {
    const forwarding = devConf(ns, bridge, 'forwarding', typeof now.dst === 'bigint' ? 6 : 4) !== 0;
    const out = forwarding ? null : lookupRoute(world, ns, { dst: now.dst });
    if (out?.ok && out.dev === bridge.ifindex) return bridged(world, ns, bridge, packet, out.gateway ?? now.dst);
    drop(world, ns, packet, input.reason, () => input.text);
    return false;
  }
  if (input.kind === 'forward' && input.route.dev === bridge.ifindex) {
    return bridged(world, ns, bridge, packet, input.route.gateway ?? now.dst);
  }
  packet.eth.dst = bridge.mac;
  return true;
}

/** To a neighbour on the same bridge, without routing: the frame keeps its source. False when it waits for ARP. */
function bridged(world: World, ns: NetNs, bridge: Link, packet: Packet, nexthop: Ip): boolean {
  const eth = packet.eth as NonNullable<Packet['eth']>;
  const mac = resolvedMac(ns, bridge, nexthop);
  if (mac !== null) {
    eth.dst = mac;
    return true;
  }
  packet.bridged = eth.src;
  neighOutput(world, ns, bridge, nexthop, packet);
  return false;
}

/** FORWARD and POSTROUTING for a packet on its way to `to`. False when a rule ended it. */
export function brForwardHooks(world: World, ns: NetNs, bridge: Link, to: Link, packet: Packet): boolean {
  const family = familyName(packet);
  packet.physOut = to.ifindex;
  if (runHook(world, ns, family, 'FORWARD', packet, bridge, bridge) === 'DROP') return false;
  if (runHook(world, ns, family, 'POSTROUTING', packet, null, bridge) === 'DROP') return false;
  packet.physOut = undefined;
  return true;
}
