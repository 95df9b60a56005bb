import { defineTarget, fail } from '../ext.ts';
import { hex, type Mark, markOption, uintOption } from '../values.ts';

const OPS = ['set-xmark', 'set-mark', 'and-mark', 'or-mark', 'xor-mark'];

/** Turns --set-mark, --and-mark, --or-mark and --xor-mark into the one form the kernel knows: value and mask of xmark. */
export function xmark(ext: string, id: string, text: string): Mark {
  if (id === 'set-xmark' || id === 'set-mark') {
    const m = markOption(ext, id, text);
    return id === 'set-xmark' ? m : { value: m.value, mask: (m.mask | m.value) >>> 0 };
  }
  const value = uintOption(ext, id, text, 0, 0xffffffff);
  if (id === 'and-mark') return { value: 0, mask: ~value >>> 0 };
  return id === 'or-mark' ? { value, mask: value } : { value, mask: 0 };
}

/** `set 0x5`, `or 0x4000`, `xor 0x1`, `and 0xff` or `xset 0x10/0xff`. */
export function xmarkText({ value, mask }: Mark): string {
  if (value === 0) return `and ${hex(~mask >>> 0)}`;
  if (value === mask) return `or ${hex(value)}`;
  if (mask === 0) return `xor ${hex(value)}`;
  if (mask === 0xffffffff) return `set ${hex(value)}`;
  return `xset ${hex(value)}/${hex(mask)}`;
}

export const xmarkOptions = OPS.map((name) => ({ name, arg: true }));

export const mark = defineTarget<Mark>({
  name: 'MARK',
  options: OPS.map((name) => ({ name, arg: true, excl: OPS.filter((o) => o !== name) })),
  init: () => ({ value: 0, mask: 0 }),
  option(args, id, value) {
    Object.assign(args, xmark('MARK', id, value));
  },
  done(_args, seen) {
    if (seen.size === 0) fail('MARK: One of the --set-xmark, --{and,or,xor,set}-mark options is required');
  },
  save: (args) => ` --set-xmark ${hex(args.value)}/${hex(args.mask)}`,
  list: (args) => `MARK ${xmarkText(args)}`,
  apply(args, { packet }) {
    packet.mark = ((packet.mark & ~args.mask) ^ args.value) >>> 0;
    return 'CONTINUE';
  },
});
