import { defineMatch, fail } from '../ext.ts';
import { hex2, parseUint } from '../values.ts';

/** The names of RFC 1349's TOS bits. */
export const TOS_NAMES: [string, number][] = [
  ['Minimize-Delay', 0x10],
  ['Maximize-Throughput', 0x08],
  ['Maximize-Reliability', 0x04],
  ['Minimize-Cost', 0x02],
  ['Normal-Service', 0x00],
];

/** `VALUE[/MASK]` or a name (mask 0x3f). */
export function parseTos(text: string): { value: number; mask: number } {
  const named = TOS_NAMES.find(([name]) => name.toLowerCase() === text.toLowerCase());
  if (named) return { value: named[1], mask: 0x3f };
  const [low = '', high] = text.split('/');
  const value = parseUint(low, 255);
  const mask = high === undefined ? 0xff : parseUint(high, 255);
  if (value === null || mask === null) fail(`Symbolic name "${text}" is unknown`);
  return { value, mask };
}

export const tos = defineMatch<{ value: number; mask: number; not: boolean }>({
  name: 'tos',
  options: [{ name: 'tos', arg: true, must: true, invert: true }],
  init: () => ({ value: 0, mask: 0xff, not: false }),
  option(args, _id, value, not) {
    Object.assign(args, parseTos(value), { not });
  },
  save: (args) => `${args.not ? ' !' : ''} --tos ${hex2(args.value)}/${hex2(args.mask)}`,
  list(args, numeric) {
    const named = !numeric && args.mask === 0x3f ? TOS_NAMES.find(([, value]) => value === args.value) : undefined;
    return `tos match${args.not ? '!' : ''}${named ? ` ${named[0]}` : `${hex2(args.value)}/${hex2(args.mask)}`}`;
  },
  apply: (args, { packet }) => packet.ip !== undefined && ((packet.ip.tos & args.mask) === args.value) !== args.not,
});
