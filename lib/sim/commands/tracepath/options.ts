/** tracepath's command line. */
export interface Options {
  family: 4 | 6 | null;
  numeric: boolean;
  both: boolean;
  length: number | null;
  maxHops: number;
  port: number;
  host: string;
}

export type Parsed =
  | { ok: true; options: Options }
  | { ok: false; kind: 'usage' | 'error' | 'conflict' | 'version'; text: string };

export const VERSION =
  'tracepath from iputils 20221126\nlibcap: yes, IDN: yes, NLS: no, error.h: yes, getrandom(): yes, __fpending(): yes\n';

export const HELP = `
Usage
  tracepath [options] <destination>

Options:
  -4             use IPv4
  -6             use IPv6
  -b             print both name and ip
  -l <length>    use packet <length>
  -m <hops>      use maximum <hops>
  -n             no dns name resolution
  -p <port>      use destination <port>
  -V             print version and exit
  <destination>  dns name or ip address

For more details see tracepath(8).
`;

const RANGES = { l: [0, 2147483647], m: [0, 255], p: [0, 65535] } as const;

function number(text: string, [low, high]: readonly [number, number]): number | string {
  if (!/^[+-]?\d+$/.test(text)) return `tracepath: invalid argument: '${text}'\n`;
  const value = Number(text);
  if (value < low || value > high)
    return `tracepath: invalid argument: '${text}': out of range: ${low} <= value <= ${high}\n`;
  return value;
}

/** Reads argv without the name. */
export function parseOptions(args: readonly string[]): Parsed {
  const o: Options = { family: null, numeric: false, both: false, length: null, maxHops: 30, port: 44444, host: '' };
  const usage = (text = ''): Parsed => ({ ok: false, kind: 'usage', text });
  const hosts: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string;
    if (!arg.startsWith('-') || arg === '-') {
      hosts.push(arg);
      continue;
    }
    for (let at = 1; at < arg.length; at++) {
      const letter = arg[at] as string;
      if (letter === 'V') return { ok: false, kind: 'version', text: '' };
      if (letter === 'n') o.numeric = true;
      else if (letter === 'b') o.both = true;
      else if (letter === '4' || letter === '6') {
        if (o.family && o.family !== Number(letter))
          return { ok: false, kind: 'conflict', text: 'tracepath: Only one -4 or -6 option may be specified\n' };
        o.family = Number(letter) as 4 | 6;
      } else if (letter === 'l' || letter === 'm' || letter === 'p') {
        const text = arg.slice(at + 1) || args[++i];
        if (text === undefined) return usage(`tracepath: option requires an argument -- '${letter}'\n`);
        const value = number(text, RANGES[letter]);
        if (typeof value === 'string') return { ok: false, kind: 'error', text: value };
        if (letter === 'l') o.length = value;
        else if (letter === 'm') o.maxHops = value;
        else o.port = value;
        break;
      } else return usage(letter === 'h' || letter === '?' ? '' : `tracepath: invalid option -- '${letter}'\n`);
    }
  }
  if (hosts.length !== 1) return usage();
  const [host = '', port] = (hosts[0] as string).split('/');
  o.host = host;
  // An old form: HOST/PORT.
  if (port !== undefined && /^\d+$/.test(port)) o.port = Number(port);
  return { ok: true, options: o };
}
