import { addPacket, delPacket, mapPacket } from '../../ipset/match.ts';
import { defineTarget, fail } from '../ext.ts';
import { parseSetWords } from '../match/set.ts';
import { parseUint } from '../values.ts';

interface SetArgs {
  add: { set: string; dirs: string[] } | null;
  del: { set: string; dirs: string[] } | null;
  exist: boolean;
  timeout: number | null;
  map: { set: string; dirs: string[] } | null;
  mapped: string[];
}

const MAPS = ['map-mark', 'map-prio', 'map-queue'];

function words(args: SetArgs, prefix: string): string {
  const named = (word: string, s: SetArgs['add']) => (s ? ` ${prefix}${word} ${s.set} ${s.dirs.join(',')}` : '');
  let text = named('add-set', args.add);
  if (args.exist) text += ` ${prefix}exist`;
  if (args.timeout !== null) text += ` ${prefix}timeout ${args.timeout}`;
  text += named('del-set', args.del) + named('map-set', args.map);
  return text + MAPS.map((m) => (args.mapped.includes(m) ? ` ${prefix}${m}` : '')).join('');
}

export const set = defineTarget<SetArgs>({
  name: 'SET',
  oldStyle: true,
  options: [
    { name: 'add-set', arg: true },
    { name: 'del-set', arg: true },
    { name: 'timeout', arg: true },
    { name: 'exist' },
    { name: 'map-set', arg: true },
    ...MAPS.map((name) => ({ name })),
  ],
  init: () => ({ add: null, del: null, exist: false, timeout: null, map: null, mapped: [] }),
  option(args, id, value, _not, ctx, next) {
    if (id.endsWith('-set')) {
      const key = id.slice(0, 3) as 'add' | 'del' | 'map';
      if (args[key]) fail(`--${id} can be specified only once`);
      args[key] = parseSetWords(ctx, id, value, next());
    } else if (id === 'exist') args.exist = true;
    else if (MAPS.includes(id)) args.mapped.push(id);
    else {
      const timeout = parseUint(value, 0xfffffffe);
      if (timeout === null) fail('Invalid value for option --timeout or out of range 0-4294967294');
      args.timeout = timeout;
    }
  },
  done(args) {
    if (!args.add && !args.del && !args.map) fail("You must specify either `--add-set' or `--del-set' or `--map-set'");
    if (!args.add && args.exist) fail("Flag `--exist' can be used with `--add-set' only");
    if (!args.add && args.timeout !== null) fail("Option `--timeout' can be used with `--add-set' only");
    const first = MAPS.find((m) => args.mapped.includes(m));
    if (!args.map && first) fail(`Flag \`--${first}' can be used with \`--map-set' only`);
    if (args.map && !first) fail("You must specify flags `--map-mark' or '--map-prio` or `--map-queue'");
  },
  accept(args, { table, hooks }) {
    if (!args.map) return null;
    if (table !== 'mangle') return 'EINVAL';
    const late = args.mapped.some((m) => m !== 'map-mark');
    return late && (hooks.has('PREROUTING') || hooks.has('INPUT')) ? 'EINVAL' : null;
  },
  save: (args) => words(args, '--'),
  list: (args) => words(args, '').slice(1),
  apply(args, state) {
    if (args.add) addPacket(state, args.add.set, args.add.dirs, args.exist, args.timeout);
    if (args.del) delPacket(state, args.del.set, args.del.dirs);
    if (args.map) mapPacket(state, args.map.set, args.map.dirs, args.mapped.includes('map-mark'));
    return 'CONTINUE';
  },
});
