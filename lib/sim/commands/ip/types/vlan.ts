import type { OtherLinkData } from '../../../linux/types.ts';
import { getUnsigned, invarg, matches, notModelledExit } from '../../../text/iproute.ts';
import { dataOf, defineLinkType, unknownWord } from './type.ts';

export const vlanType = defineLinkType({
  kind: 'vlan',
  parse: (_ip, args, spec) => {
    const data = dataOf(spec);
    for (; args.more; args.skip()) {
      if (matches(args.word, 'protocol')) {
        const proto = args.next().toLowerCase();
        if (proto === '802.1ad') throw notModelledExit('vlan protocol 802.1ad');
        if (proto !== '802.1q') throw invarg('protocol is invalid', args.word);
        data.protocol = '802.1Q';
      } else if (matches(args.word, 'id')) {
        const id = getUnsigned(args.next(), 65535);
        if (id === null) throw invarg('id is invalid', args.word);
        data.id = id;
      } else if (
        ['reorder_hdr', 'gvrp', 'mvrp', 'loose_binding', 'bridge_binding', 'ingress-qos-map', 'egress-qos-map'].some(
          (w) => matches(args.word, w),
        )
      ) {
        throw notModelledExit(`vlan ${args.word}`);
      } else throw unknownWord('vlan', args.word);
    }
  },
  print: (_ip, p, link) => {
    const data = link.data as OtherLinkData;
    p.any('protocol', String(data.protocol), `protocol ${data.protocol} `);
    p.any('id', Number(data.id), `id ${data.id} `);
    p.openArray('flags');
    p.any(null, 'REORDER_HDR', '<REORDER_HDR> ');
    p.close();
  },
});
