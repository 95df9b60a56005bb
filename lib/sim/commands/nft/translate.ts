/** iptables rules as nft 1.0.6 shows them: native expressions, translations of xt extensions, or `xt match NAME`. */
import { bitsOf, formatIp, type Ip } from '../../addr/ip.ts';
import { formatMac } from '../../addr/mac.ts';
import { maskLength, protocolText } from '../../linux/netfilter/head.ts';
import { rateText } from '../../linux/netfilter/match/limit.ts';
import type { PortRange } from '../../linux/netfilter/match/ports.ts';
import { TARGETS } from '../../linux/netfilter/target/registry.ts';
import type { MatchSpec, NfRule, RuleHead, TargetSpec } from '../../linux/netfilter/types.ts';
import { MATCH_WORDS } from '../iptables/translate/matches.ts';
import { TARGET_WORDS } from '../iptables/translate/targets.ts';

type Args = Record<string, unknown>;
type Family = 'ip' | 'ip6';

/**
 * One part of a rule: nft's own expressions as text, or an extension of iptables, which JSON shows by its name alone.
 * An extension ends a pending dependency.
 */
export type Part = { text: string; xt: false } | { text: string; xt: true; type: 'match' | 'target'; name: string };

const native = (text: string): Part => ({ text, xt: false });
const hex8 = (n: unknown): string => `0x${Number(n).toString(16).padStart(8, '0')}`;
const hex = (n: unknown): string => `0x${Number(n).toString(16)}`;

function ports(word: string, r: PortRange | null): string[] {
  if (!r) return [];
  if (r.min === 0 && r.max < 65535) return [`${word} ${r.not ? '>' : '<='} ${r.max}`];
  return [`${word} ${r.not ? '!= ' : ''}${r.min === r.max ? r.min : `${r.min}-${r.max}`}`];
}

const translatedPorts = (word: string, r: PortRange | null): string[] =>
  r ? [`${word} ${r.not ? '!= ' : ''}${r.min === r.max ? r.min : `${r.min}-${r.max}`}`] : [];

const FLAG_NAMES: [string, number][] = [
  ['fin', 1],
  ['syn', 2],
  ['rst', 4],
  ['psh', 8],
  ['ack', 16],
  ['urg', 32],
];
const flagText = (bits: number): string =>
  FLAG_NAMES.filter(([, b]) => bits & b)
    .map(([n]) => n)
    .join(',') || '0x0';

function l4(name: 'tcp' | 'udp', args: Args): Part {
  const parts = [
    ...ports(`${name} sport`, args.sport as PortRange | null),
    ...ports(`${name} dport`, args.dport as PortRange | null),
  ];
  const flags = args.flags as { mask: number; comp: number; not: boolean } | null | undefined;
  const option = args.option as { number: number; not: boolean } | null | undefined;
  if (option) {
    // Such a match is no native one: the words are those of its translation, ports, option and flags in this order.
    const words = [
      ...translatedPorts('tcp sport', args.sport as PortRange | null),
      ...translatedPorts('tcp dport', args.dport as PortRange | null),
      `tcp option ${option.number} ${option.not ? 'missing' : 'exists'}`,
    ];
    if (flags) words.push(`tcp flags ${flags.not ? '!= ' : ''}${flagText(flags.comp)} / ${flagText(flags.mask)}`);
    return { text: words.join(' '), xt: true, type: 'match', name };
  }
  if (flags) {
    if (flags.comp === 0)
      parts.unshift(flags.not ? `tcp flags ${flagText(flags.mask)}` : `tcp flags ! ${flagText(flags.mask)}`);
    else parts.unshift(`tcp flags ${flags.not ? '!= ' : ''}${flagText(flags.comp)} / ${flagText(flags.mask)}`);
  }
  return parts.length === 0 ? { text: '', xt: true, type: 'match', name } : native(parts.join(' '));
}

export const ICMP_NAMES: Record<number, string> = {
  0: 'echo-reply',
  3: 'destination-unreachable',
  4: 'source-quench',
  5: 'redirect',
  8: 'echo-request',
  9: 'router-advertisement',
  10: 'router-solicitation',
  11: 'time-exceeded',
  12: 'parameter-problem',
  13: 'timestamp-request',
  14: 'timestamp-reply',
  17: 'address-mask-request',
  18: 'address-mask-reply',
};
export const ICMP6_NAMES: Record<number, string> = {
  1: 'destination-unreachable',
  2: 'packet-too-big',
  3: 'time-exceeded',
  4: 'parameter-problem',
  128: 'echo-request',
  129: 'echo-reply',
  133: 'nd-router-solicit',
  134: 'nd-router-advert',
  135: 'nd-neighbor-solicit',
  136: 'nd-neighbor-advert',
  137: 'nd-redirect',
};

const CT_ADDRESSES: [string, string][] = [
  ['ctorigsrc', 'ct original saddr'],
  ['ctorigdst', 'ct original daddr'],
  ['ctreplsrc', 'ct reply saddr'],
  ['ctrepldst', 'ct reply daddr'],
];

function conntrackText(args: Args): string | null {
  if (args.proto || args.status || args.expire || args.dir || Object.keys(args.ports as object).length > 0) return null;
  const words: string[] = [];
  const states = args.states as { value: string[]; not: boolean } | null;
  // The translation keeps the NAT states alone where there are any, and forgets the negation.
  const nat = (states?.value ?? []).filter((s) => s === 'SNAT' || s === 'DNAT').map((s) => s.toLowerCase());
  if (nat.length > 0) words.push(`ct status ${nat.join(',')}`);
  else if (states) words.push(`ct state ${states.not ? '! ' : ''}${states.value.join(',').toLowerCase()}`);
  const addresses = args.addresses as Record<string, { value: { ip: Ip; len: number }; not: boolean }>;
  for (const [key, word] of CT_ADDRESSES) {
    const a = addresses[key];
    if (a)
      words.push(
        `${word} ${a.not ? '!= ' : ''}${formatIp(a.value.ip)}${a.value.len === bitsOf(a.value.ip) ? '' : `/${a.value.len}`}`,
      );
  }
  return words.join(' ');
}

function multiportText(args: Args, proto: string): string {
  const ranges = (args.ranges as [number, number][]).map(([a, b]) => (a === b ? `${a}` : `${a}-${b}`));
  if (args.side === 'ports') {
    // nft's translation takes a range's ends for single ports and forgets the negation.
    const ends = (args.ranges as [number, number][]).flatMap(([a, b]) => (a === b ? [a] : [a, b]));
    return `${proto} sport . ${proto} dport { ${ends.flatMap((p) => [`0-65535 . ${p}`, `${p} . 0-65535`]).join(', ')} }`;
  }
  const set = ranges.length > 1 ? `{ ${ranges.join(', ')} }` : ranges[0];
  return `${proto} ${String(args.side).slice(0, -1)} ${args.not ? '!= ' : ''}${set}`;
}

function addrtypeText(args: Args): string {
  const iface = args.limit === 'in' ? ' . iif' : args.limit === 'out' ? ' . oif' : '';
  const one = (side: string, types: unknown, not: unknown): string[] => {
    const list = types as string[] | null;
    if (!list) return [];
    const words = list.map((t) => t.toLowerCase());
    return [`fib ${side}${iface} type ${not ? '!= ' : ''}${words.length > 1 ? `{ ${words.join(', ')} }` : words[0]}`];
  };
  // The translation writes one of the two.
  return (args.src ? one('saddr', args.src, args.srcNot) : one('daddr', args.dst, args.dstNot)).join(' ');
}

function markText(word: string, args: Args): string {
  if (args.mask === 0xffffffff) return `${word} ${args.not ? '!= ' : ''}${hex8(args.value)}`;
  return `${word} & ${hex8(args.mask)} ${args.not ? '!=' : '=='} ${hex8(args.value)}`;
}

const UNITS: Record<string, string> = { sec: 'second', min: 'minute', hour: 'hour', day: 'day' };

function matchPart(m: MatchSpec, head: RuleHead, family: Family): Part {
  const a = m.args;
  const foreign = (text: string): Part => ({ text, xt: true, type: 'match', name: m.name });
  switch (m.name) {
    case 'tcp':
    case 'udp':
      return l4(m.name, a);
    case 'comment':
      return foreign('');
    case 'mark':
      return native(markText('meta mark', a));
    case 'connmark':
      return foreign(
        a.mask === 0xffffffff
          ? `ct mark ${a.not ? '!= ' : ''}${hex(a.value)}`
          : `ct mark and ${hex(a.mask)} ${a.not ? '!=' : '=='} ${hex(a.value)}`,
      );
    case 'conntrack': {
      const text = conntrackText(a);
      return foreign(text ?? xtMatch(m, head, family));
    }
    case 'state':
      return foreign(`ct state ${a.not ? '! ' : ''}${(a.states as string[]).join(',').toLowerCase()}`);
    case 'multiport':
      return foreign(multiportText(a, head.proto ? protocolText(head.proto.number) : 'tcp'));
    case 'statistic':
      if (a.mode === 'random') return foreign(`meta random & 2147483647 ${a.not ? '>=' : '<'} ${a.probability}`);
      return foreign(`numgen inc mod ${Number(a.every) + 1} ${a.not ? '!= ' : ''}${a.packet}`);
    case 'addrtype':
      return foreign(addrtypeText(a));
    case 'limit': {
      const [rate = '', unit = ''] = rateText(Number(a.period)).split('/');
      return native(`limit rate ${rate}/${UNITS[unit]}${a.burst === 5 ? '' : ` burst ${a.burst} packets`}`);
    }
    case 'mac':
      return foreign(`ether saddr ${a.not ? '!= ' : ''}${formatMac(Number(a.mac))}`);
    case 'icmp':
    case 'icmp6': {
      const names = m.name === 'icmp' ? ICMP_NAMES : ICMP6_NAMES;
      const name = names[Number(a.type)];
      if (m.name === 'icmp' && a.type === 255) return foreign('ip protocol icmp');
      if (a.min === a.max || name === undefined) return foreign(`xt match ${m.name}`);
      return foreign(`${m.name === 'icmp' ? 'icmp' : 'icmpv6'} type ${a.not ? '!= ' : ''}${name}`);
    }
    case 'owner': {
      const id = (word: string, r: unknown): string[] => {
        const span = r as { min: number; max: number; not: boolean } | null;
        return span
          ? [`${word} ${span.not ? '!= ' : ''}${span.min === span.max ? span.min : `${span.min}-${span.max}`}`]
          : [];
      };
      return a.socket === null && !(a.uid && a.gid)
        ? foreign([...id('skuid', a.uid), ...id('skgid', a.gid)].join(' '))
        : foreign('xt match owner');
    }
    case 'iprange': {
      const words: string[] = [];
      for (const [key, side] of [
        ['src', 'saddr'],
        ['dst', 'daddr'],
      ] as const) {
        const r = a[key] as { from: number; to: number; not: boolean } | null;
        if (r) words.push(`${family} ${side} ${r.not ? '!= ' : ''}${formatIp(r.from)}-${formatIp(r.to)}`);
      }
      return foreign(words.join(' '));
    }
    case 'pkttype':
      return foreign(`pkttype ${a.not ? '!= ' : ''}${a.type}`);
    case 'ttl':
      return foreign(`ip ttl ${a.mode === 'eq' ? '' : a.mode === 'ne' ? '!= ' : `${a.mode} `}${a.value}`);
    case 'tcpmss':
      return foreign(`tcp option maxseg size ${a.not ? '!= ' : ''}${a.min === a.max ? a.min : `${a.min}-${a.max}`}`);
    case 'length':
      return foreign(`meta length ${a.not ? '!= ' : ''}${a.min === a.max ? a.min : `${a.min}-${a.max}`}`);
    case 'dscp':
      return foreign(`${family} dscp ${a.not ? '!= ' : ''}0x${Number(a.value).toString(16).padStart(2, '0')}`);
    default:
      return foreign(xtMatch(m, head, family));
  }
}

/** Extensions whose translation needs a set of its own, which a rule read back cannot have. */
const NEEDS_SET = new Set(['connlimit']);

/** An extension in the words of its own translation, as nft asks libxtables for them; `xt match NAME` without. */
function xtMatch(m: MatchSpec, head: RuleHead, family: Family): string {
  const words = NEEDS_SET.has(m.name)
    ? null
    : MATCH_WORDS[m.name]?.(m.args, { family, proto: head.proto?.number ?? 0, sets: [], comment: null });
  return words ?? `xt match ${m.name}`;
}

const REJECT: Record<string, string> = {
  'icmp-port-unreachable': 'reject',
  'icmp6-port-unreachable': 'reject',
  'tcp-reset': 'reject with tcp reset',
  'icmp-net-unreachable': 'reject with icmp type net-unreachable',
  'icmp-host-unreachable': 'reject with icmp type host-unreachable',
  'icmp-proto-unreachable': 'reject with icmp type prot-unreachable',
  'icmp-net-prohibited': 'reject with icmp type net-prohibited',
  'icmp-host-prohibited': 'reject with icmp type host-prohibited',
  'icmp-admin-prohibited': 'reject with icmp type admin-prohibited',
  'icmp6-no-route': 'reject with icmpv6 type no-route',
  'icmp6-adm-prohibited': 'reject with icmpv6 type admin-prohibited',
  'icmp6-addr-unreachable': 'reject with icmpv6 type addr-unreachable',
  'icmp6-policy-fail': 'reject with icmpv6 type policy-fail',
  'icmp6-reject-route': 'reject with icmpv6 type reject-route',
};

const LEVELS = ['emerg', 'alert', 'crit', 'err', 'warn', 'notice', 'info', 'debug'];

function logText(a: Args): string {
  let text = 'log';
  if (a.prefix) text += ` prefix "${a.prefix}"`;
  if (a.level !== 4) text += ` level ${LEVELS[Number(a.level)]}`;
  const flags = Number(a.flags);
  if (flags & 3) text += ` flags tcp ${[flags & 1 && 'sequence', flags & 2 && 'options'].filter(Boolean).join(',')}`;
  if (flags & 4) text += ' flags ip options';
  if (flags & 8) text += ' flags skuid';
  return flags & 32 ? `${text} flags ether` : text;
}

/** NFLOG is nft's own `log` with a group. */
const nflogText = (a: Args): string =>
  `log${a.prefix ? ` prefix "${a.prefix}"` : ''} group ${a.group}${a.size === null ? '' : ` snaplen ${a.size}`}${a.threshold ? ` queue-threshold ${a.threshold}` : ''}`;

function markSet(word: string, a: Args): string {
  const value = Number(a.value);
  const mask = Number(a.mask);
  if (mask === 0xffffffff) return `${word} set ${hex(value)}`;
  if (value === 0) return `${word} set mark and ${hex(~mask >>> 0)}`;
  if (mask === value) return `${word} set mark or ${hex(value)}`;
  if (mask === 0) return `${word} set mark xor ${hex(value)}`;
  return `${word} set mark and ${hex(~mask >>> 0)} xor ${hex(value)}`;
}

function targetPart(t: TargetSpec, family: Family): Part | null {
  const a = t.args;
  const foreign = (text: string): Part => ({ text, xt: true, type: 'target', name: t.name });
  switch (t.name) {
    case 'jump':
    case 'goto':
      return native(`${t.name} ${t.chain}`);
    case 'ACCEPT':
    case 'DROP':
    case 'RETURN':
      return native(t.name.toLowerCase());
    case 'REJECT':
      return foreign(REJECT[String(a.with)] ?? 'reject');
    case 'MARK':
      return foreign(markSet('meta mark', a));
    case 'CONNMARK':
      if (a.mode !== 'set') {
        if (a.nfmask !== 0xffffffff || a.ctmask !== 0xffffffff) return foreign(xtTarget(t, family));
        return foreign(a.mode === 'save' ? 'ct mark set mark' : 'meta mark set ct mark');
      }
      return a.mask === 0xffffffff ? foreign(`ct mark set ${hex(a.value)}`) : foreign(xtTarget(t, family));
    case 'LOG':
      return foreign(logText(a));
    case 'NFLOG':
      return native(nflogText(a));
    case 'DNAT':
    case 'SNAT': {
      const save = TARGETS.get(t.name)?.save(a, family).trimStart().split(' ')[1] ?? '';
      const flags = `${a.random ? ' random' : ''}${a.fully ? ' fully-random' : ''}${a.persistent ? ' persistent' : ''}`;
      return foreign(`${t.name.toLowerCase()} to ${save}${flags}`);
    }
    case 'MASQUERADE':
    case 'REDIRECT': {
      const span =
        a.minPort === null ? '' : ` to :${a.minPort === a.maxPort ? a.minPort : `${a.minPort}-${a.maxPort}`}`;
      const flags = `${a.random ? ' random' : ''}${a.fully ? ' fully-random' : ''}`;
      return foreign(`${t.name.toLowerCase()}${span}${flags}`);
    }
    case 'DSCP':
      return foreign(`${family} dscp set 0x${Number(a.value).toString(16).padStart(2, '0')}`);
    case 'NOTRACK':
      return { text: 'notrack', xt: true, type: 'target', name: 'CT' };
    case 'TCPMSS':
      return foreign(`tcp option maxseg size set ${a.mss === null ? 'rt mtu' : a.mss}`);
    // Both families' translations are registered for revision 1 of this target: libxtables finds IPv6's first.
    case 'TOS':
      return foreign(xtTarget(t, 'ip6'));
    case 'TRACE':
      return native('meta nftrace set 1');
    default:
      return foreign(xtTarget(t, family));
  }
}

const xtTarget = (t: TargetSpec, family: Family): string =>
  TARGET_WORDS[t.name]?.(t.args, family) ?? `xt target ${t.name}`;

function address(word: string, a: RuleHead['src'], family: Family): string[] {
  if (!a) return [];
  const len = maskLength(a.mask);
  const not = a.not ? '!= ' : '';
  if (len === null) return [`${family} ${word} & ${formatIp(a.mask)} ${a.not ? '!=' : '=='} ${formatIp(a.ip)}`];
  return [`${family} ${word} ${not}${formatIp(a.ip)}${len === bitsOf(a.ip) ? '' : `/${len}`}`];
}

function device(word: string, i: RuleHead['iif']): string[] {
  if (!i) return [];
  // A name that no device has: how iptables-nft writes "not any".
  if (i.name === '+') return [`${word} "INVAL/D"`];
  return [`${word} ${i.not ? '!= ' : ''}"${i.name.endsWith('+') ? `${i.name.slice(0, -1)}*` : i.name}"`];
}

/** The parts of a rule in the order in which nft shows them. */
export function ruleParts(rule: NfRule, family: Family): Part[] {
  const { head } = rule;
  const parts = rule.matches.map((m) => matchPart(m, head, family));
  const words = [...device('iifname', head.iif), ...device('oifname', head.oif)];
  if (head.proto) {
    const name = protocolText(head.proto.number);
    // nft leaves out what `tcp dport` implies, unless a statement stands between.
    const at = rule.matches.findIndex((m, i) => (m.name === 'tcp' || m.name === 'udp') && !(parts[i] as Part).xt);
    const implied =
      !head.proto.not &&
      at >= 0 &&
      !rule.matches.slice(0, at).some((m, i) => (parts[i] as Part).xt || m.name === 'limit');
    if (!implied) words.push(`meta l4proto ${head.proto.not ? '!= ' : ''}${name}`);
  }
  words.push(...address('saddr', head.src, family), ...address('daddr', head.dst, family));
  if (head.frag) words.push(`ip frag-off & 8191 ${head.frag > 0 ? '!=' : '=='} 0`);
  const target = rule.target ? targetPart(rule.target, family) : null;
  return [
    ...words.map(native),
    ...parts,
    native(`counter packets ${rule.packets} bytes ${rule.bytes}`),
    ...(target ? [target] : []),
  ];
}
