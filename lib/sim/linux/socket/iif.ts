/** inet_iif(): the device a socket believes a packet came in by. */
import type { Packet } from '../../packet/packet.ts';
import { lookupTable } from '../route/fib.ts';
import { TABLE_LOCAL } from '../route/table.ts';
import type { Link, NetNs } from '../types.ts';

/**
 * The index of the device a packet came in by. What this host sent to itself came over loopback, but counts for the
 * device that has the address it is for, so that a socket bound to that device gets it.
 */
export function inetIif(ns: NetNs, link: Link, packet: Packet): number {
  if (link.kind !== 'loopback' || !packet.ip) return link.ifindex;
  const found = lookupTable(ns, TABLE_LOCAL, { dst: packet.ip.dst });
  return found.ok && found.type === 'local' && found.nexthop ? found.nexthop.dev : link.ifindex;
}
