import { defineMatch, fail } from '../ext.ts';
import { hex2, uintOption } from '../values.ts';

const CLASSES: Record<string, number> = { BE: 0, EF: 0x2e };
for (let i = 0; i < 8; i++) CLASSES[`CS${i}`] = i << 3;
for (let i = 1; i <= 4; i++) for (let j = 1; j <= 3; j++) CLASSES[`AF${i}${j}`] = (i << 3) | (j << 1);

/** A DiffServ class name's code point. */
export function dscpClass(name: string): number {
  const value = CLASSES[name.toUpperCase()];
  if (value === undefined) fail(`Invalid DSCP value \`${name}'`);
  return value;
}

export const dscp = defineMatch<{ value: number; not: boolean }>({
  name: 'dscp',
  options: [
    { name: 'dscp', arg: true, invert: true, excl: ['dscp-class'] },
    { name: 'dscp-class', arg: true, invert: true, excl: ['dscp'] },
  ],
  init: () => ({ value: 0, not: false }),
  option(args, id, value, not) {
    args.value = id === 'dscp' ? uintOption('dscp', 'dscp', value, 0, 63) : dscpClass(value);
    args.not = not;
  },
  done(_args, seen) {
    if (seen.size === 0) fail('DSCP match: Parameter --dscp is required');
  },
  save: (args) => `${args.not ? ' !' : ''} --dscp ${hex2(args.value)}`,
  list: (args) => `DSCP match ${args.not ? '!' : ''}${hex2(args.value)}`,
  apply: (args, { packet }) => packet.ip !== undefined && (packet.ip.tos >> 2 === args.value) !== args.not,
});
