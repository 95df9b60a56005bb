import { formatIp, type Ip4 } from '../../../addr/ip.ts';
import type { TunnelData } from '../../../linux/link/tunnel.ts';
import { getUnsigned, invarg, matches, notModelledExit, type Printer } from '../../../text/iproute.ts';
import { device } from '../context.ts';
import { getAddr } from '../parse.ts';
import { dataOf, defineLinkType, unknownWord } from './type.ts';

const end = (p: Printer, key: string, ip: Ip4): void =>
  p.any(key, ip ? formatIp(ip) : 'any', `${key} ${ip ? formatIp(ip) : 'any'} `);

export const ipipType = defineLinkType({
  kind: 'ipip',
  parse: (ip, args, spec) => {
    const data = dataOf(spec);
    for (; args.more; args.skip()) {
      const word = args.word;
      if (word === 'remote' || word === 'local') data[word] = getAddr(args.next(), 4);
      else if (matches(word, 'dev')) spec.lower = device(ip, args.next()).ifindex;
      else if (word === 'ttl' || word === 'hoplimit' || word === 'hlim') {
        const value = args.next();
        const ttl = value === 'inherit' ? 0 : getUnsigned(value, 255);
        if (ttl === null) throw invarg('invalid TTL\n', value);
        data.ttl = ttl;
      } else if (word === 'nopmtudisc') data.pmtudisc = false;
      else if (word === 'pmtudisc') data.pmtudisc = true;
      else if (word === 'mode' && ['ipip', 'ip4ip4', 'any', 'ip/ip'].includes(args.next())) data.mode = args.word;
      else if (
        ['tos', 'dsfield', 'mode', 'noencap', 'encap', 'external', 'fwmark', '6rd-prefix', 'isatap'].includes(word)
      )
        throw notModelledExit(`ipip ${word}`);
      else throw unknownWord('ipip', word);
    }
  },
  print: (_ip, p, link) => {
    const data = link.data as TunnelData;
    p.any('proto', 'any', 'any ');
    end(p, 'remote', data.remote);
    end(p, 'local', data.local);
    if (data.ttl) p.any('ttl', data.ttl, `ttl ${data.ttl} `);
    else p.fp('ttl inherit ');
    p.any('pmtudisc', data.pmtudisc, data.pmtudisc ? 'pmtudisc ' : 'nopmtudisc ');
  },
});
