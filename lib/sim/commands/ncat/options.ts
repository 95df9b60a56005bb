/** ncat's command line: Nmap's Ncat 7.93. */
export interface NcatOptions {
  family: 4 | 6 | undefined;
  listen: boolean;
  keep: boolean;
  udp: boolean;
  verbose: number;
  numeric: boolean;
  scan: boolean;
  crlf: boolean;
  sendOnly: boolean;
  recvOnly: boolean;
  noShutdown: boolean;
  /** Microseconds. */
  wait: number | null;
  idle: number | null;
  sourcePort: number | null;
  sourceAddress: string | null;
  /** Program for each connection: by /bin/sh or directly. */
  exec: { shell: boolean; text: string } | null;
  maxConns: number;
  args: string[];
}

export type Parsed =
  | { ok: true; options: NcatOptions }
  | { ok: false; stdout?: string; stderr?: string; exit: number }
  | { ok: false; notModelled: string };

const HELP_HINT = "Ncat: Try `--help' or man(1) ncat for more information, usage options and help. QUITTING.\n";

/** Long options: their letter and whether they take a value. */
const LONG: Readonly<Record<string, [string, boolean]>> = {
  listen: ['l', false],
  'keep-open': ['k', false],
  'source-port': ['p', true],
  source: ['s', true],
  udp: ['u', false],
  verbose: ['v', false],
  wait: ['w', true],
  nodns: ['n', false],
  'sh-exec': ['c', true],
  exec: ['e', true],
  crlf: ['C', false],
  'idle-timeout': ['i', true],
  'max-conns': ['m', true],
  help: ['h', false],
  'send-only': ['send-only', false],
  'recv-only': ['recv-only', false],
  'no-shutdown': ['no-shutdown', false],
  version: ['version', false],
  delay: ['d', true],
  output: ['o', true],
  'hex-dump': ['x', true],
  'lua-exec': ['lua-exec', true],
  broker: ['broker', false],
  chat: ['chat', false],
  ssl: ['ssl', false],
  proxy: ['proxy', true],
  'proxy-type': ['proxy-type', true],
  'proxy-auth': ['proxy-auth', true],
  telnet: ['t', false],
  allow: ['allow', true],
  deny: ['deny', true],
  unixsock: ['U', false],
  sctp: ['sctp', false],
  'append-output': ['append-output', false],
};
const LETTERS = '46UCc:e:g:G:i:km:hp:d:lo:x:ts:uvw:nz';

/** -h. */
const HELP = `Ncat 7.93 ( https://nmap.org/ncat )
Usage: ncat [options] [hostname] [port]

Options taking a time assume seconds. Append 'ms' for milliseconds,
's' for seconds, 'm' for minutes, or 'h' for hours (e.g. 500ms).
  -4                         Use IPv4 only
  -6                         Use IPv6 only
  -U, --unixsock             Use Unix domain sockets only
      --vsock                Use vsock sockets only
  -C, --crlf                 Use CRLF for EOL sequence
  -c, --sh-exec <command>    Executes the given command via /bin/sh
  -e, --exec <command>       Executes the given command
      --lua-exec <filename>  Executes the given Lua script
  -g hop1[,hop2,...]         Loose source routing hop points (8 max)
  -G <n>                     Loose source routing hop pointer (4, 8, 12, ...)
  -m, --max-conns <n>        Maximum <n> simultaneous connections
  -h, --help                 Display this help screen
  -d, --delay <time>         Wait between read/writes
  -o, --output <filename>    Dump session data to a file
  -x, --hex-dump <filename>  Dump session data as hex to a file
  -i, --idle-timeout <time>  Idle read/write timeout
  -p, --source-port port     Specify source port to use
  -s, --source addr          Specify source address to use (doesn't affect -l)
  -l, --listen               Bind and listen for incoming connections
  -k, --keep-open            Accept multiple connections in listen mode
  -n, --nodns                Do not resolve hostnames via DNS
  -t, --telnet               Answer Telnet negotiations
  -u, --udp                  Use UDP instead of default TCP
      --sctp                 Use SCTP instead of default TCP
  -v, --verbose              Set verbosity level (can be used several times)
  -w, --wait <time>          Connect timeout
  -z                         Zero-I/O mode, report connection status only
      --append-output        Append rather than clobber specified output files
      --send-only            Only send data, ignoring received; quit on EOF
      --recv-only            Only receive data, never send anything
      --no-shutdown          Continue half-duplex when receiving EOF on stdin
      --allow                Allow only given hosts to connect to Ncat
      --allowfile            A file of hosts allowed to connect to Ncat
      --deny                 Deny given hosts from connecting to Ncat
      --denyfile             A file of hosts denied from connecting to Ncat
      --broker               Enable Ncat's connection brokering mode
      --chat                 Start a simple Ncat chat server
      --proxy <addr[:port]>  Specify address of host to proxy through
      --proxy-type <type>    Specify proxy type ("http", "socks4", "socks5")
      --proxy-auth <auth>    Authenticate with HTTP or SOCKS proxy server
      --proxy-dns <type>     Specify where to resolve proxy destination
      --ssl                  Connect or listen with SSL
      --ssl-cert             Specify SSL certificate file (PEM) for listening
      --ssl-key              Specify SSL private key (PEM) for listening
      --ssl-verify           Verify trust and domain name of certificates
      --ssl-trustfile        PEM file containing trusted SSL certificates
      --ssl-ciphers          Cipherlist containing SSL ciphers to use
      --ssl-servername       Request distinct server name (SNI)
      --ssl-alpn             ALPN protocol list to use
      --version              Display Ncat's version information and exit

See the ncat(1) manpage for full options, descriptions and usage examples
`;

/** Time as nmap writes it: seconds, or with ms, s, m, h. Microseconds; null when malformed. */
function duration(text: string): number | null {
  const m = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text);
  if (!m) return null;
  return Number(m[1]) * ({ ms: 1e3, s: 1e6, m: 60e6, h: 3600e6 }[m[2] ?? 's'] as number);
}

function words(argv: readonly string[]): { options: [string, string][]; args: string[]; error: string | null } {
  const options: [string, string][] = [];
  const args: string[] = [];
  for (let i = 1; i < argv.length; i++) {
    const word = argv[i] as string;
    if (word === '--') {
      args.push(...argv.slice(i + 1));
      break;
    }
    if (word.startsWith('--')) {
      const [name = '', glued] = word.slice(2).split(/=(.*)/s);
      const exact = LONG[name];
      const starts = exact ? [] : Object.keys(LONG).filter((k) => k.startsWith(name));
      const known = exact ?? (starts.length === 1 ? LONG[starts[0] as string] : undefined);
      if (!known)
        return {
          options,
          args,
          error: starts.length > 1 ? `ncat: option '${word}' is ambiguous\n` : `ncat: unrecognized option '${word}'\n`,
        };
      if (!known[1]) options.push([known[0], '']);
      else {
        const value = glued ?? argv[++i];
        if (value === undefined) return { options, args, error: `ncat: option '--${name}' requires an argument\n` };
        options.push([known[0], value]);
      }
      continue;
    }
    if (word[0] !== '-' || word.length < 2) {
      args.push(word);
      continue;
    }
    for (let j = 1; j < word.length; j++) {
      const letter = word[j] as string;
      const at = letter === ':' ? -1 : LETTERS.indexOf(letter);
      if (at < 0) return { options, args, error: `ncat: invalid option -- '${letter}'\n` };
      if (LETTERS[at + 1] !== ':') {
        options.push([letter, '']);
        continue;
      }
      const value = word.slice(j + 1) || argv[++i];
      if (value === undefined) return { options, args, error: `ncat: option requires an argument -- '${letter}'\n` };
      options.push([letter, value]);
      break;
    }
  }
  return { options, args, error: null };
}

const quit = (text: string): Parsed => ({ ok: false, stderr: `Ncat: ${text} QUITTING.\n`, exit: 2 });

/** Reads argv, the name first. */
export function parseOptions(argv: readonly string[]): Parsed {
  const o: NcatOptions = {
    family: undefined,
    listen: false,
    keep: false,
    udp: false,
    verbose: 0,
    numeric: false,
    scan: false,
    crlf: false,
    sendOnly: false,
    recvOnly: false,
    noShutdown: false,
    wait: null,
    idle: null,
    sourcePort: null,
    sourceAddress: null,
    exec: null,
    maxConns: 100,
    args: [],
  };
  const got = words(argv);
  if (got.error) return { ok: false, stderr: got.error + HELP_HINT, exit: 2 };
  for (const [letter, value] of got.options) {
    switch (letter) {
      case '4':
        o.family = 4;
        break;
      case '6':
        o.family = 6;
        break;
      case 'l':
        o.listen = true;
        break;
      case 'k':
        o.keep = true;
        break;
      case 'u':
        o.udp = true;
        break;
      case 'v':
        o.verbose++;
        break;
      case 'n':
        o.numeric = true;
        break;
      case 'z':
        o.scan = true;
        break;
      case 'C':
        o.crlf = true;
        break;
      case 'send-only':
        o.sendOnly = true;
        break;
      case 'recv-only':
        o.recvOnly = true;
        break;
      case 'no-shutdown':
        o.noShutdown = true;
        break;
      case 's':
        o.sourceAddress = value;
        break;
      case 'p': {
        const n = /^\d+$/.test(value) ? Number(value) : Number.NaN;
        if (!(n >= 0 && n <= 65535)) return quit(`Invalid source port ${value}.`);
        o.sourcePort = n;
        break;
      }
      case 'w': {
        const us = duration(value);
        if (us === null || us <= 0)
          return quit(`Invalid -w timeout "${value}" (must be greater than 0 and less than 2147483s).`);
        o.wait = us;
        break;
      }
      case 'i': {
        const us = duration(value);
        if (us === null || us <= 0)
          return quit(`Invalid -i timeout "${value}" (must be greater than 0 and less than 2147483s).`);
        o.idle = us;
        break;
      }
      case 'm':
        o.maxConns = Number(value) || 100;
        break;
      case 'c':
      case 'e':
        if (o.exec) return quit('Only one of --exec, --sh-exec, and --lua-exec is allowed.');
        o.exec = { shell: letter === 'c', text: value };
        break;
      case 'h':
        return { ok: false, stdout: HELP, exit: 0 };
      case 'allow':
      case 'deny':
        if (got.options.some(([other]) => other === 'l')) return { ok: false, notModelled: `ncat --${letter}` };
        break;
      case 'version':
        return { ok: false, stderr: 'Ncat: Version 7.93 ( https://nmap.org/ncat )\n', exit: 0 };
      default:
        return { ok: false, notModelled: `ncat ${letter.length === 1 ? '-' : '--'}${letter}` };
    }
  }
  if (o.keep && !o.listen) return quit("Invalid option combination: `--keep-open' with connect.");
  const filter = got.options.find(([letter]) => letter === 'allow' || letter === 'deny');
  if (filter && !o.listen) return quit('Invalid option combination: allow/deny with connect.');
  o.args = got.args;
  return { ok: true, options: o };
}
