import { defineTarget, fail } from '../ext.ts';
import { uintOption } from '../values.ts';

interface TtlArgs {
  mode: 'set' | 'inc' | 'dec';
  value: number;
}

const LIST = { set: 'set to', inc: 'increment by', dec: 'decrement by' };

const make = (name: 'TTL' | 'HL', family: 'ip' | 'ip6') => {
  const low = name.toLowerCase();
  const ids = ['set', 'dec', 'inc'].map((mode) => `${low}-${mode}`);
  return defineTarget<TtlArgs>({
    name,
    families: [family],
    options: ids.map((id) => ({ name: id, arg: true, excl: ids.filter((other) => other !== id) })),
    init: () => ({ mode: 'set', value: 0 }),
    option(args, id, value) {
      args.mode = id.slice(low.length + 1) as TtlArgs['mode'];
      args.value = uintOption(name, id, value, args.mode === 'set' ? 0 : 1, 255);
    },
    done(_args, seen) {
      if (seen.size === 0) fail(`${name}: You must specify an action`);
    },
    accept: (_args, { table }) => (table === 'mangle' ? null : 'EINVAL'),
    save: (args) => ` --${low}-${args.mode} ${args.value}`,
    list: (args) => `${name} ${LIST[args.mode]} ${args.value}`,
    apply(args, { packet }) {
      if (!packet.ip) return 'CONTINUE';
      const { mode, value } = args;
      packet.ip.ttl =
        mode === 'set'
          ? value
          : mode === 'inc'
            ? Math.min(255, packet.ip.ttl + value)
            : Math.max(0, packet.ip.ttl - value);
      return 'CONTINUE';
    },
  });
};

export const ttl = make('TTL', 'ip');
export const hl = make('HL', 'ip6');
