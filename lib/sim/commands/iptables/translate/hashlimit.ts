/** The hashlimit match as a meter. */
import { formatIp, maskOf } from '../../../addr/ip.ts';
import { costToBytes } from '../../../linux/netfilter/match/hashlimit-rate.ts';
import { type Context, rateWords } from './matches.ts';

interface HashlimitArgs {
  name: string;
  above: boolean;
  bytes: boolean;
  avg: number;
  burst: number;
  modes: string[];
  expire: number;
  srcmask: number;
  dstmask: number;
}

const BYTE_UNITS: [string, number][] = [
  ['mbytes', 1024 * 1024],
  ['kbytes', 1024],
  ['bytes', 1],
];

function inBytes(n: number): string {
  const [name, size] = BYTE_UNITS.find(([, s]) => n >= s) ?? ['bytes', 1];
  return `${Math.floor(n / size)} ${name}`;
}

/** `meter NAME { ip saddr timeout 60s limit rate … }`. Null without a mode. */
export function hashlimitWords(args: HashlimitArgs, { family }: Context): string | null {
  const bits = family === 'ip' ? 32 : 128;
  const side = (field: string, len: number) =>
    `${family} ${field}${len === bits ? '' : ` and ${formatIp(maskOf(family === 'ip' ? 4 : 6, len))}`}`;
  // Whatever the rule's protocol: hashlimit_mt_xlate() names TCP's ports.
  const fields: Record<string, string> = {
    dstip: side('daddr', args.dstmask),
    dstport: 'tcp dport',
    srcip: side('saddr', args.srcmask),
    srcport: 'tcp sport',
  };
  const keys = Object.keys(fields).filter((mode) => args.modes.includes(mode));
  if (keys.length === 0) return null;
  let rate: string;
  if (args.bytes) {
    const least = costToBytes(args.avg);
    rate = `${inBytes(least)}/second${args.burst ? ` burst ${inBytes(least * args.burst)}` : ''}`;
  } else rate = `${rateWords(args.avg, 1_000_000)}${args.burst === 5 ? '' : ` burst ${args.burst} packets`}`;
  const key = keys.map((k) => fields[k]).join(' . ');
  return `meter ${args.name} { ${key} timeout ${Math.floor(args.expire / 1000)}s limit rate ${args.above ? 'over ' : ''}${rate} }`;
}
