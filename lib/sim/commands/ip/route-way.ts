/** `via` and `dev`, as routes and nexthops print them. */
import { type Ip as Address, formatIp } from '../../addr/ip.ts';
import { linkName } from '../../linux/link/find.ts';
import { addressColour, type Printer } from '../../text/iproute.ts';
import type { Ip } from './context.ts';

/** `via ADDRESS`, of the other family with its name. */
export function printGateway(p: Printer, gateway: Address, sameFamily: boolean): void {
  const text = formatIp(gateway);
  if (sameFamily) {
    p.fp('via ');
    p.any('gateway', text, `${text} `, addressColour(gateway));
    return;
  }
  const family = typeof gateway === 'bigint' ? 'inet6' : 'inet';
  p.js('via', { family, host: text });
  p.fp(`via ${family} `);
  p.fp(p.paint(`${text} `, addressColour(gateway)));
}

/** `dev NAME`. */
export function printDev(ip: Ip, p: Printer, dev: number): void {
  p.fp('dev ');
  p.any('dev', linkName(ip.ns, dev), `${linkName(ip.ns, dev)} `, 'ifname');
}

/** `via` and `dev` of a single way out. */
export function printWay(ip: Ip, p: Printer, way: { gateway: Address | null; dev: number; six: boolean }): void {
  if (way.gateway !== null) printGateway(p, way.gateway, (typeof way.gateway === 'bigint') === way.six);
  if (way.dev) printDev(ip, p, way.dev);
}
