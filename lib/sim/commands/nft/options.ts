/** nft's command line. Source: nft(8), OPTIONS. */

export interface NftOptions {
  handles: boolean;
  stateless: boolean;
  terse: boolean;
  services: boolean;
  guid: boolean;
  symbols: boolean;
  protocols: boolean;
  numericPriority: boolean;
  numericTime: boolean;
  json: boolean;
  check: boolean;
  echo: boolean;
  optimize: boolean;
  file: string | null;
  include: string[];
  defines: string[];
  words: string[];
}

type Parsed =
  | NftOptions
  | { error: string; marks?: string }
  | { unmodelled: string }
  | { print: 'version' | 'long version' | 'help' };

/** Long names, with whether they take a value. */
const LONG: Readonly<Record<string, string>> = {
  help: 'h',
  version: 'v',
  file: 'f:',
  define: 'D:',
  interactive: 'i',
  includepath: 'I:',
  numeric: 'n',
  stateless: 's',
  terse: 't',
  service: 'S',
  reversedns: 'N',
  guid: 'u',
  'numeric-priority': 'y',
  'numeric-protocol': 'p',
  'numeric-time': 'T',
  handle: 'a',
  json: 'j',
  check: 'c',
  echo: 'e',
  debug: 'd:',
  optimize: 'o',
};
const SHORT = new Map<string, boolean>(
  Object.values(LONG)
    .map((v) => [v[0] as string, v.endsWith(':')] as const)
    .concat([['V', false] as const]),
);

const DEBUG = new Set(['scanner', 'parser', 'eval', 'netlink', 'mnl', 'proto-ctx', 'segtree', 'all']);

const blank = (): NftOptions => ({
  handles: false,
  stateless: false,
  terse: false,
  services: false,
  guid: false,
  symbols: true,
  protocols: true,
  numericPriority: false,
  numericTime: false,
  json: false,
  check: false,
  echo: false,
  optimize: false,
  file: null,
  include: [],
  defines: [],
  words: [],
});

const SET: Readonly<Record<string, (o: NftOptions) => void>> = {
  a: (o) => void (o.handles = true),
  s: (o) => void (o.stateless = true),
  t: (o) => void (o.terse = true),
  S: (o) => void (o.services = true),
  u: (o) => void (o.guid = true),
  N: () => undefined,
  y: (o) => void (o.numericPriority = true),
  p: (o) => void (o.protocols = false),
  T: (o) => void (o.numericTime = true),
  n: (o) => {
    o.numericPriority = true;
    o.symbols = false;
    o.protocols = false;
    o.numericTime = true;
  },
  j: (o) => void (o.json = true),
  c: (o) => void (o.check = true),
  e: (o) => void (o.echo = true),
  o: (o) => void (o.optimize = true),
};

const VALUED = new Set(['-d', '--debug', '-I', '--includepath', '-f', '--file', '-D', '--define']);

/** Options may not stand behind the command: nft prints where one does. */
function misplaced(argv: readonly string[]): { error: string; marks: string } | null {
  let at = 'nft '.length;
  let command = false;
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] as string;
    if (word.startsWith('{')) return null;
    if (word.startsWith('-') && command) {
      const marks = `\n${'^'.padStart(4)}${'~~'.padStart(at - 2)}\n`;
      return { error: `Error: syntax error, options must be specified before commands\nnft ${argv.join(' ')} `, marks };
    }
    if (word === '--') return null;
    if (word.startsWith('-')) {
      if (VALUED.has(word) && argv[i + 1] !== undefined) at += (argv[++i] as string).length + 1;
    } else command = true;
    at += word.length + 1;
  }
  return null;
}

/** Splits options and words. What is left over makes the command line. */
export function parseOptions(argv: readonly string[]): Parsed {
  const o = blank();
  const wrong = misplaced(argv);
  if (wrong) return wrong;
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] as string;
    if (word === '--') {
      o.words.push(...argv.slice(i + 1));
      break;
    }
    if (!word.startsWith('-') || word === '-') {
      o.words.push(...argv.slice(i));
      break;
    }
    const flags: [string, string | null][] = [];
    if (word.startsWith('--')) {
      const [name = '', value] = word.slice(2).split('=');
      const found = Object.keys(LONG).filter((k) => k === name || k.startsWith(name));
      const full = LONG[name] ?? (found.length === 1 ? LONG[found[0] as string] : undefined);
      if (!full) return { error: `nft: unrecognized option '${word.split('=')[0]}'\n` };
      const takes = full.endsWith(':');
      if (takes && value === undefined && argv[i + 1] === undefined)
        return { error: `nft: option '${word}' requires an argument\n` };
      flags.push([full[0] as string, takes ? (value ?? (argv[++i] as string)) : null]);
    } else {
      for (let k = 1; k < word.length; k++) {
        const c = word[k] as string;
        const takes = SHORT.get(c);
        if (takes === undefined) return { error: `nft: invalid option -- '${c}'\n` };
        if (!takes) {
          flags.push([c, null]);
          continue;
        }
        const value = word.slice(k + 1) || argv[++i];
        if (value === undefined) return { error: `nft: option requires an argument -- '${c}'\n` };
        flags.push([c, value]);
        break;
      }
    }
    for (const [flag, value] of flags) {
      if (flag === 'h') return { print: 'help' };
      if (flag === 'v') return { print: 'version' };
      if (flag === 'V') return { print: 'long version' };
      if (flag === 'f') o.file = value as string;
      else if (flag === 'I') o.include.push(value as string);
      else if (flag === 'D') o.defines.push(value as string);
      else if (flag === 'd' && !DEBUG.has(value as string)) return { error: `invalid debug parameter \`${value}'\n` };
      else if (flag === 'i' || flag === 'd') return { unmodelled: `nft -${flag}` };
      else SET[flag]?.(o);
    }
  }
  return o;
}
