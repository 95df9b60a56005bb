/** The words of `ip route add` and its siblings: iproute_modify of ip/iproute.c. */
import { getLink } from '../../linux/link/linkwatch.ts';
import { l3table } from '../../linux/link/vrf.ts';
import { lockBit, METRICS } from '../../linux/route/metrics.ts';
import type { NextHopSpec, RouteSpec } from '../../linux/route/ops.ts';
import { Args, duparg2, Exit, getUnsigned, invarg, matches, notModelledExit } from '../../text/iproute.ts';
import { device, type Ip } from './context.ts';
import { dsfieldId } from './dsfield.ts';
import { USAGE } from './help.ts';
import { findNexthop } from './nexthop.ts';
import { getAddr, getPrefix, type ParsedPrefix, protoId, realmsId, routeType, scopeId, tableId } from './parse.ts';

type Family = 0 | 4 | 6;

/** Metrics that take `lock` before the value. */
const LOCKABLE = new Set(['mtu', 'advmss', 'reordering', 'rtt', 'rttvar', 'cwnd', 'ssthresh', 'congctl']);
const METRIC_WORDS: readonly string[] = METRICS;
const ENCAPS = ['mpls', 'ip', 'ip6', 'ila', 'bpf', 'seg6', 'seg6local', 'rpl', 'ioam6', 'xfrm'];

/** What a request's metric words gave. */
interface MetricWords {
  metrics: Record<string, number>;
  congctl?: string;
}

/** get_time_rtt: milliseconds, and whether no unit was given. */
function time(text: string): { ms: number; raw: boolean } | null {
  const m = /^(\d+(?:\.\d*)?|\.\d+)(s|secs?|ms|msecs?)?$/.exec(text);
  if (!m) return null;
  const value = Number(m[1]);
  return { ms: Math.ceil(m[2]?.startsWith('s') ? value * 1000 : value), raw: m[2] === undefined };
}

/** Units the kernel counts a time in, by millisecond. */
const PER_MS: Readonly<Record<string, number>> = { rtt: 8, rttvar: 4, rto_min: 1 };

/** One metric and its value: the words of iproute_modify. */
function metricWord(args: Args, into: MetricWords): void {
  const key = args.word;
  let text = args.next();
  const bad = () => invarg(`"${key}" value is invalid\n`, text);
  let lock = key === 'rto_min';
  if (text === 'lock' && LOCKABLE.has(key)) {
    lock = true;
    text = args.next();
  }
  if (lock) into.metrics.lock = (into.metrics.lock ?? 0) | lockBit(key);
  if (key === 'congctl') {
    into.congctl = text;
  } else if (key === 'features') {
    if (text !== 'ecn') throw invarg('"features" value not valid\n', text);
    into.metrics.features = 1;
  } else if (PER_MS[key] !== undefined) {
    const value = time(text);
    if (!value) throw bad();
    into.metrics[key] = value.raw ? Math.floor(value.ms / (PER_MS[key] as number)) : value.ms;
  } else {
    const value = getUnsigned(text, key === 'hoplimit' ? 255 : undefined);
    if (value === null) throw bad();
    if ((key === 'quickack' || key === 'fastopen_no_cookie') && value > 1)
      throw invarg(`"${key}" value should be 0 or 1\n`, text);
    into.metrics[key] = value;
  }
}

/** A number, or the end of the program in `"KEY" value is invalid`. */
export function numberWord(args: Args, key: string, max = 4294967295): number {
  const value = getUnsigned(args.next(), max);
  if (value === null) throw invarg(`"${key}" value is invalid\n`, args.word);
  return value;
}

export function tosWord(args: Args): number {
  const tos = dsfieldId(args.next());
  if (tos === null) throw invarg('"tos" value is invalid\n', args.word);
  return tos;
}

/** `via [inet|inet6] ADDRESS`. */
function gateway(args: Args, family: Family): NonNullable<NextHopSpec['gateway']> {
  const word = args.next();
  if (word === 'inet') return getAddr(args.next(), 4);
  if (word === 'inet6') return getAddr(args.next(), 6);
  return getAddr(word, family);
}

function realmsWord(args: Args): number {
  const realms = realmsId(args.next());
  if (realms === null) throw invarg('"realm" value is invalid\n', args.word);
  return realms;
}

/** lwt_parse_encap: the types are known, and not modelled. */
function encapWord(args: Args): Exit {
  const type = args.next();
  if (!ENCAPS.includes(type)) return invarg('"encap type" value is invalid\n', type);
  if (args.at + 2 >= args.words.length) return new Exit(255, 'Error: unexpected end of line after "encap"\n');
  return notModelledExit(`ip route encap ${type}`);
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
        const link = getLink(ip.world, ip.ns, args.next());
        if (!link) throw new Exit(255, `Cannot find device "${args.word}"\nError: cannot parse nexthop\n`);
        nh.dev = link.ifindex;
      } else if (args.word === 'weight') {
        const weight = getUnsigned(args.next(), 256);
        if (weight === null || weight === 0) throw invarg('"weight" is invalid\n', args.word);
        nh.weight = weight;
      } else if (args.word === 'onlink') nh.onlink = true;
      else if (matches(args.word, 'realms')) nh.realms = realmsWord(args);
      else if (matches(args.word, 'encap')) throw encapWord(args);
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
  let from = false;
  const spec: Partial<RouteSpec> = {};
  const words_: MetricWords = { metrics: {} };
  for (; args.more; args.skip()) {
    const word = args.word;
    if (word === 'src') spec.src = getAddr(args.next(), familyOf(dst, asked));
    else if (word === 'via') {
      if (via !== null) throw invarg('use nexthop syntax to specify multiple via\n', word);
      via = gateway(args, familyOf(dst, asked));
    } else if (matches(word, 'from')) {
      from = getPrefix(args.next(), asked).len > 0;
    } else if (word === 'as') {
      if (args.next() === 'to') args.next();
      // Another address to translate to: kept for MPLS alone.
      getAddr(args.word, familyOf(dst, asked));
    } else if (word === 'tos' || matches(word, 'dsfield')) spec.tos = tosWord(args);
    else if (word === 'expires') spec.expires = numberWord(args, 'expires');
    else if (matches(word, 'metric') || matches(word, 'priority') || word === 'preference')
      spec.metric = numberWord(args, 'metric');
    else if (word === 'scope') {
      const scope = scopeId(args.next());
      if (scope === null) throw invarg('invalid "scope" value\n', args.word);
      spec.scope = scope;
    } else if (METRIC_WORDS.includes(word)) metricWord(args, words_);
    else if (matches(word, 'realms')) spec.realms = realmsWord(args);
    else if (word === 'onlink') onlink = true;
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
    } else if (word === 'ttl-propagate') {
      const on = args.next();
      if (on !== 'enabled' && on !== 'disabled') throw invarg('"ttl-propagate" value is invalid\n', on);
    } else if (matches(word, 'encap')) throw encapWord(args);
    else if (matches(word, 'vrf')) {
      const vrf = getLink(ip.world, ip.ns, args.next());
      if (vrf?.kind !== 'vrf') throw invarg('Invalid VRF\n', args.word);
      spec.table = l3table(ip.ns, vrf);
    } else {
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
  if (from) throw notModelledExit('ip route from');
  if (devName !== null) device(ip, devName);
  const isV6 = dst.any ? asked === 6 || typeof via === 'bigint' : typeof dst.ip === 'bigint';
  const target = dst.any ? { ip: isV6 ? 0n : 0, len: 0 } : { ip: dst.ip, len: dst.len };
  const full: RouteSpec = { ...spec, dst: target };
  const { metrics, congctl } = words_;
  if (Object.keys(metrics).length > 0) full.metrics = metrics;
  if (congctl !== undefined) full.congctl = congctl;
  if (via !== null && nexthops && nexthops[0]?.gateway !== via && !deleting)
    throw new Exit(2, 'Error: Nexthop gateway does not match RTA_GATEWAY or RTA_VIA.\n');
  if (nhid !== null && (via !== null || devName !== null))
    throw new Exit(2, 'Error: Nexthop specification and nexthop id are mutually exclusive.\n');
  if (nexthops) full.nexthops = nexthops;
  else if (via !== null || devName !== null) {
    full.nexthops = [{ gateway: via, dev: devName === null ? 0 : device(ip, devName).ifindex, onlink }];
  }
  if (nhid !== null) {
    const ways = findNexthop(ip, nhid);
    if (ways) full.nexthops = ways;
    else full.type = 'blackhole';
    full.metrics = { ...full.metrics, nhid };
    full.scope ??= 0;
  }
  if (deleting && full.scope === undefined) full.scope = 255;
  return full;
}
