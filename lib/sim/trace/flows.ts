/** Trace events put together: the steps of each packet, a request with its reply, the packet that was dropped last. */
import type { HeaderView, TraceEvent } from '../kernel/trace.ts';

export interface PacketTrace {
  id: number;
  events: TraceEvent[];
  /** Its header where it was born. */
  first: HeaderView;
  /** Its own header (not its carrier's) as it was last seen. */
  last: HeaderView;
  outcome: 'delivered' | 'dropped' | 'on its way';
}

export interface FlowTrace {
  request: PacketTrace;
  reply: PacketTrace | null;
}

/** Reasons that end a packet without a loss: it was taken, or answered. */
const TAKEN = ['CONSUMED'];

const isLoss = (e: TraceEvent): boolean => e.kind === 'drop' && !TAKEN.includes(e.reason);

function outcomeOf(events: readonly TraceEvent[]): PacketTrace['outcome'] {
  if (events.some((e) => e.kind === 'deliver')) return 'delivered';
  return events.some(isLoss) ? 'dropped' : 'on its way';
}

const UNSPECIFIED = ['0.0.0.0', '::'];

/** Packets by birth, each with its steps in order. */
export function packetsOf(events: readonly TraceEvent[]): PacketTrace[] {
  const byId = new Map<number, TraceEvent[]>();
  for (const event of events) {
    const known = byId.get(event.pkt);
    if (known) known.push(event);
    else byId.set(event.pkt, [event]);
  }
  return [...byId].map(([id, steps]) => {
    // The kernel chooses the source after the send: a header that has it tells more.
    const { header } = steps[0] as TraceEvent;
    const first =
      steps.find((e) => e.header.proto === header.proto && !UNSPECIFIED.includes(e.header.src))?.header ?? header;
    const last = steps.findLast((e) => e.header.proto === first.proto)?.header ?? first;
    return { id, events: steps, first, last, outcome: outcomeOf(steps) };
  });
}

/** What begins something: a ping, a datagram, a TCP SYN. */
export function isOpening({ first }: PacketTrace): boolean {
  const info = first.info ?? '';
  if (first.proto === 'TCP') return info === 'SYN';
  if (first.proto.startsWith('ICMP')) return info.startsWith('echo request');
  return first.proto !== 'ARP' && first.proto !== 'ETH';
}

const mirrors = (request: HeaderView, reply: HeaderView): boolean =>
  reply.proto === request.proto &&
  reply.src === request.dst &&
  reply.dst === request.src &&
  reply.sport === request.dport &&
  reply.dport === request.sport;

function answers(request: PacketTrace, reply: PacketTrace): boolean {
  if (!isOpening(request)) return false;
  const { last } = request;
  const { first } = reply;
  const info = first.info ?? '';
  if (first.proto.startsWith('ICMP') && info.startsWith('type ')) {
    return (
      request.events.some((e) => e.kind === 'icmp-error') && (first.dst === last.src || first.dst === request.first.src)
    );
  }
  if (!mirrors(last, first)) return false;
  if (first.proto === 'TCP') return info === 'SYN ACK' || info.startsWith('RST');
  return !first.proto.startsWith('ICMP') || info.replace('reply', 'request') === request.first.info;
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

/** The flow someone means by "the last one": the last that began something. */
export const lastFlow = (flows: readonly FlowTrace[]): FlowTrace | null =>
  flows.findLast((flow) => isOpening(flow.request)) ?? flows.at(-1) ?? null;

/** Requests of ARP go to everyone and matter to one; hosts send and ignore neighbour discovery all the time. */
export const isBackground = ({ first }: PacketTrace): boolean =>
  first.proto === 'ARP' || (first.proto === 'ICMP6' && /^type (?:13[0-7]|143) /.test(first.info ?? ''));

/** The packet that waits for a neighbour's address, when that is the last that happened to the last packet. */
export function lastWaiting(packets: readonly PacketTrace[]): PacketTrace | null {
  const last = packets.findLast((packet) => !isBackground(packet) && isOpening(packet));
  const end = last?.events.at(-1);
  return last?.outcome === 'on its way' && end?.kind === 'neigh' && end.mac === '' ? last : null;
}

/** The packet that was lost last and the event that says so. Null when none was. */
export function lastDrop(
  packets: readonly PacketTrace[],
): { packet: PacketTrace; drop: TraceEvent & { kind: 'drop' } } | null {
  let found: { packet: PacketTrace; drop: TraceEvent & { kind: 'drop' } } | null = null;
  for (const packet of packets) {
    if (packet.outcome !== 'dropped' || isBackground(packet)) continue;
    const drop = packet.events.findLast(isLoss) as (TraceEvent & { kind: 'drop' }) | undefined;
    if (drop && (!found || drop.seq > found.drop.seq)) found = { packet, drop };
  }
  return found;
}

/** `10.244.1.5:40000 → 10.96.0.10:53 UDP`. */
export function flowName(first: HeaderView): string {
  const end = (ip: string, port?: number): string =>
    port === undefined ? ip : `${ip.includes(':') ? `[${ip}]` : ip}:${port}`;
  return `${end(first.src, first.sport)} → ${end(first.dst, first.dport)} ${first.proto}${first.info ? ` ${first.info}` : ''}`;
}
