/** Puts trace events together: the steps of each packet, and a request with its reply. */
import type { HeaderView, TraceEvent } from '#sim/index.ts';

export interface PacketTrace {
  id: number;
  events: TraceEvent[];
  /** Its header where it was born, and as it was last seen. */
  first: HeaderView;
  last: HeaderView;
  outcome: 'delivered' | 'dropped' | 'on its way';
}

export interface FlowTrace {
  request: PacketTrace;
  reply: PacketTrace | null;
}

function outcomeOf(events: readonly TraceEvent[]): PacketTrace['outcome'] {
  if (events.some((e) => e.kind === 'deliver')) return 'delivered';
  return events.some((e) => e.kind === 'drop') ? 'dropped' : 'on its way';
}

/** The inner header of an encapsulated packet is told apart from its carrier by protocol and ports at birth. */
const lastOwn = (events: readonly TraceEvent[], first: HeaderView): HeaderView => events.findLast((e) => e.header.proto === first.proto)?.header ?? first;

/** Packets by birth, with their steps in order. */
export function packetsOf(events: readonly TraceEvent[]): PacketTrace[] {
  const byId = new Map<number, TraceEvent[]>();
  for (const event of events) {
    const known = byId.get(event.pkt);
    if (known) known.push(event);
    else byId.set(event.pkt, [event]);
  }
  return [...byId].map(([id, steps]) => {
    const first = (steps[0] as TraceEvent).header;
    return { id, events: steps, first, last: lastOwn(steps, first), outcome: outcomeOf(steps) };
  });
}

/** What begins something: a ping, a datagram, a TCP SYN. */
export const isOpening = ({ first }: PacketTrace): boolean =>
  first.proto === 'TCP' ? first.info === 'SYN' : first.proto.startsWith('ICMP') ? (first.info ?? '').startsWith('echo request') : first.proto !== 'ARP';

const mirrors = (request: HeaderView, reply: HeaderView): boolean =>
  reply.proto === request.proto && reply.src === request.dst && reply.dst === request.src && reply.sport === request.dport && reply.dport === request.sport;

function answers(request: PacketTrace, reply: PacketTrace): boolean {
  if (!isOpening(request)) return false;
  const { last } = request;
  const { first } = reply;
  if (first.proto.startsWith('ICMP') && (first.info ?? '').startsWith('type ')) {
    return request.events.some((e) => e.kind === 'icmp-error') && (first.dst === last.src || first.dst === request.first.src);
  }
  if (!mirrors(last, first)) return false;
  if (first.proto === 'TCP') return first.info === 'SYN ACK' || (first.info ?? '').startsWith('RST');
  return !first.proto.startsWith('ICMP') || (first.info ?? '').replace('reply', 'request') === request.first.info;
}

/** Requests with their replies, in order; address resolution is left out. */
export function flowsOf(packets: readonly PacketTrace[]): FlowTrace[] {
  const flows: FlowTrace[] = [];
  for (const packet of packets) {
    if (packet.first.proto === 'ARP' || packet.first.proto === 'ETH') continue;
    const asked = flows.findLast((flow) => !flow.reply && answers(flow.request, packet));
    if (asked) asked.reply = packet;
    else flows.push({ request: packet, reply: null });
  }
  return flows;
}

/** The flow that a learner means by "the last packet": the last one that began something. */
export const lastFlow = (flows: readonly FlowTrace[]): FlowTrace | null => flows.findLast((flow) => isOpening(flow.request)) ?? flows.at(-1) ?? null;

/** `10.244.1.5:40000 → 10.96.0.10:53 UDP`. */
export function flowName({ first }: PacketTrace): string {
  const end = (ip: string, port?: number): string => (port === undefined ? ip : `${ip.includes(':') ? `[${ip}]` : ip}:${port}`);
  return `${end(first.src, first.sport)} → ${end(first.dst, first.dport)} ${first.proto}${first.info ? ` ${first.info}` : ''}`;
}
