import type { LinkSpec } from '../../../linux/link/ops.ts';
import { Exit } from '../../../text/iproute.ts';
import { parseLinkWords } from '../link-parse.ts';
import { defineLinkType } from './type.ts';

const USAGE = `Usage: ip link <options> type veth [peer <options>]
To get <options> type 'ip link add help'
`;

export const vethType = defineLinkType({
  kind: 'veth',
  parse: (ip, args, spec) => {
    if (args.word !== 'peer') {
      ip.out += USAGE;
      throw new Exit(1);
    }
    args.skip();
    const peer: LinkSpec = { kind: 'veth' };
    const parsed = parseLinkWords(ip, args, peer, true);
    spec.peer = peer;
    if (parsed.netns) spec.peerNs = parsed.netns;
  },
});
