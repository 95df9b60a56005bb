/** Services and real servers as `ipvsadm` and kube-proxy change them: ip_vs_ctl.c. Answers are errno names, or null. */
import type { Ip } from '../../addr/ip.ts';
import type { World } from '../../kernel/world.ts';
import { addressType } from '../route/lookup.ts';
import type { NetNs } from '../types.ts';
import { isScheduler, serversChanged } from './sched.ts';
import { zeroStats } from './stats.ts';
import { ipvsOf, newStats, PLAIN_TUNNEL, serviceKey, type VsDest, type VsService } from './types.ts';

/** What names a service. */
export interface ServiceId {
  af: 4 | 6;
  proto: number;
  fwmark: number;
  addr: Ip;
  port: number;
}

export type ServiceSpec = ServiceId & Pick<VsService, 'sched' | 'schedFlags' | 'timeout' | 'netmask' | 'ops'>;
export type DestSpec = Pick<VsDest, 'addr' | 'port' | 'fwd' | 'weight' | 'upper' | 'lower'> &
  Partial<Pick<VsDest, 'tun'>>;

/** A service by its name. */
export const findService = (ns: NetNs, id: ServiceId): VsService | undefined => ipvsOf(ns).services.get(serviceKey(id));

/** Adds a service. EEXIST, ENOENT (no such scheduler), EINVAL. The first one puts IPVS's hooks in place. */
export function addService(world: World, ns: NetNs, spec: ServiceSpec): string | null {
  const vs = ipvsOf(ns);
  const key = serviceKey(spec);
  if (vs.services.has(key)) return 'EEXIST';
  if (!isScheduler(spec.sched)) return 'ENOENT';
  if (!validMask(spec)) return 'EINVAL';
  const svc: VsService = {
    ...spec,
    dests: [],
    stats: newStats(world.now),
    cursor: 0,
    wrr: { cw: 0, mw: 0, di: 1 },
  };
  serversChanged(svc, 'start');
  vs.services.set(key, svc);
  if (!ns.ext.ipvsHooks) {
    ns.ext.ipvsHooks = true;
    ns.nf.generation = (ns.nf.generation ?? 0) + 1;
  }
  return null;
}

const validMask = (spec: ServiceSpec): boolean => spec.af === 4 || (spec.netmask >= 1 && spec.netmask <= 128);

/** Changes a service. ESRCH, ENOENT, EINVAL. */
export function editService(ns: NetNs, spec: ServiceSpec): string | null {
  const svc = findService(ns, spec);
  if (!svc) return 'ESRCH';
  if (!isScheduler(spec.sched)) return 'ENOENT';
  if (!validMask(spec)) return 'EINVAL';
  const before = svc.sched;
  Object.assign(svc, spec);
  if (before !== svc.sched) serversChanged(svc, 'start');
  return null;
}

/** Takes a service away with its servers; its connections stay until they end. ESRCH. */
export function deleteService(ns: NetNs, id: ServiceId): string | null {
  const svc = findService(ns, id);
  if (!svc) return 'ESRCH';
  for (const dest of svc.dests) retire(ns, dest);
  svc.dests = [];
  ipvsOf(ns).services.delete(serviceKey(id));
  return null;
}

/** `ipvsadm -C`. */
export function flushServices(ns: NetNs): void {
  for (const svc of [...ipvsOf(ns).services.values()]) deleteService(ns, svc);
}

function retire(ns: NetNs, dest: VsDest): void {
  const vs = ipvsOf(ns);
  dest.available = false;
  vs.trash = vs.trash.filter((d) => d.active + d.inactive + d.persist > 0);
  vs.trash.push(dest);
}

function checkDest(ns: NetNs, spec: DestSpec): string | null {
  const type = addressType(ns, spec.addr);
  return type === 'local' || type === 'unicast' ? null : 'EINVAL';
}

function update(svc: VsService, dest: VsDest, spec: DestSpec): void {
  if (spec.upper === 0 || spec.upper > dest.upper) dest.overload = false;
  const { fwd, weight, upper, lower, tun = PLAIN_TUNNEL } = spec;
  Object.assign(dest, { fwd, weight, upper, lower, tun, available: true });
  if (weight !== 0 || !svc.dests.includes(dest)) dest.lastWeight = weight;
}

const sameServer = (spec: { addr: Ip; port: number }) => (d: VsDest) => d.addr === spec.addr && d.port === spec.port;

/** Adds a real server: at the head of the list. ESRCH (no service), EEXIST, ERANGE, EINVAL (not an address to send to). */
export function addDest(world: World, ns: NetNs, id: ServiceId, spec: DestSpec): string | null {
  const svc = findService(ns, id);
  if (!svc) return 'ESRCH';
  if (spec.weight < 0 || spec.lower > spec.upper) return 'ERANGE';
  if (svc.dests.some(sameServer(spec))) return 'EEXIST';
  const refused = checkDest(ns, spec);
  if (refused) return refused;
  const vs = ipvsOf(ns);
  const service = serviceKey(id);
  const known = vs.trash.findIndex((d) => d.service === service && sameServer(spec)(d));
  const dest: VsDest =
    known >= 0
      ? (vs.trash.splice(known, 1)[0] as VsDest)
      : {
          ...spec,
          tun: spec.tun ?? PLAIN_TUNNEL,
          id: vs.nextDest++,
          lastWeight: spec.weight,
          active: 0,
          inactive: 0,
          persist: 0,
          overload: false,
          available: true,
          stats: newStats(world.now),
          service,
        };
  if (known >= 0) zeroStats(dest.stats, world.now);
  update(svc, dest, spec);
  svc.dests.unshift(dest);
  serversChanged(svc, 'change');
  return null;
}

/** Changes a real server. ESRCH, ENOENT, ERANGE. */
export function editDest(ns: NetNs, id: ServiceId, spec: DestSpec): string | null {
  const svc = findService(ns, id);
  if (!svc) return 'ESRCH';
  if (spec.weight < 0 || spec.lower > spec.upper) return 'ERANGE';
  const dest = svc.dests.find(sameServer(spec));
  if (!dest) return 'ENOENT';
  update(svc, dest, spec);
  serversChanged(svc, 'change');
  return null;
}

/** Takes a real server away. ESRCH, ENOENT. */
export function deleteDest(ns: NetNs, id: ServiceId, server: { addr: Ip; port: number }): string | null {
  const svc = findService(ns, id);
  if (!svc) return 'ESRCH';
  const at = svc.dests.findIndex(sameServer(server));
  const [dest] = at < 0 ? [] : svc.dests.splice(at, 1);
  if (!dest) return 'ENOENT';
  retire(ns, dest);
  serversChanged(svc, 'change', { id: dest.id, at });
  return null;
}

/** `ipvsadm -Z`: one service's counters, or all. ESRCH. */
export function zeroService(world: World, ns: NetNs, id: ServiceId | null): string | null {
  const vs = ipvsOf(ns);
  const one = id ? findService(ns, id) : undefined;
  if (id && !one) return 'ESRCH';
  for (const svc of one ? [one] : vs.services.values()) {
    for (const { stats } of [svc, ...svc.dests]) zeroStats(stats, world.now);
  }
  if (!id) zeroStats(vs.total, world.now);
  return null;
}
