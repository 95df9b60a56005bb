import { formatIp, type Ip } from '../../../addr/ip.ts';
import { duplicate } from '../duplicate.ts';
import { defineTarget } from '../ext.ts';
import { hostOption } from '../xtopt.ts';

interface TeeArgs {
  gateway: Ip;
  oif: string;
}

const words = (args: TeeArgs, oif: string): string => `${formatIp(args.gateway)}${args.oif ? `${oif}${args.oif}` : ''}`;

/** A copy of the packet to a gateway on the link: net/netfilter/xt_TEE.c. */
export const tee = defineTarget<TeeArgs>({
  name: 'TEE',
  options: [
    { name: 'gateway', arg: true, must: true },
    { name: 'oif', arg: true },
  ],
  init: (ctx) => ({ gateway: ctx.family === 'ip' ? 0 : 0n, oif: '' }),
  option(args, id, value, _not, ctx) {
    if (id === 'gateway') args.gateway = hostOption(value, ctx);
    else args.oif = value.slice(0, 15);
  },
  accept: ({ gateway }) => (gateway === 0 || gateway === 0n ? 'EINVAL' : null),
  save: (args) => ` --gateway ${words(args, ' --oif ')}`,
  list: (args) => `TEE gw:${words(args, ' oif=')}`,
  apply({ gateway, oif }, state) {
    const link = oif ? [...state.ns.links.values()].find((l) => l.name === oif) : undefined;
    duplicate(state, gateway, link?.ifindex ?? 0);
    return 'CONTINUE';
  },
});
