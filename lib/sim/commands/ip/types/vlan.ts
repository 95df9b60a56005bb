/** VLAN devices: ip/iplink_vlan.c. */
import { type VlanData, vlanOf } from '../../../linux/link/vlan.ts';
import { type Args, getUnsigned, invarg, matches, onOff, type Printer } from '../../../text/iproute.ts';
import { dataOf, defineLinkType, unknownWord } from './type.ts';

/** In the order in which they are printed. */
const FLAGS = ['reorder_hdr', 'gvrp', 'mvrp', 'loose_binding', 'bridge_binding'] as const;

/** `FROM:TO …` up to the first word without a colon. */
function qosMap(args: Args, key: string): [number, number][] {
  const map: [number, number][] = [];
  args.next();
  for (; args.more && args.word.includes(':'); args.skip()) {
    const [from = '', to = ''] = args.word.split(/:(.*)/s);
    const pair = [getUnsigned(from), getUnsigned(to)];
    if (pair[0] == null || pair[1] == null) throw invarg(`invalid ${key}`, from);
    map.push([pair[0], pair[1]]);
  }
  return map;
}

function printMap(p: Printer, key: string, word: string, map: VlanData['ingress']): void {
  if (map.length === 0) return;
  p.fp(`${p.nl}      ${word} { `);
  p.openArray(key);
  for (const [from, to] of map) {
    p.open();
    p.any('from', from, `${from}:`);
    p.any('to', to, `${to} `);
    p.close();
  }
  p.close();
  p.fp('} ');
}

export const vlanType = defineLinkType({
  kind: 'vlan',
  parse: (_ip, args, spec) => {
    const data = dataOf(spec);
    const flags: Record<string, boolean> = {};
    data.flags = flags;
    while (args.more) {
      const word = args.word;
      const flag = FLAGS.find((f) => matches(word, f));
      if (matches(word, 'protocol')) {
        const proto = args.next().toLowerCase();
        if (proto !== '802.1q' && proto !== '802.1ad') throw invarg('protocol is invalid', args.word);
        data.protocol = proto === '802.1ad' ? '802.1ad' : '802.1Q';
      } else if (matches(word, 'id')) {
        const id = getUnsigned(args.next(), 65535);
        if (id === null) throw invarg('id is invalid', args.word);
        data.id = id;
      } else if (flag) flags[flag] = onOff(flag, args.next());
      else if (matches(word, 'ingress-qos-map')) {
        data.ingress = qosMap(args, 'ingress-qos-map');
        continue;
      } else if (matches(word, 'egress-qos-map')) {
        data.egress = qosMap(args, 'egress-qos-map');
        continue;
      } else throw unknownWord('vlan', word);
      args.skip();
    }
  },
  print: (_ip, p, link) => {
    const data = vlanOf(link) as VlanData;
    p.any('protocol', data.protocol, `protocol ${data.protocol} `);
    p.any('id', data.id, `id ${data.id} `);
    const flags = FLAGS.filter((f) => data.flags[f]).map((f) => f.toUpperCase());
    if (flags.length > 0) {
      p.openArray('flags');
      for (const f of flags) p.js(null, f);
      p.close();
      p.fp(`<${flags.join(',')}> `);
    }
    printMap(p, 'ingress_qos', 'ingress-qos-map', data.ingress);
    printMap(p, 'egress_qos', 'egress-qos-map', data.egress);
  },
});
