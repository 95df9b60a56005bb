/** Geneve devices: ip/iplink_geneve.c. */
import { formatIp, isMulticast } from '../../../addr/ip.ts';
import type { GeneveData } from '../../../linux/link/geneve.ts';
import { type Args, Exit, getUnsigned, invarg, matches, notModelledExit, type Printer } from '../../../text/iproute.ts';
import { dsfieldId } from '../dsfield.ts';
import { getAddr } from '../parse.ts';
import { dataOf, defineLinkType, unknownWord } from './type.ts';

const FLAGS: readonly [word: string, key: string, value: boolean][] = [
  ['external', 'external', true],
  ['noexternal', 'external', false],
  ['udpcsum', 'udpcsum', true],
  ['noudpcsum', 'udpcsum', false],
  ['udp6zerocsumtx', 'zeroTx', true],
  ['noudp6zerocsumtx', 'zeroTx', false],
  ['udp6zerocsumrx', 'zeroRx', true],
  ['noudp6zerocsumrx', 'zeroRx', false],
];

function number(args: Args, max: number, message: string): number {
  const value = getUnsigned(args.next(), max);
  if (value === null) throw invarg(message, args.word);
  return value;
}

function ttlWord(word: string): number {
  if (word === 'inherit') return -1;
  if (word === 'auto') return 0;
  const ttl = getUnsigned(word);
  if (ttl === null) throw invarg('invalid TTL', word);
  if (ttl > 255) throw invarg('TTL must be <= 255', word);
  return ttl;
}

export const geneveType = defineLinkType({
  kind: 'geneve',
  parse: (_ip, args, spec, old) => {
    const data = dataOf(spec);
    for (; args.more; args.skip()) {
      const word = args.word;
      const flag = FLAGS.find(([name]) => matches(word, name));
      if (matches(word, 'id') || matches(word, 'vni')) data.id = number(args, 0xffffff, 'invalid id');
      else if (matches(word, 'remote')) {
        const remote = getAddr(args.next(), 0);
        if (isMulticast(remote)) throw invarg('invalid remote address', args.word);
        data.remote = remote;
      } else if (matches(word, 'ttl') || matches(word, 'hoplimit')) data.ttl = ttlWord(args.next());
      else if (matches(word, 'tos') || matches(word, 'dsfield')) {
        const tos = args.next() === 'inherit' ? 1 : dsfieldId(args.word);
        if (tos === null) throw invarg('bad TOS value', args.word);
        data.tos = tos;
      } else if (matches(word, 'df')) {
        const df = args.next();
        if (df !== 'unset' && df !== 'set' && df !== 'inherit')
          throw invarg("DF must be 'unset', 'set' or 'inherit'", df);
        data.df = df;
      } else if (matches(word, 'label') || matches(word, 'flowlabel'))
        data.label = number(args, 0xfffff, 'invalid flowlabel');
      else if (matches(word, 'dstport')) data.dstport = number(args, 65_535, 'dstport');
      else if (flag) data[flag[1]] = flag[2];
      else if (word === 'innerprotoinherit') data.innerProto = true;
      else throw unknownWord('geneve', word);
    }
    if (data.external && data.id !== undefined)
      throw new Exit(1, "geneve: both 'external' and vni cannot be specified\n");
    if (data.external) throw notModelledExit('geneve external');
    if (data.id === undefined) throw new Exit(1, 'geneve: missing virtual network identifier\n');
    if (!old && data.remote === undefined) throw new Exit(1, 'geneve: remote link partner not specified\n');
  },
  print: (_ip, p, link) => print(p, link.data as GeneveData),
});

function print(p: Printer, data: GeneveData): void {
  const six = typeof data.remote === 'bigint';
  p.any('id', data.vni, `id ${data.vni} `);
  p.any(six ? 'remote6' : 'remote', formatIp(data.remote), `remote ${formatIp(data.remote)} `);
  if (data.ttl < 0) p.fp('ttl inherit ');
  else if (p.json || data.ttl) p.any('ttl', data.ttl, `ttl ${data.ttl} `);
  else p.fp('ttl auto ');
  const hex = (n: number) => `0x${n.toString(16)}`;
  if (data.tos) p.any('tos', hex(data.tos), !p.json && data.tos === 1 ? 'tos inherit ' : `tos ${hex(data.tos)} `);
  if (data.df === 'unset') p.js('df', 'unset');
  else p.any('df', data.df, `df ${data.df} `);
  if (data.label) p.any('label', hex(data.label), `flowlabel ${hex(data.label)} `);
  p.any('port', data.dstPort, `dstport ${data.dstPort} `);
  const flag = (key: string, word: string, on: boolean) => p.any(key, on, `${on ? '' : 'no'}${word} `);
  if (six) flag('udp_zero_csum6_tx', 'udp6zerocsumtx', !data.csum);
  else flag('udp_csum', 'udpcsum', data.csum);
  flag('udp_zero_csum6_rx', 'udp6zerocsumrx', !data.rxChecksums);
  if (data.innerProto) p.any('inner_proto_inherit', true, 'innerprotoinherit ');
}
