/** gre, gretap and erspan links: ip/link_gre.c. */
import { formatIp, isMulticast } from '../../../addr/ip.ts';
import { GRE_CSUM, GRE_KEY, GRE_SEQ, type TunnelData, tunnelOf } from '../../../linux/link/tunnel.ts';
import { type Args, Exit, getUnsigned, invarg, matches, notModelledExit, type Printer } from '../../../text/iproute.ts';
import type { Ip } from '../context.ts';
import { getAddr } from '../parse.ts';
import { encapWord, fwmarkWord, lowerIndex, printEnds, tosWord, ttlWord, tunnelKey } from './tunnel-words.ts';
import { dataOf, defineLinkType, type LinkType, unknownWord } from './type.ts';

type Fields = Pick<TunnelData, 'iflags' | 'oflags' | 'ikey' | 'okey' | 'local' | 'remote'>;

const FLAGS: Readonly<Record<string, number>> = { key: GRE_KEY, seq: GRE_SEQ, csum: GRE_CSUM };
/** In the order in which beginnings of them are tried. */
const FLAG_WORDS = ['key', 'seq', 'csum'].flatMap((w) => [w, `no${w}`, `i${w}`, `noi${w}`, `o${w}`, `noo${w}`]);

/** `[no][i|o]seq` and its like; true when the word at hand was one. */
function flagWord(args: Args, f: Fields): boolean {
  const full = FLAG_WORDS.find((w) => matches(args.word, w));
  const [, no, side, name] = /^(no)?([io]?)(key|seq|csum)$/.exec(full ?? '') ?? [];
  if (full === undefined || name === undefined) return false;
  const flag = FLAGS[name] as number;
  const key = name === 'key' ? (no ? 0 : tunnelKey(full, args.next())) : null;
  for (const at of ['i', 'o'] as const) {
    if (side && side !== at) continue;
    f[`${at}flags`] = no ? f[`${at}flags`] & ~flag : f[`${at}flags`] | flag;
    if (key !== null) f[`${at}key`] = key;
  }
  return true;
}

/** erspan's own words; true when the word at hand was one. */
function erspanWord(args: Args, erspan: NonNullable<TunnelData['erspan']>): boolean {
  const number = (max: number, message: string) => {
    const value = getUnsigned(args.next(), max);
    if (value === null) throw invarg(message, args.word);
    return value;
  };
  switch (args.word) {
    case 'erspan':
      erspan.index = number(0xffffffff, 'invalid erspan index\n');
      if (erspan.index > 0xfffff || erspan.index === 0)
        throw invarg('erspan index must be > 0 and <= 20-bit\n', args.word);
      return true;
    case 'erspan_ver':
      erspan.version = number(255, 'invalid erspan version\n');
      if (erspan.version > 2) throw invarg('erspan version must be 0/1/2\n', args.word);
      return true;
    case 'erspan_dir': {
      const word = args.next();
      if (matches(word, 'ingress')) erspan.dir = 0;
      else if (matches(word, 'egress')) erspan.dir = 1;
      else throw invarg('Invalid erspan direction.', word);
      return true;
    }
    case 'erspan_hwid':
      erspan.hwid = number(65_535, 'invalid erspan hwid\n');
      return true;
  }
  return false;
}

function print(ip: Ip, p: Printer, link: Parameters<NonNullable<LinkType['print']>>[2]): void {
  const data = link.data as TunnelData;
  printEnds(ip, p, link, data);
  if (data.pmtudisc) p.js('pmtudisc', true);
  else p.any('pmtudisc', false, 'nopmtudisc ');
  if (data.ignoreDf) p.any('ignore_df', true, 'ignore-df ');
  const tap = link.kind === 'erspan';
  // erspan says of itself that it sends a key: its session id.
  if (data.iflags & GRE_KEY) p.any('ikey', formatIp(data.ikey), `ikey ${formatIp(data.ikey)} `);
  if (data.oflags & GRE_KEY || tap) p.any('okey', formatIp(data.okey), `okey ${formatIp(data.okey)} `);
  for (const [word, flags, flag] of [
    ['iseq', data.iflags, GRE_SEQ],
    ['oseq', data.oflags, GRE_SEQ],
    ['icsum', data.iflags, GRE_CSUM],
    ['ocsum', data.oflags, GRE_CSUM],
  ] as const)
    if (flags & flag) p.any(word, true, `${word} `);
  if (data.fwmark) p.any('fwmark', `0x${data.fwmark.toString(16)}`, `fwmark 0x${data.fwmark.toString(16)} `);
  if (!data.erspan) return;
  const { version, index, dir, hwid } = data.erspan;
  if (version === 1) p.any('erspan_index', index, `erspan_index ${index} `);
  p.any('erspan_ver', version, `erspan_ver ${version} `);
  if (version !== 2) return;
  const way = dir === 0 ? 'ingress' : 'egress';
  p.any('erspan_dir', way, `erspan_dir ${way} `);
  p.any('erspan_hwid', `0x${hwid.toString(16)}`, `erspan_hwid 0x${hwid.toString(16)} `);
}

const defineGre = (kind: 'gre' | 'gretap' | 'erspan'): LinkType =>
  defineLinkType({
    kind,
    parse: (ip, args, spec, old) => {
      const data = dataOf(spec);
      const was = old && tunnelOf(old);
      if (old && !was) throw new Exit(1, 'Failed to get existing tunnel info.\n');
      const f: Fields = {
        iflags: was?.iflags ?? 0,
        oflags: was?.oflags ?? 0,
        ikey: was?.ikey ?? 0,
        okey: was?.okey ?? 0,
        local: was?.local ?? 0,
        remote: was?.remote ?? 0,
      };
      const erspan = { ...(was?.erspan ?? { version: 1, index: 0, dir: 0, hwid: 0 }) };
      for (; args.more; args.skip()) {
        const word = args.word;
        if (flagWord(args, f)) continue;
        if (matches(word, 'nopmtudisc')) data.pmtudisc = false;
        else if (matches(word, 'pmtudisc')) data.pmtudisc = true;
        else if (matches(word, 'remote')) f.remote = getAddr(args.next(), 4) as number;
        else if (matches(word, 'local')) f.local = getAddr(args.next(), 4) as number;
        else if (matches(word, 'dev')) data.lower = lowerIndex(ip, args.next());
        else if (['ttl', 'hoplimit', 'hlim'].some((w) => matches(word, w))) data.ttl = ttlWord(args.next());
        else if (['tos', 'tclass', 'dsfield'].some((w) => matches(word, w))) data.tos = tosWord(args.next());
        else if (encapWord(args, kind)) continue;
        else if (word === 'external') throw notModelledExit(`${kind} external`);
        else if (word === 'ignore-df' || word === 'noignore-df') data.ignoreDf = word === 'ignore-df';
        else if (word === 'fwmark') data.fwmark = fwmarkWord(args.next());
        else if (!(kind === 'erspan' && erspanWord(args, erspan))) throw unknownWord(kind, word);
      }
      if (isMulticast(f.remote)) {
        for (const at of ['i', 'o'] as const) {
          if (f[`${at}key`]) continue;
          f[`${at}key`] = f.remote;
          f[`${at}flags`] |= GRE_KEY;
        }
        if (!f.local) throw new Exit(1, 'A broadcast tunnel requires a source address.\n');
      }
      Object.assign(data, f);
      if (kind === 'erspan') data.erspan = erspan;
      if (data.lower !== undefined) spec.lower = data.lower as number;
    },
    print,
  });

export const greType = defineGre('gre');
export const gretapType = defineGre('gretap');
export const erspanType = defineGre('erspan');
