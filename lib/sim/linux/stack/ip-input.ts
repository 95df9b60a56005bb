/** IPv4 and IPv6 receive: ip_rcv(), ip_rcv_finish(), ip_local_deliver(). */
import { formatIp, type Ip } from '../../addr/ip.ts';
import { record } from '../../kernel/trace-log.ts';
import type { World } from '../../kernel/world.ts';
import { IPPROTO, type Packet } from '../../packet/packet.ts';
import { planOf } from '../netfilter/plan.ts';
import { runHook } from '../netfilter/walk.ts';
import { IP_IN_DELIVERS, IP_IN_RECEIVES, IP6_IN_DELIVERS, IP6_IN_RECEIVES } from '../snmp.ts';
import { deliverRaw } from '../socket/raw.ts';
import { sctpReceive } from '../socket/sctp.ts';
import { tcpReceive } from '../socket/tcp/input.ts';
import { udpReceive } from '../socket/udp.ts';
import type { Link, NetNs } from '../types.ts';
import { allConf, devConf, orConf } from './conf.ts';
import { drop } from './drop.ts';
import { reassemble } from './fragment.ts';
import { icmpReceive } from './icmp.ts';
import { sendIcmpError } from './icmp-error.ts';
import { ipForward } from './ip-forward.ts';
import { hearsGroup } from './mcast.ts';
import { noteRoute } from './output.ts';
import { routeErrorAllowed } from './peer.ts';
import { routeInput } from './route-input.ts';
import { count } from './snmp.ts';
import { tunnelReceive } from './tunnel.ts';
import { vrfReceive } from './vrf.ts';

/** An IP packet came in. `prerouted`: br_netfilter ran PREROUTING; `group`: the frame was a broadcast or multicast. */
export function ipReceive(
  world: World,
  ns: NetNs,
  link: Link,
  received: Packet,
  prerouted: boolean,
  group: boolean,
): void {
  let packet = received;
  const six = typeof packet.ip?.dst === 'bigint';
  const family = six ? 'ip6' : 'ip';
  ns.snmp.bump(six ? IP6_IN_RECEIVES : IP_IN_RECEIVES);
  if (six && devConf(ns, link, 'disable_ipv6', 6) !== 0) {
    drop(world, ns, packet, 'IPV6DISABLED', () => `IPv6 is disabled on ${link.name}`);
    return;
  }
  // Connection tracking needs whole packets: nf_defrag_ipv4.
  if (packet.fragment !== undefined && planOf(ns, family, 'PREROUTING').some((step) => step.kind === 'track')) {
    const whole = reassemble(world, ns, packet);
    if (!whole) return;
    packet = whole;
  }
  if (!prerouted && runHook(world, ns, family, 'PREROUTING', packet, link, null) === 'DROP') return;
  // A port of a routing domain hands the packet to its domain, which the hooks see from here on.
  const indev = link.master || link.kind === 'vrf' ? vrfReceive(world, ns, link, packet) : link;
  if (!indev) return;
  const route = routeInput(world, ns, link, packet);
  if (!route.ok) {
    unroutable(world, ns, link, packet, route, six);
    return;
  }
  packet.hops = 0;
  if (route.kind === 'multicast' && !hearsGroup(world, ns, link, packet.ip?.dst as Ip)) {
    drop(
      world,
      ns,
      packet,
      'NOT_SPECIFIED',
      () => `${link.name} has not joined the group ${formatIp(packet.ip?.dst as Ip)}`,
    );
    return;
  }
  const unicast = route.kind === 'local' || route.kind === 'forward';
  if (group && unicast && !six && orConf(ns, link, 'drop_unicast_in_l2_multicast')) {
    drop(world, ns, packet, 'UNICAST_IN_L2_MULTICAST', () => 'a packet for one host in a frame for many');
    return;
  }
  if (route.kind === 'forward') {
    noteRoute(world, ns, packet, 'forward', route.route);
    if (group) {
      drop(world, ns, packet, 'NOT_SPECIFIED', () => 'a broadcast frame is not forwarded');
      return;
    }
    ipForward(world, ns, link, packet, route.route, indev);
    return;
  }
  if (route.kind !== 'multicast') noteRoute(world, ns, packet, route.kind, route.route);
  localDeliver(world, ns, indev, packet, route.kind !== 'local');
}

/** ip_error(): forwarding hosts answer, others stay silent. */
function unroutable(
  world: World,
  ns: NetNs,
  link: Link,
  packet: Packet,
  why: { errno: string; reason: string; text: string },
  six: boolean,
): void {
  drop(world, ns, packet, why.reason, () => why.text);
  const forwarding = (six ? allConf(ns, 'forwarding', 6) : devConf(ns, link, 'forwarding')) !== 0;
  if (why.reason === 'IP_INADDRERRORS') count(ns, six ? 'Ip6.InAddrErrors' : 'Ip.InAddrErrors');
  if (why.reason === 'IP_INNOROUTES') count(ns, six ? 'Ip6.InNoRoutes' : 'Ip.InNoRoutes');
  if (!forwarding) return;
  if (six) {
    if (why.errno === 'EACCES') sendIcmpError(world, ns, packet, 1, 1);
    else if (why.errno === 'ENETUNREACH' || why.errno === 'EHOSTUNREACH') sendIcmpError(world, ns, packet, 1, 0);
    return;
  }
  const code = { EHOSTUNREACH: 1, ENETUNREACH: 0, EACCES: 13 }[why.errno];
  if (code !== undefined && routeErrorAllowed(world, ns, packet.ip?.src as Ip))
    sendIcmpError(world, ns, packet, 3, code);
}

/** Reassembly, INPUT, and the transport protocol. `broadcast`: the destination is a broadcast or group address. */
export function localDeliver(world: World, ns: NetNs, link: Link, received: Packet, broadcast: boolean): void {
  const packet = reassemble(world, ns, received);
  if (!packet) return;
  const ip = packet.ip as NonNullable<Packet['ip']>;
  const six = typeof ip.dst === 'bigint';
  if (runHook(world, ns, six ? 'ip6' : 'ip', 'INPUT', packet, link, null) === 'DROP') return;
  ns.snmp.bump(six ? IP6_IN_DELIVERS : IP_IN_DELIVERS);
  if (ip.rr && ip.rr.length < 9 && typeof ip.dst === 'number') ip.rr.push(ip.dst);
  const raw = deliverRaw(world, ns, link, packet);
  switch (ip.proto) {
    case IPPROTO.icmp:
    case IPPROTO.icmp6:
      icmpReceive(world, ns, link, packet, broadcast);
      return;
    case IPPROTO.tcp:
      if (packet.tcp && !broadcast) tcpReceive(world, ns, link, packet);
      return;
    case IPPROTO.udp:
      if (packet.udp) udpReceive(world, ns, link, packet, broadcast);
      return;
    case IPPROTO.sctp:
      if (packet.sctp && !broadcast && sctpReceive(world, ns, link, packet)) return;
      break;
    case IPPROTO.ipip:
    case IPPROTO.gre:
      if (tunnelReceive(world, ns, packet)) return;
      // tunnel4_rcv() and gre_rcv(), once their module is there, answer as for a closed port.
      if (!raw && world.hosts.get(ns.host)?.modules.has(ip.proto === IPPROTO.ipip ? 'ipip' : 'ip_gre')) {
        drop(world, ns, packet, 'NOT_SPECIFIED', () => `no tunnel to ${formatIp(ip.dst)} takes this packet`);
        if (!broadcast) sendIcmpError(world, ns, packet, 3, 3);
        return;
      }
      break;
  }
  if (raw) {
    if (!world.trace.off) record(world, ns, packet, { kind: 'deliver', socket: 'raw' });
    return;
  }
  count(ns, 'Ip.InUnknownProtos');
  drop(
    world,
    ns,
    packet,
    'IP_NOPROTO',
    () => `nothing on this host speaks protocol ${ip.proto} (to ${formatIp(ip.dst)})`,
  );
  if (!broadcast) sendIcmpError(world, ns, packet, six ? 4 : 3, six ? 1 : 2);
}
