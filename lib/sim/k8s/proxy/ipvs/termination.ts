/**
 * Real servers that are not wanted any more take no new connections (weight 0) and go when their last one has ended.
 * Source: kubernetes/kubernetes pkg/proxy/ipvs/graceful_termination.go of 1.34.
 */
import type { Ip } from '../../../addr/ip.ts';
import type { World } from '../../../kernel/world.ts';
import { type DestSpec, deleteDest, editDest, findService, type ServiceId } from '../../../linux/ipvs/service.ts';
import { serviceKey, type VsDest } from '../../../linux/ipvs/types.ts';
import type { NetNs } from '../../../linux/types.ts';
import { IPPROTO } from '../../../packet/packet.ts';

/** How often the list is looked through, in µs: rsCheckDeleteInterval. */
const INTERVAL = 60_000_000;

/** A real server on its way out. Plain data. */
export interface Terminating {
  service: ServiceId;
  addr: Ip;
  port: number;
  /** Virtual time since when it is listed, or was last looked at. */
  since: number;
}

type Server = { addr: Ip; port: number };

/** A real server reached by rewriting its address, as kube-proxy makes and changes them all. */
export const masqServer = ({ addr, port }: Server, weight: number): DestSpec => ({
  addr,
  port,
  fwd: 'masq',
  weight,
  upper: 0,
  lower: 0,
});

const indexOf = (service: ServiceId, { addr, port }: Server, list: readonly Terminating[]): number =>
  list.findIndex((t) => t.addr === addr && t.port === port && serviceKey(t.service) === serviceKey(service));

/** Whether a real server is on the list. */
export const isTerminating = (service: ServiceId, server: Server, list: readonly Terminating[]): boolean =>
  indexOf(service, server, list) >= 0;

/** Whether it is gone now: UDP and SCTP servers go at once, TCP ones when no connection is left. */
function tryDelete(ns: NetNs, service: ServiceId, server: Server): boolean {
  const dest = findService(ns, service)?.dests.find((d) => d.addr === server.addr && d.port === server.port);
  if (!dest) return true;
  if (service.proto === IPPROTO.tcp && dest.active + dest.inactive > 0) return false;
  return deleteDest(ns, service, dest) === null;
}

/** Deletes a real server, or lets it run out. */
export function removeGracefully(
  world: World,
  ns: NetNs,
  { af, proto, fwmark, addr, port }: ServiceId,
  dest: VsDest,
  list: Terminating[],
): void {
  const service: ServiceId = { af, proto, fwmark, addr, port };
  if (tryDelete(ns, service, dest)) return;
  if (editDest(ns, service, masqServer(dest, 0)) !== null) return;
  list.push({ service, addr: dest.addr, port: dest.port, since: world.now });
}

/** A listed real server that is wanted again goes at once, to be added anew. False when it is not on the list. */
export function finishTermination(ns: NetNs, service: ServiceId, server: Server, list: Terminating[]): boolean {
  const at = indexOf(service, server, list);
  if (at < 0 || deleteDest(ns, service, server) !== null) return false;
  list.splice(at, 1);
  return true;
}

const dueAt = (t: Terminating, start: number): number =>
  start + (Math.floor((t.since - start) / INTERVAL) + 1) * INTERVAL;

/** Looks through the list when a minute since `start` is full. Answers when to look next, or null with nothing listed. */
export function checkTerminating(world: World, ns: NetNs, list: Terminating[], start: number): number | null {
  for (const t of [...list]) {
    if (dueAt(t, start) > world.now) continue;
    if (tryDelete(ns, t.service, t)) list.splice(list.indexOf(t), 1);
    else t.since = world.now;
  }
  return list.length === 0 ? null : Math.min(...list.map((t) => dueAt(t, start)));
}
