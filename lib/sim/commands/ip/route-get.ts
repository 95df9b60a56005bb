/** `ip route get`: iproute_get of ip/iproute.c; what the kernel would do with one packet. */
import { type Ip as Address, formatIp } from '../../addr/ip.ts';
import { findLink, linkName } from '../../linux/link/find.ts';
import { type Flow, fibLookup } from '../../linux/route/fib.ts';
import { lookupRoute, type RouteResult } from '../../linux/route/lookup.ts';
import { routeInput } from '../../linux/stack/route-input.ts';
import type { Packet } from '../../packet/packet.ts';
import { Args, Exit, getUnsigned, invarg, matches, notModelledExit, STRERROR } from '../../text/iproute.ts';
import { device, flush, type Ip, printerFor } from './context.ts';
import { USAGE } from './help.ts';
import { getPrefix, protoName, tableName } from './parse.ts';
import { printMetrics, printRoute } from './route-print.ts';

interface Asked extends Flow {
  fibmatch: boolean;
  from: Address | null;
}

const PROTOCOLS: Readonly<Record<string, number>> = { icmp: 1, tcp: 6, udp: 17, 'ipv6-icmp': 58 };

function parse(ip: Ip, words: readonly string[]): Asked {
  const family = ip.opts.family === 4 || ip.opts.family === 6 ? ip.opts.family : 0;
  const args = new Args(words);
  let dst: Address | null = null;
  const asked: Partial<Asked> = { fibmatch: false, from: null };
  const number = (key: string, max = 4294967295): number => {
    const value = getUnsigned(args.next(), max);
    if (value === null) throw invarg(`invalid "${key}"\n`, args.word);
    return value;
  };
  for (; args.more; args.skip()) {
    const word = args.word;
    if (word === 'tos' || matches(word, 'dsfield')) asked.tos = number('tos', 255);
    else if (matches(word, 'iif')) asked.iif = device(ip, args.next()).ifindex;
    else if (matches(word, 'mark')) asked.mark = number('mark');
    else if (matches(word, 'oif') || word === 'dev') asked.oif = device(ip, args.next()).ifindex;
    else if (matches(word, 'notify') || matches(word, 'connected')) continue;
    else if (word === 'vrf') throw notModelledExit('ip vrf');
    else if (matches(word, 'uid')) {
      if (number('uid') !== 0) throw notModelledExit('ip route get uid');
    } else if (matches(word, 'fibmatch')) asked.fibmatch = true;
    else if (word === 'ipproto') {
      const proto = PROTOCOLS[args.next()] ?? getUnsigned(args.word, 255);
      if (proto === null) throw invarg('invalid "ipproto" value\n', args.word);
      asked.proto = proto;
    } else if (word === 'sport') asked.sport = number('sport', 65535);
    else if (word === 'dport') asked.dport = number('dport', 65535);
    else if (matches(word, 'from')) {
      if (args.next() === 'help') throw new Exit(255, USAGE.route);
      asked.from = getPrefix(args.word, family).ip;
    } else {
      if (word === 'to') args.next();
      if (matches(args.word, 'help')) throw new Exit(255, USAGE.route);
      dst = getPrefix(args.word, family).ip;
    }
  }
  if (dst === null) throw new Exit(1, 'need at least a destination address\n');
  return { ...asked, dst, fibmatch: asked.fibmatch ?? false, from: asked.from ?? null };
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
  const { fibmatch, from, ...flow } = asked;
  if (from !== null) flow.src = from;
  const p = printerFor(ip);
  if (fibmatch) {
    const found = fibLookup(ip.ns, flow);
    if (!found.ok) throw failed(found.errno);
    printRoute(ip, p, found.route, {});
    flush(ip, p);
    return 0;
  }
  const input = flow.iif !== undefined;
  const result = input ? received(ip, flow) : lookupRoute(ip.world, ip.ns, flow);
  if (!result.ok) throw failed(result.errno);
  if (typeof asked.dst === 'bigint') print6(ip, p, asked, result);
  else print4(ip, p, asked, result);
  flush(ip, p);
  return 0;
}

/** What the stack would do with such a packet coming in by `iif`. */
function received(ip: Ip, flow: Flow): RouteResult {
  const link = ip.ns.links.get(flow.iif ?? 0);
  if (!link) return { ok: false, errno: 'ENODEV' };
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

function print4(ip: Ip, p: ReturnType<typeof printerFor>, asked: Asked, r: Found): void {
  const input = asked.iif !== undefined;
  const lo = findLink(ip.ns, 'lo');
  p.open();
  if (r.type !== 'unicast' || ip.opts.details) p.any('type', r.type, `${r.type} `);
  p.any('dst', formatIp(asked.dst), `${formatIp(asked.dst)} `);
  if (asked.from !== null) p.any('from', formatIp(asked.from), `from ${formatIp(asked.from)} `);
  if (r.gateway !== null) p.any('gateway', formatIp(r.gateway), `via ${formatIp(r.gateway)} `);
  p.any('dev', linkName(ip.ns, r.dev), `dev ${linkName(ip.ns, r.dev)} `);
  const table = r.type === 'local' || r.type === 'broadcast' ? (customRules(ip) ? r.table : 254) : r.table;
  if (table !== 254) p.any('table', tableName(table), `table ${tableName(table)} `);
  if (!input && asked.from === null) p.any('prefsrc', formatIp(r.src), `src ${formatIp(r.src)} `);
  p.openArray('flags');
  // RTCF_MULTICAST is the same bit as RTM_F_OFFLOAD_FAILED, and iproute2 says so.
  if (r.type === 'multicast') p.any(null, 'rt_offload_failed', 'rt_offload_failed ');
  p.close();
  if (asked.mark)
    p.any('mark', asked.mark, asked.mark >= 16 ? `mark 0x${asked.mark.toString(16)} ` : `mark ${asked.mark} `);
  if (!input) p.any('uid', 0, 'uid 0 ');
  const flags: string[] = [];
  if (r.type === 'local' || r.type === 'broadcast' || r.dev === lo?.ifindex) flags.push('local');
  if (r.type === 'multicast') flags.push('mc');
  if (r.type === 'broadcast') flags.push('brd');
  p.openArray('cache');
  for (const f of flags) p.js(null, f);
  p.close();
  p.fp(`${p.nl}    cache ${flags.length > 0 ? `<${flags.join(',')}> ` : ''}`);
  const learned = ip.ns.pmtu.get(asked.dst);
  const metrics = { ...r.route?.metrics };
  if (learned && learned.expires > ip.world.now) {
    const seconds = Math.floor((learned.expires - ip.world.now) / 1e6);
    p.any('expires', seconds, `expires ${seconds}sec `);
    metrics.mtu = Math.min(metrics.mtu ?? 65535, learned.mtu);
  }
  printMetrics(p, metrics);
  if (input) p.any('iif', linkName(ip.ns, asked.iif as number), `iif ${linkName(ip.ns, asked.iif as number)} `);
  p.fp('\n');
  p.close();
}

function print6(ip: Ip, p: ReturnType<typeof printerFor>, asked: Asked, r: Found): void {
  const route = r.route;
  p.open();
  if (r.type !== 'unicast' || ip.opts.details) p.any('type', r.type, `${r.type} `);
  p.any('dst', formatIp(asked.dst), `${formatIp(asked.dst)} `);
  p.any('from', formatIp(asked.from ?? 0n), `from ${formatIp(asked.from ?? 0n)} `);
  if (r.gateway !== null) p.any('gateway', formatIp(r.gateway), `via ${formatIp(r.gateway)} `);
  p.any('dev', linkName(ip.ns, r.nexthop?.dev ?? r.dev), `dev ${linkName(ip.ns, r.nexthop?.dev ?? r.dev)} `);
  if (r.table !== 254) p.any('table', tableName(r.table), `table ${tableName(r.table)} `);
  if (route && route.proto !== 3) p.any('protocol', protoName(route.proto), `proto ${protoName(route.proto)} `);
  p.any('prefsrc', formatIp(r.src), `src ${formatIp(r.src)} `);
  p.any('metric', route?.metric ?? 0, `metric ${route?.metric ?? 0} `);
  p.openArray('flags');
  p.close();
  if (route) printMetrics(p, route.metrics);
  p.any('pref', route?.pref ?? 'medium', `pref ${route?.pref ?? 'medium'}`);
  p.fp('\n');
  p.close();
}
