/** IPVS's files under /proc/net. */
import { formatIp, type Ip } from '../../addr/ip.ts';
import type { World } from '../../kernel/world.ts';
import type { VNode } from '../../shell/vfs/types.ts';
import { readOnly } from '../proc/nodes.ts';
import type { NetNs } from '../types.ts';
import { shownRates, shownStats } from './stats.ts';
import { TCP_NAMES } from './tcp.ts';
import { ipvsOf, type VsConn } from './types.ts';

export const VS_TITLE = 'IP Virtual Server version 1.2.1 (size=4096)\n';

/** Ticks of the kernel's clock in a second. */
const HZ = 250;

/** How a server is reached, in words. */
export const FORWARDS = { masq: 'Masq', route: 'Route', tunnel: 'Tunnel' } as const;

const hex = (n: number, width: number): string => n.toString(16).toUpperCase().padStart(width, '0');
const protocol = (proto: number): string => ({ 0: 'IP', 6: 'TCP', 17: 'UDP', 132: 'SCTP' })[proto] ?? 'ERR!';
const address = (ip: Ip): string =>
  typeof ip === 'bigint'
    ? `[${ip
        .toString(16)
        .padStart(32, '0')
        .replace(/(.{4})(?=.)/g, '$1:')}]`
    : hex(ip, 8);

/** A connection's state in words. */
export function stateName(conn: VsConn): string {
  if (conn.template) return conn.assured ? 'ASSURED' : 'NONE';
  return conn.proto === 17 ? 'UDP' : (TCP_NAMES[conn.state] ?? 'ERR!');
}

/** Whole seconds a connection has left. */
export const secondsLeft = (world: World, conn: VsConn): number =>
  Math.max(0, Math.floor((conn.expires - world.now) / 1_000_000));

function servicesFile(ns: NetNs): string {
  let text = `${VS_TITLE}Prot LocalAddress:Port Scheduler Flags\n  -> RemoteAddress:Port Forward Weight ActiveConn InActConn\n`;
  for (const svc of ipvsOf(ns).services.values()) {
    const ops = svc.ops ? 'ops ' : '';
    text += svc.fwmark
      ? `FWM  ${hex(svc.fwmark, 8)} ${svc.sched} ${ops}`
      : `${protocol(svc.proto)}  ${address(svc.addr)}:${hex(svc.port, 4)} ${svc.sched} ${ops} `;
    text += svc.timeout ? `persistent ${svc.timeout * HZ} ${hex(svc.netmask, 8)}\n` : '\n';
    for (const d of svc.dests) {
      const gap = typeof d.addr === 'bigint' ? ' ' : '      ';
      text += `  -> ${address(d.addr)}:${hex(d.port, 4)}${gap}${FORWARDS[d.fwd].padEnd(7)} ${String(d.weight).padEnd(6)} ${String(d.active).padEnd(10)} ${String(d.inactive).padEnd(10)}\n`;
    }
  }
  return text;
}

function connectionsFile(world: World, ns: NetNs): string {
  let text = 'Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData\n';
  for (const c of ipvsOf(ns).conns.values()) {
    const ip = (a: Ip) => (typeof a === 'bigint' ? formatIp(a) : hex(a, 8));
    text += `${protocol(c.proto).padEnd(3)} ${ip(c.caddr)} ${hex(c.cport, 4)} ${ip(c.vaddr)} ${hex(c.vport, 4)} ${ip(c.daddr)} ${hex(c.dport, 4)} ${stateName(c).padEnd(11)} ${String(secondsLeft(world, c)).padStart(7)}\n`;
  }
  return text;
}

function statsFile(world: World, ns: NetNs): string {
  const { total } = ipvsOf(ns);
  const row = (values: readonly number[]) =>
    `${values
      .map((n, i) =>
        n
          .toString(16)
          .toUpperCase()
          .padStart(i > 2 ? 16 : 8),
      )
      .join(' ')}\n`;
  const head = (a: string) => `${a}\n`;
  return `${head('   Total Incoming Outgoing         Incoming         Outgoing')}${head('   Conns  Packets  Packets            Bytes            Bytes')}${row(shownStats(total, world.now))}\n${head(' Conns/s   Pkts/s   Pkts/s          Bytes/s          Bytes/s')}${row(shownRates(total, world.now))}`;
}

/** The files of a namespace. */
export const ipvsFiles = (world: World, ns: NetNs): [string, VNode][] => [
  ['ip_vs', readOnly(() => servicesFile(ns))],
  ['ip_vs_conn', readOnly(() => connectionsFile(world, ns))],
  ['ip_vs_stats', readOnly(() => statsFile(world, ns))],
];
