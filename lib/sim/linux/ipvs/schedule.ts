/** A new connection to a service: its real server, and persistence. ip_vs_schedule(), ip_vs_sched_persist(). */
import { type Ip, network } from '../../addr/ip.ts';
import type { World } from '../../kernel/world.ts';
import { IPPROTO } from '../../packet/packet.ts';
import type { NetNs } from '../types.ts';
import { dropTemplate, newConn, templateKey, touch, type VsTuple } from './conn.ts';
import { schedule } from './sched.ts';
import { findService } from './service.ts';
import { bumpStats } from './stats.ts';
import { vsNum } from './sysctl.ts';
import { ipvsOf, type VsConn, type VsDest, type VsService } from './types.ts';

/** The service of a flow: by firewall mark, by address and port, by address with port 0. */
export function serviceOf(ns: NetNs, flow: VsTuple, mark: number): VsService | undefined {
  const af = typeof flow.dst === 'bigint' ? 6 : 4;
  const id = { af, proto: flow.proto, addr: flow.dst, port: flow.dport, fwmark: 0 } as const;
  return (
    (mark === 0 ? undefined : findService(ns, { ...id, fwmark: mark })) ??
    findService(ns, id) ??
    findService(ns, { ...id, port: 0 })
  );
}

const masked = (svc: VsService, ip: Ip): Ip =>
  typeof ip === 'number' ? (ip & svc.netmask) >>> 0 : network(ip, svc.netmask);

/** Whether a template may be used again: ip_vs_check_template(). */
const usable = (ns: NetNs, t: VsConn): boolean =>
  t.dest.available && !(t.dest.weight === 0 && vsNum(ns, 'expire_quiescent_template') !== 0);

/** The template of a persistent service's client; made when there is none. */
function templateOf(world: World, ns: NetNs, svc: VsService, flow: VsTuple): VsConn | null {
  const own = flow.dport === svc.port;
  const named: VsTuple = {
    proto: !own && svc.fwmark ? 0 : flow.proto,
    src: masked(svc, flow.src),
    sport: 0,
    dst: !own && svc.fwmark ? svc.fwmark : flow.dst,
    dport: own ? flow.dport : 0,
  };
  const known = ipvsOf(ns).conns.get(templateKey(named));
  if (known && usable(ns, known)) return known;
  if (known) dropTemplate(world, ns, known);
  const dest = schedule(svc, flow);
  if (!dest) return null;
  const more = { svc, dest, daddr: dest.addr, dport: own ? dest.port : 0, nfct: false, template: true };
  const template = newConn(ns, named, { ...more, onePacket: false });
  if (template) template.timeout = svc.timeout;
  return template;
}

/** A connection to the server that the scheduler (or the client's template) names. Null when there is none. */
export function newConnection(world: World, ns: NetNs, svc: VsService, flow: VsTuple): VsConn | null {
  const template = svc.timeout > 0 ? templateOf(world, ns, svc, flow) : null;
  if (svc.timeout > 0 && !template) return null;
  const dest: VsDest | null = template ? template.dest : schedule(svc, flow);
  if (!dest) return null;
  const serverPort = template && flow.dport !== svc.port ? flow.dport : dest.port || flow.dport;
  const conn = newConn(ns, flow, {
    svc,
    dest,
    daddr: dest.addr,
    dport: serverPort,
    nfct: vsNum(ns, 'conntrack') !== 0,
    template: false,
    onePacket: svc.ops && flow.proto === IPPROTO.udp,
  });
  if (!conn) return null;
  bumpStats([dest.stats, svc.stats, ipvsOf(ns).total], world.now, 0);
  if (template) {
    conn.control = template.key;
    template.controlled++;
    touch(world, ns, template);
  }
  return conn;
}
