/** Geneve's two ends: geneve_xmit(), geneve_rx(). */
import { formatIp } from '../../addr/ip.ts';
import { record } from '../../kernel/trace-log.ts';
import type { World } from '../../kernel/world.ts';
import { clonePacket, IPPROTO, makePacket, type Packet } from '../../packet/packet.ts';
import { geneveOf } from '../link/geneve.ts';
import { lookupRoute } from '../route/lookup.ts';
import { sysctlNum } from '../sysctl/sysctl.ts';
import type { Link, NetNs } from '../types.ts';
import { drop } from './drop.ts';
import { ipOutput } from './output.ts';
import { queueRx } from './softirq.ts';
import { countTx } from './stats.ts';
import { flowSourcePort } from './vxlan.ts';

/** Sends a frame to the remote end. */
export function geneveSend(world: World, ns: NetNs, link: Link, inner: Packet): void {
  const data = geneveOf(link);
  if (!data) return;
  const at = link.lowerNs === undefined ? ns : (world.netns.get(link.lowerNs) ?? ns);
  const route = lookupRoute(world, at, { dst: data.remote });
  if (!route.ok || (at === ns && route.dev === link.ifindex)) {
    link.stats.txErrors++;
    if (route.ok) link.stats.collisions++;
    else link.stats.txCarrier++;
    drop(world, ns, inner, 'IP_OUTNOROUTES', () => `${link.name}: no way to the other end ${formatIp(data.remote)}`);
    return;
  }
  countTx(link, inner);
  inner.ct = undefined;
  const outer = makePacket({
    id: inner.id,
    ip: {
      src: route.src,
      dst: data.remote,
      ttl: data.ttl > 0 ? data.ttl : data.ttl < 0 && inner.ip ? inner.ip.ttl : sysctlNum(at, 'net.ipv4.ip_default_ttl'),
      proto: IPPROTO.udp,
      tos: data.tos === 1 ? (inner.ip?.tos ?? 0) : data.tos | ((inner.ip?.tos ?? 0) & 3),
      id: (at.ipId = (at.ipId + 1) & 0xffff),
      df: data.df === 'set' || (data.df === 'inherit' && (inner.ip?.df ?? false)),
      mf: false,
      offset: 0,
    },
    udp: { sport: flowSourcePort(at, inner), dport: data.dstPort },
    data: '',
    inner,
    vni: data.vni,
    mark: inner.mark,
    iif: 0,
  });
  if (!world.trace.off)
    record(world, ns, inner, {
      kind: 'encap',
      dev: link.name,
      outer: `${formatIp(route.src)} > ${formatIp(data.remote)} udp ${data.dstPort} vni ${data.vni}`,
      how: 'remote end',
    });
  ipOutput(world, at, outer);
}

/** Whether a Geneve device that is up listens on this UDP port: its packets are not for sockets. */
export function geneveReceive(world: World, ns: NetNs, packet: Packet): boolean {
  if (!world.linkKinds.has('geneve')) return false;
  const { udp, inner, vni, ip } = packet;
  if (!udp || !ip) return false;
  let listening = false;
  for (const id of world.hosts.get(ns.host)?.namespaces ?? []) {
    const at = world.netns.get(id);
    for (const link of at?.links.values() ?? []) {
      const data = geneveOf(link);
      if (!at || !data || !link.up || data.dstPort !== udp.dport || (link.lowerNs ?? at.id) !== ns.id) continue;
      listening = true;
      if (data.vni !== vni || data.remote !== ip.src || !inner?.eth) continue;
      if (inner.eth.src === link.mac) {
        link.stats.rxErrors++;
        drop(world, ns, packet, 'NOT_SPECIFIED', () => `${link.name}: the inner frame has the device's own address`);
        return true;
      }
      if (!world.trace.off)
        record(world, at, inner, {
          kind: 'decap',
          dev: link.name,
          how: `Geneve, VNI ${vni}, from ${formatIp(ip.src)}`,
        });
      const frame = clonePacket(inner);
      frame.ct = undefined;
      frame.mark = at === ns ? packet.mark : 0;
      queueRx(world, at, link, frame, 3);
      return true;
    }
  }
  if (listening)
    drop(world, ns, packet, 'NOT_SPECIFIED', () => `no Geneve device for VNI ${vni} from ${formatIp(ip.src)}`);
  return listening;
}
