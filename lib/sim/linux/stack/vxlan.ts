/** VXLAN's two ends: vxlan_xmit(), vxlan_rcv(). RFC 7348. */
import { formatIp, type Ip, isMulticast } from '../../addr/ip.ts';
import { formatMac, isGroupMac, type Mac } from '../../addr/mac.ts';
import { note, stepKind } from '../../kernel/trace-log.ts';
import type { World } from '../../kernel/world.ts';
import { clonePacket, IPPROTO, makePacket, type Packet } from '../../packet/packet.ts';
import { flowHash } from '../route/fib.ts';
import { lookupRoute, type RouteResult } from '../route/lookup.ts';
import { quickRoute } from '../route/quick.ts';
import { portRange, sysctlNum } from '../sysctl/sysctl.ts';
import type { FdbEntry, Link, NetNs, VxlanData } from '../types.ts';
import { drop } from './drop.ts';
import { learnVxlan, vxlanDestinations } from './fdb.ts';
import { ipOutput } from './output.ts';
import { queueRx } from './softirq.ts';
import { countTx } from './stats.ts';

/** `mac` is the FDB entry's: zeros are the default destination. */
const ENCAP = stepKind((dev: string, src: Ip, dst: Ip, port: number, vni: number, mac: Mac) => ({
  kind: 'encap',
  dev,
  outer: `${formatIp(src)} > ${formatIp(dst)} udp ${port} vni ${vni}`,
  how: mac === 0 ? 'default destination' : `FDB entry ${formatMac(mac)}`,
}));

const DECAP = stepKind((dev: string, port: number, vni: number, from: Ip) => ({
  kind: 'decap',
  dev,
  how: `UDP port ${port}, VNI ${vni}, from ${formatIp(from)}`,
}));

/** The namespace a VXLAN device's outer packets live in: where it was made. */
const underlay = (world: World, ns: NetNs, link: Link): NetNs =>
  link.lowerNs === undefined ? ns : (world.netns.get(link.lowerNs) ?? ns);

/** Sends a frame to the VTEPs that the FDB names, or to those of the all-zeros entry. */
export function vxlanSend(world: World, ns: NetNs, link: Link, packet: Packet): void {
  const data = link.data as VxlanData;
  const dst = packet.eth?.dst ?? 0;
  let targets = isGroupMac(dst) ? [] : vxlanDestinations(world, data, dst);
  if (targets.length === 0) targets = vxlanDestinations(world, data, 0);
  if (targets.length === 0) {
    link.stats.txDropped++;
    drop(
      world,
      ns,
      packet,
      'NO_TX_TARGET',
      () => `${link.name}: no FDB entry for ${formatMac(dst)} and no default destination`,
    );
    return;
  }
  countTx(link, packet);
  const last = targets.length - 1;
  for (let i = 0; i <= last; i++)
    encapsulate(world, ns, link, data, i === last ? packet : clonePacket(packet), targets[i] as FdbEntry);
}

function encapsulate(world: World, ns: NetNs, link: Link, data: VxlanData, inner: Packet, to: FdbEntry): void {
  const dst = to.dst as Ip;
  const at = underlay(world, ns, link);
  const six = typeof dst === 'bigint';
  const oif = to.via || data.dev;
  const src = data.local ?? (six ? 0n : 0);
  const route: RouteResult =
    quickRoute(world, at, dst, src, oif || undefined, true) ??
    lookupRoute(world, at, oif ? { dst, src, oif } : { dst, src });
  if (!route.ok) {
    link.stats.txErrors++;
    drop(
      world,
      ns,
      inner,
      'IP_OUTNOROUTES',
      () => `${link.name}: no route to the VTEP ${formatIp(dst)}: ${route.errno}`,
    );
    return;
  }
  if (at === ns && route.dev === link.ifindex) {
    link.stats.collisions++;
    drop(
      world,
      ns,
      inner,
      'RECURSION_LIMIT',
      () => `${link.name}: the route to the VTEP ${formatIp(dst)} leads into the tunnel itself`,
    );
    return;
  }
  inner.ct = undefined;
  const dport = to.dstPort ?? data.dstPort;
  const outer = makePacket({
    id: inner.id,
    ip: {
      src: data.local ?? route.src,
      dst,
      ttl: data.ttl || (isMulticast(dst) ? 1 : sysctlNum(at, 'net.ipv4.ip_default_ttl')),
      proto: IPPROTO.udp,
      tos: data.tos === 1 ? (inner.ip?.tos ?? 0) : data.tos,
      id: (at.ipId = (at.ipId + 1) & 0xffff),
      df: data.opts.df === 1,
      mf: false,
      offset: 0,
    },
    udp: { sport: flowSourcePort(at, inner), dport },
    data: '',
    inner,
    vni: to.vni ?? data.vni,
    mark: inner.mark,
    iif: 0,
  });
  if (!world.trace.off) {
    const src = (outer.ip as NonNullable<Packet['ip']>).src;
    note(world, ns, inner, ENCAP, link.name, src, dst, dport, outer.vni as number, to.mac);
  }
  ipOutput(world, at, outer, oif ? { oif } : {});
}

/** udp_flow_src_port(): the flow's hash within the local port range, the same both ways; of other protocols, by EtherType. */
export function flowSourcePort(ns: NetNs, inner: Packet): number {
  const { low, high } = portRange(ns);
  const { ip, arp } = inner;
  const ports = inner.tcp ?? inner.udp;
  const sport = ports?.sport ?? 0;
  const dport = ports?.dport ?? 0;
  const turned = ip ? ip.dst < ip.src || (ip.dst === ip.src && dport < sport) : false;
  const flow = !ip
    ? { dst: arp ? 0x0806 : 0, src: 0 }
    : { dst: turned ? ip.src : ip.dst, src: turned ? ip.dst : ip.src, proto: ip.proto };
  const [a, b] = turned ? [dport, sport] : [sport, dport];
  const hash =
    (flowHash(ns, { ...flow, sport: a, dport: b }) ^ Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b)) >>> 0;
  return low + Math.floor((hash / 2 ** 32) * (high - low));
}

type Vtep = { ns: NetNs; link: Link };

/**
 * The devices that are up and listen on a UDP port of `ns`, where their outer packets live: most often they are in
 * that namespace themselves. They share a socket (vxlan_find_sock()).
 */
function listeners(world: World, ns: NetNs, port: number): Vtep[] {
  const found: Vtep[] = [];
  for (const at of world.netns.values()) {
    if (at.host !== ns.host) continue;
    for (const link of at.links.values()) {
      if (link.data.type !== 'vxlan' || !link.up || (link.lowerNs ?? at.id) !== ns.id) continue;
      if ((link.data as VxlanData).dstPort === port) found.push({ ns: at, link });
    }
  }
  return found;
}

/** The device of a VNI in the namespace of the outer packets itself: no other can have this VNI on this port there. */
function ownVtep(ns: NetNs, port: number, vni: number): Vtep | undefined {
  for (const link of ns.links.values()) {
    if (link.kind !== 'vxlan' || !link.up || link.lowerNs !== undefined) continue;
    const data = link.data as VxlanData;
    if (data.dstPort === port && data.vni === vni) return { ns, link };
  }
  return undefined;
}

/** Whether a VXLAN device listens on this UDP port: its packets are not for sockets. */
export function vxlanReceive(world: World, ns: NetNs, packet: Packet): boolean {
  const { udp, inner, vni } = packet;
  if (!udp || !inner?.eth || vni === undefined) return false;
  const own = ownVtep(ns, udp.dport, vni);
  const devices = own ? [own] : listeners(world, ns, udp.dport);
  if (devices.length === 0) return false;
  const to = own ?? devices.find(({ link }) => (link.data as VxlanData).vni === vni);
  if (!to) {
    drop(world, ns, packet, 'VXLAN_VNI_NOT_FOUND', () => `no VXLAN device on UDP port ${udp.dport} has VNI ${vni}`);
    return true;
  }
  const { link } = to;
  const data = link.data as VxlanData;
  if (inner.eth.src === link.mac) {
    drop(world, ns, packet, 'LOCAL_MAC', () => `${link.name}: the inner frame has the device's own source address`);
    return true;
  }
  const from = packet.ip?.src as Ip;
  if (data.learning && !learnVxlan(world, link, inner.eth.src, from)) {
    drop(
      world,
      ns,
      packet,
      'VXLAN_ENTRY_EXISTS',
      () => `${link.name}: ${formatMac(inner.eth?.src ?? 0)} belongs to another VTEP`,
    );
    return true;
  }
  if (!world.trace.off) note(world, to.ns, inner, DECAP, link.name, udp.dport, vni, from);
  const frame = clonePacket(inner);
  frame.ct = undefined;
  frame.mark = to.ns === ns ? packet.mark : 0;
  queueRx(world, to.ns, link, frame, 3);
  return true;
}
