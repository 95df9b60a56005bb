import { defineMatch, fail } from '../ext.ts';
import { digits, U64_MAX } from '../values.ts';
import { numbersOption } from '../xtopt.ts';

interface ConnbytesArgs {
  /** An inverted range stands with its ends exchanged, as the kernel keeps it. */
  from: number;
  to: number;
  dir: 'original' | 'reply' | 'both' | '';
  mode: 'packets' | 'bytes' | 'avgpkt' | '';
}

const DIRECTIONS = ['original', 'reply', 'both'] as const;
const MODES = ['packets', 'bytes', 'avgpkt'] as const;

function rangeText({ from, to }: ConnbytesArgs, prefix: string): string {
  const [low, high] = from > to ? [to, from] : [from, to];
  return `${from > to ? ' !' : ''} ${prefix}connbytes ${digits(low)}${high && high < U64_MAX ? `:${digits(high)}` : ''}`;
}

export const connbytes = defineMatch<ConnbytesArgs>({
  name: 'connbytes',
  tracks: true,
  options: [
    { name: 'connbytes', arg: true, must: true, invert: true },
    { name: 'connbytes-dir', arg: true, must: true },
    { name: 'connbytes-mode', arg: true, must: true },
  ],
  init: () => ({ from: 0, to: 0, dir: '', mode: '' }),
  option(args, id, value, not) {
    if (id === 'connbytes-dir') {
      const dir = DIRECTIONS.find((d) => d === value);
      if (!dir) fail(`Unknown --connbytes-dir \`${value}'`);
      args.dir = dir;
    } else if (id === 'connbytes-mode') {
      const mode = MODES.find((m) => m === value);
      if (!mode) fail(`Unknown --connbytes-mode \`${value}'`);
      args.mode = mode;
    } else {
      const [from = 0, to = U64_MAX] = numbersOption('connbytes', id, value, U64_MAX);
      if (to < from) fail(`${digits(from)} should be less than ${digits(to)}`);
      [args.from, args.to] = not ? [to, from] : [from, to];
    }
  },
  save: (args) => `${rangeText(args, '--')} --connbytes-mode ${args.mode} --connbytes-dir ${args.dir}`,
  list: (args) => `${rangeText(args, '').slice(1)} connbytes mode ${args.mode} connbytes direction ${args.dir}`,
  apply(args, { ct }) {
    if (!ct) return false;
    const sum = ([a, b]: [number, number]) => (args.dir === 'original' ? a : args.dir === 'reply' ? b : a + b);
    const packets = sum(ct.packets);
    const bytes = sum(ct.bytes);
    const n =
      args.mode === 'packets'
        ? packets
        : args.mode === 'bytes'
          ? bytes
          : packets === 0
            ? 0
            : Math.floor(bytes / packets);
    return args.to >= args.from ? n >= args.from && n <= args.to : n < args.to || n > args.from;
  },
});
