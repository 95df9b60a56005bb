/**
 * The way of a query through a server's plugins, in the order of plugin.cfg: cache, rewrite, template, hosts, kubernetes, loop, forward.
 * Sources: coredns/coredns plugin.cfg, plugin/{cache,rewrite,template,hosts,loop,loadbalance}.
 */
import { nextBelow } from '../../kernel/rng.ts';
import type { World } from '../../kernel/world.ts';
import { absolute } from '../../linux/resolve/wire.ts';
import type { DnsMessage, DnsRecord } from '../../packet/packet.ts';
import { kubernetesAnswer } from './answer.ts';
import { inZone, type RewriteRule, type Server, zoneOf } from './config.ts';

/** An answer that is kept, and until when, virtual µs. */
export interface Cached {
  message: DnsMessage;
  until: number;
}

export type Outcome =
  | { reply: DnsMessage; hit?: boolean }
  /** Upstreams are to be asked; `finish` makes of their answer, or of their silence, what the client gets. */
  | { ask: Server['forward'][number]; query: DnsMessage; finish: (answer: DnsMessage | null) => DnsMessage };

const SERVFAIL = 2;
const REFUSED = 5;
const NXDOMAIN = 3;
const SECOND = 1_000_000;
const MIN_TTL = 5;

const bare = (name: string): string => name.toLowerCase().replace(/\.$/, '');

const base = (query: DnsMessage, rcode: number, authoritative: boolean): DnsMessage => ({
  ...query,
  response: true,
  aa: authoritative,
  ra: false,
  ad: false,
  rcode,
  answer: [],
  authority: [],
  additional: [],
});

/** What is said when no upstream answers, or nobody here is asked for the name. */
export const failure = (query: DnsMessage, rcode: number = SERVFAIL): DnsMessage => base(query, rcode, false);

/** The server of a port for a name: the longest zone that fits. */
export function serverFor(servers: readonly Server[], port: number, name: string): Server | undefined {
  const zones = servers.filter((s) => s.port === port).flatMap((s) => s.zones.map((zone) => ({ s, zone })));
  return zones.filter(({ zone }) => inZone(bare(name), zone)).sort((a, b) => b.zone.length - a.zone.length)[0]?.s;
}

/** The name that a rule makes of another; null when it does not fit. */
export function rewritten({ kind, from, to }: RewriteRule, name: string): string | null {
  switch (kind) {
    case 'exact':
      return name === from ? to : null;
    case 'prefix':
      return name.startsWith(from) ? to + name.slice(from.length) : null;
    case 'suffix':
      return name.endsWith(from) ? name.slice(0, name.length - from.length) + to : null;
    case 'substring':
      return name.includes(from) ? name.replaceAll(from, to) : null;
    default: {
      const m = safeRegex(from)?.exec(name);
      return m ? to.replace(/\{(\d+)\}/g, (_, n) => m[Number(n)] ?? '') : null;
    }
  }
}

function safeRegex(text: string): RegExp | null {
  try {
    return new RegExp(text);
  } catch {
    return null;
  }
}

/** Shuffles A and AAAA records, CNAMEs first: round_robin. */
function balance(world: World, records: readonly DnsRecord[]): DnsRecord[] {
  const moving = records.filter((r) => r.type === 'A' || r.type === 'AAAA');
  for (let i = moving.length - 1; i > 0; i--) {
    const j = nextBelow(world.rng, i + 1);
    const one = moving[i] as DnsRecord;
    moving[i] = moving[j] as DnsRecord;
    moving[j] = one;
  }
  const names = records.filter((r) => r.type === 'CNAME');
  return [...names, ...records.filter((r) => !['A', 'AAAA', 'CNAME'].includes(r.type)), ...moving];
}

const ttlOf = (m: DnsMessage): number => {
  const all = [...m.answer, ...m.authority].map((r) => r.ttl);
  return all.length ? Math.min(...all) : MIN_TTL;
};

/** Keeps an answer as `cache` would, and answers it with the time that it is kept for as its TTL. */
function remember(world: World, server: Server, kept: Map<string, Cached>, key: string, m: DnsMessage): DnsMessage {
  const { cache } = server;
  const name = bare(m.question.name);
  if (!cache || zoneOf(name, cache.zones) === undefined || m.tc) return m;
  const denial = m.rcode === NXDOMAIN || (m.rcode === 0 && m.answer.length === 0);
  if (m.rcode !== 0 && !denial && m.rcode !== SERVFAIL) return m;
  if (zoneOf(name, denial ? cache.noDenial : cache.noSuccess) !== undefined) return m;
  const cap = denial ? cache.denial : cache.success;
  const ttl = m.rcode === SERVFAIL ? MIN_TTL : Math.max(Math.min(ttlOf(m), cap), Math.min(MIN_TTL, cap));
  const capped = withTtl(m, ttl);
  kept.set(key, { message: capped, until: world.now + ttl * SECOND });
  return capped;
}

const withTtl = (m: DnsMessage, ttl: number): DnsMessage => {
  const set = (r: DnsRecord): DnsRecord => ({ ...r, ttl });
  return { ...m, answer: m.answer.map(set), authority: m.authority.map(set), additional: m.additional.map(set) };
};

/** A kept answer with its time counted down. */
function recall(world: World, kept: Map<string, Cached>, key: string, query: DnsMessage): DnsMessage | null {
  const found = kept.get(key);
  if (!found) return null;
  if (found.until <= world.now) {
    kept.delete(key);
    return null;
  }
  const { message: m } = found;
  const own = { ...m, id: query.id, question: query.question, rd: query.rd };
  return withTtl(own, Math.floor((found.until - world.now) / SECOND));
}

/** Takes a query through the server's plugins. */
export function resolve(world: World, server: Server, kept: Map<string, Cached>, query: DnsMessage): Outcome {
  const { type } = query.question;
  const asked = bare(query.question.name);
  const key = `${server.zones.join()}|${asked}|${type}`;
  const last = (m: DnsMessage): DnsMessage => (server.loadbalance ? { ...m, answer: balance(world, m.answer) } : m);
  if (server.cache) {
    const old = recall(world, kept, key, query);
    if (old) return { reply: last(old), hit: true };
  }
  let name = asked;
  let back: ((r: DnsRecord) => DnsRecord) | null = null;
  for (const rule of server.rewrite) {
    const next = rewritten(rule, name);
    if (next === null) continue;
    const [from, to] = [absolute(next), absolute(name)];
    if (rule.answerAuto) back = (r) => (bare(r.name) === bare(from) ? { ...r, name: to } : r);
    name = next;
    if (rule.stop) break;
  }
  const inner: DnsMessage = name === asked ? query : { ...query, question: { name: absolute(name), type } };
  const finish = (m: DnsMessage): DnsMessage => {
    const own = { ...m, question: query.question, answer: back ? m.answer.map(back) : m.answer };
    return last(remember(world, server, kept, key, own));
  };
  const t = server.template.find(
    (one) => zoneOf(name, one.zones) !== undefined && (one.types.includes('ANY') || one.types.includes(type)),
  );
  if (t) return { reply: finish(base(inner, t.rcode, true)) };
  const fromHosts = hostsAnswer(server, inner, name, type);
  if (fromHosts) return { reply: finish(fromHosts) };
  const found = server.kubernetes ? kubernetesAnswer(world, server.kubernetes, name, type) : null;
  if (found) return { reply: finish({ ...base(inner, found.rcode, true), ...found }) };
  const forward = server.forward.find((f) => inZone(name, f.from) && zoneOf(name, f.except) === undefined);
  if (!forward) return { reply: finish(base(inner, server.kubernetes || server.hosts ? SERVFAIL : REFUSED, false)) };
  return { ask: forward, query: inner, finish: (m) => finish(m ?? failure(inner)) };
}

function hostsAnswer({ hosts }: Server, query: DnsMessage, name: string, type: string): DnsMessage | null {
  if (!hosts) return null;
  const entries = hosts.entries.filter((e) => e.names.includes(name));
  const six = (ip: string): boolean => ip.includes(':');
  const answer = entries
    .filter((e) => (type === 'A' && !six(e.ip)) || (type === 'AAAA' && six(e.ip)))
    .map((e): DnsRecord => ({ name: absolute(name), type, ttl: hosts.ttl, data: e.ip }));
  if (answer.length) return { ...base(query, 0, true), answer };
  if (entries.length) return base(query, 0, true);
  const on = hosts.fall !== null && (hosts.fall.length === 0 || zoneOf(name, hosts.fall) !== undefined);
  return on ? null : base(query, NXDOMAIN, true);
}
