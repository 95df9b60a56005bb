import { bitsOf, formatIp, type Ip, inPrefix } from '../../../addr/ip.ts';
import { packetState } from '../../conntrack/state.ts';
import { defineMatch, fail } from '../ext.ts';
import { parseProtocol } from '../head.ts';
import type { CtEntry } from '../types.ts';
import { resolvePort } from '../values.ts';
import { hostmaskOption, spanOption } from '../xtopt.ts';

const STATES = ['INVALID', 'NEW', 'RELATED', 'ESTABLISHED', 'UNTRACKED', 'SNAT', 'DNAT'];
const STATUSES = ['NONE', 'EXPECTED', 'SEEN_REPLY', 'ASSURED', 'CONFIRMED'];

interface Negatable<T> {
  value: T;
  not: boolean;
}

interface ConntrackArgs {
  proto: Negatable<number> | null;
  states: Negatable<string[]> | null;
  status: Negatable<string[]> | null;
  expire: Negatable<[number, number]> | null;
  addresses: Record<string, Negatable<{ ip: Ip; len: number }>>;
  ports: Record<string, Negatable<[number, number]>>;
  dir: 'ORIGINAL' | 'REPLY' | null;
}

const ADDRESSES = ['ctorigsrc', 'ctorigdst', 'ctreplsrc', 'ctrepldst'];
const PORTS = ['ctorigsrcport', 'ctorigdstport', 'ctreplsrcport', 'ctrepldstport'];

/** The names in a list. A bad word before a comma is told with all that follows it, as conntrack_ps_*() do. */
function words(value: string, names: string[], what: string): string[] {
  const found = new Set<string>();
  const list = value.split(',');
  for (const [i, word] of list.entries()) {
    const upper = word.toUpperCase();
    if (!names.includes(upper)) fail(`Bad ${what} "${list.slice(i).join(',')}"`);
    found.add(upper);
  }
  return names.filter((name) => found.has(name));
}

/** XTTYPE_PORTRC: `PORT`, `MIN:MAX`, each side may be missing. */
function portSpan(option: string, value: string): [number, number] {
  const words = value.split(':');
  if (words.length > 2) fail(`conntrack: Too many components for option "--${option}" (max: 2)\n`);
  const [low = '', high] = words;
  const min = low === '' ? 0 : resolvePort(low);
  return [min, high === undefined ? min : high === '' ? 65535 : resolvePort(high)];
}

function text(args: ConntrackArgs, prefix: string): string {
  const out: string[] = [];
  const add = (name: string, not: boolean, value: string) => out.push(`${not ? ' !' : ''} ${prefix}${name} ${value}`);
  const span = ([min, max]: [number, number]) => (min === max ? `${min}` : `${min}:${max}`);
  if (args.states) add('ctstate', args.states.not, args.states.value.join(','));
  if (args.proto) add('ctproto', args.proto.not, String(args.proto.value));
  for (const name of ADDRESSES) {
    const a = args.addresses[name];
    if (a) add(name, a.not, `${formatIp(a.value.ip)}${a.value.len === bitsOf(a.value.ip) ? '' : `/${a.value.len}`}`);
  }
  for (const name of PORTS) {
    const p = args.ports[name];
    if (p) add(name, p.not, span(p.value));
  }
  if (args.status) add('ctstatus', args.status.not, args.status.value.join(','));
  if (args.expire) add('ctexpire', args.expire.not, span(args.expire.value));
  if (args.dir) out.push(` ${prefix}ctdir ${args.dir}`);
  return out.join('');
}

function statusOf(ct: CtEntry): string[] {
  const out: string[] = [];
  if (ct.master) out.push('EXPECTED');
  if (ct.status.seenReply) out.push('SEEN_REPLY');
  if (ct.status.assured) out.push('ASSURED');
  if (ct.status.confirmed) out.push('CONFIRMED');
  return out;
}

export const conntrack = defineMatch<ConntrackArgs>({
  name: 'conntrack',
  tracks: true,
  options: [
    { name: 'ctstate', arg: true, invert: true },
    { name: 'ctproto', arg: true, invert: true },
    ...ADDRESSES.map((name) => ({ name, arg: true, invert: true })),
    { name: 'ctstatus', arg: true, invert: true },
    { name: 'ctexpire', arg: true, invert: true },
    ...PORTS.map((name) => ({ name, arg: true, invert: true })),
    { name: 'ctdir', arg: true },
  ],
  init: () => ({ proto: null, states: null, status: null, expire: null, addresses: {}, ports: {}, dir: null }),
  option(args, id, value, not, ctx) {
    if (id === 'ctstate') args.states = { value: words(value, STATES, 'ctstate'), not };
    else if (id === 'ctstatus') args.status = { value: words(value, STATUSES, 'ctstatus'), not };
    else if (id === 'ctproto') args.proto = { value: parseProtocol(value), not };
    else if (id === 'ctexpire') {
      const { min, max } = spanOption('conntrack', 'ctexpire', value, 0xffffffff);
      args.expire = { value: [min, max], not };
    } else if (id === 'ctdir') {
      const upper = value.toUpperCase();
      if (upper !== 'ORIGINAL' && upper !== 'REPLY') fail(`conntrack: Bad value for "--ctdir" option: "${value}"`);
      args.dir = upper;
    } else if (PORTS.includes(id)) args.ports[id] = { value: portSpan(id, value), not };
    else args.addresses[id] = { value: hostmaskOption('conntrack', id, value, ctx), not };
  },
  done(_args, seen) {
    if (seen.size === 0) fail('conntrack: At least one option is required');
  },
  save: (args) => text(args, '--'),
  list: (args) => text(args, '').slice(1),
  apply(args, { world, packet, ct }) {
    const now = packetState(packet);
    if (args.states) {
      const { value } = args.states;
      const hit =
        value.includes(now) ||
        (ct !== null && ((value.includes('SNAT') && ct.status.srcNat) || (value.includes('DNAT') && ct.status.dstNat)));
      if (hit === args.states.not) return false;
    }
    if (!ct) return args.states !== null;
    if (args.dir && (args.dir === 'REPLY') !== (packet.ct?.reply ?? false)) return false;
    if (args.proto && (ct.orig.proto === args.proto.value) === args.proto.not) return false;
    const sides = [ct.orig.src, ct.orig.dst, ct.reply.src, ct.reply.dst];
    for (let i = 0; i < ADDRESSES.length; i++) {
      const a = args.addresses[ADDRESSES[i] as string];
      if (a && inPrefix(sides[i] as Ip, a.value) === a.not) return false;
    }
    const ports = [ct.orig.sport, ct.orig.dport, ct.reply.sport, ct.reply.dport];
    for (let i = 0; i < PORTS.length; i++) {
      const p = args.ports[PORTS[i] as string];
      if (p && ((ports[i] as number) >= p.value[0] && (ports[i] as number) <= p.value[1]) === p.not) return false;
    }
    // NONE is no bit: it fits nothing.
    if (args.status && args.status.value.some((name) => statusOf(ct).includes(name)) === args.status.not) return false;
    if (args.expire) {
      // A connection's clock starts when it is confirmed.
      const left = ct.status.confirmed ? Math.max(0, Math.floor((ct.expires - world.now) / 1_000_000)) : 0;
      const [min, max] = args.expire.value;
      if ((left >= min && left <= max) === args.expire.not) return false;
    }
    return true;
  },
});
