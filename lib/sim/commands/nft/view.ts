/** How iptables-nft shows a rule that nft put into one of its tables. */
import { bitsOf, type Ip, maskOf } from '../../addr/ip.ts';
import type { NftStmt } from '../../linux/netfilter/nft/types.ts';
import type { NfRule } from '../../linux/netfilter/types.ts';

const PROTOCOLS: Record<string, number> = { tcp: 6, udp: 17 };

/** Fills in the rule's iptables half; false when the model does not know what iptables would show. */
export function iptablesView(rule: NfRule): boolean {
  return (rule.nft ?? []).every((s) => one(rule, s)) && rule.comment === undefined;
}

function one(rule: NfRule, s: NftStmt): boolean {
  if (s.kind === 'counter') return true;
  if (s.kind === 'verdict') {
    const { code, chain } = s.verdict;
    if (code === 'continue') return false;
    rule.target = chain === undefined ? { name: code.toUpperCase(), args: {} } : { name: code, chain, args: {} };
    return true;
  }
  if ((s.kind !== 'match' && s.kind !== 'lookup') || s.left.kind !== 'field') return false;
  const [head = '', key] = s.left.field.name.split(' ');
  const not = s.kind === 'match' ? s.op === '!=' : s.not;
  if (s.kind === 'match' && s.op !== '==' && s.op !== '!=') return false;
  if (PROTOCOLS[head] && (key === 'sport' || key === 'dport')) {
    rule.head.proto = { number: PROTOCOLS[head] as number, not: false };
    // iptables 1.8.9 passes over a lookup in a set and shows the protocol alone.
    if (s.kind === 'lookup') return !not;
    const port = { min: Number(s.right.lo), max: Number(s.right.hi), not };
    const last = rule.matches.find((m) => m.name === head);
    if (last) last.args[key] = port;
    else rule.matches.push({ name: head, args: { sport: null, dport: null, [key]: port } });
    return true;
  }
  if (s.kind === 'lookup') return false;
  if (head === 'ip' && (key === 'saddr' || key === 'daddr')) {
    const ip = s.right.lo as Ip;
    const len = s.right.len ?? (s.right.lo === s.right.hi ? bitsOf(ip) : null);
    if (len === null) return false;
    rule.head[key === 'saddr' ? 'src' : 'dst'] = { ip, mask: maskOf(bitsOf(ip) === 32 ? 4 : 6, len), not };
    return true;
  }
  if (head === 'iifname' || head === 'oifname') {
    rule.head[head === 'iifname' ? 'iif' : 'oif'] = { name: String(s.right.lo).replace(/\*$/, '+'), not };
    return true;
  }
  return false;
}
