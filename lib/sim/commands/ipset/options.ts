/** Reading ipset's command lines: options anywhere, a command, its arguments. */
import { IpsetError } from '../../linux/ipset/element.ts';

export interface Line {
  command: string;
  words: string[];
  exist: boolean;
  quiet: boolean;
  sorted: boolean;
  terse: boolean;
  names: boolean;
  resolve: boolean;
  /** What -o asked for; null leaves it to the command. */
  output: 'plain' | 'save' | 'xml' | null;
  file: string | null;
}

/** Commands with their other names and how many arguments they must have and may have. */
const COMMANDS: { names: string[]; least: number; most: number }[] = [
  { names: ['create', 'n', '-N'], least: 2, most: Number.POSITIVE_INFINITY },
  { names: ['add', '-A'], least: 2, most: Number.POSITIVE_INFINITY },
  { names: ['del', '-D'], least: 2, most: Number.POSITIVE_INFINITY },
  { names: ['test', '-T'], least: 2, most: Number.POSITIVE_INFINITY },
  { names: ['destroy', 'x', '-X'], least: 0, most: 1 },
  { names: ['list', '-L'], least: 0, most: 1 },
  { names: ['save', '-S'], least: 0, most: 1 },
  { names: ['restore', '-R'], least: 0, most: 0 },
  { names: ['flush', '-F'], least: 0, most: 1 },
  { names: ['rename', 'e', '-E'], least: 2, most: 2 },
  { names: ['swap', 'w', '-W'], least: 2, most: 2 },
  { names: ['help', '-h', '-H'], least: 0, most: 1 },
  { names: ['version', '-v', '-V'], least: 0, most: 0 },
  { names: ['quit', '-q'], least: 0, most: 0 },
];

type Flag = 'sorted' | 'quiet' | 'resolve' | 'exist' | 'names' | 'terse';
const FLAGS: Record<string, Flag> = {
  '-s': 'sorted',
  '-sorted': 'sorted',
  '-q': 'quiet',
  '-quiet': 'quiet',
  '-r': 'resolve',
  '-resolve': 'resolve',
  '-!': 'exist',
  '-exist': 'exist',
  '-n': 'names',
  '-name': 'names',
  '-t': 'terse',
  '-terse': 'terse',
};
const VALUED: Record<string, 'output' | 'file'> = {
  '-o': 'output',
  '-output': 'output',
  '-f': 'file',
  '-file': 'file',
};

/** The command a word names: in full, by its beginning, or as `-A`. */
function commandOf(word: string): (typeof COMMANDS)[number] | undefined {
  const bare = word.startsWith('--') ? word.slice(2) : word;
  return COMMANDS.find(
    ({ names: [full = '', ...others] }) => (bare !== '' && full.startsWith(bare)) || others.includes(word),
  );
}

function emptyLine(): Line {
  return {
    command: '',
    words: [],
    exist: false,
    quiet: false,
    sorted: false,
    terse: false,
    names: false,
    resolve: false,
    output: null,
    file: null,
  };
}

/** Takes the options out, wherever they stand. */
function takeOptions(argv: readonly string[], line: Line): string[] {
  const rest: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] as string;
    const short = word.startsWith('--') ? word.slice(1) : word;
    const flag = FLAGS[short];
    const valued = VALUED[short];
    if (flag) line[flag] = true;
    else if (valued) {
      const value = argv[++i];
      if (value === undefined)
        throw new IpsetError(`Missing mandatory argument to option ${valued === 'output' ? '-o' : '-f'}`, 2);
      if (valued === 'file') {
        if (line.file !== null) throw new IpsetError('-file option cannot be used when full io is activated', 2);
        line.file = value;
      } else if (value === 'plain' || value === 'save' || value === 'xml') line.output = value;
      else throw new IpsetError(`Syntax error: unknown output mode '${value}'`);
    } else rest.push(word);
  }
  return rest;
}

/** Splits a command line. Throws {@link IpsetError} for wrong usage, with `quiet` set when nothing is to be said. */
export function readLine(argv: readonly string[], restoring = false): Line {
  const line = emptyLine();
  try {
    const [word, ...words] = takeOptions(argv, line);
    if (word === undefined) throw new IpsetError('No command specified.', 2);
    const command = commandOf(word);
    if (!command) throw new IpsetError(`No command specified: unknown argument ${word}`, 2);
    line.command = command.names[0] as string;
    line.words = words;
    if (restoring && ['restore', 'version', 'help'].includes(line.command))
      throw new IpsetError(`Command \`${line.command}' is invalid in restore mode.`, 2);
    if (words.length < command.least)
      throw new IpsetError(
        `Missing ${words.length === 1 ? 'second ' : ''}mandatory argument to command ${line.command}`,
        2,
      );
    return line;
  } catch (error) {
    if (error instanceof IpsetError) error.quiet = line.quiet;
    throw error;
  }
}

/** The words that stand behind all a command takes. */
export const surplus = (line: Line): string | undefined =>
  line.words[COMMANDS.find((c) => c.names[0] === line.command)?.most ?? 0];
