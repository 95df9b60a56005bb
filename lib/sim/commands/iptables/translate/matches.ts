/** Matches in nft's words: the xlate functions of the extensions. Null where iptables 1.8.9 has no translation. */

import { formatIp, type Ip, maskOf } from '../../../addr/ip.ts';
import { formatMac } from '../../../addr/mac.ts';
import { realmText } from '../../../linux/netfilter/match/realm.ts';
import { hex, hex2 } from '../../../linux/netfilter/values.ts';
import { ICMP_NAMES, ICMP6_NAMES } from '../../nft/translate.ts';
import { type ConntrackArgs, conntrackWords } from './conntrack.ts';
import { hashlimitWords } from './hashlimit.ts';
import { timeWords } from './time.ts';

export interface Context {
  family: 'ip' | 'ip6';
  proto: number;
  /** Sets that the rule needs, in nft's words. */
  sets: string[];
  comment: string | null;
}

// Each extension's arguments are typed in its own file; here they are read by the names they have there.
// biome-ignore lint/suspicious/noExplicitAny: see above
type Args = any;
type Translate = (args: Args, ctx: Context) => string | null;

const ne = (not: boolean): string => (not ? '!= ' : '');
export const span = (min: number | string, max: number | string): string => (min === max ? `${min}` : `${min}-${max}`);

interface Ports {
  min: number;
  max: number;
  not: boolean;
}

function ports(proto: string, args: { sport: Ports | null; dport: Ports | null }): string[] {
  const one = (side: string, p: Ports | null) => {
    if (!p || (p.min === 0 && p.max === 65535 && !p.not)) return [];
    return [`${proto} ${side} ${ne(p.not)}${span(p.min, p.max)}`];
  };
  return [...one('sport', args.sport), ...one('dport', args.dport)];
}

const TCP_FLAGS = ['fin', 'syn', 'rst', 'psh', 'ack', 'urg'];
const flagNames = (bits: number): string => TCP_FLAGS.filter((_, i) => bits & (1 << i)).join(',') || '0x0';

function tcp(args: Args): string {
  const words = ports('tcp', args);
  if (args.option) words.push(`tcp option ${args.option.number} ${args.option.not ? 'missing' : 'exists'}`);
  if (args.flags) {
    const { mask, comp, not } = args.flags;
    words.push(`tcp flags ${ne(not)}${flagNames(comp)} / ${flagNames(mask)}`);
  }
  return words.join(' ');
}

const mark =
  (field: string): Translate =>
  ({ value, mask, not }) =>
    mask === 0xffffffff
      ? `${field} ${ne(not)}${hex(value)}`
      : `${field} and ${hex(mask)} ${not ? '!=' : '=='} ${hex(value)}`;

/** nft list leaves the numbers of multicast listeners as they are; the translation names them. */
const ICMP6: Record<number, string> = {
  ...ICMP6_NAMES,
  130: 'mld-listener-query',
  131: 'mld-listener-report',
  132: 'mld-listener-done',
};

function icmp(word: string, names: Record<number, string>): Translate {
  return ({ type, min, max, not }) => {
    if (word === 'icmp' && type === 255) return 'ip protocol icmp';
    const name = names[type];
    return min === max || name === undefined ? null : `${word} type ${ne(not)}${name}`;
  };
}

const PROTOCOLS: Record<number, string> = { 6: 'tcp', 17: 'udp', 33: 'dccp', 132: 'sctp', 136: 'udplite' };

const multiport: Translate = ({ side, ranges, not }, { proto }) => {
  const name = PROTOCOLS[proto];
  if (name === undefined) return null;
  const list = (ranges as [number, number][]).map(([min, max]) => span(min, max));
  if (side === 'ports')
    return `${name} sport . ${name} dport { ${list.map((p) => `0-65535 . ${p}, ${p} . 0-65535`).join(', ')} }`;
  const value = list.length === 1 ? list[0] : `{ ${list.join(', ')} }`;
  return `${name} ${side === 'sports' ? 'sport' : 'dport'} ${ne(not)}${value}`;
};

const addrtype: Translate = ({ src, srcNot, dst, dstNot, limit }) => {
  const types = (src ?? dst) as string[];
  const lower = types.map((t) => t.toLowerCase());
  const dev = limit === 'in' ? ' . iif' : limit === 'out' ? ' . oif' : '';
  return `fib ${src ? 'saddr' : 'daddr'}${dev} type ${ne(src ? srcNot : dstNot)}${lower.length === 1 ? lower[0] : `{ ${lower.join(', ')} }`}`;
};

const iprange: Translate = ({ src, dst }, { family }) =>
  [
    ['saddr', src],
    ['daddr', dst],
  ]
    .filter(([, r]) => r)
    .map(([side, r]) => `${family} ${side} ${ne(r.not)}${formatIp(r.from)}-${formatIp(r.to)}`)
    .join(' ');

const UNITS: [string, number][] = [
  ['day', 86400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
];

/** A rate in the largest unit that shows it well; `scale` is one second. */
export function rateWords(period: number, scale: number): string {
  let i = 1;
  for (; i < UNITS.length; i++) {
    const mult = (UNITS[i] as [string, number])[1] * scale;
    if (period > mult || Math.floor(mult / period) < mult % period) break;
  }
  const [name, seconds] = UNITS[i - 1] as [string, number];
  return `${Math.floor((seconds * scale) / period)}/${name}`;
}

const limit: Translate = ({ period, burst }) =>
  `limit rate ${rateWords(period, 10000)}${burst ? ` burst ${burst} packets` : ''}`;

const statistic: Translate = ({ mode, probability, every, packet, not }) =>
  mode === 'random'
    ? `meta random & 2147483647 ${not ? '>=' : '<'} ${probability}`
    : `numgen inc mod ${every + 1} ${ne(not)}${packet}`;

const ECN_NAMES = ['not-ect', 'ect1', 'ect0', 'ce'];
const ecn: Translate = ({ ece, cwr, ect }) =>
  [
    ece === null ? '' : `tcp flags ${ne(ece)}ecn`,
    cwr === null ? '' : `tcp flags ${ne(cwr)}cwr`,
    ect ? `ip ecn ${ne(ect.not)}${ECN_NAMES[ect.value]}` : '',
  ]
    .filter((w) => w !== '')
    .join(' ');

const owner: Translate = ({ uid, gid, socket, suppl }) => {
  if (socket !== null || suppl) return null;
  const id = (word: string, r: Ports | null) => (r ? [`${word} ${ne(r.not)}${span(r.min, r.max)}`] : []);
  return [...id('skuid', uid), ...id('skgid', gid)].join(' ');
};

const TTL_SIGNS: Record<string, string> = { eq: '', ne: '!= ', lt: 'lt ', gt: 'gt ' };
const ttl =
  (field: string): Translate =>
  ({ mode, value }) =>
    `${field} ${TTL_SIGNS[mode]}${value}`;

const connbytes: Translate = ({ from, to, dir, mode }) => {
  const not = from > to;
  const [low, high] = not ? [to, from] : [from, to];
  const field = `ct ${dir === 'both' ? '' : `${dir} `}${mode}`;
  if (high >= 2 ** 64) return `${field} ${not ? 'lt' : 'ge'} ${low}`;
  return `${field} ${ne(not)}${span(low, high)}`;
};

const connlimit: Translate = ({ limit: most, upto, len, dst }, ctx) => {
  const bits = ctx.family === 'ip' ? 32 : 128;
  const name = `connlimit${ctx.sets.length}`;
  ctx.sets.push(`${name} { type ${ctx.family === 'ip' ? 'ipv4_addr' : 'ipv6_addr'}; flags dynamic; }`);
  const masked = len === bits ? '' : ` and ${formatIp(maskOf(ctx.family === 'ip' ? 4 : 6, len) as Ip)}`;
  return `add @${name} { ${ctx.family} ${dst ? 'daddr' : 'saddr'}${masked} ct count ${upto ? '' : 'over '}${most} }`;
};

const rpfilter: Translate = (args) =>
  `fib saddr${args.validmark ? ' . mark' : ''}${args.loose ? '' : ' . iif'} oif ${args.invert ? '' : '!= '}0`;

const comment: Translate = ({ text }, ctx) => {
  ctx.comment = text;
  return '';
};

export const MATCH_WORDS: Readonly<Record<string, Translate>> = {
  addrtype,
  cgroup: ({ path, classid }) => (path || !classid ? null : `meta cgroup ${ne(classid.not)}${classid.id}`),
  comment,
  connbytes,
  connlimit,
  connmark: mark('ct mark'),
  conntrack: (args: ConntrackArgs, { family }) => conntrackWords(args, family),
  cpu: ({ cpu, not }) => `cpu ${ne(not)}${cpu}`,
  dccp: (args) => ports('dccp', args).join(' ') || null,
  dscp: ({ value, not }, { family }) => `${family} dscp ${ne(not)}${hex2(value)}`,
  ecn,
  hashlimit: hashlimitWords,
  helper: ({ name, not }) => `ct helper ${ne(not)}"${name}"`,
  hl: ttl('ip6 hoplimit'),
  icmp: icmp('icmp', ICMP_NAMES),
  icmp6: icmp('icmpv6', ICMP6),
  iprange,
  length: ({ min, max, not }) => `meta length ${ne(not)}${span(min, max)}`,
  limit,
  mac: ({ mac, not }) => `ether saddr ${ne(not)}${formatMac(mac)}`,
  mark: mark('mark'),
  multiport,
  owner,
  pkttype: ({ type, not }) => `pkttype ${ne(not)}${type}`,
  quota: ({ quota, not }) => `quota ${not ? 'over ' : ''}${quota} bytes`,
  realm: (args) =>
    args.mask === 0xffffffff
      ? `rtclassid ${ne(args.not)}${realmText(args)}`
      : `rtclassid and ${hex(args.mask)} ${args.not ? '!=' : '=='} ${hex(args.value)}`,
  rpfilter,
  sctp: (args) => ports('sctp', args).join(' ') || null,
  state: ({ states, not }) =>
    `ct state ${not ? '! ' : ''}${(states as string[]).map((s) => s.toLowerCase()).join(',')}`,
  statistic,
  tcp,
  tcpmss: ({ min, max, not }) => `tcp option maxseg size ${ne(not)}${span(min, max)}`,
  time: timeWords,
  ttl: ttl('ip ttl'),
  udp: (args) => ports('udp', args).join(' '),
};
