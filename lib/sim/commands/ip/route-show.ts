/** `ip route show` and `flush`: iproute_list_flush_or_save of ip/iproute.c. */
import { type Ip as Address, inPrefix, type Prefix } from '../../addr/ip.ts';
import { findLink } from '../../linux/link/find.ts';
import { removeRoutes, tableOrder, tablesOf } from '../../linux/route/table.ts';
import type { OtherLinkData, Route, RouteType } from '../../linux/types.ts';
import { Args, Exit, invarg, matches } from '../../text/iproute.ts';
import { device, flush, type Ip, printerFor } from './context.ts';
import { USAGE } from './help.ts';
import { getPrefix, type ParsedPrefix, protoId, realmsId, routeType, scopeId, tableId } from './parse.ts';
import { learned, printException } from './route-cache.ts';
import { numberWord, tosWord } from './route-parse.ts';
import { type Hidden, printRoute } from './route-print.ts';

interface RouteFilter {
  family: 4 | 6;
  /** No word of the filter says which. */
  anyFamily: boolean;
  /** 0: all tables. */
  table: number;
  cache: boolean;
  root: Prefix | null;
  match: Prefix | null;
  proto?: number;
  scope?: number;
  /** Asked for by the name of a routing domain: without local and broadcast routes. */
  vrf?: boolean;
  type?: RouteType;
  dev?: number;
  via?: Address;
  src?: Address;
  metric?: number;
  tos?: number;
  realms?: number;
  /** Asks for what no stored route has: an input device, a mark, a source prefix. */
  nothing?: boolean;
}

function parse(ip: Ip, words: readonly string[]): RouteFilter {
  const f: RouteFilter = {
    family: ip.opts.family === 6 ? 6 : 4,
    anyFamily: true,
    table: 254,
    cache: false,
    root: null,
    match: null,
  };
  const asked = ip.opts.family === 4 || ip.opts.family === 6 ? ip.opts.family : 0;
  const args = new Args(words);
  const take = (): ParsedPrefix => {
    const prefix = getPrefix(args.word, asked);
    if (!prefix.any) {
      f.family = typeof prefix.ip === 'bigint' ? 6 : 4;
      f.anyFamily = false;
    }
    return prefix;
  };
  for (; args.more; args.skip()) {
    const word = args.word;
    if (matches(word, 'table')) {
      const id = args.next() === 'all' ? 0 : args.word === 'cache' ? -1 : tableId(args.word);
      if (id === null) throw invarg('table id value is invalid\n', args.word);
      if (id === -1) f.cache = true;
      else f.table = id;
    } else if (word === 'vrf') {
      const vrf = findLink(ip.ns, args.next());
      if (vrf?.kind !== 'vrf') throw invarg('Invalid VRF\n', args.word);
      f.table = Number((vrf.data as OtherLinkData).table);
      f.vrf = true;
    } else if (matches(word, 'cached') || matches(word, 'cloned')) f.cache = true;
    else if (word === 'tos' || matches(word, 'dsfield')) f.tos = tosWord(args);
    else if (matches(word, 'protocol')) {
      const proto = args.next() === 'all' ? -1 : protoId(args.word);
      if (proto === null) throw invarg('invalid "protocol"\n', args.word);
      if (proto >= 0) f.proto = proto;
    } else if (matches(word, 'scope')) {
      const scope = args.next() === 'all' ? -1 : scopeId(args.word);
      if (scope === null) throw invarg('invalid "scope"\n', args.word);
      if (scope >= 0) f.scope = scope;
    } else if (matches(word, 'type')) {
      const type = routeType(args.next());
      if (!type) throw invarg('node type value is invalid\n', args.word);
      f.type = type;
    } else if (word === 'dev' || word === 'oif') f.dev = device(ip, args.next()).ifindex;
    else if (word === 'iif') {
      device(ip, args.next());
      f.nothing = true;
    } else if (word === 'mark') {
      if (numberWord(args, 'mark') !== 0) f.nothing = true;
    } else if (matches(word, 'realms')) {
      const realms = realmsId(args.next());
      if (realms === null) throw invarg('invalid realms\n', args.word);
      f.realms = realms;
    } else if (matches(word, 'from')) {
      const how = args.next();
      if (['root', 'match', 'exact'].some((w) => matches(how, w))) args.next();
      if (getPrefix(args.word, asked).len > 0) f.nothing = true;
    } else if (matches(word, 'metric') || matches(word, 'priority') || word === 'preference')
      f.metric = numberWord(args, 'metric');
    else if (word === 'via') {
      f.via = getPrefix(args.next(), asked).ip;
      f.family = typeof f.via === 'bigint' ? 6 : 4;
      f.anyFamily = false;
    } else if (word === 'src') f.src = getPrefix(args.next(), asked).ip;
    else {
      if (word === 'to') args.next();
      if (matches(args.word, 'root')) {
        args.next();
        f.root = take();
      } else if (matches(args.word, 'match')) {
        args.next();
        f.match = take();
      } else {
        if (matches(args.word, 'exact')) args.next();
        const type = /^[0-9]/.test(args.word) ? null : routeType(args.word);
        if (type) {
          f.type = type;
          continue;
        }
        if (args.word !== 'default' && matches(args.word, 'help')) throw new Exit(255, USAGE.route);
        f.root = take();
        f.match = f.root;
      }
    }
  }
  return f;
}

/** Whether a nexthop is as the filter says; IPv6's silent routes stand on lo. */
function goesBy(ip: Ip, route: Route, f: RouteFilter): boolean {
  if (f.dev === undefined && f.via === undefined) return true;
  if (f.dev !== undefined && route.nexthops.length === 0)
    return f.via === undefined && typeof route.dst.ip === 'bigint' && ip.ns.links.get(f.dev)?.kind === 'loopback';
  const [nh] = route.nexthops;
  if (!nh || route.nexthops.length !== 1) return false;
  return (f.dev === undefined || nh.dev === f.dev) && (f.via === undefined || nh.gateway === f.via);
}

function selected(ip: Ip, route: Route, f: RouteFilter): boolean {
  if (f.nothing) return false;
  if (f.realms !== undefined && (route.nexthops[0]?.realms ?? 0) !== f.realms) return false;
  if (f.proto !== undefined && route.proto !== f.proto) return false;
  if (f.scope !== undefined && route.scope !== f.scope) return false;
  if (f.type !== undefined && route.type !== f.type) return false;
  if (f.vrf && (route.type === 'local' || route.type === 'broadcast')) return false;
  if (f.metric !== undefined && route.metric !== f.metric) return false;
  if (f.tos !== undefined && route.tos !== f.tos) return false;
  if (f.src !== undefined && route.src !== f.src) return false;
  if (!goesBy(ip, route, f)) return false;
  if (f.root && f.root.len > 0 && (f.root.len > route.dst.len || !inPrefix(route.dst.ip, f.root))) return false;
  return (
    !f.match || (f.match.len >= route.dst.len && inPrefix(f.match.len === 0 ? route.dst.ip : f.match.ip, route.dst))
  );
}

/** IPv4's tables are made with their first route; a dump of main does without. */
function tableExists(ip: Ip, f: RouteFilter, flushing = false): boolean {
  const tables = tablesOf(ip.ns, f.family);
  if (f.table === 0 || tables.has(f.table)) return true;
  if (f.family === 6) return f.table === 254 || f.table === 255;
  return f.table === 254 && (!flushing || tables.has(255));
}

const noTable = (f: RouteFilter, what: string): Exit =>
  new Exit(2, `Error: ipv${f.family}: FIB table does not exist.\n${what} terminated\n`);

/** What every line would repeat is not printed. */
const hiddenBy = (f: RouteFilter): Hidden => ({
  via: f.via !== undefined,
  dev: f.dev !== undefined,
  table: f.table !== 0,
  proto: f.proto !== undefined,
  scope: f.scope !== undefined,
  src: f.src !== undefined,
  metric: f.metric !== undefined,
  tos: f.tos !== undefined,
});

/**
 * `ip route show`. Without a family the kernel dumps all of them: IPv6's after IPv4's where every table is asked for,
 * IPv4's alone otherwise, as iproute2 takes none for IPv4 then.
 */
export function showRoutes(ip: Ip, words: readonly string[]): number {
  const f = parse(ip, words);
  if (!tableExists(ip, f)) {
    // The JSON's array has been opened by then.
    if (ip.opts.json) ip.out += ip.opts.pretty ? '[ ' : '[';
    throw noTable(f, 'Dump');
  }
  const p = printerFor(ip);
  const hidden = hiddenBy(f);
  if (!f.cache && ip.opts.family !== 'link' && ip.opts.family !== 'other') {
    const both = f.table === 0 && f.anyFamily && ip.opts.family !== 4 && ip.opts.family !== 6;
    for (const family of both ? ([4, 6] as const) : [f.family]) {
      const tables = tablesOf(ip.ns, family);
      for (const id of f.table === 0 ? tableOrder(ip.ns, family) : [f.table])
        for (const route of tables.get(id) ?? []) if (selected(ip, route, f)) printRoute(ip, p, route, hidden);
    }
  }
  if (f.cache && f.family === 6)
    for (const { route } of learned(ip, 6)) if (selected(ip, route, f)) printRoute(ip, p, route, hidden);
  if (f.cache && f.family === 4)
    for (const { route, from } of learned(ip, 4))
      if (selected(ip, route, f)) printException(ip, p, route, from, hidden);
  flush(ip, p);
  return 0;
}

/** `ip route flush`: removes what the selector finds. */
export function flushRoutes(ip: Ip, words: readonly string[]): number {
  if (words.length === 0) throw new Exit(1, '"ip route flush" requires arguments.\n');
  if (words.length === 1 && matches(words[0] as string, 'cache')) {
    ip.ns.pmtu.clear();
    return 0;
  }
  const f = parse(ip, words);
  if (!tableExists(ip, f, true)) throw noTable(f, 'Flush');
  if (f.cache) {
    ip.ns.pmtu.clear();
    return 0;
  }
  const p = printerFor(ip);
  const hidden = hiddenBy(f);
  const count = removeRoutes(
    ip.ns,
    f.family,
    (r) => {
      const gone = (f.table === 0 || r.table === f.table) && selected(ip, r, f);
      if (gone && ip.opts.stats > 1) printRoute(ip, p, r, hidden);
      return gone;
    },
    true,
  );
  if (ip.opts.stats > 1) flush(ip, p);
  if (ip.opts.stats)
    ip.out +=
      count === 0
        ? 'Nothing to flush.\n'
        : `\n*** Round 1, deleting ${count} entries ***\n*** Flush is complete after 1 round ***\n`;
  return 0;
}
