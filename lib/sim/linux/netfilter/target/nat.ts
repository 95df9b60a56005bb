/** DNAT, SNAT, MASQUERADE, REDIRECT and NETMAP: what to translate to; conntrack/nat.ts does it. */
import { formatIp, type Ip, maskOf, network } from '../../../addr/ip.ts';
import { masqueradeAddress, type NatRange, redirectAddress, setupNat } from '../../conntrack/nat.ts';
import { defineTarget, fail, type HookState, type TargetExt } from '../ext.ts';
import type { Hook } from '../types.ts';
import { hostmaskOption } from '../xtopt.ts';
import { emptyRange, parsePorts, parseTo, portsText, toText } from './nat-range.ts';

/** The flags that follow the range, in the order they are printed. */
const FLAGS: [keyof NatRange & ('random' | 'fully' | 'persistent'), string][] = [
  ['random', 'random'],
  ['fully', 'random-fully'],
  ['persistent', 'persistent'],
];

interface NatKind {
  name: string;
  manip: 'SRC' | 'DST';
  hooks: readonly Hook[];
  /** The option that takes the range: addresses and ports, or ports alone. */
  to: 'to-destination' | 'to-source' | 'to-ports';
  flags: readonly string[];
  /** How -L introduces the range. */
  listed: string;
  /** Whether ports may be shifted by a base port. */
  shifts?: boolean;
  /** The address when the rule names none. Null drops the packet. */
  address?: (state: HookState) => Ip | null;
}

/** DNAT, SNAT, MASQUERADE and REDIRECT differ in their side, their hooks and where the address comes from. */
function nat(kind: NatKind): TargetExt {
  const body = (range: NatRange, to: string, prefix: string): string => {
    const value = kind.to === 'to-ports' ? portsText(range) : toText(range);
    let text = value === '' ? '' : ` ${to}${value}`;
    for (const [flag, word] of FLAGS) if (range[flag]) text += ` ${prefix}${word}`;
    return text;
  };
  return defineTarget<NatRange>({
    name: kind.name,
    tracks: true,
    options: [{ name: kind.to, arg: true, must: kind.to !== 'to-ports' }, ...kind.flags.map((name) => ({ name }))],
    init: emptyRange,
    option(range, id, value, _not, ctx) {
      const flag = FLAGS.find(([, word]) => word === id);
      if (flag) range[flag[0]] = true;
      else if (kind.to === 'to-ports') parsePorts(value, range, ctx.head);
      else parseTo(value, range, ctx.family, ctx.head);
    },
    done(range) {
      if (range.basePort !== null && !kind.shifts) fail('Shifted portmap ranges not supported with this kernel');
    },
    accept(_args, { table, hooks }) {
      if (table !== 'nat') return 'EINVAL';
      for (const hook of hooks) if (!kind.hooks.includes(hook)) return 'EINVAL';
      return null;
    },
    save: (range) => body(range, `--${kind.to} `, '--'),
    list: (range) => body(range, kind.listed, '').slice(1) || null,
    apply(range, state) {
      if (!kind.address) return setupNat(state, range, kind.manip);
      const ip = kind.address(state);
      return ip === null ? 'DROP' : setupNat(state, { ...range, minIp: ip, maxIp: ip }, kind.manip);
    },
  });
}

export const dnat = nat({
  name: 'DNAT',
  manip: 'DST',
  hooks: ['PREROUTING', 'OUTPUT'],
  to: 'to-destination',
  flags: ['random', 'persistent'],
  listed: 'to:',
  shifts: true,
});

export const snat = nat({
  name: 'SNAT',
  manip: 'SRC',
  hooks: ['POSTROUTING', 'INPUT'],
  to: 'to-source',
  flags: ['random', 'random-fully', 'persistent'],
  listed: 'to:',
});

export const masquerade = nat({
  name: 'MASQUERADE',
  manip: 'SRC',
  hooks: ['POSTROUTING'],
  to: 'to-ports',
  flags: ['random', 'random-fully'],
  listed: 'masq ports: ',
  address: masqueradeAddress,
});

export const redirect = nat({
  name: 'REDIRECT',
  manip: 'DST',
  hooks: ['PREROUTING', 'OUTPUT'],
  to: 'to-ports',
  flags: ['random'],
  listed: 'redir ports ',
  address: redirectAddress,
});

interface NetmapArgs {
  ip: Ip;
  len: number;
}

export const netmap = defineTarget<NetmapArgs>({
  name: 'NETMAP',
  tracks: true,
  options: [{ name: 'to', arg: true, must: true }],
  init: () => ({ ip: 0, len: 32 }),
  option(args, _id, value, _not, ctx) {
    const { ip, len } = hostmaskOption('NETMAP', 'to', value, ctx);
    args.ip = network(ip, len);
    args.len = len;
  },
  accept: (_args, { table, hooks }) => (table !== 'nat' || hooks.has('FORWARD') ? 'EINVAL' : null),
  save: (args) => ` --to ${formatIp(args.ip)}/${args.len}`,
  list: (args) => `to:${formatIp(args.ip)}/${args.len}`,
  apply(args, state) {
    const { ip } = state.packet;
    if (!ip) return 'CONTINUE';
    const manip = state.hook === 'PREROUTING' || state.hook === 'OUTPUT' ? 'DST' : 'SRC';
    const old = manip === 'DST' ? ip.dst : ip.src;
    let mapped: Ip;
    if (typeof old === 'bigint') {
      const mask = maskOf(6, args.len) as bigint;
      mapped = ((args.ip as bigint) & mask) | (old & ~mask & ((1n << 128n) - 1n));
    } else {
      const mask = maskOf(4, args.len) as number;
      mapped = (((args.ip as number) & mask) | (old & ~mask)) >>> 0;
    }
    return setupNat(state, { ...emptyRange(), minIp: mapped, maxIp: mapped }, manip);
  },
});
