/** arping's command line: Thomas Habets' arping 2.23. */
import { type Ip4, parseIp4 } from '../../addr/ip.ts';
import { type Mac, parseMac } from '../../addr/mac.ts';
import { shortOptions } from '../../text/shortopts.ts';
import { DETAILS } from './help.ts';

export interface ArpingOptions {
  interface: string | null;
  count: number;
  countReplies: number;
  /** Microseconds; null for none. */
  deadline: number | null;
  targetMac: Mac | null;
  /** -T: where echo requests to a MAC address go. */
  pingIp: Ip4 | null;
  rawOther: boolean;
  showSent: boolean;
  wait: number;
  quiet: boolean;
  raw: boolean;
  verbose: number;
  duplicates: boolean;
  dots: boolean;
  source: Ip4 | null;
  sourceMac: Mac | null;
  zeroSource: boolean;
  broadcastSource: boolean;
  gratuitous: boolean;
  target: string;
}

export type Parsed =
  | { ok: true; options: ArpingOptions }
  | { ok: false; stdout?: string; stderr?: string; exit: number }
  | { ok: false; notModelled: string };

const USAGE = `ARPing 2.23, by Thomas Habets <thomas@habets.se>
usage: arping [ -0aAbdDeFpPqrRuUvzZ ] [ -w <sec> ] [ -W <sec> ] [ -S <host/ip> ]
              [ -T <host/ip ] [ -s <MAC> ] [ -t <MAC> ] [ -c <count> ]
              [ -C <count> ] [ -i <interface> ] [ -m <type> ] [ -g <group> ]
              [ -V <vlan> ] [ -Q <priority> ] <host/ip/MAC | -B>
`;
const HINT = 'For complete usage info, use --help or check the manpage.\n';

/** Reads argv, the name first. */
export function parseOptions(argv: readonly string[]): Parsed {
  const o: ArpingOptions = {
    interface: null,
    count: -1,
    countReplies: -1,
    deadline: null,
    targetMac: null,
    pingIp: null,
    rawOther: false,
    showSent: false,
    wait: 1_000_000,
    quiet: false,
    raw: false,
    verbose: 0,
    duplicates: false,
    dots: false,
    source: null,
    sourceMac: null,
    zeroSource: false,
    broadcastSource: false,
    gratuitous: false,
    target: '',
  };
  if (argv.includes('--help')) return { ok: false, stdout: USAGE + DETAILS, exit: 0 };
  const words = shortOptions(['arping', ...argv.slice(1)], '0aAbBC:c:dDeFg:hi:I:m:pPqQ:rRs:S:t:T:uUvV:w:W:zZ');
  for (const [letter, value] of words.options) {
    const seconds = Number(value);
    switch (letter) {
      case 'i':
      case 'I':
        o.interface = value;
        break;
      case 'c':
        o.count = Math.trunc(seconds) || 0;
        break;
      case 'C':
        o.countReplies = Math.trunc(seconds) || 0;
        break;
      case 'w':
        o.deadline = (Number.parseFloat(value) || 0) * 1e6;
        break;
      case 'W':
        o.wait = Math.max(0, seconds || 0) * 1e6;
        break;
      case 'q':
        o.quiet = true;
        break;
      case 'h':
        return { ok: false, stdout: USAGE + DETAILS, exit: 0 };
      case 'B':
        o.target = '255.255.255.255';
        break;
      case 't':
        o.targetMac = parseMac(value);
        if (o.targetMac === null) return { ok: false, stderr: `arping: Illegal MAC addr ${value}\n`, exit: 1 };
        break;
      case 'T':
        o.pingIp = parseIp4(value);
        if (o.pingIp === null) return { ok: false, stderr: `arping: Illegal IP ${value}\n`, exit: 1 };
        break;
      case 'R':
        o.rawOther = true;
        break;
      case 'r':
        o.raw = true;
        break;
      case 'v':
        o.verbose++;
        break;
      case 'd':
        o.duplicates = true;
        break;
      case 'D':
        o.dots = true;
        break;
      case '0':
        o.zeroSource = true;
        break;
      case 'b':
        o.broadcastSource = true;
        break;
      case 'U':
      case 'P':
        o.gratuitous = true;
        break;
      case 'S': {
        o.source = parseIp4(value);
        if (o.source === null)
          return {
            ok: false,
            stderr: `arping: Can't resolve ${value}, or ${value} is broadcast. If it is, use -b instead of -S\n`,
            exit: 1,
          };
        break;
      }
      case 's': {
        o.sourceMac = parseMac(value);
        if (o.sourceMac === null) return { ok: false, stderr: `arping: Weird MAC addr ${value}\n`, exit: 1 };
        break;
      }
      case 'z':
      case 'Z':
      case 'F':
      case 'p':
        break;
      case 'u':
        o.showSent = true;
        break;
      case 'a':
        break;
      default:
        return { ok: false, notModelled: `arping -${letter}` };
    }
  }
  if (words.error) return { ok: false, stdout: USAGE + HINT, stderr: words.error, exit: 1 };
  const [target, extra] = words.args;
  if (extra !== undefined)
    return { ok: false, stderr: 'arping: Too many args on command line. Expected at most one.\n', exit: 1 };
  if (target === undefined && o.target === '') return { ok: false, stdout: USAGE + HINT, exit: 1 };
  o.target ||= target ?? '';
  return { ok: true, options: o };
}
