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
    case 'M':
      o.ttl = number(value, 'ttl', 0, 255);
      return null;
    case 'N':
      o.shutdown = true;
      return null;
    case 'n':
      o.numeric = true;
      return null;
    case 'p':
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
    tos: 0,
    ttl: 0,
    host: null,
    ports: [],
  };
  const words = shortOptions(['nc', ...argv.slice(1)], '46bCDdFhI:i:klM:m:NnO:P:p:q:rSs:T:tUuV:vW:w:X:x:Zz');
  try {
    for (const [letter, value] of words.options) {
      if (letter === 'h') return { ok: false, stderr: `OpenBSD netcat (Debian patchlevel 1.219-1)\n${USAGE}`, exit: 0 };
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
  o.ports = ports.flatMap((text) => portsOf(text, proto));
  return { ok: true, options: o };
}
