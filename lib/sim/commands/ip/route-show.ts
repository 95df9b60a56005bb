/** `ip route show` and `flush`: iproute_list_flush_or_save of ip/iproute.c. */
import { type Ip as Address, inPrefix, type Prefix } from '../../addr/ip.ts';
import { removeRoutes, tableOrder, tablesOf } from '../../linux/route/table.ts';
import type { Route, RouteType } from '../../linux/types.ts';
import { Args, duparg2, Exit, invarg, matches, notModelledExit } from '../../text/iproute.ts';
import { device, flush, type Ip, printerFor } from './context.ts';
import { USAGE } from './help.ts';
import { getAddr, getPrefix, type ParsedPrefix, protoId, routeType, scopeId, tableId } from './parse.ts';
import { numberWord } from './route-parse.ts';
import { type Hidden, printRoute } from './route-print.ts';

interface RouteFilter {
  family: 4 | 6;
  /** 0: all tables. */
  table: number;
  cache: boolean;
  root: Prefix | null;
  match: Prefix | null;
  proto?: number;
  scope?: number;
  type?: RouteType;
  dev?: number;
  via?: Address;
  src?: Address;
  metric?: number;
  tos?: number;
}

function parse(ip: Ip, words: readonly string[]): RouteFilter {
  const f: RouteFilter = { family: ip.opts.family === 6 ? 6 : 4, table: 254, cache: false, root: null, match: null };
  const asked = ip.opts.family === 4 || ip.opts.family === 6 ? ip.opts.family : 0;
  const args = new Args(words);
  const take = (): ParsedPrefix => {
    const prefix = getPrefix(args.word, asked);
    if (!prefix.any) f.family = typeof prefix.ip === 'bigint' ? 6 : 4;
    return prefix;
  };
  for (; args.more; args.skip()) {
    const word = args.word;
    if (matches(word, 'table')) {
      const id = args.next() === 'all' ? 0 : args.word === 'cache' ? -1 : tableId(args.word);
      if (id === null) throw invarg('table id value is invalid\n', args.word);
      if (id === -1) f.cache = true;
      else f.table = id;
    } else if (word === 'vrf') throw notModelledExit('ip vrf');
    else if (matches(word, 'cached') || matches(word, 'cloned')) f.cache = true;
    else if (word === 'tos' || matches(word, 'dsfield')) f.tos = numberWord(args, 'tos', 255);
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
    else if (word === 'iif' || word === 'mark' || matches(word, 'realms') || matches(word, 'from'))
      throw notModelledExit(`ip route show ${word}`);
    else if (matches(word, 'metric') || matches(word, 'priority') || word === 'preference')
      f.metric = numberWord(args, 'metric');
    else if (word === 'via') {
      f.via = getAddr(args.next(), asked);
      f.family = typeof f.via === 'bigint' ? 6 : 4;
    } else if (word === 'src') f.src = getAddr(args.next(), asked);
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
        if (f.root) throw duparg2('to', args.word);
        f.root = take();
        f.match = f.root;
      }
    }
  }
  return f;
}

function selected(route: Route, f: RouteFilter): boolean {
  if (f.proto !== undefined && route.proto !== f.proto) return false;
  if (f.scope !== undefined && route.scope !== f.scope) return false;
  if (f.type !== undefined && route.type !== f.type) return false;
  if (f.metric !== undefined && route.metric !== f.metric) return false;
  if (f.tos !== undefined && route.tos !== f.tos) return false;
  if (f.src !== undefined && route.src !== f.src) return false;
  if (f.dev !== undefined && (route.nexthops.length !== 1 || route.nexthops[0]?.dev !== f.dev)) return false;
  if (f.via !== undefined && (route.nexthops.length !== 1 || route.nexthops[0]?.gateway !== f.via)) return false;
  if (f.root && f.root.len > 0 && (f.root.len > route.dst.len || !inPrefix(route.dst.ip, f.root))) return false;
  return (
    !f.match || (f.match.len >= route.dst.len && inPrefix(f.match.len === 0 ? route.dst.ip : f.match.ip, route.dst))
  );
}

function tableExists(ip: Ip, f: RouteFilter): boolean {
  return f.table === 0 || f.table === 254 || f.table === 255 || tablesOf(ip.ns, f.family).has(f.table);
}

const noTable = (f: RouteFilter, what: string): Exit =>
  new Exit(2, `Error: ipv${f.family}: FIB table does not exist.\n${what} terminated\n`);

/** `ip route show`. */
export function showRoutes(ip: Ip, words: readonly string[]): number {
  const f = parse(ip, words);
  if (!tableExists(ip, f)) throw noTable(f, 'Dump');
  const p = printerFor(ip);
  const tables = tablesOf(ip.ns, f.family);
  const hidden: Hidden = {
    via: f.via !== undefined,
    dev: f.dev !== undefined,
    table: f.table !== 0,
    proto: f.proto !== undefined,
    scope: f.scope !== undefined,
    src: f.src !== undefined,
    metric: f.metric !== undefined,
    tos: f.tos !== undefined,
  };
  if (!f.cache) {
    for (const id of f.table === 0 ? tableOrder(ip.ns, f.family) : [f.table]) {
      for (const route of tables.get(id) ?? []) if (selected(route, f)) printRoute(ip, p, route, hidden);
    }
  }
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
  if (!tableExists(ip, f)) throw noTable(f, 'Flush');
  const count = removeRoutes(ip.ns, f.family, (r) => (f.table === 0 || r.table === f.table) && selected(r, f));
  if (ip.opts.stats)
    ip.out +=
      count === 0
        ? 'Nothing to flush.\n'
        : `\n*** Round 1, deleting ${count} entries ***\n*** Flush is complete after 1 round ***\n`;
  return 0;
}
