import { formatIp, isMulticast } from '../../../addr/ip.ts';
import { linkName } from '../../../linux/link/find.ts';
import { getLink } from '../../../linux/link/linkwatch.ts';
import type { VxlanData } from '../../../linux/types.ts';
import { Exit, getUnsigned, invarg, matches, notModelledExit } from '../../../text/iproute.ts';
import { dsfieldId } from '../dsfield.ts';
import { getAddr } from '../parse.ts';
import { dataOf, defineLinkType, unknownWord } from './type.ts';

const DEFAULT_PORT = `vxlan: destination port not specified
Will use Linux kernel default (non-standard value)
Use 'dstport 4789' to get the IANA assigned value
Use 'dstport 0' to get default and quiet this message
`;

/** Switches that are given as a word or as `no` + word. */
const SWITCHES = [
  'learning',
  'proxy',
  'rsc',
  'l2miss',
  'l3miss',
  'udpcsum',
  'udp6zerocsumtx',
  'udp6zerocsumrx',
  'remcsumtx',
  'remcsumrx',
];
const UNMODELLED = ['label', 'flowlabel', 'noexternal', 'gbp', 'gpe', 'remcsumtx', 'remcsumrx'];

export const vxlanType = defineLinkType({
  kind: 'vxlan',
  parse: (ip, args, spec, old) => {
    const data = dataOf(spec);
    const number = (max: number, message: string): number => {
      const value = getUnsigned(args.next(), max);
      if (value === null) throw invarg(message, args.word);
      return value;
    };
    const seen = { group: false, remote: false };
    let family: 0 | 4 | 6 = 0;
    let external = false;
    let numbered = false;
    const address = () => {
      const ip6 = getAddr(args.next(), family);
      family = typeof ip6 === 'bigint' ? 6 : 4;
      return ip6;
    };
    for (; args.more; args.skip()) {
      const word = args.word;
      const plain = word.replace(/^no/, '');
      if (matches(word, 'id') || matches(word, 'vni')) {
        data.id = number(0xffffff, 'invalid id');
        numbered = true;
      } else if (matches(word, 'group')) {
        seen.group = true;
        data.group = address();
        if (!isMulticast(data.group as number)) throw invarg('invalid group address', args.word);
      } else if (matches(word, 'remote')) {
        seen.remote = true;
        data.group = address();
        if (isMulticast(data.group as number)) throw invarg('invalid remote address', args.word);
      } else if (matches(word, 'local')) {
        data.local = address();
        if (isMulticast(data.local as number)) throw invarg('invalid local address', args.word);
      } else if (matches(word, 'dev')) {
        const lower = getLink(ip.world, ip.ns, args.next());
        if (!lower) throw new Exit(255, `Cannot find device "${args.word}"\n`);
        spec.lower = lower.ifindex;
      } else if (matches(word, 'ttl') || matches(word, 'hoplimit')) {
        const value = args.next();
        const ttl = value === 'inherit' || value === 'auto' ? 0 : getUnsigned(value);
        if (ttl === null) throw invarg('invalid TTL', value);
        if (ttl > 255) throw invarg('TTL must be <= 255', value);
        data.ttl = ttl;
        data.ttlInherit = value === 'inherit';
      } else if (matches(word, 'tos') || matches(word, 'dsfield')) {
        const tos = args.next() === 'inherit' ? 1 : dsfieldId(args.word);
        if (tos === null) throw invarg('bad TOS value', args.word);
        data.tos = tos;
      } else if (word === 'df') {
        const df = args.next();
        if (!['unset', 'set', 'inherit'].includes(df)) throw invarg("DF must be 'unset', 'set' or 'inherit'", df);
        data.df = df;
      } else if (matches(word, 'maxaddress')) {
        const most = args.next() === 'unlimited' ? 0 : getUnsigned(args.word);
        if (most === null) throw invarg('max addresses', args.word);
        data.maxaddress = most;
      } else if (matches(word, 'ageing')) {
        const value = args.next();
        const ageing = value === 'none' ? 0 : getUnsigned(value);
        if (ageing === null) throw invarg('ageing timer', value);
        data.ageing = ageing;
      } else if (matches(word, 'port') || matches(word, 'srcport')) {
        data.srcportMin = number(65535, 'min port');
        data.srcportMax = number(65535, 'max port');
      } else if (matches(word, 'dstport')) data.dstport = number(65535, 'dst port');
      else if (word === 'external') external = true;
      else if (UNMODELLED.includes(plain) || UNMODELLED.includes(word)) throw notModelledExit(`vxlan ${word}`);
      else if (SWITCHES.includes(plain)) data[plain] = plain === word;
      else throw unknownWord('vxlan', word);
    }
    if (external && (old || !numbered)) throw notModelledExit('vxlan external');
    if (old) return;
    if (seen.group && seen.remote) throw new Exit(1, 'vxlan: both group and remote cannot be specified\n');
    if (external) throw new Exit(1, "vxlan: both 'external' and vni cannot be specified\n");
    if (typeof data.group === 'number' && isMulticast(data.group) && spec.lower === undefined)
      throw new Exit(1, "vxlan: 'group' requires 'dev' to be specified\n");
    if (data.id === undefined) throw new Exit(1, 'vxlan: missing virtual network identifier\n');
    if (data.dstport === undefined && ip.opts.family !== 'link') ip.err += DEFAULT_PORT;
    if (data.dstport === 0) data.dstport = 8472;
  },
  print: (ip, p, link) => {
    const data = link.data as VxlanData;
    const opts = data.opts as Record<string, unknown>;
    p.any('id', data.vni, `id ${data.vni} `);
    if (data.group !== null) {
      const key = isMulticast(data.group) ? 'group' : 'remote';
      p.any(typeof data.group === 'bigint' ? `${key}6` : key, formatIp(data.group), `${key} ${formatIp(data.group)} `);
    }
    if (data.local !== null)
      p.any(
        typeof data.local === 'bigint' ? 'local6' : 'local',
        formatIp(data.local),
        `local ${formatIp(data.local)} `,
      );
    if (data.dev) p.any('link', linkName(ip.ns, data.dev), `dev ${linkName(ip.ns, data.dev)} `);
    const low = Number(opts.srcportMin ?? 0);
    const high = Number(opts.srcportMax ?? 0);
    p.js('port_range', { low, high });
    p.fp(`srcport ${low} ${high} `);
    p.any('port', data.dstPort, `dstport ${data.dstPort} `);
    if (!data.learning) p.any('learning', false, 'nolearning ');
    else p.js('learning', true);
    if (data.proxy) p.any('proxy', true, 'proxy ');
    if (opts.rsc === true) p.any('rsc', true, 'rsc ');
    if (data.l2miss) p.any('l2miss', true, 'l2miss ');
    if (data.l3miss) p.any('l3miss', true, 'l3miss ');
    if (data.tos)
      p.any('tos', `0x${data.tos.toString(16)}`, data.tos === 1 ? 'tos inherit ' : `tos 0x${data.tos.toString(16)} `);
    if (opts.ttlInherit) p.fp('ttl inherit ');
    else if (data.ttl) p.any('ttl', data.ttl, `ttl ${data.ttl} `);
    else p.any('ttl', 0, 'ttl auto ');
    const df = String(opts.df ?? 'unset');
    if (df === 'unset') p.js('df', df);
    else p.any('df', df, `df ${df} `);
    const ageing = Number(opts.ageing ?? 300);
    p.any('ageing', ageing, ageing === 0 ? 'ageing none ' : `ageing ${ageing} `);
    if (opts.maxaddress) p.any('limit', Number(opts.maxaddress), `maxaddr ${opts.maxaddress} `);
    const flag = (key: string, word: string, on: boolean) => p.any(key, on, `${on ? '' : 'no'}${word} `);
    flag('udp_csum', 'udpcsum', opts.udpcsum !== false);
    flag('udp_zero_csum6_tx', 'udp6zerocsumtx', opts.udp6zerocsumtx === true);
    flag('udp_zero_csum6_rx', 'udp6zerocsumrx', opts.udp6zerocsumrx === true);
  },
});
