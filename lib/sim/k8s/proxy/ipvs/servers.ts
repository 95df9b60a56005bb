/** Virtual and real servers brought to what is wanted. Source: kubernetes/kubernetes pkg/proxy/ipvs/proxier.go (syncService, syncEndpoint, cleanLegacyService) of 1.34. */
import { type Ip, inPrefix, parseIp, parsePrefix } from '../../../addr/ip.ts';
import type { World } from '../../../kernel/world.ts';
import {
  addDest,
  addService,
  type DestSpec,
  deleteService,
  editDest,
  editService,
  findService,
  type ServiceSpec,
} from '../../../linux/ipvs/service.ts';
import { ipvsOf, serviceKey, type VsDest } from '../../../linux/ipvs/types.ts';
import type { NetNs } from '../../../linux/types.ts';
import { IPPROTO } from '../../../packet/packet.ts';
import type { ProxyFamily } from '../mode.ts';
import { finishTermination, isTerminating, masqServer, removeGracefully, type Terminating } from './termination.ts';
import type { WantedServer } from './wanted.ts';

const PROTOCOLS = { tcp: IPPROTO.tcp, udp: IPPROTO.udp, sctp: IPPROTO.sctp };
/** IP_VS_SVC_F_SCHED_MH_PORT: mh looks at the client's port too. */
const MH_PORT = 2;

/** A virtual server as the kernel is asked for it; null for an address that is none. */
export function serviceSpec(server: WantedServer, scheduler: string): ServiceSpec | null {
  const addr = parseIp(server.ip);
  if (addr === null) return null;
  const af = typeof addr === 'number' ? 4 : 6;
  return {
    af,
    proto: PROTOCOLS[server.protocol],
    fwmark: 0,
    addr,
    port: server.port,
    sched: scheduler,
    schedFlags: scheduler === 'mh' ? MH_PORT : 0,
    timeout: server.affinity,
    netmask: af === 4 ? 0xffffffff : 128,
    ops: false,
  };
}

/** Makes a virtual server, or changes it where it differs. False when the kernel refuses. */
export function ensureService(world: World, ns: NetNs, spec: ServiceSpec): boolean {
  const known = findService(ns, spec);
  if (!known) return addService(world, ns, spec) === null;
  const same =
    known.sched === spec.sched &&
    known.schedFlags === spec.schedFlags &&
    known.timeout === spec.timeout &&
    known.ops === spec.ops;
  return same || editService(ns, spec) === null;
}

const keyOf = (server: { addr: Ip; port: number }): string => `${server.addr} ${server.port}`;

/** Endpoints as the kernel is asked for them, each once; kept while the Service's port stays the same. */
const asked = new WeakMap<WantedServer['endpoints'], readonly DestSpec[]>();

function realServers(endpoints: WantedServer['endpoints']): readonly DestSpec[] {
  let servers = asked.get(endpoints);
  if (!servers) {
    const found = new Map<string, DestSpec>();
    for (const { ip, port } of endpoints) {
      const addr = parseIp(ip);
      if (addr !== null) found.set(keyOf({ addr, port }), masqServer({ addr, port }, 1));
    }
    asked.set(endpoints, (servers = [...found.values()]));
  }
  return servers;
}

/** Whether the list, newest first, is what adding the servers one after the other leaves. */
const asAdded = (dests: readonly VsDest[], servers: readonly DestSpec[]): boolean =>
  dests.length === servers.length &&
  servers.every(({ addr, port }, i) => {
    const dest = dests[dests.length - 1 - i];
    return dest?.addr === addr && dest.port === port;
  });

/**
 * Real servers: new ones are added, those that are not wanted any more end gracefully. Weights are only put right at
 * kube-proxy's first sync (`first`): later ones stay as somebody has set them.
 */
export function syncRealServers(
  world: World,
  ns: NetNs,
  spec: ServiceSpec,
  endpoints: WantedServer['endpoints'],
  list: Terminating[],
  first: boolean,
): void {
  const dests = findService(ns, spec)?.dests ?? [];
  const servers = realServers(endpoints);
  if (!first && list.length === 0 && asAdded(dests, servers)) return;
  const before = new Map(dests.map((dest) => [keyOf(dest), dest]));
  const offWeight = first && dests.some((dest) => dest.weight !== 1);
  const wanted = new Set(servers.map(keyOf));
  for (const server of servers) {
    if (before.has(keyOf(server))) {
      if (offWeight) editDest(ns, spec, server);
      if (!finishTermination(ns, spec, server, list)) continue;
    }
    addDest(world, ns, spec, server);
  }
  for (const [key, dest] of before)
    if (!wanted.has(key) && !isTerminating(spec, dest, list)) removeGracefully(world, ns, spec, dest, list);
}

/** Deletes the family's virtual servers that are not among the active ones; those of excluded prefixes and by firewall mark stay. */
export function deleteStale(
  ns: NetNs,
  family: ProxyFamily,
  active: ReadonlySet<string>,
  excluded: readonly string[],
): void {
  const prefixes = excluded.flatMap((text) => parsePrefix(text) ?? []);
  for (const svc of [...ipvsOf(ns).services.values()]) {
    if (svc.fwmark !== 0 || svc.af !== (family === 'ip' ? 4 : 6) || active.has(serviceKey(svc))) continue;
    if (!prefixes.some((prefix) => inPrefix(svc.addr, prefix))) deleteService(ns, svc);
  }
}
