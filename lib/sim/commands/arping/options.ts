/** arping's command line: Thomas Habets' arping 2.23. */
import { type Ip4, parseIp4 } from '../../addr/ip.ts';
import { type Mac, parseMac } from '../../addr/mac.ts';
import { shortOptions } from '../../text/shortopts.ts';

export interface ArpingOptions {
  interface: string | null;
  count: number;
  countReplies: number;
  /** Microseconds; null for none. */
  deadline: number | null;
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
usage: arping [ -0aAbdDeFpPqrRuUv ] [ -w <sec> ] [ -W <sec> ] [ -S <host/ip> ]
              [ -T <host/ip ] [ -s <MAC> ] [ -t <MAC> ] [ -c <count> ]
              [ -C <count> ] [ -i <interface> ] [ -m <type> ] [ -g <group> ]
              [ -V <vlan> ] [ -Q <priority> ] <host/ip/MAC | -B>
For complete usage info, use --help or check the manpage.
`;

/** Reads argv, the name first. */
export function parseOptions(argv: readonly string[]): Parsed {
  const o: ArpingOptions = {
    interface: null,
    count: -1,
    countReplies: -1,
    deadline: null,
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
  const words = shortOptions(['arping', ...argv.slice(1)], '0aAbBC:c:dDeFg:hi:I:m:pPqQ:rRs:S:t:T:uUvV:w:W:z');
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
        if (!(seconds >= 0)) return { ok: false, stderr: 'arping: Invalid deadline\n', exit: 1 };
        o.deadline = seconds * 1e6;
        break;
      case 'W':
        o.wait = Math.max(0, seconds || 0) * 1e6;
        break;
      case 'q':
        o.quiet = true;
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
            stderr: `arping: Can't resolve ${value}, or can't find the right interface to use.\n`,
            exit: 1,
          };
        break;
      }
      case 's': {
        o.sourceMac = parseMac(value);
        if (o.sourceMac === null) return { ok: false, stderr: `arping: Illegal MAC addr ${value}\n`, exit: 1 };
        break;
      }
      case 'F':
      case 'p':
      case 'u':
      case 'a':
        break;
      default:
        return { ok: false, notModelled: `arping -${letter}` };
    }
  }
  if (words.error) return { ok: false, stderr: words.error + USAGE, exit: 1 };
  const [target, extra] = words.args;
  if (target === undefined || extra !== undefined) return { ok: false, stderr: USAGE, exit: 1 };
  o.target = target;
  return { ok: true, options: o };
}
