import { isMulticast } from '../../../addr/ip.ts';
import { lookupRoute } from '../../route/lookup.ts';
import { defineMatch, type HookState } from '../ext.ts';

const FLAGS = ['loose', 'validmark', 'accept-local', 'invert'] as const;
type RpfilterArgs = Record<(typeof FLAGS)[number], boolean>;

const words = (args: RpfilterArgs, prefix: string): string =>
  FLAGS.map((flag) => (args[flag] ? ` ${prefix}${flag}` : '')).join('');

/** Whether an answer to the packet's source would leave by the device it came in on: ipt_rpfilter.c, ip6t_rpfilter.c. */
function reversePathHolds(args: RpfilterArgs, { world, ns, packet, in: dev }: HookState): boolean {
  const { ip } = packet;
  if (!ip || !dev) return false;
  if (dev.kind === 'loopback') return true;
  const group = isMulticast(ip.dst) || ip.dst === 0xffffffff;
  if (ip.src === 0 && isMulticast(ip.dst)) return (ip.dst as number) >>> 8 === 0xe00000;
  if (typeof ip.src === 'bigint' && (ip.src === 0n || isMulticast(ip.src))) return false;
  const back = { dst: ip.src, src: group ? undefined : ip.dst, tos: ip.tos, iif: dev.ifindex };
  const found = lookupRoute(world, ns, args.validmark ? { ...back, mark: packet.mark } : back);
  if (!found.ok) return false;
  if (found.type !== 'unicast' && !(found.type === 'local' && args['accept-local'])) return false;
  return args.loose || (found.route?.nexthops.some((hop) => hop.dev === dev.ifindex) ?? false);
}

export const rpfilter = defineMatch<RpfilterArgs>({
  name: 'rpfilter',
  options: FLAGS.map((name) => ({ name })),
  init: () => ({ loose: false, validmark: false, 'accept-local': false, invert: false }),
  option(args, id) {
    args[id as (typeof FLAGS)[number]] = true;
  },
  accept: (_args, { table, hooks }) =>
    (table !== 'raw' && table !== 'mangle') || [...hooks].some((h) => h !== 'PREROUTING') ? 'EINVAL' : null,
  save: (args) => words(args, '--'),
  list: (args) => `rpfilter${words(args, '')}`,
  apply: (args, state) => reversePathHolds(args, state) !== args.invert,
});
