import { defineTarget, fail } from '../ext.ts';
import { parseTos, TOS_NAMES } from '../match/tos.ts';
import { hex2, uintOption } from '../values.ts';

const OPS = ['set-tos', 'and-tos', 'or-tos', 'xor-tos'];

export const tos = defineTarget<{ value: number; mask: number }>({
  name: 'TOS',
  options: OPS.map((name) => ({ name, arg: true, excl: OPS.filter((o) => o !== name) })),
  init: () => ({ value: 0, mask: 0 }),
  option(args, id, text) {
    if (id === 'set-tos') Object.assign(args, parseTos(text));
    else {
      const value = uintOption('TOS', id, text, 0, 255);
      Object.assign(
        args,
        id === 'and-tos' ? { value: 0, mask: ~value & 255 } : { value, mask: id === 'or-tos' ? value : 0 },
      );
    }
  },
  done(_args, seen) {
    if (seen.size === 0) fail('TOS: An action is required');
  },
  accept: (_args, { table }) => (table === 'mangle' ? null : 'EINVAL'),
  save: (args) => ` --set-tos ${hex2(args.value)}/${hex2(args.mask)}`,
  list({ value, mask }, numeric) {
    if (numeric) return `TOS set ${hex2(value)}/${hex2(mask)}`;
    const named = mask === 0x3f ? TOS_NAMES.find(([, v]) => v === value) : undefined;
    if (named) return ` TOS set${named[0]}`;
    if (value === 0) return `TOS and ${hex2(~mask & 255)}`;
    if (value === mask) return `TOS or ${hex2(value)}`;
    return mask === 0 ? `TOS xor ${hex2(value)}` : `TOS set ${hex2(value)}/${hex2(mask)}`;
  },
  apply(args, { packet }) {
    if (packet.ip) packet.ip.tos = (packet.ip.tos & ~args.mask) ^ args.value;
    return 'CONTINUE';
  },
});
