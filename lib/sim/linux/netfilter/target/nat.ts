/** DNAT, SNAT, MASQUERADE, REDIRECT and NETMAP: what to translate to; conntrack/nat.ts does it. */
import { formatIp, type Ip, maskOf, parsePrefix } from '../../../addr/ip.ts';
import { masqueradeAddress, type NatRange, redirectAddress, setupNat } from '../../conntrack/nat.ts';
import { type CheckContext, defineTarget, fail, type Refusal } from '../ext.ts';
import type { Hook } from '../types.ts';
import { emptyRange, needPortProtocol, parsePorts, parseTo, portsText, toText } from './nat-range.ts';

const onlyIn =
  (allowed: readonly Hook[]) =>
  (_args: unknown, { table, hooks }: CheckContext): Refusal =>
    table !== 'nat' || [...hooks].some((h) => !allowed.includes(h)) ? 'EINVAL' : null;

const flagWords = (r: NatRange, prefix: string): string =>
  (r.random ? ` ${prefix}random` : '') +
  (r.fully ? ` ${prefix}random-fully` : '') +
  (r.persistent ? ` ${prefix}persistent` : '');

const FLAG_OPTIONS = [{ name: 'random' }, { name: 'persistent' }];

function setFlag(range: NatRange, id: string): void {
  if (id === 'random') range.random = true;
  else if (id === 'random-fully') range.fully = true;
  else if (id === 'persistent') range.persistent = true;
}

const spaced = (text: string): string | null => (text === '' ? null : text.trimStart());

export const dnat = defineTarget<NatRange>({
  name: 'DNAT',
  tracks: true,
  options: [{ name: 'to-destination', arg: true, must: true }, ...FLAG_OPTIONS],
  init: emptyRange,
  option(range, id, value, _not, ctx) {
    if (id === 'to-destination') parseTo(value, range, ctx.family, true);
    else setFlag(range, id);
  },
  done(range, _seen, _ctx, head) {
    if (range.minPort !== null) needPortProtocol(head);
  },
  accept: onlyIn(['PREROUTING', 'OUTPUT']),
  save: (range) => ` --to-destination ${toText(range)}${flagWords(range, '--')}`,
  list: (range) => `to:${toText(range)}${flagWords(range, '')}`,
  apply: (range, state) => setupNat(state, range, 'DST'),
});

export const snat = defineTarget<NatRange>({
  name: 'SNAT',
  tracks: true,
  options: [
    { name: 'to-source', arg: true, must: true },
    { name: 'random' },
    { name: 'random-fully' },
    { name: 'persistent' },
  ],
  init: emptyRange,
  option(range, id, value, _not, ctx) {
    if (id === 'to-source') parseTo(value, range, ctx.family, false);
    else setFlag(range, id);
  },
  done(range, _seen, _ctx, head) {
    if (range.minPort !== null) needPortProtocol(head);
  },
  accept: onlyIn(['POSTROUTING', 'INPUT']),
  save: (range) => ` --to-source ${toText(range)}${flagWords(range, '--')}`,
  list: (range) => `to:${toText(range)}${flagWords(range, '')}`,
  apply: (range, state) => setupNat(state, range, 'SRC'),
});

export const masquerade = defineTarget<NatRange>({
  name: 'MASQUERADE',
  tracks: true,
  options: [{ name: 'to-ports', arg: true }, { name: 'random' }, { name: 'random-fully' }],
  init: emptyRange,
  option(range, id, value) {
    if (id === 'to-ports') parsePorts(value, range, false);
    else setFlag(range, id);
  },
  done(range, _seen, _ctx, head) {
    if (range.minPort !== null) needPortProtocol(head);
  },
  accept: onlyIn(['POSTROUTING']),
  save: (range) => (range.minPort === null ? '' : ` --to-ports ${portsText(range)}`) + flagWords(range, '--'),
  list: (range) => spaced((range.minPort === null ? '' : ` masq ports: ${portsText(range)}`) + flagWords(range, '')),
  apply(range, state) {
    const ip = masqueradeAddress(state);
    return ip === null ? 'DROP' : setupNat(state, { ...range, minIp: ip, maxIp: ip }, 'SRC');
  },
});

export const redirect = defineTarget<NatRange>({
  name: 'REDIRECT',
  tracks: true,
  options: [{ name: 'to-ports', arg: true }, { name: 'random' }],
  init: emptyRange,
  option(range, id, value) {
    if (id === 'to-ports') parsePorts(value, range, false);
    else setFlag(range, id);
  },
  done(range, _seen, _ctx, head) {
    if (range.minPort !== null) needPortProtocol(head);
  },
  accept: onlyIn(['PREROUTING', 'OUTPUT']),
  save: (range) => (range.minPort === null ? '' : ` --to-ports ${portsText(range)}`) + flagWords(range, '--'),
  list: (range) => spaced((range.minPort === null ? '' : ` redir ports ${portsText(range)}`) + flagWords(range, '')),
  apply(range, state) {
    const ip = redirectAddress(state);
    return ip === null ? 'DROP' : setupNat(state, { ...range, minIp: ip, maxIp: ip }, 'DST');
  },
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
    const [host = '', len] = value.split('/');
    const prefix = parsePrefix(host);
    if (!prefix || (typeof prefix.ip === 'bigint') !== (ctx.family === 'ip6'))
      fail(`NETMAP: Bad value for "--to" option: "${value}"`);
    const bits = prefix.len;
    args.ip = prefix.ip;
    args.len = len === undefined || !/^\d+$/.test(len) ? bits : Math.min(Number(len), bits);
  },
  accept: onlyIn(['PREROUTING', 'OUTPUT', 'POSTROUTING', 'INPUT']),
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
