/** The words of `ip route add` and its siblings: iproute_modify of ip/iproute.c. */
import { findLink } from '../../linux/link/find.ts';
import type { NextHopSpec, RouteSpec } from '../../linux/route/ops.ts';
import { Args, duparg, duparg2, Exit, getUnsigned, invarg, matches, notModelledExit } from '../../text/iproute.ts';
import { device, type Ip } from './context.ts';
import { USAGE } from './help.ts';
import { findNexthop } from './nexthop.ts';
import { getAddr, getPrefix, type ParsedPrefix, protoId, routeType, scopeId, tableId } from './parse.ts';

type Family = 0 | 4 | 6;

const METRIC_WORDS = [
  'mtu',
  'hoplimit',
  'advmss',
  'reordering',
  'rtt',
  'rttvar',
  'window',
  'cwnd',
  'initcwnd',
  'initrwnd',
  'rto_min',
  'ssthresh',
  'quickack',
];
const UNMODELLED = [
  'as',
  'expires',
  'realms',
  'features',
  'congctl',
  'encap',
  'ttl-propagate',
  'fastopen_no_cookie',
  'vrf',
];

/** A number, or the end of the program in `"KEY" value is invalid`. */
export function numberWord(args: Args, key: string, max = 4294967295): number {
  const value = getUnsigned(args.next(), max);
  if (value === null) throw invarg(`"${key}" value is invalid\n`, args.word);
  return value;
}

/** `via [inet|inet6] ADDRESS`. */
function gateway(args: Args, family: Family): NonNullable<NextHopSpec['gateway']> {
  const word = args.next();
  if (word === 'inet') return getAddr(args.next(), 4);
  if (word === 'inet6') return getAddr(args.next(), 6);
  return getAddr(word, family);
}

const familyOf = (spec: ParsedPrefix | null, fallback: Family): Family =>
  spec && !spec.any ? (typeof spec.ip === 'bigint' ? 6 : 4) : fallback;

function parseNexthops(ip: Ip, args: Args, family: Family): NextHopSpec[] {
  const list: NextHopSpec[] = [];
  while (args.more) {
    if (args.word !== 'nexthop')
      throw new Exit(255, `Error: "nexthop" or end of line is expected instead of "${args.word}"\n`);
    args.skip();
    if (!args.more) throw new Exit(255, 'Error: unexpected end of line after "nexthop"\n');
    const nh: NextHopSpec = {};
    for (; args.more && args.word !== 'nexthop'; args.skip()) {
      if (args.word === 'via') nh.gateway = gateway(args, family);
      else if (args.word === 'dev') {
        const link = findLink(ip.ns, args.next());
        if (!link) throw new Exit(255, `Cannot find device "${args.word}"\n`);
        nh.dev = link.ifindex;
      } else if (args.word === 'weight') {
        const weight = getUnsigned(args.next(), 256);
        if (weight === null || weight === 0) throw invarg('"weight" is invalid\n', args.word);
        nh.weight = weight;
      } else if (args.word === 'onlink') nh.onlink = true;
      else throw new Exit(255, `Error: "nexthop" or end of line is expected instead of "${args.word}"\n`);
    }
    list.push(nh);
  }
  return list;
}

/** Reads a route request. For a delete, only what is written must agree. */
export function parseRoute(ip: Ip, words: readonly string[], deleting: boolean): RouteSpec {
  const asked: Family = ip.opts.family === 4 || ip.opts.family === 6 ? ip.opts.family : 0;
  const args = new Args(words);
  let dst: ParsedPrefix | null = null;
  let via: NextHopSpec['gateway'] = null;
  let devName: string | null = null;
  let onlink = false;
  let nexthops: NextHopSpec[] | null = null;
  let nhid: number | null = null;
  const spec: Partial<RouteSpec> = {};
  const metrics: Record<string, number> = {};
  for (; args.more; args.skip()) {
    const word = args.word;
    if (word === 'src') spec.src = getAddr(args.next(), familyOf(dst, asked));
    else if (word === 'via') {
      if (via !== null) throw duparg('via', args.next());
      via = gateway(args, familyOf(dst, asked));
    } else if (word === 'tos' || matches(word, 'dsfield')) spec.tos = numberWord(args, 'tos', 255);
    else if (matches(word, 'metric') || matches(word, 'priority') || word === 'preference')
      spec.metric = numberWord(args, 'metric');
    else if (word === 'scope') {
      const scope = scopeId(args.next());
      if (scope === null) throw invarg('"scope" value is invalid\n', args.word);
      spec.scope = scope;
    } else if (METRIC_WORDS.includes(word)) {
      if (args.words[args.at + 1] === 'lock') {
        args.next();
        metrics.lock = 1;
      }
      const key = word;
      const text = args.next();
      const value = getUnsigned(text.replace(/ms$/, ''));
      if (value === null) throw invarg(`"${key}" value is invalid\n`, text);
      metrics[key] = value;
    } else if (word === 'onlink') onlink = true;
    else if (word === 'nexthop') {
      nexthops = parseNexthops(ip, args, familyOf(dst, asked));
      break;
    } else if (word === 'nhid') {
      nhid = getUnsigned(args.next());
      if (nhid === null) throw invarg('"id" value is invalid\n', args.word);
    } else if (matches(word, 'protocol')) {
      const proto = protoId(args.next());
      if (proto === null) throw invarg('"protocol" value is invalid\n', args.word);
      spec.proto = proto;
    } else if (matches(word, 'table')) {
      const table = tableId(args.next());
      if (table === null) throw invarg('"table" value is invalid\n', args.word);
      spec.table = table;
    } else if (word === 'dev' || word === 'oif') devName = args.next();
    else if (matches(word, 'pref')) {
      const pref = args.next();
      if (!['low', 'medium', 'high'].includes(pref)) throw invarg('"pref" value is invalid\n', pref);
      spec.pref = pref;
    } else if (UNMODELLED.includes(word)) throw notModelledExit(`ip route ${word}`);
    else {
      let value = word === 'to' ? args.next() : word;
      const type = /^[0-9]/.test(value) ? null : routeType(value);
      if (type) {
        spec.type = type;
        value = args.next();
      }
      if (value !== 'default' && matches(value, 'help')) throw new Exit(255, USAGE.route);
      if (dst) throw duparg2('to', value);
      dst = getPrefix(value, asked);
    }
  }
  if (!dst) throw new Exit(255, USAGE.route);
  if (devName !== null) device(ip, devName);
  const isV6 = dst.any ? asked === 6 || typeof via === 'bigint' : typeof dst.ip === 'bigint';
  const target = dst.any ? { ip: isV6 ? 0n : 0, len: 0 } : { ip: dst.ip, len: dst.len };
  const full: RouteSpec = { ...spec, dst: target };
  if (Object.keys(metrics).length > 0) full.metrics = metrics;
  if (nexthops) full.nexthops = nexthops;
  else if (via !== null || devName !== null) {
    full.nexthops = [{ gateway: via, dev: devName === null ? 0 : device(ip, devName).ifindex, onlink }];
  }
  if (nhid !== null) {
    full.nexthops = [...findNexthop(ip, nhid)];
    full.metrics = { ...full.metrics, nhid };
    full.scope ??= 0;
  }
  if (deleting && full.scope === undefined) full.scope = 255;
  return full;
}
