/** `ip rule`: ip/iprule.c. */
import { type Ip as Address, bitsOf, formatIp, inPrefix, type Prefix } from '../../addr/ip.ts';
import type { Program } from '../../kernel/process.ts';
import { protocolName } from '../../linux/netfilter/services.ts';
import { notifyRule } from '../../linux/notify.ts';
import { addRule, deleteRule, emptyRule, rulesOf, setRules } from '../../linux/rule/ops.ts';
import type { NlError, Rule } from '../../linux/types.ts';
import { addressColour, Exit, matches, notModelledExit, type Printer } from '../../text/iproute.ts';
import { answer, familyOr4, flush, type Ip, printerFor } from './context.ts';
import { dsfieldName } from './dsfield.ts';
import { checkDump } from './dump.ts';
import { USAGE } from './help.ts';
import { groupName, protoName, realmsName, tableName, typeName } from './parse.ts';
import { type Asked, parseRule, parseRuleSelector } from './rule-parse.ts';

/** %#x. */
const mark = (n: number): string => (n === 0 ? '0' : `0x${n.toString(16)}`);

/** The family of the request: an address of the other one is refused by the kernel. */
function wrongFamily(asked: Asked, family: 4 | 6): NlError | null {
  const wrong = (p: Prefix | null | undefined) => !!p && bitsOf(p.ip) !== (family === 4 ? 32 : 128);
  if (wrong(asked.from)) return { errno: 'EINVAL', extack: 'Invalid source address' };
  return wrong(asked.to) ? { errno: 'EINVAL', extack: 'Invalid dst address' } : null;
}

function add(ip: Ip, words: readonly string[]): number {
  if (words.length === 0) throw new Exit(1, '"ip rule add" requires arguments.\n');
  const asked = parseRule(ip, words);
  const family = familyOr4(ip);
  if (asked.l3mdev && asked.tableGiven) throw new Exit(22, 'table can not be specified for l3mdev rules\n');
  const wrong = wrongFamily(asked, family);
  if (wrong) return answer(ip, wrong);
  const { family: _, tableGiven: __, ...fields } = asked;
  const rule = { ...emptyRule(), ...fields, proto: fields.proto ?? 0, priority: fields.priority ?? null };
  if (rule.l3mdev) rule.table = 0;
  return answer(ip, addRule(ip.ns, family, rule));
}

function remove(ip: Ip, words: readonly string[]): number {
  const { family: _, tableGiven: __, ...want } = parseRule(ip, words);
  if (want.table === 0) delete want.table;
  if (want.from === null) delete want.from;
  if (want.to === null) delete want.to;
  return answer(ip, deleteRule(ip.ns, familyOr4(ip), want));
}

function printPrefix(p: Printer, key: 'src' | 'dst', word: string, ip: Address, len: number): void {
  p.fp(`${word} `);
  p.any(key, formatIp(ip), formatIp(ip), addressColour(ip));
  if (len !== bitsOf(ip)) p.any(`${key}len`, len, `/${len}`);
  p.fp(' ');
}

const isLinkName = (ip: Ip, name: string): boolean => [...ip.ns.links.values()].some((l) => l.name === name);

export function printRule(ip: Ip, p: Printer, rule: Rule, family = familyOr4(ip)): void {
  const { numeric, details } = ip.opts;
  p.open();
  p.any('priority', rule.priority, `${rule.priority}:\t`);
  if (rule.not) p.any('not', null, 'not ');
  if (rule.from) printPrefix(p, 'src', 'from', rule.from.ip, rule.from.len);
  else p.any('src', 'all', 'from all ');
  if (rule.to) printPrefix(p, 'dst', 'to', rule.to.ip, rule.to.len);
  if (rule.tos) p.any('tos', dsfieldName(rule.tos), `tos ${dsfieldName(rule.tos)} `);
  if (rule.fwmark) {
    const whole = rule.fwmark.mask === 0xffffffff;
    p.any('fwmark', mark(rule.fwmark.value), `fwmark ${mark(rule.fwmark.value)}${whole ? ' ' : ''}`);
    if (!whole) p.any('fwmask', mark(rule.fwmark.mask), `/${mark(rule.fwmark.mask)} `);
  }
  for (const key of ['iif', 'oif'] as const) {
    const name = rule[key];
    if (!name) continue;
    p.fp(`${key} `);
    p.any(key, name, name, 'ifname');
    p.fp(' ');
    if (!isLinkName(ip, name)) p.any(`${key}_detached`, null, '[detached] ');
  }
  if (rule.l3mdev) p.any('l3mdev', null, 'lookup [l3mdev-table]');
  if (rule.uidrange) {
    const [start, end] = rule.uidrange;
    p.js('uid_start', start);
    p.js('uid_end', end);
    p.fp(`uidrange ${start}-${end} `);
  }
  if (rule.ipproto) {
    const name = (numeric ? null : protocolName(rule.ipproto)) ?? `ipproto-${rule.ipproto}`;
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
  if (rule.tunId) p.any('tun_id', rule.tunId, `tun_id ${rule.tunId} `);
  printAction(ip, p, rule, family);
  if ((rule.proto && rule.proto !== 2) || details)
    p.any('protocol', protoName(rule.proto, numeric), ` proto ${protoName(rule.proto, numeric)}`);
  p.fp('\n');
  p.close();
}

/** The table, and what is not a lookup. */
function printAction(ip: Ip, p: Printer, rule: Rule, family: 4 | 6): void {
  const { numeric } = ip.opts;
  if (rule.table && rule.action !== 'goto' && rule.action !== 'nop') {
    p.any('table', tableName(rule.table, numeric), `lookup ${tableName(rule.table, numeric)}`);
    if (rule.suppressPrefixLength >= 0)
      p.any('suppress_prefixlen', rule.suppressPrefixLength, ` suppress_prefixlength ${rule.suppressPrefixLength}`);
    if (rule.suppressIfgroup !== undefined) {
      const group = groupName(rule.suppressIfgroup, numeric);
      p.any('suppress_ifgroup', group, ` suppress_ifgroup ${group}`);
    }
  }
  if (rule.realms) {
    const [to = '', from] = realmsName(rule.realms, numeric).split('/').reverse();
    p.fp(' realms ');
    if (from !== undefined) p.any('flow_from', from, `${from}/`);
    p.any('flow_to', to, to);
  }
  if (rule.action === 'nat') p.any('masquerade', null, ' masquerade');
  else if (rule.action === 'goto') {
    const resolved = rulesOf(ip.ns, family).some((r) => r.priority === rule.target);
    p.any('goto', rule.target, `goto ${rule.target}`);
    if (!resolved) p.any('unresolved', null, ' [unresolved]');
  } else if (rule.action === 'nop') p.any('nop', null, 'nop');
  else if (rule.action !== 'lookup') {
    const name = typeName(rule.action, numeric);
    p.any('action', name, rule.table || rule.realms ? ` ${name}` : name);
  }
}

const within = (p: Prefix | null, want: Prefix | null | undefined): boolean =>
  !want || want.len === 0 || (!!p && p.len >= want.len && inPrefix(p.ip, want));

const sameRange = (a: readonly [number, number] | null, b: readonly [number, number] | null | undefined): boolean =>
  !b || (!!a && a[0] === b[0] && a[1] === b[1]);

/** filter_nlmsg(): what the rule must agree with. The protocol is read, and never compared. */
function selected(rule: Rule, want: Asked): boolean {
  const same = <T>(a: T, b: T | undefined) => b === undefined || a === b;
  return (
    same(rule.priority, want.priority) &&
    (!want.not || rule.not) &&
    within(rule.from, want.from) &&
    within(rule.to, want.to) &&
    (!want.tos || rule.tos === want.tos) &&
    (!want.fwmark?.value || rule.fwmark?.value === want.fwmark.value) &&
    (!want.fwmark || want.fwmark.mask === 0xffffffff || rule.fwmark?.mask === want.fwmark.mask) &&
    same(rule.iif, want.iif) &&
    same(rule.oif, want.oif) &&
    (!want.l3mdev || !!rule.l3mdev) &&
    sameRange(rule.uidrange, want.uidrange) &&
    same(rule.ipproto, want.ipproto) &&
    sameRange(rule.sport, want.sport) &&
    sameRange(rule.dport, want.dport) &&
    same(rule.tunId, want.tunId) &&
    (!want.table || rule.table === want.table)
  );
}

function list(ip: Ip, words: readonly string[]): number {
  const want = parseRuleSelector(ip, words);
  if (ip.opts.family === 'link' || ip.opts.family === 'other')
    throw new Exit(255, 'RTNETLINK answers: Address family not supported by protocol\nDump terminated\n');
  const p = printerFor(ip);
  for (const rule of rulesOf(ip.ns, familyOr4(ip))) if (selected(rule, want)) printRule(ip, p, rule);
  flush(ip, p);
  return 0;
}

/** `ip rule flush`: everything but the rule at 0. */
function flushRules(ip: Ip, words: readonly string[]): number {
  const want = parseRuleSelector(ip, words);
  const rules = rulesOf(ip.ns, familyOr4(ip));
  const kept = rules.filter((r) => r.priority === 0 || !selected(r, want));
  for (const r of rules) if (!kept.includes(r)) notifyRule(ip.ns, familyOr4(ip), r, true);
  setRules(ip.ns, familyOr4(ip), kept);
  return 0;
}

/** `ip rule …` */
export function rule(ip: Ip, words: readonly string[]): number | Program {
  const [verb, ...rest] = words;
  if (verb === undefined) return list(ip, []);
  if (matches(verb, 'list') || matches(verb, 'lst') || matches(verb, 'show')) return list(ip, rest);
  if (matches(verb, 'save')) throw notModelledExit('ip rule save');
  if (matches(verb, 'restore')) return checkDump(255);
  if (matches(verb, 'add')) return add(ip, rest);
  if (matches(verb, 'delete')) {
    if (rest.length === 0) throw new Exit(1, '"ip rule del" requires arguments.\n');
    return remove(ip, rest);
  }
  if (matches(verb, 'flush')) return flushRules(ip, rest);
  if (matches(verb, 'help')) throw new Exit(255, USAGE.rule);
  throw new Exit(255, `Command "${verb}" is unknown, try "ip rule help".\n`);
}
