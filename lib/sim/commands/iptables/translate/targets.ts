/** Targets in nft's words. Null where iptables 1.8.9 has no translation. */
import { formatIp } from '../../../addr/ip.ts';
import type { NatRange } from '../../../linux/conntrack/nat.ts';
import { portsText, toText } from '../../../linux/netfilter/target/nat-range.ts';
import { hex, hex2 } from '../../../linux/netfilter/values.ts';

type Family = 'ip' | 'ip6';
// biome-ignore lint/suspicious/noExplicitAny: each target's arguments are typed in its own file
type Args = any;
type Translate = (args: Args, family: Family) => string | null;

function natFlags(r: NatRange): string {
  const flags = [r.random && 'random', r.fully && 'fully-random', r.persistent && 'persistent'].filter(Boolean);
  return flags.length === 0 ? '' : ` ${flags.join(',')}`;
}

const nat =
  (word: string, text: (r: NatRange) => string): Translate =>
  (r: NatRange) =>
    `${word}${text(r) === '' ? '' : ` to ${text(r)}`}${natFlags(r)}`;
const portsOnly = (r: NatRange): string => (r.minPort === null ? '' : `:${portsText(r)}`);

/** A new value out of the old one: `meta mark set mark and … xor …`. */
function markWords(
  field: string,
  old: string,
  { value, mask }: { value: number; mask: number },
  xorFirst: boolean,
): string {
  const keep = hex(~mask >>> 0);
  if (mask === 0xffffffff) return `${field} set ${hex(value)}`;
  if (value === 0) return `${field} set ${old} and ${keep}`;
  if (value === mask) return `${field} set ${old} or ${hex(value)}`;
  if (mask === 0) return `${field} set ${old} xor ${hex(value)}`;
  return xorFirst
    ? `${field} set ${old} xor ${hex(value)} and ${keep}`
    : `${field} set ${old} and ${keep} xor ${hex(value)}`;
}

const connmark: Translate = (args) => {
  if (args.mode === 'set') return markWords('ct mark', 'ct mark', args, true);
  const words = args.mode === 'save' ? 'ct mark set mark' : 'meta mark set ct mark';
  const full = 0xffffffff;
  if (args.nfmask === full && args.ctmask === full) return words;
  if (args.nfmask === args.ctmask) return `${words} and ${hex(args.nfmask)}`;
  return null;
};

const tos: Translate = ({ value, mask }, family) => {
  const field = `${family} dscp`;
  const v = hex2(value >> 2);
  const keep = hex2((~mask & 0xff) >> 2);
  if ((mask & 0x3f) === 0x3f) return `${field} set ${v}`;
  if (value === 0) return `${field} set ${field} and ${keep}`;
  if (value === mask) return `${field} set ${field} or ${v}`;
  if (mask === 0) return `${field} set ${field} xor ${v}`;
  return `${field} set ${field} and ${keep} xor ${v}`;
};

const LEVELS = ['emerg', 'alert', 'crit', 'err', 'warn', 'notice', 'info', 'debug'];

function logFlags(flags: number): string {
  if (flags === 0) return '';
  if ((flags & 47) === 47) return ' flags all';
  const tcp = [flags & 1 && 'sequence', flags & 2 && 'options'].filter(Boolean).join(',');
  const words = [tcp && `tcp ${tcp}`, flags & 4 && 'ip options', flags & 8 && 'skuid', flags & 32 && 'ether'];
  return words
    .filter(Boolean)
    .map((w) => ` flags ${w}`)
    .join('');
}

const log: Translate = ({ prefix, level, flags }) =>
  `log${prefix ? ` prefix "${prefix}"` : ''}${level === 4 ? '' : ` level ${LEVELS[level]}`}${logFlags(flags)}`;

const nflog: Translate = ({ prefix, size, threshold, group }) =>
  `log${prefix ? ` prefix "${prefix}"` : ''}${size === null ? '' : ` snaplen ${size}`}${threshold ? ` queue-threshold ${threshold}` : ''} group ${group}`;

const nfqueue: Translate = ({ first, total, bypass, fanout }) => {
  const flags = [bypass && 'bypass', fanout && 'fanout'].filter(Boolean).join(',');
  return `queue num ${total > 1 ? `${first}-${first + total - 1}` : first}${flags ? ` ${flags}` : ''}`;
};

const REJECT: Record<string, string> = {
  'icmp-proto-unreachable': 'prot-unreachable',
  'icmp6-adm-prohibited': 'admin-prohibited',
};

const reject: Translate = (args, family) => {
  const type = args.with as string;
  if (type === 'icmp-port-unreachable' || type === 'icmp6-port-unreachable') return 'reject';
  if (type === 'tcp-reset') return 'reject with tcp reset';
  return `reject with ${family === 'ip' ? 'icmp' : 'icmpv6'} type ${REJECT[type] ?? type.replace(/^icmp6?-/, '')}`;
};

const classify: Translate = ({ major, minor }) => {
  const name =
    major === 0 && minor === 0
      ? 'none'
      : major === 0xffff && minor === 0xffff
        ? 'root'
        : `${major.toString(16)}:${minor.toString(16)}`;
  return `meta priority set ${name}`;
};

export const TARGET_WORDS: Readonly<Record<string, Translate>> = {
  ACCEPT: () => 'accept',
  AUDIT: () => 'log level audit',
  CLASSIFY: classify,
  CONNMARK: connmark,
  CT: ({ notrack }) => (notrack ? 'notrack' : null),
  DNAT: nat('dnat', toText),
  DROP: () => 'drop',
  DSCP: ({ value }, family) => `${family} dscp set ${hex2(value)}`,
  LOG: log,
  MARK: (args) => markWords('meta mark', 'mark', args, false),
  MASQUERADE: nat('masquerade', portsOnly),
  NFLOG: nflog,
  NFQUEUE: nfqueue,
  NOTRACK: () => 'notrack',
  REDIRECT: nat('redirect', portsOnly),
  REJECT: reject,
  RETURN: () => 'return',
  SNAT: nat('snat', toText),
  TCPMSS: ({ mss }) => `tcp option maxseg size set ${mss === null ? 'rt mtu' : mss}`,
  TEE: ({ gateway, oif }) => `dup to ${formatIp(gateway)}${oif ? ` device ${oif}` : ''}`,
  TOS: tos,
  TRACE: () => 'nftrace set 1',
};
