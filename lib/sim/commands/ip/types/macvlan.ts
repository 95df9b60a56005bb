import { lowerLink, upperLinks } from '../../../linux/link/find.ts';
import type { OtherLinkData } from '../../../linux/types.ts';
import { Exit, getUnsigned, invarg, matches, notModelledExit } from '../../../text/iproute.ts';
import { dataOf, defineLinkType, unknownWord } from './type.ts';
import { KIND_USAGE } from './usage.ts';

const MODES = ['private', 'vepa', 'bridge', 'passthru', 'source'];

export const macvlanType = defineLinkType({
  kind: 'macvlan',
  parse: (_ip, args, spec) => {
    const data = dataOf(spec);
    for (; args.more; args.skip()) {
      if (matches(args.word, 'mode')) {
        const mode = args.next();
        if (!MODES.includes(mode)) {
          throw new Exit(
            1,
            `Error: argument of "mode" must be "private", "vepa", "bridge", "passthru" or "source", not "${mode}"\n`,
          );
        }
        data.mode = mode;
      } else if (matches(args.word, 'bcqueuelen')) {
        const length = getUnsigned(args.next());
        if (length === null) throw invarg('"bcqueuelen" value is invalid', args.word);
        data.bcqueuelen = length;
      } else if (args.word === 'nopromisc' && data.mode !== 'passthru') {
        throw new Exit(1, `macvlan: nopromisc flag only valid in passthru mode\n${KIND_USAGE.macvlan}`);
      } else if (['macaddr', 'nopromisc', 'nodst', 'flag'].some((w) => matches(args.word, w)))
        throw notModelledExit(`macvlan ${args.word}`);
      else throw unknownWord('macvlan', args.word);
    }
  },
  print: (ip, p, link) => {
    // The longest queue that any macvlan of this lower device asks for is the one they all use.
    const lower = lowerLink(ip.world, ip.ns, link);
    const all = lower ? upperLinks(ip.world, lower.ns, lower.link).filter((u) => u.link.kind === 'macvlan') : [];
    const used = Math.max(...all.map((u) => Number((u.link.data as OtherLinkData).bcqueuelen)));
    const data = link.data as OtherLinkData;
    p.any('mode', String(data.mode), `mode ${data.mode} `);
    p.any('bcqueuelen', Number(data.bcqueuelen), `bcqueuelen ${data.bcqueuelen} `);
    p.any('usedbcqueuelen', used, `usedbcqueuelen ${used} `);
    // Addresses to take frames from come with `macaddr`, which is not modelled: there are none.
    if (data.mode === 'source') p.any('macaddr_count', 0, 'remotes (0) ');
  },
});
