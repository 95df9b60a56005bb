import { nextFloat } from '../../../kernel/rng.ts';
import { defineMatch, fail } from '../ext.ts';
import { uintOption } from '../values.ts';

interface StatisticArgs {
  mode: 'random' | 'nth';
  /** Probability in units of 2^-31, as the kernel keeps it. */
  probability: number;
  every: number;
  packet: number;
  not: boolean;
  /** Running count of nth mode: shared by all packets of the rule. */
  count: number;
}

const UNIT = 0x80000000;

function probabilityText(units: number): string {
  return (units / UNIT).toFixed(11);
}

export const statistic = defineMatch<StatisticArgs>({
  name: 'statistic',
  options: [
    { name: 'mode', arg: true, must: true },
    { name: 'probability', arg: true, invert: true, excl: ['every', 'packet'] },
    { name: 'every', arg: true, invert: true, excl: ['probability'], also: ['packet'] },
    { name: 'packet', arg: true, excl: ['probability'], also: ['every'] },
  ],
  init: () => ({ mode: 'random', probability: 0, every: 0, packet: 0, not: false, count: 0 }),
  option(args, id, value, not) {
    if (id === 'mode') {
      if (value !== 'random' && value !== 'nth') fail(`Bad mode "${value}"`);
      args.mode = value;
    } else if (id === 'probability') {
      const p = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value) ? Number(value) : Number.NaN;
      if (!(p >= 0 && p <= 1)) fail('statistic: bad value for option "--probability", or out of range (0-1).\n');
      args.probability = Math.round(p * UNIT);
      args.not = not;
    } else if (id === 'every') {
      args.every = uintOption('statistic', 'every', value, 1, 0xffffffff) - 1;
      args.not = not;
    } else args.packet = uintOption('statistic', 'packet', value, 0, 0xffffffff);
  },
  done(args, seen) {
    if (args.mode === 'random' && !seen.has('probability'))
      fail('--probability must be specified when using random mode');
    if (args.mode === 'nth' && !seen.has('every') && !seen.has('packet')) {
      fail('--every and --packet must be specified when using nth mode');
    }
    if (args.packet > args.every) fail('the --packet p must be 0 <= p <= n-1');
    args.count = args.every - args.packet;
  },
  save(args) {
    if (args.mode === 'random')
      return ` --mode random${args.not ? ' !' : ''} --probability ${probabilityText(args.probability)}`;
    return ` --mode nth${args.not ? ' !' : ''} --every ${args.every + 1} --packet ${args.packet}`;
  },
  list(args) {
    const not = args.not ? ' !' : '';
    if (args.mode === 'random') return `statistic mode random${not} probability ${probabilityText(args.probability)}`;
    return `statistic mode nth${not} every ${args.every + 1}${args.packet ? ` packet ${args.packet}` : ''}`;
  },
  apply(args, { world }) {
    if (args.mode === 'random') return Math.floor(nextFloat(world.rng) * UNIT) < args.probability !== args.not;
    const hit = args.count >= args.every;
    args.count = hit ? 0 : args.count + 1;
    return hit !== args.not;
  },
});
