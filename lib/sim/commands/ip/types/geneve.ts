import { formatIp } from '../../../addr/ip.ts';
import type { GeneveData } from '../../../linux/link/geneve.ts';
import { Exit, getUnsigned, invarg, matches, notModelledExit } from '../../../text/iproute.ts';
import { getAddr } from '../parse.ts';
import { dataOf, defineLinkType, unknownWord } from './type.ts';

const UNMODELLED = /^(df|label|flowlabel|external|noexternal|(no)?udpcsum|(no)?udp6zerocsum[tr]x|innerprotoinherit)$/;

export const geneveType = defineLinkType({
  kind: 'geneve',
  parse: (_ip, args, spec) => {
    const data = dataOf(spec);
    const number = (max: number, message: string): number => {
      const value = getUnsigned(args.next(), max);
      if (value === null) throw invarg(message, args.word);
      return value;
    };
    for (; args.more; args.skip()) {
      const word = args.word;
      if (matches(word, 'id') || matches(word, 'vni')) data.id = number(0xffffff, 'invalid id');
      else if (matches(word, 'remote')) {
        const remote = getAddr(args.next(), 0);
        if (typeof remote === 'bigint') throw notModelledExit('geneve over IPv6');
        data.remote = remote;
      } else if (matches(word, 'ttl') || matches(word, 'hoplimit')) {
        const value = args.next();
        const ttl = value === 'inherit' ? -1 : value === 'auto' ? 0 : getUnsigned(value, 255);
        if (ttl === null) throw invarg('TTL must be <= 255', value);
        data.ttl = ttl;
      } else if (matches(word, 'dstport')) data.dstport = number(65_535, 'dstport');
      else if (UNMODELLED.test(word) || matches(word, 'tos') || matches(word, 'dsfield'))
        throw notModelledExit(`geneve ${word}`);
      else throw unknownWord('geneve', word);
    }
    if (data.id === undefined) throw new Exit(1, 'geneve: missing virtual network identifier\n');
    if (data.remote === undefined) throw new Exit(1, 'geneve: remote link partner not specified\n');
  },
  print: (_ip, p, link) => {
    const data = link.data as GeneveData;
    p.any('id', data.vni, `id ${data.vni} `);
    p.any('remote', formatIp(data.remote), `remote ${formatIp(data.remote)} `);
    if (data.ttl < 0) p.fp('ttl inherit ');
    else if (data.ttl === 0) p.fp('ttl auto ');
    else p.any('ttl', data.ttl, `ttl ${data.ttl} `);
    p.any('port', data.dstPort, `dstport ${data.dstPort} `);
    p.any('udp_csum', false, 'noudpcsum ');
    p.any('udp_zero_csum6_rx', true, 'udp6zerocsumrx ');
  },
});
