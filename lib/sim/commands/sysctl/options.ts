/** The options of sysctl(8). */
export interface SysctlOptions {
  all: boolean;
  write: boolean;
  quiet: boolean;
  ignore: boolean;
  valuesOnly: boolean;
  namesOnly: boolean;
  binary: boolean;
  dryRun: boolean;
  system: boolean;
  help: boolean;
  version: boolean;
  pattern: RegExp | null;
  /** File of -p, '' when it is not given. */
  load: string;
  words: string[];
}

export const USAGE = `
Usage:
 sysctl [options] [variable[=value] ...]

Options:
  -a, --all            display all variables
  -A                   alias of -a
  -X                   alias of -a
      --deprecated     include deprecated parameters to listing
      --dry-run        Print the key and values but do not write
  -b, --binary         print value without new line
  -e, --ignore         ignore unknown variables errors
  -N, --names          print variable names without values
  -n, --values         print only values of the given variable(s)
  -p, --load[=<file>]  read values from file
  -f                   alias of -p
      --system         read values from all system directories
  -r, --pattern <expression>
                       select setting that match expression
  -q, --quiet          do not echo variable set
  -w, --write          enable writing a value to variable
  -o                   does nothing
  -x                   does nothing
  -d                   alias of -h

 -h, --help     display this help and exit
 -V, --version  output version information and exit

For more details see sysctl(8).
`;

type Switch =
  | 'all'
  | 'write'
  | 'quiet'
  | 'ignore'
  | 'valuesOnly'
  | 'namesOnly'
  | 'binary'
  | 'dryRun'
  | 'system'
  | 'help'
  | 'version';

const SHORT: Readonly<Record<string, Switch>> = {
  a: 'all',
  A: 'all',
  X: 'all',
  b: 'binary',
  e: 'ignore',
  N: 'namesOnly',
  n: 'valuesOnly',
  q: 'quiet',
  w: 'write',
  h: 'help',
  d: 'help',
  V: 'version',
};
const LONG: Readonly<Record<string, Switch>> = {
  all: 'all',
  binary: 'binary',
  ignore: 'ignore',
  names: 'namesOnly',
  values: 'valuesOnly',
  quiet: 'quiet',
  write: 'write',
  help: 'help',
  version: 'version',
  'dry-run': 'dryRun',
  system: 'system',
};
const DEFAULT_FILE = '/etc/sysctl.conf';

const failure = (message: string): { error: string } => ({ error: `sysctl: ${message}\n` });

/** A POSIX extended expression as a RegExp; null when it is malformed. */
function expression(text: string): RegExp | null {
  try {
    return new RegExp(text);
  } catch {
    return null;
  }
}

/** Reads the command line as getopt_long does. */
export function parseOptions(argv: readonly string[]): SysctlOptions | { error: string } {
  const opts: SysctlOptions = {
    all: false,
    write: false,
    quiet: false,
    ignore: false,
    valuesOnly: false,
    namesOnly: false,
    binary: false,
    dryRun: false,
    system: false,
    help: false,
    version: false,
    pattern: null,
    load: '',
    words: [],
  };
  const setPattern = (text: string | undefined): { error: string } | null => {
    if (text === undefined) return failure("option requires an argument -- 'r'");
    opts.pattern = expression(text);
    return opts.pattern ? null : { error: `sysctl: cannot compile pattern: ${text}\n` };
  };
  let ended = false;
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] as string;
    if (ended || word === '-' || !word.startsWith('-')) {
      opts.words.push(word);
      continue;
    }
    if (word === '--') {
      ended = true;
      continue;
    }
    if (word.startsWith('--')) {
      const [name = '', value] = word.slice(2).split(/=(.*)/s);
      const key = LONG[name];
      if (key) opts[key] = true;
      else if (name === 'load') opts.load = value ?? DEFAULT_FILE;
      else if (name === 'pattern') {
        const error = setPattern(value ?? argv[++i]);
        if (error) return error;
      } else if (name !== 'deprecated') return failure(`unrecognized option '${word}'`);
      continue;
    }
    for (let at = 1; at < word.length; at++) {
      const letter = word[at] as string;
      const rest = word.slice(at + 1);
      const key = SHORT[letter];
      if (key) opts[key] = true;
      else if (letter === 'p' || letter === 'f') {
        opts.load = rest || DEFAULT_FILE;
        break;
      } else if (letter === 'r') {
        const error = setPattern(rest || argv[++i]);
        if (error) return error;
        break;
      } else if (letter !== 'o' && letter !== 'x') return failure(`invalid option -- '${letter}'`);
    }
  }
  return opts;
}
