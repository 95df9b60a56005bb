/** Realms of a packet's route: dst_entry.tclassid. Source: net/ipv4/route.c, fib_frontend.c, ip_fib.h. */
import type { Packet } from '../../packet/packet.ts';
import { flowOf } from '../stack/flow.ts';
import type { Link, NetNs } from '../types.ts';
import { type Flow, fibLookup } from './fib.ts';

/** set_class_tag: each half of the one where it says something, else of the other. */
const filled = (tag: number, more: number): number =>
  (tag | (tag & 0xffff ? 0 : more & 0xffff) | (tag >>> 16 ? 0 : more & 0xffff0000)) >>> 0;

interface Tags {
  type: string;
  route: number;
  rule: number;
}

function tagsOf(ns: NetNs, flow: Flow): Tags | null {
  const found = fibLookup(ns, flow);
  if (!found.ok) return null;
  const route = found.nexthop?.realms ?? found.route.realms ?? 0;
  return { type: found.type, route, rule: found.ruleRealms ?? 0 };
}

/** What the way back to the source says of where a packet came from: fib_combine_itag. */
function sourceTag(ns: NetNs, flow: Flow): number {
  const back = tagsOf(ns, { dst: flow.src ?? 0, src: flow.dst, ...(flow.tos ? { tos: flow.tos } : {}) });
  if (back?.type !== 'unicast') return 0;
  const own = (back.route << 16) >>> 0 || (back.rule << 16) >>> 0;
  return (own | (back.rule >>> 16)) >>> 0;
}

/**
 * The realms of the route that a packet takes, the source's in the upper half, 0 for none. `input` is the device it came
 * in by, null for packets made here. IPv6's routes have no realms.
 */
export function packetRealms(ns: NetNs, packet: Packet, input: Link | null): number {
  const { ip } = packet;
  if (!ip || typeof ip.dst !== 'number') return 0;
  // What went out by the loopback device comes in with the route it was sent by.
  const received = input !== null && input.kind !== 'loopback';
  const flow = flowOf(packet, received ? { iif: input.ifindex } : {});
  const tags = tagsOf(ns, flow);
  if (!tags) return 0;
  const itag = received ? sourceTag(ns, flow) : 0;
  return received && tags.type === 'local' ? itag : filled(filled(tags.route, tags.rule), itag);
}
