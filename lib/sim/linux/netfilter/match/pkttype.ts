import { isMulticast } from '../../../addr/ip.ts';
import { BROADCAST_MAC, isGroupMac } from '../../../addr/mac.ts';
import { defineMatch, fail } from '../ext.ts';

const NAMES: Record<string, string> = {
  unicast: 'unicast',
  host: 'unicast',
  broadcast: 'broadcast',
  bcast: 'broadcast',
  multicast: 'multicast',
  mcast: 'multicast',
};

export const pkttype = defineMatch<{ type: string; not: boolean }>({
  name: 'pkttype',
  options: [{ name: 'pkt-type', arg: true, must: true, invert: true }],
  init: () => ({ type: 'unicast', not: false }),
  option(args, _id, value, not) {
    const type = NAMES[value.toLowerCase()];
    if (!type) fail(`Bad packet type '${value}'`);
    args.type = type;
    args.not = not;
  },
  save: (args) => `${args.not ? ' !' : ''} --pkt-type ${args.type}`,
  list: (args) => `PKTTYPE ${args.not ? '!=' : '='} ${args.type}`,
  apply(args, { packet }) {
    const dst = packet.eth?.dst;
    let type = 'unicast';
    if (dst === undefined) type = packet.ip && isMulticast(packet.ip.dst) ? 'multicast' : 'unicast';
    else if (dst === BROADCAST_MAC) type = 'broadcast';
    else if (isGroupMac(dst)) type = 'multicast';
    return (type === args.type) !== args.not;
  },
});
