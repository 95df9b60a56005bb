/**
 * IPVS's hooks: requests go to a real server at LOCAL_IN and LOCAL_OUT, answers get the service's address back at
 * LOCAL_IN, LOCAL_OUT and FORWARD. ip_vs_core.c.
 */
import { formatIp } from '../../addr/ip.ts';
import { record } from '../../kernel/trace-log.ts';
import type { World } from '../../kernel/world.ts';
import { ipLength, type Packet } from '../../packet/packet.ts';
import { drop } from '../stack/drop.ts';
import { sendIcmpError } from '../stack/icmp-error.ts';
import type { Link, NetNs } from '../types.ts';
import { backward, connIn, connOut, end, flowTuple, follow, touch, type VsTuple } from './conn.ts';
import { relatedIn, relatedOut } from './icmp.ts';
import { newConnection, serviceOf } from './schedule.ts';
import { bumpStats } from './stats.ts';
import { vsNum } from './sysctl.ts';
import { TCP_FIN_WAIT, TCP_TIME_WAIT } from './tcp.ts';
import { ipvsOf, type VsConn } from './types.ts';
import { rewrite, transmit, usesOldConntrack } from './xmit.ts';

/** What becomes of the packet. STOLEN: it went on its way from here. */
export type VsVerdict = 'ACCEPT' | 'DROP' | 'STOLEN';

/** A packet from a real server: ip_vs_out_hook(). */
export function ipvsOut(world: World, ns: NetNs, packet: Packet): VsVerdict {
  if (packet.ipvs === ns.id) return 'ACCEPT';
  if (packet.icmp) {
    relatedOut(world, ns, packet);
    return 'ACCEPT';
  }
  const flow = flowTuple(packet);
  const conn = flow ? connOut(ipvsOf(ns), flow) : undefined;
  if (!conn) return 'ACCEPT';
  rewrite(world, ns, packet, conn, 'answer');
  bumpStats([conn.dest.stats, conn.svc.stats, ipvsOf(ns).total], world.now, 2, ipLength(packet));
  follow(ns, conn, packet, 'output');
  touch(world, ns, conn);
  return 'ACCEPT';
}

/** A packet to a service: ip_vs_in_hook(). */
export function ipvsIn(
  world: World,
  ns: NetNs,
  packet: Packet,
  hook: 'INPUT' | 'OUTPUT',
  link: Link | null,
): VsVerdict {
  if (packet.ipvs === ns.id) return 'ACCEPT';
  if (packet.icmp) return relatedIn(world, ns, packet, hook);
  const flow = flowTuple(packet);
  if (!flow) return 'ACCEPT';
  const vs = ipvsOf(ns);
  const known = stillGood(world, ns, packet, connIn(vs, flow));
  if (known === 'DROP') return 'DROP';
  const conn = known ?? first(world, ns, packet, flow, link);
  if (typeof conn === 'string') return conn;
  bumpStats([conn.dest.stats, conn.svc.stats, vs.total], world.now, 1, ipLength(packet));
  follow(ns, conn, packet, 'input');
  touch(world, ns, conn);
  return transmit(world, ns, packet, conn, hook);
}

/** Whether a packet may go on with the connection it belongs to; null when it needs a new one. */
function stillGood(world: World, ns: NetNs, packet: Packet, conn: VsConn | undefined): VsConn | 'DROP' | null {
  if (!conn) return null;
  const nodest = vsNum(ns, 'expire_nodest_conn') !== 0;
  if (packet.tcp?.syn) {
    const mode = vsNum(ns, 'conn_reuse_mode');
    const again =
      (nodest && conn.dest.weight === 0) ||
      (mode !== 0 &&
        (conn.state === TCP_TIME_WAIT || ((mode & 2) !== 0 && conn.state === TCP_FIN_WAIT && conn.noOutput)));
    if (again) return restart(world, ns, packet, conn);
  }
  if (conn.dest.available) return conn;
  const why = () => `IPVS: the real server ${formatIp(conn.daddr)}:${conn.dport} is gone`;
  if (!nodest) {
    drop(world, ns, packet, 'NETFILTER_DROP', why);
    return 'DROP';
  }
  const next = restart(world, ns, packet, conn);
  if (next === 'DROP') drop(world, ns, packet, 'NETFILTER_DROP', why);
  return next;
}

/** The old connection ends; while connection tracking still has it the packet is dropped, and the next one is new. */
function restart(world: World, ns: NetNs, packet: Packet, conn: VsConn): 'DROP' | null {
  const old = usesOldConntrack(ns, packet, conn);
  if (!old) conn.nfct = false;
  end(world, ns, conn);
  return old ? 'DROP' : null;
}

/** The first packet of a flow: tcp_conn_schedule(), udp_conn_schedule(). */
function first(world: World, ns: NetNs, packet: Packet, flow: VsTuple, link: Link | null): VsConn | VsVerdict {
  const { tcp } = packet;
  if (tcp && (tcp.rst || !(tcp.syn || vsNum(ns, 'sloppy_tcp') !== 0))) return 'ACCEPT';
  const svc = serviceOf(ns, flow, packet.mark);
  if (!svc) return 'ACCEPT';
  // Answers of a real server on this host are no new requests.
  if ((!link || link.kind === 'loopback') && connIn(ipvsOf(ns), backward(flow))) return 'ACCEPT';
  const conn = newConnection(world, ns, svc, flow);
  if (conn) {
    if (!world.trace.off) {
      const text = `${formatIp(flow.dst)}:${flow.dport} ${svc.sched} -> ${formatIp(conn.daddr)}:${conn.dport}`;
      record(world, ns, packet, { kind: 'policy', by: 'ipvs', text, verdict: 'ACCEPT' });
    }
    return conn;
  }
  drop(
    world,
    ns,
    packet,
    'NETFILTER_DROP',
    () => `IPVS: ${formatIp(flow.dst)}:${flow.dport} has no real server that takes connections`,
  );
  sendIcmpError(world, ns, packet, svc.af === 6 ? 1 : 3, svc.af === 6 ? 4 : 3);
  return 'DROP';
}
