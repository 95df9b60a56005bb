/** Connections of IPVS: made, found, followed, and ended by a timer. ip_vs_conn.c. */
import type { Ip } from '../../addr/ip.ts';
import { cancelTimer, onTimer, setTimer } from '../../kernel/timers.ts';
import type { World } from '../../kernel/world.ts';
import { IPPROTO, type Packet } from '../../packet/packet.ts';
import { findTuple, removeEntry } from '../conntrack/table.ts';
import type { NetNs } from '../types.ts';
import { TCP_ESTABLISHED, tcpActive, tcpNext, tcpSeconds } from './tcp.ts';
import { type Ipvs, ipvsOf, type VsConn, type VsDest } from './types.ts';

const SECOND = 1_000_000;
/** Seconds a template waits for the connections it controls. */
const WAIT = 60;
/** Most connections of one namespace: what a table of plain data should hold. */
const MAX_CONNS = 20_000;

/** Five words that name a flow. */
export interface VsTuple {
  proto: number;
  src: Ip;
  sport: number;
  dst: Ip;
  dport: number;
}

const text = (t: VsTuple): string => `${t.proto} ${t.src} ${t.sport} ${t.dst} ${t.dport}`;

export const templateKey = (t: VsTuple): string => `T ${text(t)}`;

/** The flow of a packet; null where IPVS has no protocol for it. */
export function flowTuple(packet: Packet): VsTuple | null {
  const { ip } = packet;
  const l4 = packet.tcp ?? packet.udp;
  if (!ip || !l4 || (ip.proto !== IPPROTO.tcp && ip.proto !== IPPROTO.udp)) return null;
  return { proto: ip.proto, src: ip.src, sport: l4.sport, dst: ip.dst, dport: l4.dport };
}

/** The same flow as its other end sends it. */
export const backward = (t: VsTuple): VsTuple => ({
  proto: t.proto,
  src: t.dst,
  sport: t.dport,
  dst: t.src,
  dport: t.sport,
});

/** The connection of a packet from the client. */
export const connIn = (vs: Ipvs, t: VsTuple): VsConn | undefined => vs.conns.get(text(t));

/** The connection of a packet from the real server. */
export const connOut = (vs: Ipvs, t: VsTuple): VsConn | undefined => vs.conns.get(vs.out.get(text(t)) ?? '');

const outKey = (c: VsConn): string =>
  text({ proto: c.proto, src: c.daddr, sport: c.dport, dst: c.caddr, dport: c.cport });

const loadOf = (d: VsDest): number => d.active + d.inactive;

type NewConn = Pick<VsConn, 'svc' | 'dest' | 'daddr' | 'dport' | 'nfct' | 'template' | 'onePacket'>;

/** A new connection, counted as inactive at its server. Null when there are too many. */
export function newConn(ns: NetNs, t: VsTuple, more: NewConn): VsConn | null {
  const vs = ipvsOf(ns);
  if (vs.conns.size >= MAX_CONNS) return null;
  const { dest } = more;
  const conn: VsConn = {
    ...more,
    key: more.template ? templateKey(t) : text(t),
    proto: t.proto,
    caddr: t.src,
    cport: t.sport,
    vaddr: t.dst,
    vport: t.dport,
    fwd: dest.fwd,
    state: 0,
    timeout: 3,
    expires: 0,
    inactive: !more.template,
    noOutput: dest.fwd !== 'masq',
    assured: false,
    control: '',
    controlled: 0,
  };
  if (more.template) dest.persist++;
  else dest.inactive++;
  if (!more.template && dest.upper !== 0 && loadOf(dest) >= dest.upper) dest.overload = true;
  vs.conns.set(conn.key, conn);
  if (!conn.template && conn.fwd === 'masq') vs.out.set(outKey(conn), conn.key);
  return conn;
}

/** A packet went through: the connection's time begins again. */
export function touch(world: World, ns: NetNs, conn: VsConn): void {
  if (conn.onePacket) {
    end(world, ns, conn);
    return;
  }
  conn.expires = world.now + conn.timeout * SECOND;
  arm(world, ns, conn.expires);
}

/** One timer a namespace: it rings at the first connection's end. */
function arm(world: World, ns: NetNs, at: number): void {
  const vs = ipvsOf(ns);
  if (vs.timer !== 0 && vs.timerAt <= at) return;
  if (vs.timer !== 0) cancelTimer(world, vs.timer);
  vs.timerAt = at;
  vs.timer = setTimer(world, at - world.now, 'ipvs', { ns: ns.id });
}

onTimer<{ ns: number }>('ipvs', (world, { ns: id }) => {
  const ns = world.netns.get(id);
  if (!ns) return;
  const vs = ipvsOf(ns);
  vs.timer = 0;
  let next = Number.POSITIVE_INFINITY;
  for (const conn of [...vs.conns.values()]) {
    if (conn.expires <= world.now && !end(world, ns, conn)) conn.expires = world.now + WAIT * SECOND;
    if (vs.conns.has(conn.key)) next = Math.min(next, conn.expires);
  }
  if (next !== Number.POSITIVE_INFINITY) arm(world, ns, next);
});

/** Ends a connection; false when it is a template that others still need. */
export function end(world: World, ns: NetNs, conn: VsConn): boolean {
  if (conn.controlled > 0) return false;
  const vs = ipvsOf(ns);
  vs.conns.delete(conn.key);
  if (vs.out.get(outKey(conn)) === conn.key) vs.out.delete(outKey(conn));
  const controller = vs.conns.get(conn.control);
  if (controller) controller.controlled--;
  const { dest } = conn;
  if (conn.template) dest.persist--;
  else if (conn.inactive) dest.inactive--;
  else dest.active--;
  if (dest.lower !== 0 ? loadOf(dest) < dest.lower : dest.upper === 0 || loadOf(dest) * 4 < dest.upper * 3)
    dest.overload = false;
  if (conn.nfct && !conn.template && !conn.onePacket) {
    const tuple = { src: conn.caddr, dst: conn.vaddr, proto: conn.proto, sport: conn.cport, dport: conn.vport };
    const tracked = findTuple(world, ns, tuple, 0);
    if (tracked) removeEntry(ns, tracked.entry);
  }
  return true;
}

/** A template whose server is gone is found no more, but lives until its connections have ended. */
export function dropTemplate(world: World, ns: NetNs, template: VsConn): void {
  if (end(world, ns, template)) return;
  const vs = ipvsOf(ns);
  vs.conns.delete(template.key);
  const old = template.key;
  Object.assign(template, { key: `${old} old ${world.now}`, cport: 0, vport: 0xffff, dport: 0xffff });
  vs.conns.set(template.key, template);
  for (const conn of vs.conns.values()) if (conn.control === old) conn.control = template.key;
}

/** What a packet does to its connection's state. */
export function follow(ns: NetNs, conn: VsConn, packet: Packet, direction: 'input' | 'output'): void {
  const vs = ipvsOf(ns);
  if (conn.proto === IPPROTO.udp) {
    conn.timeout = vs.timeouts[2];
    if (direction === 'output') assure(vs, conn);
    return;
  }
  if (!packet.tcp) return;
  let side: 'input' | 'output' | 'inputOnly' = direction;
  if (conn.noOutput) {
    if (direction === 'output') conn.noOutput = false;
    else side = 'inputOnly';
  }
  const next = tcpNext(conn.state, packet.tcp, side);
  if (next !== conn.state) {
    const { dest } = conn;
    if (!conn.inactive && !tcpActive(next)) {
      dest.active--;
      dest.inactive++;
      conn.inactive = true;
    } else if (conn.inactive && tcpActive(next)) {
      dest.active++;
      dest.inactive--;
      conn.inactive = false;
    }
    if (next === TCP_ESTABLISHED) assure(vs, conn);
  }
  conn.state = next;
  conn.timeout = tcpSeconds(next, vs.timeouts);
}

function assure(vs: Ipvs, conn: VsConn): void {
  const template = vs.conns.get(conn.control);
  if (template) template.assured = true;
}
