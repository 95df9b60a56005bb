/** `ip tunnel`: ip/iptunnel.c, for IP-in-IP tunnels. */
import { formatIp } from '../../addr/ip.ts';
import { linksByIndex } from '../../linux/link/find.ts';
import { tunnelOf } from '../../linux/link/tunnel.ts';
import { Exit, matches, notModelledExit } from '../../text/iproute.ts';
import type { Ip } from './context.ts';
import { USAGE } from './help.ts';

function list(ip: Ip): number {
  for (const link of linksByIndex(ip.ns)) {
    const t = tunnelOf(link);
    if (!t) continue;
    const end = (a: number) => (a ? formatIp(a) : 'any');
    const dev = link.lower ? ` dev ${ip.ns.links.get(link.lower)?.name ?? link.lower}` : '';
    ip.out += `${link.name}: any/ip remote ${end(t.remote)} local ${end(t.local)}${dev} ttl ${t.ttl || 'inherit'}${t.pmtudisc ? '' : ' nopmtudisc'}\n`;
  }
  return 0;
}

/** `ip tunnel …` */
export function tunnel(ip: Ip, words: readonly string[]): number {
  const [verb] = words;
  if (verb === undefined) return list(ip);
  if (matches(verb, 'show') || matches(verb, 'lst') || matches(verb, 'list')) {
    if (words.length > 1) throw notModelledExit('ip tunnel show with a selector');
    return list(ip);
  }
  if (matches(verb, 'help')) throw new Exit(255, USAGE.tunnel);
  if (['add', 'change', 'delete', 'prl', '6rd'].some((w) => matches(verb, w)))
    throw notModelledExit(`ip tunnel ${verb}`);
  throw new Exit(255, `Command "${verb}" is unknown, try "ip tunnel help".\n`);
}
