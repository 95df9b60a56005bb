import { addPacket, delPacket } from '../../ipset/match.ts';
import { defineTarget, fail } from '../ext.ts';
import { parseSetWords } from '../match/set.ts';
import { parseUint } from '../values.ts';

interface SetArgs {
  add: { set: string; dirs: string[] } | null;
  del: { set: string; dirs: string[] } | null;
  exist: boolean;
  timeout: number | null;
}

export const set = defineTarget<SetArgs>({
  name: 'SET',
  oldStyle: true,
  options: [
    { name: 'add-set', arg: true },
    { name: 'del-set', arg: true },
    { name: 'timeout', arg: true },
    { name: 'exist' },
  ],
  init: () => ({ add: null, del: null, exist: false, timeout: null }),
  option(args, id, value, _not, ctx, next) {
    if (id === 'add-set' || id === 'del-set') {
      const key = id === 'add-set' ? 'add' : 'del';
      if (args[key]) fail(`--${id} can be specified only once`);
      args[key] = parseSetWords(ctx, id, value, next());
    } else if (id === 'exist') args.exist = true;
    else {
      const timeout = parseUint(value, 0x7fffffff);
      if (timeout === null) fail('Invalid value for option --timeout or out of range 0-4294967294');
      args.timeout = timeout;
    }
  },
  done(args) {
    if (!args.add && !args.del) fail("You must specify either `--add-set' or `--del-set' or `--map-set'");
  },
  save(args) {
    const add = args.add ? ` --add-set ${args.add.set} ${args.add.dirs.join(',')}` : '';
    const extra = `${args.exist ? ' --exist' : ''}${args.timeout === null ? '' : ` --timeout ${args.timeout}`}`;
    const del = args.del ? ` --del-set ${args.del.set} ${args.del.dirs.join(',')}` : '';
    return add + (args.add ? extra : '') + del;
  },
  list(args) {
    const parts: string[] = [];
    if (args.add) {
      parts.push(`add-set ${args.add.set} ${args.add.dirs.join(',')}`);
      if (args.exist) parts.push('exist');
      if (args.timeout !== null) parts.push(`timeout ${args.timeout}`);
    }
    if (args.del) parts.push(`del-set ${args.del.set} ${args.del.dirs.join(',')}`);
    return parts.join(' ');
  },
  apply(args, state) {
    if (args.add) addPacket(state, args.add.set, args.add.dirs, args.exist, args.timeout);
    if (args.del) delPacket(state, args.del.set, args.del.dirs);
    return 'CONTINUE';
  },
});
