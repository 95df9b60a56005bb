/**
 * Name resolution as glibc 2.36 does it for the sources of nsswitch.conf: /etc/hosts, then DNS with the search list, A and AAAA
 * asked together. Sources: nss/nss_files, resolv/res_query.c, resolv/res_send.c, resolv.conf(5).
 */
import { type Ip, parseIp } from '../../addr/ip.ts';
import type { Io, Proc } from '../../kernel/process.ts';
import type { DnsMessage } from '../../packet/packet.ts';
import { lookupRoute } from '../route/lookup.ts';
import { hostSources, type ResolvConf, readHosts, readResolvConf } from './config.ts';
import { askTcp, askUdp, newId, type Reply } from './query.ts';
import { absolute, makeQuery, validName } from './wire.ts';

/** EAI_NONAME, EAI_AGAIN, EAI_NODATA. */
export type ResolveError = 'NXDOMAIN' | 'TIMEOUT' | 'NODATA';
/** `aliases` are the names that led to `canonical`, without final dots. */
export type Resolved =
  | { ok: true; ips: Ip[]; canonical: string; aliases: string[] }
  | { ok: false; error: ResolveError };

/** What gai_strerror(3) says. */
export const GAI_TEXT: Record<ResolveError, string> = {
  NXDOMAIN: 'Name or service not known',
  TIMEOUT: 'Temporary failure in name resolution',
  NODATA: 'No address associated with hostname',
};

/** inet_aton(3): one to four parts, decimal, octal or hexadecimal. Null when the text is none. */
export function parseAton(text: string): number | null {
  const parts = text.split('.');
  if (parts.length > 4) return null;
  const numbers = parts.map((part) => {
    if (/^0[xX][0-9a-fA-F]+$/.test(part)) return Number.parseInt(part, 16);
    if (/^0[0-7]*$/.test(part)) return Number.parseInt(part, 8);
    return /^[1-9]\d*$/.test(part) ? Number(part) : Number.NaN;
  });
  const last = numbers.pop() as number;
  if (Number.isNaN(last) || numbers.some((n) => !(n <= 255)) || last >= 256 ** (4 - numbers.length)) return null;
  return numbers.reduce((sum, n, i) => sum + n * 256 ** (3 - i), last);
}

/**
 * Addresses of `name`, as getaddrinfo(3) gives them. `family` asks for one family only. `canonical` is the name the
 * addresses belong to, without a final dot. Takes the virtual time that the queries take, at most until `deadline` (virtual µs).
 */
export function* resolveHost(
  proc: Proc,
  name: string,
  family?: 4 | 6,
  deadline = Number.POSITIVE_INFINITY,
): Io<Resolved> {
  const literal = parseIp(name) ?? parseAton(name);
  if (literal !== null) {
    if (family && (typeof literal === 'bigint' ? 6 : 4) !== family) return { ok: false, error: 'NXDOMAIN' };
    return { ok: true, ips: [literal], canonical: name, aliases: [] };
  }
  const sources = hostSources(proc);
  const fromFile = sources.includes('files') ? lookupHosts(proc, name, family) : null;
  if (fromFile) return fromFile;
  if (!sources.includes('dns')) return { ok: false, error: 'NXDOMAIN' };
  if (!validName(name)) return { ok: false, error: 'NXDOMAIN' };
  const found = yield* searchDns(proc, name, family === 4 ? ['A'] : family === 6 ? ['AAAA'] : ['A', 'AAAA'], deadline);
  return found.ok ? { ...found, ips: orderAddresses(proc, found.ips) } : found;
}

function lookupHosts(proc: Proc, name: string, family?: 4 | 6): Resolved | null {
  const wanted = name.replace(/\.$/, '').toLowerCase();
  const entries = readHosts(proc).filter((entry) => entry.names.some((n) => n.toLowerCase() === wanted));
  const matching = entries.filter((entry) => !family || (typeof entry.ip === 'bigint' ? 6 : 4) === family);
  const first = matching[0];
  if (!first) return null;
  return {
    ok: true,
    ips: [...new Set(matching.map((entry) => entry.ip))],
    canonical: first.names[0] as string,
    aliases: first.names.slice(1),
  };
}

/** RFC 6724's first rules: reachable before unreachable, then IPv6 before IPv4. Otherwise the server's order. */
function orderAddresses(proc: Proc, ips: Ip[]): Ip[] {
  const rank = (ip: Ip): number =>
    (lookupRoute(proc.world, proc.netns, { dst: ip }).ok ? 0 : 2) + (typeof ip === 'bigint' ? 0 : 1);
  return ips
    .map((ip, i) => ({ ip, i, rank: rank(ip) }))
    .sort((a, b) => a.rank - b.rank || a.i - b.i)
    .map((x) => x.ip);
}

type Outcome = Resolved | { ok: false; error: 'SERVFAIL' | 'REFUSED' };

function* searchDns(proc: Proc, name: string, types: string[], deadline: number): Io<Resolved> {
  const conf = readResolvConf(proc);
  const dots = name.split('.').length - 1;
  const rooted = name.endsWith('.');
  let asIs: Outcome | null = null;
  let nodata = false;
  let servfail = false;
  if (dots >= conf.ndots || rooted) {
    asIs = yield* queryServers(proc, conf, absolute(name), types, deadline);
    if (asIs.ok || rooted) return settle(asIs);
    if (asIs.error === 'REFUSED') return { ok: false, error: 'TIMEOUT' };
  }
  for (const domain of conf.search) {
    const full = absolute(`${name}.${domain}`);
    if (!validName(full)) continue;
    const outcome: Outcome = yield* queryServers(proc, conf, full, types, deadline);
    if (outcome.ok) return outcome;
    if (outcome.error === 'REFUSED') return { ok: false, error: 'TIMEOUT' };
    if (outcome.error === 'NODATA') nodata = true;
    if (outcome.error === 'SERVFAIL') servfail = true;
    if (outcome.error === 'TIMEOUT') break;
  }
  if (asIs) return settle(asIs);
  const last = yield* queryServers(proc, conf, absolute(name), types, deadline);
  if (last.ok || last.error === 'TIMEOUT') return settle(last);
  if (nodata) return { ok: false, error: 'NODATA' };
  return servfail ? { ok: false, error: 'TIMEOUT' } : settle(last);
}

function settle(outcome: Outcome): Resolved {
  if (outcome.ok || (outcome.error !== 'SERVFAIL' && outcome.error !== 'REFUSED')) return outcome as Resolved;
  return { ok: false, error: 'TIMEOUT' };
}

/** One absolute name: every server in turn, as often as `attempts` says. */
function* queryServers(proc: Proc, conf: ResolvConf, name: string, types: string[], deadline: number): Io<Outcome> {
  const answers = new Map<string, DnsMessage>();
  let refused = true;
  let servfail = false;
  for (let attempt = 0; attempt < Math.max(1, conf.attempts); attempt++) {
    for (const [index, server] of conf.nameservers.entries()) {
      const seconds = Math.max(
        1,
        index === 0 ? conf.timeout : Math.floor((conf.timeout << index) / conf.nameservers.length),
      );
      if (proc.world.now >= deadline) return { ok: false, error: 'TIMEOUT' };
      const missing = types.filter((type) => !answers.has(type));
      const replies = yield* askServer(
        proc,
        conf,
        server,
        name,
        missing,
        Math.min(deadline, proc.world.now + seconds * 1_000_000),
      );
      replies.forEach((reply, i) => {
        if (reply.kind !== 'error') refused = false;
        if (reply.kind !== 'answer') return;
        if ([0, 3].includes(reply.message.rcode)) answers.set(missing[i] as string, reply.message);
        else servfail = true;
      });
      if (types.every((type) => answers.has(type)))
        return collect(
          name,
          types.map((type) => answers.get(type) as DnsMessage),
        );
    }
  }
  // One of two answers is enough when it holds addresses.
  if (answers.size > 0) {
    const partial = collect(name, [...answers.values()]);
    if (partial.ok) return partial;
  }
  return { ok: false, error: refused ? 'REFUSED' : servfail ? 'SERVFAIL' : 'TIMEOUT' };
}

function* askServer(
  proc: Proc,
  conf: ResolvConf,
  server: Ip,
  name: string,
  types: string[],
  deadline: number,
): Io<Reply[]> {
  const queries = types.map((type) => makeQuery(newId(proc), name, type));
  if (conf.useTcp) return yield* overTcp(proc, server, queries, deadline);
  const replies: Reply[] = [];
  if (conf.singleRequest)
    for (const query of queries) replies.push(...(yield* askUdp(proc, server, [query], deadline)));
  else replies.push(...(yield* askUdp(proc, server, queries, deadline)));
  const cut = replies.some((reply) => reply.kind === 'answer' && reply.message.tc);
  return cut ? yield* overTcp(proc, server, queries, deadline) : replies;
}

function* overTcp(proc: Proc, server: Ip, queries: DnsMessage[], deadline: number): Io<Reply[]> {
  const replies: Reply[] = [];
  for (const query of queries) replies.push(yield* askTcp(proc, server, query, deadline));
  return replies;
}

/** Follows CNAMEs inside the answers and gathers the addresses. */
function collect(name: string, messages: DnsMessage[]): Outcome {
  const ips: Ip[] = [];
  const aliases: string[] = [];
  let canonical = name;
  for (const message of messages) {
    let owner = name.toLowerCase();
    for (const record of message.answer) {
      if (record.name.toLowerCase() !== owner) continue;
      if (record.type === 'CNAME') {
        owner = record.data.toLowerCase();
        aliases.push(record.name.replace(/\.$/, ''));
      }
      const ip = record.type === 'A' || record.type === 'AAAA' ? parseIp(record.data) : null;
      if (ip === null) continue;
      ips.push(ip);
      canonical = record.name;
    }
  }
  if (ips.length > 0) return { ok: true, ips, canonical: canonical.replace(/\.$/, ''), aliases: [...new Set(aliases)] };
  return { ok: false, error: messages.every((m) => m.rcode === 3) ? 'NXDOMAIN' : 'NODATA' };
}

/** `1.0.0.10.in-addr.arpa.` or the nibbles under ip6.arpa. */
export function reverseName(ip: Ip): string {
  if (typeof ip === 'number') return `${ip & 255}.${(ip >>> 8) & 255}.${(ip >>> 16) & 255}.${ip >>> 24}.in-addr.arpa.`;
  return `${[...ip.toString(16).padStart(32, '0')].reverse().join('.')}.ip6.arpa.`;
}

/** The name of an address, as gethostbyaddr(3) finds it in the sources of nsswitch.conf (hosts file, PTR). Null when it has none. */
export function* resolveAddress(proc: Proc, ip: Ip): Io<string | null> {
  const sources = hostSources(proc);
  const entry = sources.includes('files') ? readHosts(proc).find((e) => e.ip === ip) : undefined;
  if (entry) return entry.names[0] as string;
  if (!sources.includes('dns')) return null;
  const conf = readResolvConf(proc);
  const name = reverseName(ip);
  for (let attempt = 0; attempt < Math.max(1, conf.attempts); attempt++) {
    for (const server of conf.nameservers) {
      const [reply] = yield* askServer(proc, conf, server, name, ['PTR'], proc.world.now + conf.timeout * 1_000_000);
      if (reply?.kind !== 'answer') continue;
      const found = reply.message.answer.find((record) => record.type === 'PTR');
      return found ? found.data.replace(/\.$/, '') : null;
    }
  }
  return null;
}
