import { formatIp, type Ip, parseIp } from '../../../addr/ip.ts';
import { defineMatch, fail, type ParseContext } from '../ext.ts';

interface Range {
  from: Ip;
  to: Ip;
  not: boolean;
}

function parseRange(option: string, value: string, not: boolean, ctx: ParseContext): Range {
  const [low = '', high = low] = value.split('-');
  const from = parseIp(low);
  const wrong = (ip: Ip | null) => ip === null || (typeof ip === 'bigint') !== (ctx.family === 'ip6');
  if (from === null || wrong(from)) fail(`iprange: Bad value for "--${option}" option: "${low}"`);
  const to = parseIp(high);
  if (to === null || wrong(to)) fail(`iprange: Bad value for "--${option}" option: "${high}"`);
  if (from > to)
    ctx.warnings.push(`xt_iprange: range ${formatIp(from)}-${formatIp(to)} is reversed and will never match\n`);
  return { from, to, not };
}

const show = (r: Range): string => `${formatIp(r.from)}-${formatIp(r.to)}`;
const fits = (r: Range, ip: Ip): boolean => typeof ip === typeof r.from && (ip >= r.from && ip <= r.to) !== r.not;

export const iprange = defineMatch<{ src: Range | null; dst: Range | null }>({
  name: 'iprange',
  options: [
    { name: 'src-range', arg: true, invert: true },
    { name: 'dst-range', arg: true, invert: true },
  ],
  init: () => ({ src: null, dst: null }),
  option(args, id, value, not, ctx) {
    args[id === 'src-range' ? 'src' : 'dst'] = parseRange(id, value, not, ctx);
  },
  done(_args, seen) {
    if (seen.size === 0) fail("iprange match: You must specify `--src-range' or `--dst-range'");
  },
  save(args) {
    const src = args.src ? `${args.src.not ? ' !' : ''} --src-range ${show(args.src)}` : '';
    const dst = args.dst ? `${args.dst.not ? ' !' : ''} --dst-range ${show(args.dst)}` : '';
    return src + dst;
  },
  list(args) {
    const parts: string[] = [];
    if (args.src) parts.push(`source IP range ${args.src.not ? '! ' : ''}${show(args.src)}`);
    if (args.dst) parts.push(`destination IP range ${args.dst.not ? '! ' : ''}${show(args.dst)}`);
    return parts.join(' ');
  },
  apply: (args, { packet }) =>
    packet.ip !== undefined &&
    (!args.src || fits(args.src, packet.ip.src)) &&
    (!args.dst || fits(args.dst, packet.ip.dst)),
});
