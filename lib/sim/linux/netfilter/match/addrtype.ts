import type { Ip } from '../../../addr/ip.ts';
import { lookupRoute } from '../../route/lookup.ts';
import { defineMatch, fail, type HookState } from '../ext.ts';

const TYPES = [
  'UNSPEC',
  'UNICAST',
  'LOCAL',
  'BROADCAST',
  'ANYCAST',
  'MULTICAST',
  'BLACKHOLE',
  'UNREACHABLE',
  'PROHIBIT',
  'THROW',
  'NAT',
  'XRESOLVE',
];

interface AddrtypeArgs {
  src: string[] | null;
  srcNot: boolean;
  dst: string[] | null;
  dstNot: boolean;
  limit: 'in' | 'out' | null;
}

function parseTypes(value: string): string[] {
  const found = new Set<string>();
  for (const word of value.split(',')) {
    const upper = word.toUpperCase();
    if (!TYPES.includes(upper)) fail(`addrtype: bad type "${word}"`);
    found.add(upper);
  }
  return TYPES.filter((name) => found.has(name));
}

/** inet_addr_type_dev_table(): what kind of address it is for this host, or for one device of it. */
export function addressType(ip: Ip, state: HookState, dev: number): string {
  if (ip === 0) return 'BROADCAST';
  if (typeof ip === 'number' && ip >>> 28 === 0xe) return 'MULTICAST';
  if (typeof ip === 'bigint' && ip >> 120n === 0xffn) return 'MULTICAST';
  if (ip === 0xffffffff) return 'BROADCAST';
  if (dev) {
    const link = state.ns.links.get(dev);
    if (link && !link.addrs.some((a) => a.local === ip || a.broadcast === ip)) return 'UNICAST';
  }
  const found = lookupRoute(state.world, state.ns, { dst: ip });
  if (!found.ok) return found.type ? found.type.toUpperCase() : 'UNICAST';
  return found.type === 'local' || found.type === 'broadcast' ? found.type.toUpperCase() : 'UNICAST';
}

export const addrtype = defineMatch<AddrtypeArgs>({
  name: 'addrtype',
  options: [
    { name: 'src-type', arg: true, invert: true },
    { name: 'dst-type', arg: true, invert: true },
    { name: 'limit-iface-in', excl: ['limit-iface-out'] },
    { name: 'limit-iface-out', excl: ['limit-iface-in'] },
  ],
  init: () => ({ src: null, srcNot: false, dst: null, dstNot: false, limit: null }),
  option(args, id, value, not) {
    if (id === 'src-type') {
      args.src = parseTypes(value);
      args.srcNot = not;
    } else if (id === 'dst-type') {
      args.dst = parseTypes(value);
      args.dstNot = not;
    } else args.limit = id === 'limit-iface-in' ? 'in' : 'out';
  },
  done(_args, seen) {
    if (!seen.has('src-type') && !seen.has('dst-type')) fail('addrtype: you must specify --src-type or --dst-type');
  },
  accept(args, { hooks, deep }) {
    if (deep) return null;
    if (args.limit === 'out' && (hooks.has('PREROUTING') || hooks.has('INPUT'))) return 'EINVAL';
    if (args.limit === 'in' && (hooks.has('POSTROUTING') || hooks.has('OUTPUT'))) return 'EINVAL';
    return null;
  },
  save(args) {
    const src = args.src ? `${args.srcNot ? ' !' : ''} --src-type ${args.src.join(',')}` : '';
    const dst = args.dst ? `${args.dstNot ? ' !' : ''} --dst-type ${args.dst.join(',')}` : '';
    return src + dst + (args.limit ? ` --limit-iface-${args.limit}` : '');
  },
  list(args) {
    const src = args.src ? ` src-type ${args.srcNot ? '!' : ''}${args.src.join(',')}` : '';
    const dst = args.dst ? ` dst-type ${args.dstNot ? '!' : ''}${args.dst.join(',')}` : '';
    return `ADDRTYPE match${src}${dst}${args.limit ? ` limit-${args.limit}` : ''}`;
  },
  apply(args, state) {
    const { ip } = state.packet;
    if (!ip) return false;
    const dev = args.limit === 'in' ? (state.in?.ifindex ?? 0) : args.limit === 'out' ? (state.out?.ifindex ?? 0) : 0;
    if (args.src && args.src.includes(addressType(ip.src, state, dev)) === args.srcNot) return false;
    if (args.dst && args.dst.includes(addressType(ip.dst, state, dev)) === args.dstNot) return false;
    return true;
  },
});
