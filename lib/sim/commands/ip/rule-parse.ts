/** The words of `ip rule`: iprule_modify and iprule_list_flush_or_save of ip/iprule.c. */
import { network, type Prefix } from '../../addr/ip.ts';
import { validLinkName } from '../../linux/link/ops.ts';
import { protocolNumber } from '../../linux/netfilter/services.ts';
import type { Rule } from '../../linux/types.ts';
import { Args, Exit, getUnsigned, invarg, matches } from '../../text/iproute.ts';
import type { Ip } from './context.ts';
import { dsfieldId } from './dsfield.ts';
import { USAGE } from './help.ts';
import { getAddr, getPrefix, groupId, protoId, realmsId, routeType, routeTypeByWord, tableId } from './parse.ts';

/** The selector and action words that stood on the line. */
export type Asked = Partial<Rule> & {
  family?: 4 | 6;
  /** The table was named (zero lets the kernel choose one). */
  tableGiven?: boolean;
};

const asNumber = (word: string): number => Number(/^\d+/.exec(word)?.[0] ?? Number.NaN) & 0xffff;

/** sscanf "%hu-%hu": a port or a range of ports. */
function portRange(word: string, message: string): [number, number] {
  const [low = '', high] = word.split('-', 2);
  const a = asNumber(low);
  if (!/^\d/.test(low)) throw invarg(message, word);
  return [a, high !== undefined && /^\d/.test(high) ? asNumber(high) : a];
}

function fwmarkOf(word: string): { value: number; mask: number } {
  const [value = '', mask] = word.split('/', 2);
  const v = getUnsigned(value);
  // fib_nl2rule: without a mask all bits are compared, unless the mark is zero.
  const m = mask === undefined ? (v === 0 ? 0 : 0xffffffff) : getUnsigned(mask);
  if (v === null) throw invarg('fwmark value is invalid\n', value);
  if (m === null) throw invarg('fwmask value is invalid\n', mask ?? '');
  return { value: v, mask: m };
}

/** get_ifname(): a name that may be a device's. */
function interfaceName(args: Args, words: string): string {
  const name = args.next();
  if (!validLinkName(name)) throw invarg(`${words} not a valid ifname`, name);
  return name;
}

function uidRange(word: string): [number, number] {
  const m = /^(\d+)-(\d+)$/.exec(word);
  if (!m) throw invarg('invalid UID range\n', word);
  return [Number(m[1]), Number(m[2])];
}

/** inet_proto_a2n: a number, `ipproto-N`, or a name of /etc/protocols. */
function ipProtocol(word: string): number {
  const number = /^\d/.test(word) ? getUnsigned(word, 255) : getUnsigned(word.replace(/^ipproto-/, ''), 255);
  const proto = (number === 0 ? null : number) ?? protocolNumber(word);
  if (proto === null) throw invarg('Invalid "ipproto" value\n', word);
  return proto;
}

/** Words that both select and describe; answers whether it took one. */
function commonWord(args: Args, asked: Asked): boolean {
  const word = args.word;
  const number = (message: string, max = 4294967295): number => {
    const value = getUnsigned(args.next(), max);
    if (value === null) throw invarg(message, args.word);
    return value;
  };
  if (word === 'not') asked.not = true;
  else if (matches(word, 'preference') || matches(word, 'order') || matches(word, 'priority'))
    asked.priority = number('preference value is invalid\n');
  else if (word === 'tos' || matches(word, 'dsfield')) {
    const tos = dsfieldId(args.next());
    if (tos === null) throw invarg('TOS value is invalid\n', args.word);
    asked.tos = tos;
  } else if (word === 'fwmark') {
    const mark = fwmarkOf(args.next());
    if (mark.value !== 0 || mark.mask !== 0) asked.fwmark = mark;
  } else if (matches(word, 'table') || word === 'lookup') {
    const table = tableId(args.next());
    if (table === null) throw invarg('invalid table ID\n', args.word);
    asked.table = table;
    asked.tableGiven = true;
  } else if (word === 'dev' || word === 'iif') asked.iif = interfaceName(args, '"iif"/"dev"');
  else if (word === 'oif') asked.oif = interfaceName(args, '"oif"');
  else if (word === 'l3mdev') asked.l3mdev = true;
  else if (word === 'uidrange') asked.uidrange = uidRange(args.next());
  else if (word === 'tun_id') asked.tunId = number('invalid tun_id\n', Number.MAX_SAFE_INTEGER);
  else if (word === 'ipproto') asked.ipproto = ipProtocol(args.next());
  else if (word === 'sport') asked.sport = portRange(args.next(), 'invalid port range\n');
  else if (word === 'dport') asked.dport = portRange(args.next(), 'invalid dport range\n');
  else return false;
  return true;
}

const optionFamily = (ip: Ip): 0 | 4 | 6 => (ip.opts.family === 4 || ip.opts.family === 6 ? ip.opts.family : 0);

/** The words of `add` and `del`. */
export function parseRule(ip: Ip, words: readonly string[]): Asked {
  const family = optionFamily(ip);
  const asked: Asked = {};
  const args = new Args(words);
  const prefix = (): Prefix | null => {
    const got = getPrefix(args.next(), family);
    if (!got.any) asked.family ??= typeof got.ip === 'bigint' ? 6 : 4;
    return got.len === 0 ? null : { ip: got.ip, len: got.len };
  };
  for (; args.more; args.skip()) {
    const word = args.word;
    if (word === 'from') asked.from = prefix();
    else if (word === 'to') asked.to = prefix();
    else if (matches(word, 'realms')) {
      const realms = realmsId(args.next());
      if (realms === null) throw invarg('invalid realms\n', args.word);
      asked.realms = realms;
    } else if (matches(word, 'protocol')) {
      const proto = protoId(args.next());
      if (proto === null) throw invarg('"protocol" value is invalid\n', args.word);
      asked.proto = proto;
    } else if (matches(word, 'suppress_prefixlength') || word === 'sup_pl') {
      const length = getUnsigned(args.next());
      if (length === null) throw invarg('suppress_prefixlength value is invalid\n', args.word);
      asked.suppressPrefixLength = length;
    } else if (matches(word, 'suppress_ifgroup') || word === 'sup_group') {
      const group = groupId(args.next());
      if (group === null) throw invarg('Invalid "suppress_ifgroup" value\n', args.word);
      asked.suppressIfgroup = group;
    } else if (word === 'nat' || matches(word, 'map-to')) {
      ip.err += 'Warning: route NAT is deprecated\n';
      asked.gateway = getAddr(args.next(), optionFamily(ip));
      asked.action = 'nat';
    } else if (!commonWord(args, asked)) parseAction(args, asked);
  }
  return asked;
}

/** The type of a rule, a goto or a nop. */
function parseAction(args: Args, asked: Asked): void {
  const value = args.word === 'type' ? args.next() : args.word;
  if (matches(value, 'help')) throw new Exit(255, USAGE.rule);
  if (matches(value, 'goto')) {
    const target = getUnsigned(args.next());
    if (target === null) throw invarg('invalid target\n', args.word);
    asked.action = 'goto';
    asked.target = target;
  } else if (matches(value, 'nop')) asked.action = 'nop';
  else {
    const type = routeType(value) ?? routeTypeByWord(value);
    const number = type === null ? getUnsigned(value, 255) : null;
    if (type === null && number === null) throw invarg('Failed to parse rule type', value);
    if (type === null) asked.action = number ? `${number}` : 'none';
    else asked.action = type === 'unicast' ? 'lookup' : type === 'local' ? 'goto' : type === 'broadcast' ? 'nop' : type;
  }
  asked.table ??= 0;
}

/** The words of `show`, `flush` and `save`: what is left over is a destination. */
export function parseRuleSelector(ip: Ip, words: readonly string[]): Asked {
  const family = ip.opts.family === 6 ? 6 : 4;
  const asked: Asked = {};
  const args = new Args(words);
  for (; args.more; args.skip()) {
    const word = args.word;
    if (word === 'from') asked.from = selectorPrefix(args.next(), family);
    else if (matches(word, 'protocol')) {
      if (protoId(args.next()) === null && args.word !== 'all') throw invarg('invalid "protocol"\n', args.word);
    } else if (matches(word, 'lookup') || matches(word, 'table')) {
      const table = tableId(args.next());
      if (table === null) throw invarg('table id value is invalid\n', args.word);
      asked.table = table;
    } else if (!commonWord(args, asked)) {
      if (word === 'dst' || word === 'to') args.next();
      asked.to = selectorPrefix(args.word, family);
    }
  }
  return asked;
}

const selectorPrefix = (word: string, family: 4 | 6): Prefix => {
  const got = getPrefix(word, family);
  return { ip: network(got.ip, got.len), len: got.len };
};
