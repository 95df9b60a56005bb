/** nc's command line: OpenBSD netcat 1.219 as Debian ships it. */
import { portByName } from '../../linux/netfilter/services.ts';
import { shortOptions } from '../../text/shortopts.ts';

export interface NcOptions {
  family: 4 | 6 | undefined;
  listen: boolean;
  keep: boolean;
  udp: boolean;
  scan: boolean;
  verbose: boolean;
  numeric: boolean;
  shutdown: boolean;
  noStdin: boolean;
  crlf: boolean;
  broadcast: boolean;
  /** Seconds; null for none. */
  timeout: number | null;
  /** -q: seconds to stay after the end of input; negative for ever. */
  quit: number;
  sourcePort: string | null;
  sourceAddress: string | null;
  /** -i: seconds between ports. */
  interval: number;
  tos: number;
  ttl: number;
  host: string | null;
  ports: string[];
}

export type Parsed =
  | { ok: true; options: NcOptions }
  | { ok: false; stderr: string; exit: number }
  | { ok: false; notModelled: string };

const USAGE = `usage: nc [-46CDdFhklNnrStUuvZz] [-I length] [-i interval] [-M ttl]
\t  [-m minttl] [-O length] [-P proxy_username] [-p source_port]
\t  [-q seconds] [-s sourceaddr] [-T keyword] [-V rtable] [-W recvlimit]
\t  [-w timeout] [-X proxy_protocol] [-x proxy_address[:port]]
\t  [destination] [port]
`;

/** What -h adds to the usage. */
const SUMMARY = `\tCommand Summary:
\t\t-4\t\tUse IPv4
\t\t-6\t\tUse IPv6
\t\t-b\t\tAllow broadcast
\t\t-C\t\tSend CRLF as line-ending
\t\t-D\t\tEnable the debug socket option
\t\t-d\t\tDetach from stdin
\t\t-F\t\tPass socket fd
\t\t-h\t\tThis help text
\t\t-I length\tTCP receive buffer length
\t\t-i interval\tDelay interval for lines sent, ports scanned
\t\t-k\t\tKeep inbound sockets open for multiple connects
\t\t-l\t\tListen mode, for inbound connects
\t\t-M ttl\t\tOutgoing TTL / Hop Limit
\t\t-m minttl\tMinimum incoming TTL / Hop Limit
\t\t-N\t\tShutdown the network socket after EOF on stdin
\t\t-n\t\tSuppress name/port resolutions
\t\t-O length\tTCP send buffer length
\t\t-P proxyuser\tUsername for proxy authentication
\t\t-p port\t\tSpecify local port for remote connects
\t\t-q secs\t\tquit after EOF on stdin and delay of secs
\t\t-r\t\tRandomize remote ports
\t\t-S\t\tEnable the TCP MD5 signature option
\t\t-s sourceaddr\tLocal source address
\t\t-T keyword\tTOS value
\t\t-t\t\tAnswer TELNET negotiation
\t\t-U\t\tUse UNIX domain socket
\t\t-u\t\tUDP mode
\t\t-V rtable\tSpecify alternate routing table
\t\t-v\t\tVerbose
\t\t-W recvlimit\tTerminate after receiving a number of packets
\t\t-w timeout\tTimeout for connects and final net reads
\t\t-X proto\tProxy protocol: "4", "5" (SOCKS) or "connect"
\t\t-x addr[:port]\tSpecify proxy address and port
\t\t-Z\t\tDCCP mode
\t\t-z\t\tZero-I/O mode [used for scanning]
\tPort numbers can be individual or ranges: lo-hi [inclusive]
`;

class Wrong extends Error {}

/** strtonum(3) with its three complaints. */
function strtonum(text: string, low: number, high: number): number | string {
  if (!/^\s*[+-]?\d+$/.test(text)) return 'invalid';
  const n = Number(text);
  return n < low ? 'too small' : n > high ? 'too large' : n;
}

function number(text: string, what: string, low: number, high: number): number {
  const n = strtonum(text, low, high);
  if (typeof n === 'string') throw new Wrong(`nc: ${what} ${n}: ${text}\n`);
  return n;
}

/** Keywords of -T. */
const TOS: Readonly<Record<string, number>> = {
  critical: 0xa0,
  inetcontrol: 0xc0,
  lowcost: 0x02,
  lowdelay: 0x10,
  netcontrol: 0xe0,
  reliability: 0x04,
  throughput: 0x08,
  ef: 0xb8,
  af11: 0x28,
  af12: 0x30,
  af13: 0x38,
  af21: 0x48,
  af22: 0x50,
  af23: 0x58,
  af31: 0x68,
  af32: 0x70,
  af33: 0x78,
  af41: 0x88,
  af42: 0x90,
  af43: 0x98,
  cs0: 0,
  cs1: 0x20,
  cs2: 0x40,
  cs3: 0x60,
  cs4: 0x80,
  cs5: 0xa0,
  cs6: 0xc0,
  cs7: 0xe0,
};

/** A port list entry: a name, a number, or a range, which is tried upwards. build_ports(). */
function portsOf(text: string, proto: number): string[] {
  const named = portByName(text, proto);
  if (named !== null) return [String(named)];
  const dash = text.indexOf('-');
  if (dash <= 0) return [String(number(text, 'port number', 1, 65535))];
  let low = number(text.slice(0, dash), 'port number', 1, 65535);
  let high = number(text.slice(dash + 1), 'port number', 1, 65535);
  if (low > high) [low, high] = [high, low];
  return Array.from({ length: high - low + 1 }, (_, i) => String(low + i));
}

function apply(o: NcOptions, letter: string, value: string): string | null {
  switch (letter) {
    case '4':
      o.family = 4;
      return null;
    case '6':
      o.family = 6;
      return null;
    case 'b':
      o.broadcast = true;
      return null;
    case 'C':
      o.crlf = true;
      return null;
    case 'd':
      o.noStdin = true;
      return null;
    case 'D':
      return null;
    case 'k':
      o.keep = true;
      return null;
    case 'l':
      o.listen = true;
      return null;
    case 'M': {
      const ttl = strtonum(value, 0, 255);
      if (typeof ttl === 'string') throw new Wrong(`nc: ttl is ${ttl}\n`);
      if (ttl === 0) throw new Wrong('nc: set IP TTL: Invalid argument\n');
      o.ttl = ttl;
      return null;
    }
    case 'N':
      o.shutdown = true;
      return null;
    case 'n':
      o.numeric = true;
      return null;
    case 'p':
      if (!/^\d+$/.test(value) && portByName(value, 6) === null)
        throw new Wrong('nc: getaddrinfo: Servname not supported for ai_socktype\n');
      o.sourcePort = value;
      return null;
    case 'q':
      o.quit = number(value, 'quit timer', -2147483648, 2147483647);
      return null;
    case 's':
      o.sourceAddress = value;
      return null;
    case 'T': {
      const n = TOS[value.toLowerCase()] ?? (/^(0x[0-9a-f]+|\d+)$/i.test(value) ? Number(value) : -1);
      if (n < 0 || n > 255) throw new Wrong(`nc: illegal tos value ${value}\n`);
      o.tos = n;
      return null;
    }
    case 'u':
      o.udp = true;
      return null;
    case 'v':
      o.verbose = true;
      return null;
    case 'w':
      o.timeout = number(value, 'timeout', 0, 2147483);
      return null;
    case 'z':
      o.scan = true;
      return null;
    case 'I':
    case 'O':
      number(value, `TCP ${letter === 'I' ? 'receive' : 'send'} window`, 1, 1073741824);
      return null;
    case 'i':
      o.interval = number(value, 'interval', 0, 4294967295);
      return null;
    case 'r':
      return null;
    case 'V':
      throw new Wrong('nc: no alternate routing table support available\n');
    case 'W':
      number(value, 'receive limit', 1, 2147483647);
      return `nc -${letter}`;
    case 'X':
      if (!['4', '5', 'connect'].includes(value.toLowerCase())) throw new Wrong('nc: unsupported proxy protocol\n');
      return `nc -${letter}`;
    default:
      return `nc -${letter}`;
  }
}

/** Reads argv, the name first. */
export function parseOptions(argv: readonly string[]): Parsed {
  const o: NcOptions = {
    family: undefined,
    listen: false,
    keep: false,
    udp: false,
    scan: false,
    verbose: false,
    numeric: false,
    shutdown: false,
    noStdin: false,
    crlf: false,
    broadcast: false,
    timeout: null,
    quit: -1,
    sourcePort: null,
    sourceAddress: null,
    interval: 0,
    tos: 0,
    ttl: 0,
    host: null,
    ports: [],
  };
  const words = shortOptions(['nc', ...argv.slice(1)], '46bCDdFhI:i:klM:m:NnO:P:p:q:rSs:T:tUuV:vW:w:X:x:Zz');
  try {
    for (const [letter, value] of words.options) {
      if (letter === 'h')
        return { ok: false, stderr: `OpenBSD netcat (Debian patchlevel 1.219-1)\n${USAGE}${SUMMARY}`, exit: 0 };
      const unknown = apply(o, letter, value);
      if (unknown) return { ok: false, notModelled: unknown };
    }
    if (words.error) return { ok: false, stderr: words.error + USAGE, exit: 1 };
    return operands(o, words.args);
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    return { ok: false, stderr: error.message, exit: 1 };
  }
}

function operands(o: NcOptions, args: string[]): Parsed {
  const [first, ...rest] = args;
  let ports = rest;
  if (o.listen) {
    // `nc -l PORT`, `nc -l ADDRESS PORT`, `nc -l -p PORT [ADDRESS]`.
    if (o.sourcePort !== null) {
      if (rest.length > 0) return { ok: false, stderr: 'nc: cannot use -p and -l\n', exit: 1 };
      o.host = first ?? null;
      ports = [o.sourcePort];
    } else if (first !== undefined && rest.length === 0) ports = [first];
    else o.host = first ?? null;
    if (o.scan) throw new Wrong('nc: cannot use -z and -l\n');
    if (ports.length === 0)
      return first === undefined
        ? { ok: false, stderr: 'nc: missing port number\n', exit: 1 }
        : { ok: false, stderr: 'nc: missing port with option -l\n', exit: 1 };
  } else {
    if (first === undefined) return { ok: false, stderr: USAGE, exit: 1 };
    if (ports.length === 0) return { ok: false, stderr: 'nc: missing port number\n', exit: 1 };
    o.host = first;
  }
  if (!o.listen && o.keep) throw new Wrong('nc: must use -l with -k\n');
  const proto = o.udp ? 17 : 6;
  if (o.listen) {
    const [text = ''] = ports;
    if (!/^\d+$/.test(text) && portByName(text, proto) === null)
      throw new Wrong('nc: getaddrinfo: Servname not supported for ai_socktype\n');
    // getaddrinfo() takes the low 16 bits of any number, and 0 for a port of the kernel's choice.
    o.ports = [String(/^\d+$/.test(text) ? Number(text) & 0xffff : portByName(text, proto))];
  } else o.ports = ports.flatMap((text) => portsOf(text, proto));
  return { ok: true, options: o };
}
