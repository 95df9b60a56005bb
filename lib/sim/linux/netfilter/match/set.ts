import { findSet, type SetMatchOptions, testPacket } from '../../ipset/match.ts';
import { defineMatch, fail } from '../ext.ts';
import { digits, parseUint, U64_MAX } from '../values.ts';

interface SetArgs {
  set: string;
  dirs: string[];
  not: boolean;
  options: SetMatchOptions;
}

const COMPARE = /^(packets|bytes)-(eq|lt|gt)$/;

function optionWords({ options }: SetArgs, prefix: string): string {
  let text = options.returnNomatch ? ` ${prefix}return-nomatch` : '';
  if (options.keepCounters) text += ` ! ${prefix}update-counters`;
  if (options.keepSubcounters) text += ` ! ${prefix}update-subcounters`;
  for (const what of ['packets', 'bytes'] as const) {
    const test = options[what];
    if (test)
      text += `${test.op === 'ne' ? ' !' : ''} ${prefix}${what}-${test.op === 'ne' ? 'eq' : test.op} ${digits(test.value)}`;
  }
  return text;
}

/** IPSET_DIM_MAX. */
const MAX_DIRECTIONS = 6;

/** `SET DIRS`, checked against the sets that exist; shared by the set match and the SET target. */
export function parseSetWords(
  ctx: { ns: Parameters<typeof findSet>[0]; family: 'ip' | 'ip6' },
  option: string,
  set: string,
  dirs: string | null,
): { set: string; dirs: string[] } {
  if (dirs === null) fail(`--${option} requires two args.`);
  if (set.length > 31) fail(`setname \`${set}' too long, max 31 characters.`);
  const found = findSet(ctx.ns, set);
  if (!found) fail(`Set ${set} doesn't exist.\n`);
  const addresses = found.type !== 'list:set' && found.type !== 'bitmap:port';
  if (addresses && (found.family === 6) !== (ctx.family === 'ip6'))
    fail(`The protocol family of set ${set} is IPv${found.family}, which is not applicable.\n`);
  const words = dirs.split(',').map((w) => (w.startsWith('src') ? 'src' : w.startsWith('dst') ? 'dst' : null));
  if (words.slice(0, MAX_DIRECTIONS).includes(null))
    fail(`You must spefify (the comma separated list of) 'src' or 'dst'.`);
  if (words.length > MAX_DIRECTIONS) fail(`Can't be more src/dst options than ${MAX_DIRECTIONS}.`);
  return { set, dirs: words as string[] };
}

export const set = defineMatch<SetArgs>({
  name: 'set',
  oldStyle: true,
  options: [
    { name: 'match-set', arg: true },
    { name: 'set', arg: true },
    { name: 'return-nomatch' },
    { name: 'update-counters' },
    { name: 'update-subcounters' },
    ...['packets', 'bytes'].flatMap((what) => ['eq', 'lt', 'gt'].map((op) => ({ name: `${what}-${op}`, arg: true }))),
  ],
  init: () => ({ set: '', dirs: [], not: false, options: {} }),
  option(args, id, value, not, ctx, next) {
    const { options } = args;
    const compare = COMPARE.exec(id);
    if (compare) {
      const what = compare[1] as 'packets' | 'bytes';
      const op = compare[2] as 'eq' | 'lt' | 'gt';
      if (options[what]) fail(`only one of the --${what}-[eq|lt|gt] is allowed`);
      if (not && op !== 'eq') fail(`--${id} option cannot be inverted`);
      const number = parseUint(value, U64_MAX);
      if (number === null) fail(`Cannot parse ${value} as a counter value`);
      options[what] = { op: not ? 'ne' : op, value: number };
    } else if (id === 'return-nomatch') {
      if (not) fail('--return-nomatch flag cannot be inverted');
      options.returnNomatch = true;
    } else if (id === 'update-counters') options.keepCounters = not;
    else if (id === 'update-subcounters') options.keepSubcounters = not;
    else {
      if (id === 'set') ctx.warnings.push('--set option deprecated, please use --match-set\n');
      if (args.set !== '') fail('--match-set can be specified only once');
      Object.assign(args, parseSetWords(ctx, 'match-set', value, next()), { not });
    }
  },
  done(args) {
    if (args.set === '') fail("You must specify `--match-set' with proper arguments");
  },
  save: (args) => `${args.not ? ' !' : ''} --match-set ${args.set} ${args.dirs.join(',')}${optionWords(args, '--')}`,
  list: (args) => `${args.not ? '! ' : ''}match-set ${args.set} ${args.dirs.join(',')}${optionWords(args, '')}`,
  apply: (args, state) => testPacket(state, args.set, args.dirs, args.options) !== args.not,
});
