/** ping's command line: iputils 20221126, ping/ping.c. */
import { type Ip4, type Ip6, parseIp4, parseIp6 } from '../../addr/ip.ts';
import { shortOptions } from '../../text/shortopts.ts';

export interface PingOptions {
  family: 4 | 6 | null;
  count: number;
  /** Milliseconds. */
  interval: number;
  linger: number;
  /** Seconds; 0 for none. */
  deadline: number;
  size: number;
  ttl: number;
  ttlGiven: boolean;
  tos: number;
  mark: number;
  preload: number;
  pattern: number[] | null;
  ident: number | null;
  /** What the options call for on stderr before anything else. */
  warnings: string;
  source: Ip4 | Ip6 | null;
  device: string | null;
  pmtudisc: 'do' | 'dont' | 'want' | null;
  numeric: boolean | null;
  quiet: boolean;
  flood: boolean;
  adaptive: boolean;
  verbose: boolean;
  broadcast: boolean;
  audible: boolean;
  timestamps: boolean;
  outstanding: boolean;
  recordRoute: boolean;
  stickySource: boolean;
  /** -r: only hosts on a connected network. */
  onLink: boolean;
  /** -L: no copies of multicast to this host. */
  noLoop: boolean;
  flowLabel: number | null;
  /** -T: time stamps in the IPv4 header. */
  stamps: boolean;
  hosts: string[];
}

export type Parsed =
  | { ok: true; options: PingOptions }
  | { ok: false; stdout?: string; stderr?: string; exit: number }
  | { ok: false; notModelled: string };

const VERSION =
  'ping from iputils 20221126\nlibcap: yes, IDN: yes, NLS: no, error.h: yes, getrandom(): yes, __fpending(): yes\n';

export const USAGE = `
Usage
  ping [options] <destination>

Options:
  <destination>      dns name or ip address
  -a                 use audible ping
  -A                 use adaptive ping
  -B                 sticky source address
  -c <count>         stop after <count> replies
  -C                 call connect() syscall on socket creation
  -D                 print timestamps
  -d                 use SO_DEBUG socket option
  -e <identifier>    define identifier for ping session, default is random for
                     SOCK_RAW and kernel defined for SOCK_DGRAM
                     Imply using SOCK_RAW (for IPv4 only for identifier 0)
  -f                 flood ping
  -h                 print help and exit
  -I <interface>     either interface name or address
  -i <interval>      seconds between sending each packet
  -L                 suppress loopback of multicast packets
  -l <preload>       send <preload> number of packages while waiting replies
  -m <mark>          tag the packets going out
  -M <pmtud opt>     define mtu discovery, can be one of <do|dont|want>
  -n                 no dns name resolution
  -O                 report outstanding replies
  -p <pattern>       contents of padding byte
  -q                 quiet output
  -Q <tclass>        use quality of service <tclass> bits
  -s <size>          use <size> as number of data bytes to be sent
  -S <size>          use <size> as SO_SNDBUF socket option value
  -t <ttl>           define time to live
  -U                 print user-to-user latency
  -v                 verbose output
  -V                 print version and exit
  -w <deadline>      reply wait <deadline> in seconds
  -W <timeout>       time to wait for response

IPv4 options:
  -4                 use IPv4
  -b                 allow pinging broadcast
  -R                 record route
  -T <timestamp>     define timestamp, can be one of <tsonly|tsandaddr|tsprespec>

IPv6 options:
  -6                 use IPv6
  -F <flowlabel>     define flow label, default is random
  -N <nodeinfo opt>  use icmp6 node info query, try <help> as argument

For more details see ping(8).
`;

const NODE_QUERIES = ['name', 'ipv6', 'ipv6-all', 'ipv6-compatible', 'ipv6-linklocal', 'ipv6-sitelocal', 'ipv6-global'];
const NODE_INFORMATION = `ping -6 -N <nodeinfo opt>
Help:
  help
Query:
  name
  ipv6
  ipv6-all
  ipv6-compatible
  ipv6-global
  ipv6-linklocal
  ipv6-sitelocal
  ipv4
  ipv4-all
Subject:
  subject-ipv6=addr
  subject-ipv4=addr
  subject-name=name
  subject-fqdn=name
`;

class Wrong extends Error {
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

const INT_MAX = 2147483647;

/** strtol_or_err(). */
function integer(text: string, low: number, high: number, highText = String(high)): number {
  if (!/^\s*[+-]?\d+$/.test(text)) throw new Wrong(`invalid argument: '${text}'`, 1);
  if (Math.abs(Number(text)) >= 2 ** 63)
    throw new Wrong(`invalid argument: '${text}': Numerical result out of range`, 1);
  const n = Number(text);
  if (n < low || n > high)
    throw new Wrong(`invalid argument: '${text}': out of range: ${low} <= value <= ${highText}`, 1);
  return n;
}

/** ping_strtod(). */
function seconds(o: PingOptions, text: string, what: string, least: number): number {
  if (text === '') throw new Wrong(`${what}: ${text}`, 2);
  if (/^\s*[+-]?(inf|infinity|nan)$/i.test(text)) throw new Wrong(`${what}: ${text}: Numerical result out of range`, 2);
  const number = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?/i.exec(text)?.[0] ?? '';
  if (number !== text) {
    const rest = text.slice(number.length);
    o.warnings += `ping: option argument contains garbage: ${rest}\nping: this will become fatal error in the future\n`;
  }
  const n = Number(number);
  if (n < least || n > INT_MAX / 1000) throw new Wrong(`${what}: ${text}`, 2);
  return n;
}

function hexOrDecimal(text: string, what: string): number {
  const n = /^0[xX][0-9a-fA-F]+$/.test(text)
    ? Number.parseInt(text, 16)
    : /^[+-]?\d+$/.test(text)
      ? Number(text)
      : Number.NaN;
  if (Number.isNaN(n)) throw new Wrong(`${what}: ${text}`, 2);
  return n;
}

function pattern(text: string): number[] {
  const bad = [...text].find((c) => !/[0-9a-fA-F]/.test(c));
  if (bad !== undefined) throw new Wrong(`patterns must be specified as hex digits: ${text}`, 2);
  const bytes: number[] = [];
  for (let i = 0; i < text.length && bytes.length < 16; i += 2) bytes.push(Number.parseInt(text.slice(i, i + 2), 16));
  return bytes;
}

function apply(o: PingOptions, letter: string, value: string): Parsed | null {
  switch (letter) {
    case '4':
    case '6':
      if (o.family !== null && o.family !== Number(letter))
        throw new Wrong('only one -4 or -6 option may be specified', 2);
      o.family = Number(letter) as 4 | 6;
      return null;
    case 'b':
      o.broadcast = true;
      return null;
    case 'R':
      if (o.stamps) throw new Wrong('only one of -T or -R may be used', 2);
      o.recordRoute = true;
      return null;
    case 'a':
      o.audible = true;
      return null;
    case 'A':
      o.adaptive = true;
      return null;
    case 'B':
      o.stickySource = true;
      return null;
    case 'c':
      o.count = integer(value, 1, Number.MAX_SAFE_INTEGER, '9223372036854775807');
      return null;
    case 'D':
      o.timestamps = true;
      return null;
    case 'e':
      o.ident = integer(value, 0, 65535);
      return null;
    case 'f':
      o.flood = true;
      return null;
    case 'h':
      return { ok: false, stderr: USAGE, exit: 2 };
    case 'H':
      o.numeric = false;
      return null;
    case 'n':
      o.numeric = true;
      return null;
    case 'i':
      o.interval = Math.trunc(seconds(o, value, 'bad timing interval', Number.NEGATIVE_INFINITY) * 1000);
      return null;
    case 'I': {
      const ip = value.includes(':') ? parseIp6(value) : parseIp4(value);
      if (value.includes(':') && ip === null) throw new Wrong(`invalid source address: ${value}`, 2);
      if (ip !== null) o.source = ip;
      else o.device = value;
      return null;
    }
    case 'l':
      o.preload = integer(value, 1, 65536);
      return null;
    case 'm':
      o.mark = integer(value, 0, 4294967295);
      return null;
    case 'M':
      if (value !== 'do' && value !== 'dont' && value !== 'want') throw new Wrong(`invalid -M argument: ${value}`, 2);
      o.pmtudisc = value;
      return null;
    case 'O':
      o.outstanding = true;
      return null;
    case 'p':
      o.pattern = pattern(value);
      return null;
    case 'q':
      o.quiet = true;
      return null;
    case 'Q': {
      o.tos = hexOrDecimal(value, 'bad TOS value');
      if (o.tos > 255) throw new Wrong(`the decimal value of TOS bits must be in range 0-255: ${o.tos}`, 2);
      return null;
    }
    case 's':
      o.size = integer(value, 0, INT_MAX);
      return null;
    case 'S':
      integer(value, 1, INT_MAX);
      return null;
    case 't':
      o.ttl = integer(value, 0, 255);
      o.ttlGiven = true;
      return null;
    case 'v':
      o.verbose = true;
      return null;
    case 'V':
      return { ok: false, stdout: VERSION, exit: 0 };
    case 'w':
      o.deadline = integer(value, 0, INT_MAX);
      return null;
    case 'W':
      o.linger = Math.trunc(seconds(o, value, 'bad linger time', 0) * 1000);
      return null;
    case 'd':
    case 'U':
    case 'C':
      return null;
    case 'r':
      o.onLink = true;
      return null;
    case 'L':
      o.noLoop = true;
      return null;
    case 'F': {
      const label = hexOrDecimal(value, 'bad value for flowinfo');
      if (label < 0 || label > 0xfffff) throw new Wrong(`flow value is greater than 20 bits: ${value}`, 2);
      o.flowLabel = label;
      return null;
    }
    case 'N':
      if (value === 'help') return { ok: false, stdout: NODE_INFORMATION, exit: 0 };
      if (!NODE_QUERIES.some((name) => name.startsWith(value))) return { ok: false, stderr: NODE_INFORMATION, exit: 2 };
      return { ok: false, notModelled: 'ping -N' };
    case 'T':
      if (!['tsonly', 'tsandaddr', 'tsprespec'].includes(value)) throw new Wrong(`invalid timestamp type: ${value}`, 2);
      if (o.recordRoute) throw new Wrong('only one of -T or -R may be used', 2);
      o.stamps = true;
      return null;
    default:
      return { ok: false, notModelled: `ping -${letter}` };
  }
}

/** Reads argv, the name first. */
export function parseOptions(argv: readonly string[]): Parsed {
  const o: PingOptions = {
    family: argv[0]?.endsWith('6') ? 6 : argv[0]?.endsWith('4') ? 4 : null,
    count: 0,
    interval: 1000,
    linger: 10_000,
    deadline: 0,
    size: 56,
    ttl: 0,
    ttlGiven: false,
    tos: 0,
    mark: 0,
    preload: 1,
    pattern: null,
    ident: null,
    source: null,
    device: null,
    pmtudisc: null,
    numeric: null,
    quiet: false,
    flood: false,
    adaptive: false,
    verbose: false,
    broadcast: false,
    audible: false,
    timestamps: false,
    outstanding: false,
    recordRoute: false,
    stickySource: false,
    onLink: false,
    noLoop: false,
    flowLabel: null,
    stamps: false,
    warnings: '',
    hosts: [],
  };
  const words = shortOptions(argv, 'h4bRT:6F:N:aABc:CdDe:fHi:I:l:Lm:M:nOp:qQ:rs:S:t:UvVw:W:');
  try {
    let interval = false;
    for (const [letter, value] of words.options) {
      if (letter === 'i') interval = true;
      const end = apply(o, letter, value);
      if (end) return end;
    }
    if (words.error) return { ok: false, stderr: (words.error.includes("'?'") ? '' : words.error) + USAGE, exit: 2 };
    if (words.args.length === 0) throw new Wrong('usage error: Destination address required', 1);
    if (o.flood && !interval) o.interval = 0;
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    return { ok: false, stderr: `${argv[0]}: ${error.message}\n`, exit: error.status };
  }
  o.hosts = words.args;
  return { ok: true, options: o };
}
