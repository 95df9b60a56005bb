/** The options each set type takes with each command: the tables of lib/ipset_*.c, and how their words are read. */
import { IpsetError, parseNumber } from '../../linux/ipset/element.ts';

export type ArgCommand = 'create' | 'add' | 'del' | 'test';

/** Words of a command after its element or type: option → value (`''` for flags), in the order given. */
export type Args = Map<string, string>;

const FLAGS = new Set(['-4', '-6', 'counters', 'forceadd', 'skbinfo', 'nomatch', 'wildcard']);
/** Options of older versions, read and not used. */
const IGNORED = ['probes', 'resize', 'gc', 'from', 'to', 'network'];

/** Numbers behind an element are read as they come, each with its greatest. */
const NUMBERS: Readonly<Record<string, number>> = {
  timeout: 2147483,
  packets: 18446744073709552000,
  bytes: 18446744073709552000,
  skbqueue: 65535,
};

const EXTENSIONS = ['timeout', 'counters', 'comment'];
const FAMILY = ['family', '-4', '-6'];

/** The options of `create`, in the order of the help. */
function createArgs(type: string): string[] {
  if (type === 'list:set') return ['size', ...EXTENSIONS, 'skbinfo'];
  if (type === 'bitmap:ip') return ['range', 'netmask', ...EXTENSIONS, 'skbinfo'];
  if (type.startsWith('bitmap:')) return ['range', ...EXTENSIONS, 'skbinfo'];
  const old = IGNORED.filter((o) =>
    o === 'gc' ? type === 'hash:ip' : type.startsWith('hash:ip,') || o === 'probes' || o === 'resize',
  );
  return [
    ...(type === 'hash:mac' ? [] : FAMILY),
    ...(type === 'hash:ip,mark' ? ['markmask'] : []),
    'hashsize',
    'maxelem',
    ...(type === 'hash:ip' ? ['netmask', 'bitmask'] : []),
    ...EXTENSIONS,
    'forceadd',
    'skbinfo',
    'bucketsize',
    'initval',
    ...(type === 'hash:ip,port' ? ['netmask', 'bitmask'] : []),
    ...(type === 'hash:net,net' ? ['bitmask', 'netmask'] : []),
    ...(/^hash:(ip|net)$|^hash:ip,port/.test(type) ? old : []),
  ];
}

/** The options a type takes with a command. */
export function argsOf(type: string, command: ArgCommand): string[] {
  if (command === 'create') return createArgs(type);
  const net = type.includes('net') ? ['nomatch'] : [];
  const place = type === 'list:set' ? ['before', 'after'] : [];
  if (command === 'del') return place;
  if (command === 'test') return [...net, ...place];
  const wildcard = type === 'hash:net,iface' ? ['wildcard'] : [];
  return ['timeout', ...net, ...wildcard, ...place, 'packets', 'bytes', 'comment', 'skbmark', 'skbprio', 'skbqueue'];
}

/** Reads the words behind an element or a type. Throws {@link IpsetError}; `warn` hears of options that have no effect. */
export function readArgs(
  type: string,
  command: ArgCommand,
  words: readonly string[],
  warn: (text: string) => void = () => {},
): Args {
  const known = argsOf(type, command);
  const args: Args = new Map();
  let warned = false;
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    const name = word.startsWith('--') ? word.slice(2) : word;
    if (!known.includes(name)) throw new IpsetError(`Unknown argument: \`${word}'`, 2);
    if (FLAGS.has(name) || (name === 'comment' && command === 'create')) {
      args.set(name, '');
      continue;
    }
    const value = words[++i];
    if (value === undefined) throw new IpsetError(`Missing mandatory argument of option \`${name}'`, 2);
    if (IGNORED.includes(name)) {
      warn(
        `${warned ? '' : 'Warning: '}Option '--${name === 'network' ? 'from' : name} ${value}' is ignored. Please upgrade your syntax.\n`,
      );
      warned = true;
      continue;
    }
    if (args.has(name) && name !== 'family') throw new IpsetError(`Syntax error: ${name} already specified`);
    if (command === 'add' && name in NUMBERS) parseNumber(value, 0, NUMBERS[name] as number);
    args.set(name, value);
  }
  return args;
}
