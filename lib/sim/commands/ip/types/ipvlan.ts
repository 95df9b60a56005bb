import type { OtherLinkData } from '../../../linux/types.ts';
import { Exit, matches } from '../../../text/iproute.ts';
import { dataOf, defineLinkType, unknownWord } from './type.ts';

const MODES = ['l2', 'l3', 'l3s'];

export const ipvlanType = defineLinkType({
  kind: 'ipvlan',
  parse: (_ip, args, spec) => {
    const data = dataOf(spec);
    // The flags are sent in any case: none means bridge.
    data.flag = 'bridge';
    for (; args.more; args.skip()) {
      if (matches(args.word, 'mode')) {
        const mode = args.next();
        if (!MODES.includes(mode)) throw new Exit(1, 'Error: argument of "mode" must be either "l2", "l3" or "l3s"\n');
        data.mode = mode;
      } else if (['private', 'vepa', 'bridge'].includes(args.word)) data.flag = args.word;
      else throw unknownWord('ipvlan', args.word);
    }
  },
  print: (_ip, p, link) => {
    const data = link.data as OtherLinkData;
    p.any('mode', String(data.mode), ` mode ${data.mode} `);
    p.any(String(data.flag), true, `${data.flag} `);
  },
});
