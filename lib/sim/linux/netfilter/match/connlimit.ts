import type { Ip } from '../../../addr/ip.ts';
import { defineMatch, fail } from '../ext.ts';
import { uintOption } from '../values.ts';
import { familyMask, prefixLengthOption } from '../xtopt.ts';

interface ConnlimitArgs {
  limit: number;
  /** "up to" instead of "above". */
  upto: boolean;
  len: number;
  dst: boolean;
  /** Connections that passed the rule, by masked address and zone: ids of conntrack entries. */
  counted: Record<string, number[]>;
}

const masked = (ip: Ip, mask: Ip): Ip =>
  typeof ip === 'bigint' ? ip & (mask as bigint) : (ip & (mask as number)) >>> 0;

/** How many connections an address has: nf_conncount.c. Those that are closed do not count any more. */
export const connlimit = defineMatch<ConnlimitArgs>({
  name: 'connlimit',
  tracks: true,
  options: [
    { name: 'connlimit-upto', arg: true, invert: true, excl: ['connlimit-above'] },
    { name: 'connlimit-above', arg: true, invert: true, excl: ['connlimit-upto'] },
    { name: 'connlimit-mask', arg: true },
    { name: 'connlimit-saddr', excl: ['connlimit-daddr'] },
    { name: 'connlimit-daddr', excl: ['connlimit-saddr'] },
  ],
  init: (ctx) => ({ limit: 0, upto: false, len: ctx.family === 'ip' ? 32 : 128, dst: false, counted: {} }),
  option(args, id, value, not, ctx) {
    if (id === 'connlimit-mask') args.len = prefixLengthOption('connlimit', id, value, ctx);
    else if (id === 'connlimit-saddr') args.dst = false;
    else if (id === 'connlimit-daddr') args.dst = true;
    else {
      args.limit = uintOption('connlimit', id, value, 0, 0xffffffff);
      args.upto = (id === 'connlimit-upto') !== not;
    }
  },
  done(_args, seen) {
    if (!seen.has('connlimit-upto') && !seen.has('connlimit-above'))
      fail('You must specify "--connlimit-above" or "--connlimit-upto".');
  },
  save: (a) =>
    ` --connlimit-${a.upto ? 'upto' : 'above'} ${a.limit} --connlimit-mask ${a.len} --connlimit-${a.dst ? 'd' : 's'}addr`,
  list: (a) => `#conn ${a.dst ? 'dst' : 'src'}/${a.len} ${a.upto ? '<=' : '>'} ${a.limit}`,
  apply(args, { ns, packet, ct, family }) {
    if (!packet.ip || !ct) return args.upto;
    const address = masked(args.dst ? packet.ip.dst : packet.ip.src, familyMask({ family }, args.len));
    const key = `${ct.zone} ${address}`;
    const kept = (args.counted[key] ?? []).filter((id) => {
      const other = ns.ct.entries.get(id);
      return id === ct.id || (other !== undefined && other.tcpState !== 'TIME_WAIT' && other.tcpState !== 'CLOSE');
    });
    if (!kept.includes(ct.id)) kept.push(ct.id);
    args.counted[key] = kept;
    return kept.length > args.limit !== args.upto;
  },
});
