import { formatIp } from '../addr/ip.ts';
import type { NetNs } from '../linux/types.ts';
import type { Packet } from '../packet/packet.ts';
import { IPPROTO } from '../packet/packet.ts';
import type { HeaderView, TraceEvent, TraceStep } from './trace.ts';
import type { World } from './world.ts';

const protoName = (proto: number): string => {
  for (const [name, number] of Object.entries(IPPROTO)) if (number === proto) return name.toUpperCase();
  return String(proto);
};

const icmpInfo = (p: Packet): string => {
  const { icmp } = p;
  if (!icmp) return '';
  if (icmp.type === 8 || icmp.type === 128) return `echo request seq ${icmp.seq}`;
  if (icmp.type === 0 || icmp.type === 129) return `echo reply seq ${icmp.seq}`;
  return `type ${icmp.type} code ${icmp.code}`;
};

const tcpInfo = (p: Packet): string => {
  const t = p.tcp;
  if (!t) return '';
  return [t.syn && 'SYN', t.fin && 'FIN', t.rst && 'RST', t.psh && 'PSH', t.ackFlag && 'ACK'].filter(Boolean).join(' ');
};

/** The header fields of a packet as a trace shows them. */
export function headerView(p: Packet): HeaderView {
  if (p.arp) {
    const info = p.arp.op === 1 ? `who-has ${formatIp(p.arp.tpa)}` : `${formatIp(p.arp.spa)} is-at`;
    return { src: formatIp(p.arp.spa), dst: formatIp(p.arp.tpa), proto: 'ARP', info };
  }
  if (!p.ip) return { src: '', dst: '', proto: 'ETH' };
  const view: HeaderView = {
    src: formatIp(p.ip.src),
    dst: formatIp(p.ip.dst),
    proto: protoName(p.ip.proto),
    ttl: p.ip.ttl,
  };
  const ports = p.tcp ?? p.udp;
  if (ports) {
    view.sport = ports.sport;
    view.dport = ports.dport;
  }
  const info = icmpInfo(p) || tcpInfo(p);
  if (info) view.info = info;
  if (p.mark) view.mark = p.mark;
  return view;
}

/** Appends one step of a packet's way to the world's trace. Costs nothing while the trace is off. */
export function record(world: World, ns: NetNs, packet: Packet, step: TraceStep): void {
  const { trace } = world;
  if (trace.off) return;
  const event = {
    ...step,
    seq: trace.nextSeq++,
    at: world.now,
    pkt: packet.id,
    host: ns.host,
    ns: ns.label,
    header: headerView(packet),
  };
  trace.events.push(event as TraceEvent);
  // Trimming in slices keeps the cost of a full log constant per event.
  if (trace.events.length > trace.limit * 2) trace.events.splice(0, trace.events.length - trace.limit);
}
