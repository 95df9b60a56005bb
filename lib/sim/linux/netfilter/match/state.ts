import { packetState } from '../../conntrack/state.ts';
import { defineMatch, fail } from '../ext.ts';

const NAMES = ['INVALID', 'NEW', 'RELATED', 'ESTABLISHED', 'UNTRACKED'];

export const state = defineMatch<{ states: string[]; not: boolean }>({
  name: 'state',
  options: [{ name: 'state', arg: true, must: true, invert: true }],
  tracks: true,
  init: () => ({ states: [], not: false }),
  option(args, _id, value, not) {
    const states = new Set<string>();
    const list = value.split(',');
    for (const [i, word] of list.entries()) {
      const upper = word.toUpperCase();
      if (!NAMES.includes(upper)) fail(`Bad state "${list.slice(i).join(',')}"`);
      states.add(upper);
    }
    args.states = NAMES.filter((name) => states.has(name));
    args.not = not;
  },
  save: (args) => `${args.not ? ' !' : ''} --state ${args.states.join(',')}`,
  list: (args) => `${args.not ? '! ' : ''}state ${args.states.join(',')}`,
  apply: (args, { packet }) => args.states.includes(packetState(packet)) !== args.not,
});
