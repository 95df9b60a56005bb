/**
 * How iptables-nft shows a rule that nft put into one of its tables: nft_rule_to_iptables_command_state() of iptables
 * 1.8.9, which takes in what it knows expression by expression and passes over lookups in sets.
 */
import { bitsOf, type Ip, maskOf } from '../../addr/ip.ts';
import type { NftExpr, NftRange, NftStmt } from '../../linux/netfilter/nft/types.ts';
import type { NfRule } from '../../linux/netfilter/types.ts';

const PORTS: Readonly<Record<string, number>> = { tcp: 6, udp: 17 };
const SECONDS: Readonly<Record<string, number>> = { second: 1, minute: 60, hour: 3600, day: 86400, week: 604800 };
/** XT_LIMIT_SCALE: what the limit match counts a second in. */
const LIMIT_SCALE = 10_000;

/** Fills in the rule's iptables half, or what iptables says when it cannot read the rule. */
export function iptablesView(rule: NfRule, family: 'ip' | 'ip6', nameOf: (ifindex: number) => string): void {
  const errors = (rule.nft ?? []).flatMap((s) => (one(rule, s, nameOf) ? [] : complaints(s, family)));
  if (errors.length > 0) rule.unread = errors;
  if (rule.comment !== undefined) rule.matches.push({ name: 'comment', args: { text: rule.comment } });
}

/** What nft_rule_to_iptables_command_state() says of an expression it does not know; nothing of a chain it does not show at all. */
function complaints(s: NftStmt, family: 'ip' | 'ip6'): string[] {
  if (s.kind === 'set') return ['meta sreg key not supported'];
  if (s.kind !== 'match') return [];
  const e = s.left.kind === 'bin' ? s.left.left : s.left;
  if (e.kind === 'raw') return [e.base === 'th' ? 'unsupported layer 4 protocol value' : 'unknown payload offset'];
  if (e.kind !== 'field') return [];
  const { name } = e.field;
  if (/^(meta|skuid|skgid|cpu|iiftype|oiftype|ether)\b/.test(name))
    return [`unknown ${family === 'ip' ? 'ipv4' : 'ipv6'} meta key`];
  if (!/^ip6? /.test(name)) return ['unsupported layer 4 protocol value'];
  const span = s.right.lo !== s.right.hi && s.right.len === undefined;
  if (span && s.op === '!=') return ['range with unknown payload base'];
  return new Array<string>(span ? 2 : 1).fill('unknown payload offset');
}

function one(rule: NfRule, s: NftStmt, nameOf: (ifindex: number) => string): boolean {
  switch (s.kind) {
    case 'counter':
      return true;
    case 'verdict': {
      const { code, chain } = s.verdict;
      if (code === 'continue') return true;
      rule.target = chain === undefined ? { name: code.toUpperCase(), args: {} } : { name: code, chain, args: {} };
      return true;
    }
    case 'match':
      if (isField(s.left, 'iif') || isField(s.left, 'oif')) {
        const name = nameOf(Number(s.right.lo));
        rule.head[isField(s.left, 'iif') ? 'iif' : 'oif'] = { name, not: s.op === '!=' };
        return true;
      }
      return match(rule, s.left, s.op, s.right);
    case 'flags':
      if (!isField(s.left, 'tcp flags')) return false;
      return tcpFlags(rule, { mask: s.bits, comp: 0, not: !s.not });
    case 'flagcmp':
      return isField(s.left, 'tcp flags') && tcpFlags(rule, { mask: s.mask, comp: s.value, not: s.not });
    case 'lookup':
      return passed(rule, s.left);
    case 'vmap':
      return passed(rule, s.key);
    case 'limit': {
      const period = Math.floor((LIMIT_SCALE * (SECONDS[s.unit] ?? 1)) / s.rate);
      if (s.over || s.bytes) return false;
      rule.matches.push({ name: 'limit', args: { period, burst: s.burst, credit: -1, last: 0 } });
      return true;
    }
    case 'log':
      if (s.group === null) return false;
      rule.target = {
        name: 'NFLOG',
        args: {
          group: s.group,
          prefix: s.prefix ?? '',
          size: s.snaplen,
          range: 0,
          threshold: s.threshold ?? 0,
        },
      };
      return true;
    default:
      return false;
  }
}

const isField = (e: NftExpr, name: string): boolean => e.kind === 'field' && e.field.name === name;

/** Which protocol a lookup's field belongs to is all that is left of it. */
function passed(rule: NfRule, e: NftExpr): boolean {
  const of = e.kind === 'field' ? PORTS[e.field.name.split(' ')[0] ?? ''] : undefined;
  if (of !== undefined) rule.head.proto = { number: of, not: false };
  return true;
}

/** The extension's match of the rule, made where there is none yet. */
function extension(rule: NfRule, name: string, fresh: Record<string, unknown>): Record<string, unknown> {
  const found = rule.matches.find((m) => m.name === name);
  if (found) return found.args;
  rule.matches.push({ name, args: fresh });
  return fresh;
}

const NO_TCP = { sport: null, dport: null, flags: null, option: null };

function tcpFlags(rule: NfRule, flags: { mask: number; comp: number; not: boolean }): boolean {
  rule.head.proto = { number: 6, not: false };
  extension(rule, 'tcp', { ...NO_TCP }).flags = flags;
  return true;
}

function match(rule: NfRule, left: NftExpr, op: string, right: NftRange): boolean {
  if (left.kind === 'bin') return masked(rule, left, op, right);
  if (left.kind !== 'field') return false;
  const { name } = left.field;
  const [head = '', key = ''] = name.split(' ');
  const not = op === '!=';
  const value = Number(right.lo);
  const single = right.lo === right.hi;
  if (PORTS[head] && (key === 'sport' || key === 'dport')) return port(rule, head, key, op, right);
  if (name === 'ip ttl' || name === 'ip6 hoplimit') {
    const mode = { '==': 'eq', '!=': 'ne', '<': 'lt', '>': 'gt' }[op];
    if (!mode || !single) return false;
    rule.matches.push({ name: name === 'ip ttl' ? 'ttl' : 'hl', args: { mode, value } });
    return true;
  }
  if (op !== '==' && op !== '!=') return false;
  switch (name) {
    case 'ip protocol':
    case 'meta l4proto':
    case 'ip6 nexthdr':
      rule.head.proto = { number: value, not };
      return single;
    case 'meta nfproto':
    case 'meta protocol':
      return true;
    case 'icmp type':
    case 'icmpv6 type':
      rule.head.proto = { number: name === 'icmp type' ? 1 : 58, not: false };
      Object.assign(extension(rule, name === 'icmp type' ? 'icmp' : 'icmp6', icmpAny()), { type: value, not });
      return single;
    case 'icmp code':
    case 'icmpv6 code':
      rule.head.proto = { number: name === 'icmp code' ? 1 : 58, not: false };
      Object.assign(extension(rule, name === 'icmp code' ? 'icmp' : 'icmp6', icmpAny()), { min: value, max: value });
      return single;
    case 'udp length':
    case 'udp checksum':
      rule.head.proto = { number: 17, not: false };
      return true;
    case 'ip saddr':
    case 'ip daddr':
    case 'ip6 saddr':
    case 'ip6 daddr': {
      // Of a range iptables takes the later end for the address.
      const ip = (right.len === undefined ? right.hi : right.lo) as Ip;
      const bits = bitsOf(ip);
      if (!single && right.len === undefined && not) return false;
      rule.head[key === 'saddr' ? 'src' : 'dst'] = { ip, mask: maskOf(bits === 32 ? 4 : 6, right.len ?? bits), not };
      return true;
    }
    case 'iifname':
    case 'oifname':
      rule.head[name.startsWith('iif') ? 'iif' : 'oif'] = { name: String(right.lo).replace(/\*$/, '+'), not };
      return true;
    case 'meta mark':
    case 'mark':
      rule.matches.push({ name: 'mark', args: { value, mask: 0xffffffff, not } });
      return single;
    case 'pkttype':
    case 'meta pkttype': {
      const type = ['unicast', 'broadcast', 'multicast'][value];
      if (type) rule.matches.push({ name: 'pkttype', args: { type, not } });
      return type !== undefined;
    }
    case 'tcp flags':
      return tcpFlags(rule, { mask: 0xff, comp: value, not });
    default:
      return false;
  }
}

const icmpAny = () => ({ type: 255, min: 0, max: 255, not: false });

/** A field under a mask: the mark, and the offset of a fragment. */
function masked(rule: NfRule, left: Extract<NftExpr, { kind: 'bin' }>, op: string, right: NftRange): boolean {
  if (left.op !== '&' || left.left.kind !== 'field' || left.right.kind !== 'value') return false;
  const { name } = left.left.field;
  const mask = Number(left.right.value.lo);
  if (name === 'meta mark' || name === 'mark') {
    rule.matches.push({ name: 'mark', args: { value: Number(right.lo), mask, not: op === '!=' } });
    return true;
  }
  if (name !== 'ip frag-off' || mask !== 0x1fff || Number(right.lo) !== 0) return false;
  rule.head.frag = op === '!=' ? 1 : -1;
  return true;
}

/** The ports a comparison leaves, as iptables writes them. */
function port(rule: NfRule, proto: string, key: string, op: string, right: NftRange): boolean {
  rule.head.proto = { number: PORTS[proto] as number, not: false };
  const lo = Number(right.lo);
  const [min, max] =
    op === '<' ? [0, lo - 1] : op === '<=' ? [0, lo] : op === '>' ? [lo + 1, 65535] : [lo, Number(right.hi)];
  const args = extension(rule, proto, proto === 'tcp' ? { ...NO_TCP } : { sport: null, dport: null });
  args[key] = { min, max: op === '>=' ? 65535 : max, not: op === '!=' };
  return true;
}
