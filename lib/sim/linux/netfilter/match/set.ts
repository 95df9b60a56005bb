import { findSet, setDirections, testPacket } from '../../ipset/match.ts';
import { defineMatch, fail } from '../ext.ts';

interface SetArgs {
  set: string;
  dirs: string[];
  not: boolean;
}

/** `SET DIRS`, checked against the sets that exist; shared by the set match and the SET target. */
export function parseSetWords(
  ctx: { ns: Parameters<typeof findSet>[0] },
  option: string,
  set: string,
  dirs: string | null,
): { set: string; dirs: string[] } {
  if (dirs === null) fail(`--${option} requires two args.`);
  if (set.length > 31) fail(`setname \`${set}' too long, max 31 characters.`);
  if (!findSet(ctx.ns, set)) fail(`Set ${set} doesn't exist.\n`);
  const words = setDirections(dirs);
  if (!words) fail(`You must spefify (the comma separated list of) 'src' or 'dst'.`);
  return { set, dirs: words };
}

export const set = defineMatch<SetArgs>({
  name: 'set',
  oldStyle: true,
  options: [{ name: 'match-set', arg: true }],
  init: () => ({ set: '', dirs: [], not: false }),
  option(args, _id, value, not, ctx, next) {
    if (args.set !== '') fail('--match-set can be specified only once');
    Object.assign(args, parseSetWords(ctx, 'match-set', value, next()), { not });
  },
  done(args) {
    if (args.set === '') fail("You must specify `--match-set' with proper arguments");
  },
  save: (args) => `${args.not ? ' !' : ''} --match-set ${args.set} ${args.dirs.join(',')}`,
  list: (args) => `${args.not ? '! ' : ''}match-set ${args.set} ${args.dirs.join(',')}`,
  apply: (args, state) => testPacket(state, args.set, args.dirs) !== args.not,
});
