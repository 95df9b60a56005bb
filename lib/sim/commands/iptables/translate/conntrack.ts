/** The conntrack match in nft's words. */
import { bitsOf, formatIp, type Ip } from '../../../addr/ip.ts';
import { span } from './matches.ts';

interface Negatable<T> {
  value: T;
  not: boolean;
}

export interface ConntrackArgs {
  proto: Negatable<number> | null;
  states: Negatable<string[]> | null;
  status: Negatable<string[]> | null;
  expire: Negatable<[number, number]> | null;
  addresses: Record<string, Negatable<{ ip: Ip; len: number }>>;
  ports: Record<string, Negatable<[number, number]>>;
  dir: 'ORIGINAL' | 'REPLY' | null;
}

const ADDRESSES: [string, string][] = [
  ['ctorigsrc', 'original saddr'],
  ['ctorigdst', 'original daddr'],
  ['ctreplsrc', 'reply saddr'],
  ['ctrepldst', 'reply daddr'],
];
const PORTS: [string, string][] = [
  ['ctorigsrcport', 'original proto-src'],
  ['ctorigdstport', 'original proto-dst'],
  ['ctreplsrcport', 'reply proto-src'],
  ['ctrepldstport', 'reply proto-dst'],
];

const ne = (not: boolean): string => (not ? '!= ' : '');
const listed = (words: string[], not: boolean): string =>
  `${not ? '! ' : ''}${words.map((w) => w.toLowerCase().replace('_', '-')).join(',')}`;

/** `ct direction … ct state … ct original saddr …`, in the order the tool writes them. */
export function conntrackWords(args: ConntrackArgs, _family: 'ip' | 'ip6'): string {
  const out: string[] = [];
  if (args.dir) out.push(`ct direction ${args.dir.toLowerCase()}`);
  if (args.proto) out.push(`ct original protocol ${ne(args.proto.not)}${args.proto.value}`);
  if (args.states) {
    const nat = args.states.value.filter((s) => s === 'SNAT' || s === 'DNAT');
    if (nat.length > 0) out.push(`ct status ${listed(nat, false)}`);
    else out.push(`ct state ${listed(args.states.value, args.states.not)}`);
  }
  if (args.status) out.push(`ct status ${listed(args.status.value, args.status.not)}`);
  if (args.expire) out.push(`ct expiration ${ne(args.expire.not)}${span(...args.expire.value)}`);
  for (const [key, field] of ADDRESSES) {
    const a = args.addresses[key];
    if (!a) continue;
    const { ip, len } = a.value;
    out.push(`ct ${field} ${ne(a.not)}${formatIp(ip)}${len === bitsOf(ip) ? '' : `/${len}`}`);
  }
  for (const [key, field] of PORTS) {
    const p = args.ports[key];
    if (p) out.push(`ct ${field} ${ne(p.not)}${span(...p.value)}`);
  }
  return out.join(' ');
}
