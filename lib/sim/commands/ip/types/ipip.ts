/** IP-in-IP links: ip/link_iptnl.c. */
import { type TunnelData, tunnelOf } from '../../../linux/link/tunnel.ts';
import { Exit, invarg, matches, notModelledExit } from '../../../text/iproute.ts';
import { getAddr } from '../parse.ts';
import { encapWord, fwmarkWord, lowerIndex, printEnds, tosWord, ttlWord } from './tunnel-words.ts';
import { dataOf, defineLinkType, unknownWord } from './type.ts';

const MODES: Readonly<Record<string, number>> = {
  'ipv4/ipv4': 4,
  ipip: 4,
  ip4ip4: 4,
  'mpls/ipv4': 137,
  mplsip: 137,
  'any/ipv4': 0,
  any: 0,
};

const PROTOS: Readonly<Record<number, string>> = { 0: 'any', 4: 'ipip', 137: 'mplsip' };

export const ipipType = defineLinkType({
  kind: 'ipip',
  parse: (ip, args, spec, old) => {
    const data = dataOf(spec);
    const was = old && tunnelOf(old);
    if (old && !was) throw new Exit(1, 'Failed to get existing tunnel info.\n');
    for (; args.more; args.skip()) {
      const word = args.word;
      if (word === 'mode') {
        const proto = MODES[args.next()];
        if (proto === undefined) throw invarg('Cannot guess tunnel mode.', args.word);
        data.proto = proto;
      } else if (word === 'remote' || word === 'local') data[word] = getAddr(args.next(), 4);
      else if (matches(word, 'dev')) data.lower = lowerIndex(ip, args.next());
      else if (['ttl', 'hoplimit', 'hlim'].includes(word)) data.ttl = ttlWord(args.next());
      else if (['tos', 'tclass', 'tc'].includes(word) || matches(word, 'dsfield')) data.tos = tosWord(args.next());
      else if (word === 'nopmtudisc' || word === 'pmtudisc') data.pmtudisc = word === 'pmtudisc';
      else if (encapWord(args, 'ipip')) continue;
      else if (word === 'fwmark') data.fwmark = fwmarkWord(args.next());
      else if (word === 'external' || word.startsWith('6rd-')) throw notModelledExit(`ipip ${word}`);
      else throw unknownWord('ipip', word);
    }
    if ((data.ttl ?? was?.ttl) && (data.pmtudisc ?? was?.pmtudisc) === false)
      throw new Exit(255, 'ttl != 0 and nopmtudisc are incompatible\n');
    if (data.lower !== undefined) spec.lower = data.lower as number;
  },
  print: (ip, p, link) => {
    const data = link.data as TunnelData;
    const proto = PROTOS[data.proto] ?? 'any';
    p.any('proto', proto, `${proto} `);
    printEnds(ip, p, link, data);
    p.any('pmtudisc', data.pmtudisc, data.pmtudisc ? 'pmtudisc ' : 'nopmtudisc ');
    if (data.fwmark) p.any('fwmark', `0x${data.fwmark.toString(16)}`, `fwmark 0x${data.fwmark.toString(16)} `);
  },
});
