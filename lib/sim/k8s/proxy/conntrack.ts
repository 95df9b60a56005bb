/**
 * Forgets UDP connections that a Service translated to what is no endpoint of it any more: their packets would go on there for as
 * long as they come. Source: pkg/proxy/conntrack/cleanup.go of 1.34.
 */
import { formatIp } from '../../addr/ip.ts';
import type { World } from '../../kernel/world.ts';
import { liveEntries, removeEntry } from '../../linux/conntrack/table.ts';
import type { NetNs } from '../../linux/types.ts';
import { IPPROTO } from '../../packet/packet.ts';
import type { ProxyFamily } from './mode.ts';
import { endpointText, type ServicePort } from './service-ports.ts';

/** Where each UDP port may lead: endpoints by `ip:port` of the Service, and by node port. Ports without endpoints are left alone. */
function targets(ports: readonly ServicePort[]): {
  byAddress: Map<string, Set<string>>;
  byNodePort: Map<number, Set<string>>;
} {
  const byAddress = new Map<string, Set<string>>();
  const byNodePort = new Map<number, Set<string>>();
  for (const s of ports) {
    if (s.protocol !== 'udp') continue;
    const endpoints = new Set(s.all.filter((e) => e.serving).map(endpointText));
    if (endpoints.size === 0) continue;
    for (const ip of [s.clusterIP, ...s.loadBalancerIPs, ...s.externalIPs])
      byAddress.set(endpointText({ ip, port: s.port }), endpoints);
    if (s.nodePort > 0) byNodePort.set(s.nodePort, endpoints);
  }
  return { byAddress, byNodePort };
}

/** Whether one of the changes was about a UDP port's endpoints. */
export const concernsUdp = (before: readonly ServicePort[], after: readonly ServicePort[]): boolean =>
  [...before, ...after].some((s) => s.protocol === 'udp');

/** Cleans one family's connections of a namespace. */
export function cleanStaleEntries(world: World, ns: NetNs, family: ProxyFamily, ports: readonly ServicePort[]): void {
  const { byAddress, byNodePort } = targets(ports);
  if (byAddress.size === 0) return;
  for (const entry of liveEntries(world, ns)) {
    const { orig, reply } = entry;
    if (orig.proto !== IPPROTO.udp || (typeof orig.dst === 'number') !== (family === 'ip')) continue;
    const to = endpointText({ ip: formatIp(reply.src), port: reply.sport });
    const asked =
      byAddress.get(endpointText({ ip: formatIp(orig.dst), port: orig.dport })) ?? byNodePort.get(orig.dport);
    if (asked && !asked.has(to)) removeEntry(ns, entry);
  }
}
