import { defineMatch, fail } from '../ext.ts';
import { uintOption } from '../values.ts';

interface TtlArgs {
  mode: 'eq' | 'ne' | 'lt' | 'gt';
  value: number;
}

const SIGNS = { eq: '==', ne: '!=', lt: '<', gt: '>' };
const compare = (a: number, { mode, value }: TtlArgs): boolean =>
  mode === 'eq' ? a === value : mode === 'ne' ? a !== value : mode === 'lt' ? a < value : a > value;

/** IPv4's ttl and IPv6's hl match differ in their names only. */
const make = (name: 'ttl' | 'hl', family: 'ip' | 'ip6', word: string) => {
  const ids = ['lt', 'gt', 'eq'].map((mode) => `${name}-${mode}`);
  return defineMatch<TtlArgs>({
    name,
    families: [family],
    options: [
      { name: `${name}-lt`, arg: true, excl: ids.filter((i) => i !== `${name}-lt`) },
      { name: `${name}-gt`, arg: true, excl: ids.filter((i) => i !== `${name}-gt`) },
      { name: `${name}-eq`, arg: true, invert: true, excl: ids.filter((i) => i !== `${name}-eq`) },
      { name, arg: true, invert: true, id: `${name}-eq` },
    ],
    init: () => ({ mode: 'eq', value: 0 }),
    option(args, id, value, not) {
      const mode = id.slice(name.length + 1) as 'eq' | 'lt' | 'gt';
      args.value = uintOption(name, id, value, 0, 255);
      args.mode = mode === 'eq' && not ? 'ne' : mode;
    },
    done(_args, seen) {
      if (seen.size > 0) return;
      fail(
        name === 'ttl'
          ? "TTL match: You must specify one of `--ttl-eq', `--ttl-lt', `--ttl-gt"
          : "HL match: You must specify one of `--hl-eq', `--hl-lt', `--hl-gt'",
      );
    },
    save: ({ mode, value }) => `${mode === 'ne' ? ' !' : ''} --${name}-${mode === 'ne' ? 'eq' : mode} ${value}`,
    list: ({ mode, value }) => `${word} match ${word} ${SIGNS[mode]} ${value}`,
    apply: (args, { packet }) => packet.ip !== undefined && compare(packet.ip.ttl, args),
  });
};

export const ttl = make('ttl', 'ip', 'TTL');
export const hl = make('hl', 'ip6', 'HL');
