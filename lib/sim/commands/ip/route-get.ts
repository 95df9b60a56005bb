/** `ip route get`: iproute_get of ip/iproute.c; what the kernel would do with one packet. */
import { type Ip as Address, bitsOf, formatIp, isLoopback } from '../../addr/ip.ts';
import { findLink, linkName } from '../../linux/link/find.ts';
import { protocolNumber } from '../../linux/netfilter/services.ts';
import { type Flow, fibLookup } from '../../linux/route/fib.ts';
import { lookupRoute, type RouteResult } from '../../linux/route/lookup.ts';
import { lockBit } from '../../linux/route/metrics.ts';
import { selectAddress6 } from '../../linux/route/source.ts';
import { TABLE_LOCAL, TABLE_MAIN } from '../../linux/route/table.ts';
import { inputConf, orConf } from '../../linux/stack/conf.ts';
import { routeInput } from '../../linux/stack/route-input.ts';
import type { Packet } from '../../packet/packet.ts';
import { Args, addressColour, Exit, getUnsigned, invarg, matches, STRERROR } from '../../text/iproute.ts';
import { device, flush, type Ip, printerFor } from './context.ts';
import { dsfieldId, dsfieldName } from './dsfield.ts';
import { USAGE } from './help.ts';
import { getPrefix, protoName, tableName } from './parse.ts';
import { printExpires, printFlow, printMetrics, printRoute, printSource } from './route-print.ts';
import { printWay } from './route-way.ts';

/** 224.0.0.1: every device belongs to it. */
const ALL_HOSTS = 0xe0000001;

interface Asked extends Flow {
  fibmatch: boolean;
  from: Address | null;
  connected: boolean;
  notify: boolean;
}

/** The words of the request. The first address decides which family later ones have. */
function parse(ip: Ip, words: readonly string[]): Asked {
  let family: 0 | 4 | 6 = ip.opts.family === 4 || ip.opts.family === 6 ? ip.opts.family : 0;
  const args = new Args(words);
  let dst: Address | null = null;
  const asked: Omit<Asked, 'dst'> = { fibmatch: false, from: null, connected: false, notify: false };
  const number = (message: string, max = 4294967295): number => {
    const value = getUnsigned(args.next(), max);
    if (value === null) throw invarg(message, args.word);
    return value;
  };
  const address = (): Address => {
    const prefix = getPrefix(args.word, family);
    if (family === 0) family = typeof prefix.ip === 'bigint' ? 6 : 4;
    const bits = bitsOf(prefix.ip);
    if (prefix.len !== bits && !prefix.any)
      ip.err += `Warning: /${prefix.len} as prefix is invalid, only /${bits} (or none) is supported.\n`;
    return prefix.ip;
  };
  for (; args.more; args.skip()) {
    const word = args.word;
    if (word === 'tos' || matches(word, 'dsfield')) {
      const tos = dsfieldId(args.next());
      if (tos === null) throw invarg('TOS value is invalid\n', args.word);
      asked.tos = tos;
    } else if (matches(word, 'iif')) asked.iif = device(ip, args.next()).ifindex;
    else if (matches(word, 'mark')) asked.mark = number('invalid mark value');
    else if (matches(word, 'oif') || word === 'dev') asked.oif = device(ip, args.next()).ifindex;
    else if (matches(word, 'notify')) asked.notify = true;
    else if (matches(word, 'connected')) asked.connected = true;
    else if (word === 'vrf') {
      const vrf = findLink(ip.ns, args.next());
      if (vrf?.kind !== 'vrf') throw invarg('Invalid VRF\n', args.word);
      asked.oif = vrf.ifindex;
    } else if (matches(word, 'uid')) asked.uid = number('invalid UID\n');
    else if (matches(word, 'fibmatch')) asked.fibmatch = true;
    else if (word === 'ipproto') {
      const proto = protocolNumber(args.next()) ?? getUnsigned(args.word, 255);
      if (proto === null) throw invarg('Invalid "ipproto" value\n', args.word);
      asked.proto = proto;
    } else if (word === 'sport') asked.sport = number('invalid sport\n', 65535);
    else if (word === 'dport') asked.dport = number('invalid dport\n', 65535);
    else if (matches(word, 'from')) {
      if (matches(args.next(), 'help')) throw new Exit(255, USAGE.route);
      asked.from = address();
    } else {
      if (word === 'to') args.next();
      if (matches(args.word, 'help')) throw new Exit(255, USAGE.route);
      dst = address();
    }
  }
  if (dst === null) throw new Exit(1, 'need at least a destination address\n');
  return { ...asked, dst };
}

const failed = (errno: string): Exit => new Exit(2, `RTNETLINK answers: ${STRERROR[errno] ?? errno}\n`);

/** Whether rules were added: then the kernel no longer looks local and main up as one table. */
function customRules(ip: Ip): boolean {
  const { rules4 } = ip.ns;
  return (
    rules4.length !== 3 || rules4.some((r) => r.from || r.to || r.fwmark || r.iif || r.oif || r.action !== 'lookup')
  );
}

/** `ip route get …` */
export function getRoute(ip: Ip, words: readonly string[]): number {
  const asked = parse(ip, words);
  const { fibmatch, from, connected: _, notify: __, ...flow } = asked;
  if (from !== null) flow.src = from;
  const p = printerFor(ip);
  if (fibmatch && typeof flow.dst === 'bigint') {
    const found = fibLookup(ip.ns, flow);
    if (!found.ok) throw failed(found.errno);
    printRoute(ip, p, found.route, {});
    flush(ip, p);
    return 0;
  }
  const input = flow.iif !== undefined;
  const result = input ? received(ip, flow) : lookupRoute(ip.world, ip.ns, flow);
  if (!result.ok) throw failed(result.errno);
  if (fibmatch) {
    // inet_rtm_getroute: the same way is found, and told by the route it came from.
    if (!result.route) throw failed('EHOSTUNREACH');
    printRoute(ip, p, result.route, {});
    flush(ip, p);
    return 0;
  }
  const print = typeof asked.dst === 'bigint' ? print6 : print4;
  print(ip, p, asked, result);
  // With `connected` the answer's source and device are asked for once more.
  if (asked.connected) print(ip, p, asked, result);
  flush(ip, p);
  return 0;
}

/** What the stack would do with such a packet coming in by `iif`. */
function received(ip: Ip, flow: Flow): RouteResult {
  if (typeof flow.dst === 'bigint') return lookupRoute(ip.world, ip.ns, flow);
  const link = ip.ns.links.get(flow.iif ?? 0);
  if (!link) return { ok: false, errno: 'ENODEV' };
  if (!flow.src && flow.dst !== 0xffffffff) return { ok: false, errno: 'EINVAL' };
  // What the host sends itself has its route already; only here do such addresses come in by lo (IN_DEV_NET_ROUTE_LOCALNET).
  if ((isLoopback(flow.dst) || isLoopback(flow.src ?? 0)) && !inputConf(ip.ns, link).routeLocalnet)
    return { ok: false, errno: 'EINVAL' };
  const packet: Packet = {
    id: 0,
    data: '',
    mark: flow.mark ?? 0,
    iif: link.ifindex,
    ip: {
      src: flow.src ?? 0,
      dst: flow.dst,
      ttl: 64,
      proto: flow.proto ?? 0,
      tos: flow.tos ?? 0,
      id: 0,
      df: false,
      mf: false,
      offset: 0,
    },
  };
  const found = routeInput(ip.world, ip.ns, link, packet);
  // RTM_GETROUTE turns every refused source into EINVAL.
  if (!found.ok) return { ok: false, errno: found.errno === 'EXDEV' ? 'EINVAL' : found.errno };
  return found.route ?? { ok: false, errno: 'EINVAL' };
}

type Found = Extract<RouteResult, { ok: true }>;

/** IPSKB_DOREDIRECT: it would go out where it came in, from a neighbour (__mkroute_input). */
function redirects(ip: Ip, asked: Asked, r: Found): boolean {
  const link = ip.ns.links.get(asked.iif ?? 0);
  if (!link || r.type !== 'unicast' || r.dev !== asked.iif || typeof asked.from !== 'number') return false;
  if (!orConf(ip.ns, link, 'send_redirects')) return false;
  const back = fibLookup(ip.ns, { dst: asked.from });
  return back.ok && back.nexthop?.dev === link.ifindex && back.nexthop.gateway === null;
}

/** The flags of a cached route, as print_cache_flags names them. */
function cacheFlags(ip: Ip, asked: Asked, r: Found): string[] {
  const lo = findLink(ip.ns, 'lo');
  const flags: string[] = [];
  const own = r.type === 'local' || r.type === 'broadcast' || (r.type !== 'multicast' && r.dev === lo?.ifindex);
  if (own || (r.type === 'multicast' && asked.dst === ALL_HOSTS)) flags.push('local');
  if (redirects(ip, asked, r)) flags.push('redirect');
  if (r.type === 'multicast') flags.push('mc');
  if (r.type === 'broadcast') flags.push('brd');
  if (asked.notify) flags.push('notify');
  return flags;
}

function print4(ip: Ip, p: ReturnType<typeof printerFor>, asked: Asked, r: Found): void {
  const input = asked.iif !== undefined;
  p.open();
  if (r.type !== 'unicast' || ip.opts.details) p.any('type', r.type, `${r.type} `);
  p.any('dst', formatIp(asked.dst), `${formatIp(asked.dst)} `, addressColour(asked.dst));
  if (asked.from !== null)
    p.any('from', formatIp(asked.from), `from ${formatIp(asked.from)} `, addressColour(asked.from));
  if (r.route?.tos) p.any('tos', dsfieldName(r.route.tos), `tos ${dsfieldName(r.route.tos)} `);
  const lo = findLink(ip.ns, 'lo')?.ifindex ?? 0;
  printWay(ip, p, { gateway: r.gateway, dev: input && r.type === 'broadcast' ? lo : r.dev, six: false });
  const table = r.table === TABLE_LOCAL && !customRules(ip) ? TABLE_MAIN : r.table;
  // Where no route matched and a device was asked for, the goal is taken to be on its link: of no table.
  if (r.route && (table !== 254 || ip.opts.details)) p.any('table', tableName(table), `table ${tableName(table)} `);
  if (!input && asked.from === null) printSource(p, r.src);
  p.openArray('flags');
  // RTCF_MULTICAST is the same bit as RTM_F_OFFLOAD_FAILED, and iproute2 says so.
  if (r.type === 'multicast') p.any(null, 'rt_offload_failed', 'rt_offload_failed ');
  if (asked.notify) p.any(null, 'notify', 'notify ');
  p.close();
  if (asked.mark)
    p.any('mark', asked.mark, asked.mark >= 16 ? `mark 0x${asked.mark.toString(16)} ` : `mark ${asked.mark} `);
  printFlow(p, r.nexthop?.realms);
  if (!input) p.any('uid', asked.uid ?? 0, `uid ${asked.uid ?? 0} `);
  const flags = cacheFlags(ip, asked, r);
  p.openArray('cache');
  for (const f of flags) p.js(null, f);
  p.close();
  p.fp(`${p.nl}    cache ${flags.length > 0 ? `<${flags.join(',')}> ` : ''}`);
  printCached(ip, p, asked, r);
  if (input) {
    p.fp('iif ');
    p.any('iif', linkName(ip.ns, asked.iif as number), `${linkName(ip.ns, asked.iif as number)} `, 'ifname');
  }
  p.fp('\n');
  p.close();
}

/** What the cache knows: expiry and use, and the metrics with what was learned. */
function printCached(ip: Ip, p: ReturnType<typeof printerFor>, asked: Asked, r: Found): void {
  const learned = ip.ns.pmtu.get(asked.dst);
  const metrics = { ...r.route?.metrics };
  if (learned && learned.expires > ip.world.now) {
    const seconds = Math.floor((learned.expires - ip.world.now) / 1e6);
    p.any('expires', seconds, `expires ${seconds}sec `);
    metrics.mtu = Math.min(metrics.mtu ?? 65535, learned.mtu);
    if (learned.locked) metrics.lock = (metrics.lock ?? 0) | lockBit('mtu');
  }
  // Kept by its nexthop as well, but for local ones, groups' and those of no route.
  const users = r.type === 'local' || r.type === 'multicast' || !r.route ? 1 : 2;
  if (ip.opts.stats) p.any('users', users, `users ${users} `);
  printMetrics(p, { metrics, ...(r.route?.congctl === undefined ? {} : { congctl: r.route.congctl }) });
}

function print6(ip: Ip, p: ReturnType<typeof printerFor>, asked: Asked, r: Found): void {
  const { route } = r;
  const input = asked.iif !== undefined;
  const { details } = ip.opts;
  p.open();
  if (r.type !== 'unicast' || details) p.any('type', r.type, `${r.type} `);
  p.any('dst', formatIp(asked.dst), `${formatIp(asked.dst)} `, 'inet6');
  p.any('from', formatIp(asked.from ?? 0n), `from ${formatIp(asked.from ?? 0n)} `, 'inet6');
  printWay(ip, p, { gateway: r.gateway, dev: r.dev, six: true });
  if (r.table !== 254 || details) p.any('table', tableName(r.table), `table ${tableName(r.table)} `);
  if (route && (route.proto !== 3 || details))
    p.any('protocol', protoName(route.proto), `proto ${protoName(route.proto)} `);
  if (details) p.any('scope', 'global', 'scope global ');
  if (!input) printSource(p, asked.from === null ? r.src : sourceFor6(ip, asked, r));
  p.any('metric', route?.metric ?? 0, `metric ${route?.metric ?? 0} `);
  p.openArray('flags');
  p.close();
  if (route) printExpires(ip, p, route);
  if (ip.opts.stats) p.any('users', 2, 'users 2 ');
  const learned = ip.ns.pmtu.get(asked.dst);
  const known = learned && learned.expires > ip.world.now ? learned : null;
  if (known) {
    const seconds = Math.floor((known.expires - ip.world.now) / 1e6);
    p.any('expires', seconds, `expires ${seconds}sec `);
  }
  printMetrics(p, {
    metrics: known ? { ...route?.metrics, mtu: known.mtu } : (route?.metrics ?? {}),
    ...(route?.congctl === undefined ? {} : { congctl: route.congctl }),
  });
  if (input) {
    p.fp('iif ');
    p.any('iif', linkName(ip.ns, asked.iif as number), `${linkName(ip.ns, asked.iif as number)} `, 'ifname');
  }
  p.any('pref', route?.pref ?? 'medium', `pref ${route?.pref ?? 'medium'}`);
  p.fp('\n');
  p.close();
}

/** rt6_fill_node: the source the kernel itself would choose, whatever was asked for. */
const sourceFor6 = (ip: Ip, asked: Asked, r: Found): Address =>
  r.route?.src ?? (r.type === 'local' ? asked.dst : selectAddress6(ip.ns, ip.ns.links.get(r.dev), asked.dst as bigint));
