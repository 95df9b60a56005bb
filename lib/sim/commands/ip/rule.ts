/** `ip rule`: ip/iprule.c. */
import { type Ip as Address, bitsOf, formatIp, network, type Prefix } from '../../addr/ip.ts';
import { addRule, deleteRule, emptyRule, rulesOf, setRules } from '../../linux/rule/ops.ts';
import type { Rule } from '../../linux/types.ts';
import { Args, Exit, getUnsigned, invarg, matches, notModelledExit, type Printer } from '../../text/iproute.ts';
import { answer, familyOr4, flush, type Ip, printerFor } from './context.ts';
import { USAGE } from './help.ts';
import { getPrefix, protoId, protoName, routeType, tableId, tableName } from './parse.ts';

/** The selector and action words that stood on the line. */
type Asked = Partial<Rule> & { family?: 4 | 6 };

const PROTOCOLS: Readonly<Record<string, number>> = { icmp: 1, tcp: 6, udp: 17, sctp: 132, 'ipv6-icmp': 58 };

const mark = (n: number): string => `0x${n.toString(16)}`;

function portRange(word: string, key: string): [number, number] {
  const m = /^(\d+)(?:-(\d+))?$/.exec(word);
  const low = Number(m?.[1]);
  const high = Number(m?.[2] ?? m?.[1]);
  if (!m || low > 65535 || high > 65535) throw invarg(`invalid ${key} range\n`, word);
  return [low, high];
}

function fwmarkOf(word: string): { value: number; mask: number } {
  const [value = '', mask] = word.split('/');
  const v = getUnsigned(value);
  const m = mask === undefined ? 0xffffffff : getUnsigned(mask);
  if (v === null) throw invarg('fwmark value is invalid\n', word);
  if (m === null) throw invarg('fwmask value is invalid\n', word);
  return { value: v, mask: m };
}

function parse(ip: Ip, words: readonly string[]): Asked {
  const family = ip.opts.family === 4 || ip.opts.family === 6 ? ip.opts.family : 0;
  const asked: Asked = {};
  const args = new Args(words);
  const prefix = (): Prefix | null => {
    const got = getPrefix(args.next(), family);
    if (!got.any) asked.family = typeof got.ip === 'bigint' ? 6 : 4;
    return got.len === 0 ? null : { ip: got.ip, len: got.len };
  };
  const number = (message: string, max = 4294967295): number => {
    const value = getUnsigned(args.next(), max);
    if (value === null) throw invarg(message, args.word);
    return value;
  };
  for (; args.more; args.skip()) {
    const word = args.word;
    if (word === 'not') asked.not = true;
    else if (word === 'from') asked.from = prefix();
    else if (word === 'to') asked.to = prefix();
    else if (matches(word, 'preference') || matches(word, 'order') || matches(word, 'priority'))
      asked.priority = number('preference value is invalid\n');
    else if (word === 'tos' || matches(word, 'dsfield')) asked.tos = number('TOS value is invalid\n', 255);
    else if (word === 'fwmark') asked.fwmark = fwmarkOf(args.next());
    else if (
      matches(word, 'realms') ||
      matches(word, 'map-to') ||
      word === 'nat' ||
      word === 'l3mdev' ||
      word === 'tun_id'
    ) {
      throw notModelledExit(`ip rule ${word}`);
    } else if (matches(word, 'protocol')) {
      const proto = protoId(args.next());
      if (proto === null) throw invarg('"protocol" value is invalid\n', args.word);
      asked.proto = proto;
    } else if (matches(word, 'table') || word === 'lookup') {
      const table = tableId(args.next());
      if (table === null) throw invarg('invalid table ID\n', args.word);
      asked.action = 'lookup';
      asked.table = table;
    } else if (matches(word, 'suppress_prefixlength') || word === 'sup_pl')
      asked.suppressPrefixLength = number('suppress_prefixlength value is invalid\n');
    else if (matches(word, 'suppress_ifgroup') || word === 'sup_group')
      throw notModelledExit('ip rule suppress_ifgroup');
    else if (word === 'dev' || word === 'iif') asked.iif = args.next();
    else if (word === 'oif') asked.oif = args.next();
    else if (word === 'uidrange') {
      const m = /^(\d+)-(\d+)$/.exec(args.next());
      if (!m) throw invarg('invalid UID range\n', args.word);
      asked.uidrange = [Number(m[1]), Number(m[2])];
    } else if (word === 'ipproto') {
      const proto = PROTOCOLS[args.next()] ?? getUnsigned(args.word, 255);
      if (proto === null) throw invarg('Invalid "ipproto" value\n', args.word);
      asked.ipproto = proto;
    } else if (word === 'sport') asked.sport = portRange(args.next(), 'port');
    else if (word === 'dport') asked.dport = portRange(args.next(), 'dport');
    else {
      const value = word === 'type' ? args.next() : word;
      if (matches(value, 'help')) throw new Exit(255, USAGE.rule);
      if (matches(value, 'goto')) {
        asked.action = 'goto';
        asked.target = number('invalid target\n');
      } else if (matches(value, 'nop')) asked.action = 'nop';
      else {
        const type = routeType(value);
        if (type !== 'blackhole' && type !== 'unreachable' && type !== 'prohibit')
          throw invarg('Failed to parse rule type', value);
        asked.action = type;
      }
      asked.table = 0;
    }
  }
  return asked;
}

/** Rules hold prefixes whose host bits the kernel cuts off. */
const cut = (p: Prefix | null | undefined): Prefix | null => (p ? { ip: network(p.ip, p.len), len: p.len } : null);

function add(ip: Ip, words: readonly string[]): number {
  const asked = parse(ip, words);
  const family = asked.family ?? familyOr4(ip);
  const { family: _, ...fields } = asked;
  const rule = {
    ...emptyRule(),
    ...fields,
    from: cut(fields.from),
    to: cut(fields.to),
    proto: fields.proto ?? 0,
    priority: fields.priority ?? null,
  };
  return answer(ip, addRule(ip.ns, family, rule));
}

function remove(ip: Ip, words: readonly string[]): number {
  const { family, ...want } = parse(ip, words);
  if (want.table === 0) delete want.table;
  if (want.from === null) delete want.from;
  if (want.to === null) delete want.to;
  if (want.from) want.from = cut(want.from) as Prefix;
  if (want.to) want.to = cut(want.to) as Prefix;
  return answer(ip, deleteRule(ip.ns, family ?? familyOr4(ip), want));
}

function printPrefix(p: Printer, key: 'src' | 'dst', word: string, ip: Address, len: number): void {
  p.any(key, formatIp(ip), `${word} ${formatIp(ip)}`);
  if (len !== bitsOf(ip)) p.any(`${key}len`, len, `/${len}`);
  p.fp(' ');
}

const isLinkName = (ip: Ip, name: string): boolean => [...ip.ns.links.values()].some((l) => l.name === name);

function printRule(ip: Ip, p: Printer, rule: Rule): void {
  const { numeric, details } = ip.opts;
  p.open();
  p.any('priority', rule.priority, `${rule.priority}:\t`);
  if (rule.not) p.any('not', null, 'not ');
  if (rule.from) printPrefix(p, 'src', 'from', rule.from.ip, rule.from.len);
  else p.any('src', 'all', 'from all ');
  if (rule.to) printPrefix(p, 'dst', 'to', rule.to.ip, rule.to.len);
  if (rule.tos) p.any('tos', mark(rule.tos), `tos ${mark(rule.tos)} `);
  if (rule.fwmark) {
    const whole = rule.fwmark.mask === 0xffffffff;
    p.any('fwmark', mark(rule.fwmark.value), `fwmark ${mark(rule.fwmark.value)}${whole ? ' ' : ''}`);
    if (!whole) p.any('fwmask', mark(rule.fwmark.mask), `/${mark(rule.fwmark.mask)} `);
  }
  for (const key of ['iif', 'oif'] as const) {
    const name = rule[key];
    if (!name) continue;
    p.any(key, name, `${key} ${name} `);
    if (!isLinkName(ip, name)) p.any(`${key}_detached`, null, '[detached] ');
  }
  if (rule.uidrange) {
    const [start, end] = rule.uidrange;
    p.js('uid_start', start);
    p.js('uid_end', end);
    p.fp(`uidrange ${start}-${end} `);
  }
  if (rule.ipproto) {
    const name = Object.entries(PROTOCOLS).find(([, n]) => n === rule.ipproto)?.[0] ?? String(rule.ipproto);
    p.any('ipproto', name, `ipproto ${name} `);
  }
  for (const key of ['sport', 'dport'] as const) {
    const range = rule[key];
    if (!range) continue;
    if (range[0] === range[1]) p.any(key, range[0], `${key} ${range[0]} `);
    else {
      p.js(`${key}_start`, range[0]);
      p.js(`${key}_end`, range[1]);
      p.fp(`${key} ${range[0]}-${range[1]} `);
    }
  }
  if (rule.action === 'lookup') {
    p.any('table', tableName(rule.table, numeric), `lookup ${tableName(rule.table, numeric)}`);
    if (rule.suppressPrefixLength >= 0)
      p.any('suppress_prefixlen', rule.suppressPrefixLength, ` suppress_prefixlength ${rule.suppressPrefixLength}`);
  } else if (rule.action === 'goto') {
    const resolved = rulesOf(ip.ns, familyOr4(ip)).some((r) => r.priority === rule.target);
    p.any('goto', rule.target, `goto ${rule.target}`);
    if (!resolved) p.any('unresolved', null, ' [unresolved]');
  } else if (rule.action === 'nop') p.any('nop', null, 'nop');
  else p.any('action', rule.action, rule.action);
  if (details) p.any('protocol', protoName(rule.proto, numeric), ` proto ${protoName(rule.proto, numeric)}`);
  p.fp('\n');
  p.close();
}

const samePrefix = (a: Prefix | null, b: Prefix | null | undefined): boolean =>
  (!a && !b) || (!!a && !!b && a.ip === b.ip && a.len === b.len);

function selected(rule: Rule, want: Asked): boolean {
  if (want.priority !== undefined && rule.priority !== want.priority) return false;
  if (want.from !== undefined && !samePrefix(rule.from, cut(want.from))) return false;
  if (want.to !== undefined && !samePrefix(rule.to, cut(want.to))) return false;
  if (
    want.fwmark &&
    (rule.fwmark?.value !== want.fwmark.value ||
      (want.fwmark.mask !== 0xffffffff && rule.fwmark?.mask !== want.fwmark.mask))
  )
    return false;
  if (want.iif !== undefined && rule.iif !== want.iif) return false;
  if (want.oif !== undefined && rule.oif !== want.oif) return false;
  if (want.table !== undefined && rule.table !== want.table) return false;
  if (want.proto !== undefined && rule.proto !== want.proto) return false;
  return want.not === undefined || rule.not === want.not;
}

function list(ip: Ip, words: readonly string[]): number {
  const want = parse(ip, words);
  const p = printerFor(ip);
  for (const rule of rulesOf(ip.ns, want.family ?? familyOr4(ip))) if (selected(rule, want)) printRule(ip, p, rule);
  flush(ip, p);
  return 0;
}

/** `ip rule flush`: everything but the rule at 0. */
function flushRules(ip: Ip, words: readonly string[]): number {
  const want = parse(ip, words);
  const rules = rulesOf(ip.ns, want.family ?? familyOr4(ip));
  const kept = rules.filter((r) => r.priority === 0 || !selected(r, want));
  setRules(ip.ns, want.family ?? familyOr4(ip), kept);
  return 0;
}

/** `ip rule …` */
export function rule(ip: Ip, words: readonly string[]): number {
  const [verb, ...rest] = words;
  if (verb === undefined) return list(ip, []);
  if (matches(verb, 'list') || matches(verb, 'lst') || matches(verb, 'show')) return list(ip, rest);
  if (matches(verb, 'save') || matches(verb, 'restore')) throw notModelledExit(`ip rule ${verb}`);
  if (matches(verb, 'add')) return add(ip, rest);
  if (matches(verb, 'delete')) {
    if (rest.length === 0) throw new Exit(1, '"ip rule del" requires arguments.\n');
    return remove(ip, rest);
  }
  if (matches(verb, 'flush')) return flushRules(ip, rest);
  if (matches(verb, 'help')) throw new Exit(255, USAGE.rule);
  throw new Exit(255, `Command "${verb}" is unknown, try "ip rule help".\n`);
}
