/** iperf3 3.12's command line. */
import { HELP } from './help.ts';

export interface Iperf {
  server: boolean;
  client: string | null;
  port: number;
  udp: boolean;
  /** Bits a second; 0 for as fast as it goes. */
  rate: number;
  seconds: number;
  interval: number;
  oneOff: boolean;
  family: 4 | 6 | undefined;
  clientPort: number;
  /** Bytes of a datagram; null for what the path takes. */
  length: number | null;
}

export type Parsed =
  | { ok: true; options: Iperf }
  | { ok: false; stdout?: string; stderr?: string; exit: number }
  | { ok: false; notModelled: string };

const VALUED = 'pfiIFABcbtnklPwCMSLOTX';
const PLAIN = 'VJdvhsD1uRN46Z';
const LONG: Record<string, string> = {
  port: 'p',
  interval: 'i',
  version: 'v',
  help: 'h',
  server: 's',
  'one-off': '1',
  client: 'c',
  udp: 'u',
  bitrate: 'b',
  time: 't',
  cport: 'cport',
  length: 'l',
  version4: '4',
  version6: '6',
  json: 'J',
  reverse: 'R',
  parallel: 'P',
  format: 'f',
  bind: 'B',
  bytes: 'n',
  bidir: 'bidir',
  verbose: 'V',
  daemon: 'D',
  'connect-timeout': 'connect-timeout',
  'set-mss': 'M',
  'no-delay': 'N',
};
const LONG_VALUED = ['cport', 'connect-timeout'];

/** unit_atof_rate(): `10M`. */
function rateOf(text: string): number {
  const m = /^(\d*\.?\d+)([KMGTkmgt]?)/.exec(text);
  return m ? Number(m[1]) * 1000 ** ' kmgt'.indexOf((m[2] || ' ').toLowerCase()) : 0;
}

const wrong = (text: string): Parsed => ({
  ok: false,
  stderr: `iperf3: parameter error - ${text}\n\n${HELP}`,
  exit: 1,
});

function words(args: readonly string[]): { options: [string, string][]; error: string } {
  const options: [string, string][] = [];
  for (let i = 0; i < args.length; i++) {
    const word = args[i] as string;
    if (word.startsWith('--')) {
      const [name = '', glued] = word.slice(2).split(/=(.*)/s);
      const key = LONG[name];
      if (!key) return { options, error: `iperf3: unrecognized option '${word}'\n` };
      const takes = key.length === 1 ? VALUED.includes(key) : LONG_VALUED.includes(key);
      options.push([key, takes ? (glued ?? args[++i] ?? '') : '']);
      continue;
    }
    if (!word.startsWith('-')) continue;
    for (let at = 1; at < word.length; at++) {
      const letter = word[at] as string;
      if (VALUED.includes(letter)) {
        const rest = word.slice(at + 1);
        if (rest === '' && args[i + 1] === undefined)
          return { options, error: `iperf3: option requires an argument -- '${letter}'\n` };
        options.push([letter, rest || (args[++i] as string)]);
        break;
      }
      if (!PLAIN.includes(letter)) return { options, error: `iperf3: invalid option -- '${letter}'\n` };
      options.push([letter, '']);
    }
  }
  return { options, error: '' };
}

/** Reads argv without the name. */
export function parseOptions(args: readonly string[]): Parsed {
  const o: Iperf = {
    server: false,
    client: null,
    port: 5201,
    udp: false,
    rate: 0,
    seconds: 10,
    interval: 1,
    oneOff: false,
    family: undefined,
    clientPort: 0,
    length: null,
  };
  const got = words(args);
  if (got.error) return { ok: false, stderr: `${got.error}${HELP}`, exit: 1 };
  for (const [key, value] of got.options) {
    if (key === 'h') return { ok: false, stdout: HELP, exit: 0 };
    if (key === 's') o.server = true;
    else if (key === 'c') o.client = value;
    else if (key === 'u') o.udp = true;
    else if (key === '1') o.oneOff = true;
    else if (key === '4' || key === '6') o.family = Number(key) as 4 | 6;
    else if (key === 'p' || key === 'cport') {
      const port = Math.trunc(Number(value)) || 0;
      if (key === 'p') o.port = port;
      else o.clientPort = port;
    } else if (key === 't') o.seconds = Math.trunc(Number(value)) || 0;
    else if (key === 'i') o.interval = Number(value) || 0;
    else if (key === 'b') o.rate = rateOf(value);
    else if (key === 'l') o.length = Math.trunc(rateOf(value));
    else if (key === 'N' || key === 'V' || key === 'connect-timeout') continue;
    else return { ok: false, notModelled: `iperf3 ${key.length === 1 ? '-' : '--'}${key}` };
  }
  if (o.server && o.client !== null) return wrong('cannot be both server and client');
  if (!o.server && o.client === null) return wrong('must either be a client (-c) or server (-s)');
  if (o.seconds > 86400) return wrong('test duration valid values are 0 to 86400 seconds');
  if (o.interval !== 0 && (o.interval < 0.1 || o.interval > 60))
    return wrong('invalid report interval (min = 0.1, max = 60 seconds)');
  if (o.port < 1 || o.port > 65535) return wrong('port number must be between 1 and 65535 inclusive');
  if (o.udp && !got.options.some(([key]) => key === 'b')) o.rate = 1e6;
  return { ok: true, options: o };
}
