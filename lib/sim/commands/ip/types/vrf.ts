import { l3table } from '../../../linux/link/vrf.ts';
import type { Link } from '../../../linux/types.ts';
import { invarg, matches, type Printer } from '../../../text/iproute.ts';
import type { Ip } from '../context.ts';
import { tableId } from '../parse.ts';
import { dataOf, defineLinkType, unknownWord } from './type.ts';

/** Routing domains: ip/iplink_vrf.c. */
export const vrfType = defineLinkType({
  kind: 'vrf',
  parse: (_ip, args, spec) => {
    const data = dataOf(spec);
    for (; args.more; args.skip()) {
      if (!matches(args.word, 'table')) throw unknownWord('vrf', args.word);
      const table = tableId(args.next());
      if (table === null) throw invarg('invalid table ID\n', args.word);
      data.table = table;
    }
  },
  print: (ip, p, link) => printTable(ip, p, link),
});

/** The table of a domain, or of the domain a port is in. */
export function printTable(ip: Ip, p: Printer, link: Link): void {
  const table = l3table(ip.ns, link);
  p.any('table', table, `table ${table} `);
}
