/** `ip route`: ip/iproute.c. */

import type { Program } from '../../kernel/process.ts';
import { addRoute, deleteRoute, type RouteMode } from '../../linux/route/ops.ts';
import { Exit, matches, notModelledExit } from '../../text/iproute.ts';
import { answer, type Ip } from './context.ts';
import { checkDump } from './dump.ts';
import { USAGE } from './help.ts';
import { getRoute } from './route-get.ts';
import { parseRoute } from './route-parse.ts';
import { flushRoutes, showRoutes } from './route-show.ts';

const modify = (ip: Ip, words: readonly string[], mode: RouteMode): number =>
  answer(ip, addRoute(ip.world, ip.ns, parseRoute(ip, words, false), mode));

/** `ip route …` */
export function route(ip: Ip, words: readonly string[]): number | Program {
  const [verb, ...rest] = words;
  if (verb === undefined) return showRoutes(ip, []);
  if (matches(verb, 'add')) return modify(ip, rest, 'add');
  if (matches(verb, 'change') || verb === 'chg') return modify(ip, rest, 'change');
  if (matches(verb, 'replace')) return modify(ip, rest, 'replace');
  if (matches(verb, 'prepend')) return modify(ip, rest, 'prepend');
  if (matches(verb, 'append')) return modify(ip, rest, 'append');
  if (matches(verb, 'test')) return modify(ip, rest, 'test');
  if (matches(verb, 'delete')) return answer(ip, deleteRoute(ip.world, ip.ns, parseRoute(ip, rest, true)));
  if (matches(verb, 'get')) return getRoute(ip, rest);
  if (matches(verb, 'list') || matches(verb, 'show') || matches(verb, 'lst')) return showRoutes(ip, rest);
  if (matches(verb, 'flush')) return flushRoutes(ip, rest);
  if (matches(verb, 'save')) throw notModelledExit('ip route save');
  if (matches(verb, 'restore') || matches(verb, 'showdump')) return checkDump(1);
  if (matches(verb, 'help')) throw new Exit(255, USAGE.route);
  throw new Exit(255, `Command "${verb}" is unknown, try "ip route help".\n`);
}
