/** Reading ipset's command lines: options anywhere, a command, its arguments. */
import { IpsetError, parseNumber } from '../../linux/ipset/element.ts';

export interface Line {
  command: string;
  words: string[];
  exist: boolean;
  quiet: boolean;
  sorted: boolean;
  terse: boolean;
  names: boolean;
  resolve: boolean;
  output: string;
  file: string | null;
}

const COMMANDS: [string, string][] = [
  ['create', 'N'],
  ['add', 'A'],
  ['del', 'D'],
  ['test', 'T'],
  ['destroy', 'X'],
  ['list', 'L'],
  ['save', 'S'],
  ['restore', 'R'],
  ['flush', 'F'],
  ['rename', 'E'],
  ['swap', 'W'],
  ['help', 'H'],
  ['version', 'V'],
];

const LONG_COMMANDS: Record<string, string> = {
  '--create': 'create',
  '--add': 'add',
  '--del': 'del',
  '--test': 'test',
  '--destroy': 'destroy',
  '--list': 'list',
  '--save': 'save',
  '--restore': 'restore',
  '--flush': 'flush',
  '--rename': 'rename',
  '--swap': 'swap',
  '--help': 'help',
  '--version': 'version',
  '-h': 'help',
  '-v': 'version',
  n: 'create',
  e: 'rename',
  x: 'destroy',
};

/** The command a word names: in full or as `-A`. */
export function commandOf(word: string): string | null {
  for (const [name, letter] of COMMANDS) if (word === name || word === `-${letter}`) return name;
  return LONG_COMMANDS[word] ?? null;
}

/** Splits a command line. Throws {@link IpsetError} for wrong usage. */
export function readLine(argv: readonly string[]): Line {
  const line: Line = {
    command: '',
    words: [],
    exist: false,
    quiet: false,
    sorted: false,
    terse: false,
    names: false,
    resolve: false,
    output: 'plain',
    file: null,
  };
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] as string;
    const value = (): string => {
      const next = argv[++i];
      if (next === undefined) throw new IpsetError(`Missing mandatory argument to option ${word}`, 2);
      return next;
    };
    if (word === '-exist' || word === '--exist' || word === '-!') line.exist = true;
    else if (word === '-quiet' || word === '--quiet' || word === '-q') line.quiet = true;
    else if (word === '-sorted' || word === '--sorted' || word === '-s') line.sorted = true;
    else if (word === '-terse' || word === '--terse' || word === '-t') line.terse = true;
    else if (word === '-name' || word === '--name' || word === '-n') line.names = true;
    else if (word === '-resolve' || word === '--resolve' || word === '-r') line.resolve = true;
    else if (word === '-o' || word === '-output' || word === '--output') {
      const mode = value();
      if (mode !== 'plain' && mode !== 'save' && mode !== 'xml')
        throw new IpsetError(`Syntax error: unknown output mode '${mode}'`);
      line.output = mode;
    } else if (word === '-f' || word === '-file' || word === '--file') line.file = value();
    else if (line.command === '') {
      const command = commandOf(word);
      if (!command) throw new IpsetError(`No command specified: unknown argument ${word}`, 2);
      line.command = command;
    } else line.words.push(word);
  }
  if (line.command === '') throw new IpsetError('No command specified.', 2);
  return line;
}

const MAX_TIMEOUT = 2147483;

/** Options after an element: `timeout 5 nomatch comment "…"`. */
export function entryOptions(
  words: readonly string[],
  allowed: { net: boolean; timeout: boolean; counters: boolean; comment: boolean },
): {
  nomatch: boolean;
  timeout: number | null;
  packets: number;
  bytes: number;
  comment: string | null;
} {
  const out = { nomatch: false, timeout: null as number | null, packets: 0, bytes: 0, comment: null as string | null };
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    const value = (): string => {
      const next = words[++i];
      if (next === undefined) throw new IpsetError(`Missing mandatory argument of option \`${word}'`, 2);
      return next;
    };
    if (word === 'timeout') {
      out.timeout = parseNumber(value(), 0, MAX_TIMEOUT);
      if (!allowed.timeout) throw new IpsetError('Timeout cannot be used: set was created without timeout support');
    } else if (word === 'packets' || word === 'bytes') {
      out[word] = parseNumber(value(), 0, Number.MAX_SAFE_INTEGER);
      if (!allowed.counters)
        throw new IpsetError('Packet/byte counters cannot be used: set was created without counter support');
    } else if (word === 'comment') {
      out.comment = value();
      if (!allowed.comment) throw new IpsetError('Comment cannot be used: set was created without comment support');
    } else if (word === 'nomatch' && allowed.net) out.nomatch = true;
    else throw new IpsetError(`Unknown argument: \`${word}'`, 2);
  }
  return out;
}
