/** One nexthop object as `ip nexthop` and `ip -d route` print it: print_nexthop of ip/ipnexthop.c. */
import type { NexthopObject } from '../../linux/route/nexthop-objects.ts';
import type { Json, Printer } from '../../text/iproute.ts';
import type { Ip } from './context.ts';
import { protoName, scopeName } from './parse.ts';
import { printWay } from './route-way.ts';

const SCOPE_LINK = 253;
const SCOPE_HOST = 254;

/** Its words, without an end. */
export function printNexthopWords(ip: Ip, p: Printer, nh: NexthopObject, details: boolean): void {
  const { numeric } = ip.opts;
  p.any('id', nh.id, `id ${nh.id} `);
  if (nh.group) {
    p.js(
      'group',
      nh.group.map(({ id, weight }): Json => (weight === 1 ? { id } : { id, weight })),
    );
    p.fp(`group ${nh.group.map((m) => (m.weight === 1 ? m.id : `${m.id},${m.weight}`)).join('/')} `);
  }
  printWay(ip, p, { gateway: nh.gateway, dev: nh.dev, six: typeof nh.gateway === 'bigint' });
  const scope = nh.group || nh.blackhole || nh.family === 6 ? 0 : nh.gateway === null ? SCOPE_HOST : SCOPE_LINK;
  if (scope !== 0 || details) p.any('scope', scopeName(scope, numeric), `scope ${scopeName(scope, numeric)} `);
  if (nh.blackhole) p.any('blackhole', null, 'blackhole ');
  if (nh.proto || details) p.any('protocol', protoName(nh.proto, numeric), `proto ${protoName(nh.proto, numeric)} `);
  p.openArray('flags');
  if (nh.onlink) p.any(null, 'onlink', 'onlink ');
  p.close();
}

/** A line of `ip nexthop`. */
export function printNexthop(ip: Ip, p: Printer, nh: NexthopObject, details: boolean): void {
  p.open();
  printNexthopWords(ip, p, nh, details);
  p.fp('\n');
  p.close();
}
