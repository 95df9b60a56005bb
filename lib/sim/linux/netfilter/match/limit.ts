import { defineMatch, fail } from '../ext.ts';
import { uintOption } from '../values.ts';

const UNITS: [string, number][] = [
  ['day', 86400],
  ['hour', 3600],
  ['min', 60],
  ['sec', 1],
];
const SCALE = 10000;

interface LimitArgs {
  /** Time for one packet, in units of 1/10000 s. */
  period: number;
  burst: number;
  /** Token bucket in units of `period`: credit and when it was last topped up (virtual µs). */
  credit: number;
  last: number;
}

function parseRate(text: string): number {
  const slash = text.indexOf('/');
  const rate = Number.parseInt(slash < 0 ? text : text.slice(0, slash), 10);
  let seconds = 1;
  if (slash >= 0) {
    const word = text.slice(slash + 1).toLowerCase();
    const unit = [
      ['second', 1],
      ['minute', 60],
      ['hour', 3600],
      ['day', 86400],
    ].find(([name]) => word !== '' && String(name).startsWith(word));
    if (!unit) fail(`bad rate "${text}"'`);
    seconds = Number(unit[1]);
  }
  if (!(rate > 0)) fail(`bad rate "${text}"'`);
  if (rate / seconds > SCALE) fail(`Rate too fast "${text}"`);
  return Math.floor((SCALE * seconds) / rate);
}

/** `3/hour`: the largest unit that shows the period without losing much. */
export function rateText(period: number): string {
  let i = 1;
  for (; i < UNITS.length; i++) {
    const mult = (UNITS[i] as [string, number])[1] * SCALE;
    if (period > mult || Math.floor(mult / period) < mult % period) break;
  }
  const [name, seconds] = UNITS[i - 1] as [string, number];
  return `${Math.floor((seconds * SCALE) / period)}/${name}`;
}

export const limit = defineMatch<LimitArgs>({
  name: 'limit',
  options: [
    { name: 'limit', arg: true },
    { name: 'limit-burst', arg: true },
  ],
  init: () => ({ period: parseRate('3/hour'), burst: 5, credit: -1, last: 0 }),
  option(args, id, value) {
    if (id === 'limit') args.period = parseRate(value);
    else args.burst = uintOption('limit', 'limit-burst', value, 0, 10000);
  },
  save: (args) => ` --limit ${rateText(args.period)}${args.burst === 5 ? '' : ` --limit-burst ${args.burst}`}`,
  list: (args) => `limit: avg ${rateText(args.period)} burst ${args.burst}`,
  apply(args, { world }) {
    const cost = args.period * 100;
    const cap = cost * args.burst;
    if (args.credit < 0) args.credit = cap;
    else args.credit = Math.min(cap, args.credit + (world.now - args.last));
    args.last = world.now;
    if (args.credit < cost) return false;
    args.credit -= cost;
    return true;
  },
});
