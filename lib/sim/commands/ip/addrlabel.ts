/** `ip addrlabel`: ip/ipaddrlabel.c; the labels of RFC 6724 as net/ipv6/addrlabel.c keeps them. */
import { bitsOf, formatIp, type Ip6, network, parseIp6 } from '../../addr/ip.ts';
import { findLink, linkName } from '../../linux/link/find.ts';
import { Args, Exit, getUnsigned, invarg, matches } from '../../text/iproute.ts';
import { answer, flush, type Ip, printerFor } from './context.ts';
import { getPrefix } from './parse.ts';
import { MORE_USAGE } from './usage-more.ts';

interface Label {
  ip: Ip6;
  len: number;
  dev: number;
  label: number;
}

/** ip6addrlbl_init_table, longest prefix first. */
const DEFAULTS: readonly [string, number, number][] = [
  ['::1', 128, 0],
  ['::', 96, 3],
  ['::ffff:0.0.0.0', 96, 4],
  ['2001::', 32, 6],
  ['2001:10::', 28, 7],
  ['3ffe::', 16, 12],
  ['2002::', 16, 2],
  ['fec0::', 10, 11],
  ['fc00::', 7, 5],
  ['::', 0, 1],
];

const labelsOf = (ip: Ip): Label[] =>
  (ip.ns.ext.addrlabels ??= DEFAULTS.map(([text, len, label]) => ({
    ip: parseIp6(text) as Ip6,
    len,
    dev: 0,
    label,
  }))) as Label[];

function list(ip: Ip): number {
  const p = printerFor(ip);
  for (const l of labelsOf(ip)) {
    p.open();
    const address = formatIp(l.ip);
    p.fp('prefix ');
    p.any('address', address, address, 'inet6');
    p.any('prefixlen', l.len, `/${l.len} `);
    if (l.dev) p.any('ifname', linkName(ip.ns, l.dev), `dev ${linkName(ip.ns, l.dev)} `);
    p.any('label', l.label, `label ${l.label} `);
    p.fp('\n');
    p.close();
  }
  flush(ip, p);
  return 0;
}

function modify(ip: Ip, words: readonly string[], adding: boolean): number {
  let prefix: ReturnType<typeof getPrefix> | null = null;
  let label: number | null = null;
  let dev = 0;
  const args = new Args(words);
  for (; args.more; args.skip()) {
    if (args.word === 'prefix') prefix = getPrefix(args.next(), 6);
    else if (args.word === 'dev') {
      const link = findLink(ip.ns, args.next());
      if (!link) throw invarg('dev is invalid\n', args.word);
      dev = link.ifindex;
    } else if (args.word === 'label') {
      label = getUnsigned(args.next());
      if (label === null || label === 0xffffffff) throw invarg('label is invalid\n', args.word);
    }
  }
  const missing = (what: string) => new Exit(1, `Not enough information: "${what}" argument is required.\n`);
  if (!prefix) throw missing('prefix');
  if (label === null) throw missing('label');
  const net = network(prefix.ip, prefix.len) as Ip6;
  if (bitsOf(net) !== 128) return answer(ip, { errno: 'EINVAL' });
  const labels = labelsOf(ip);
  const at = labels.findIndex((l) => l.ip === net && l.len === prefix.len && l.dev === dev);
  if (!adding) {
    if (at < 0) return answer(ip, { errno: 'ESRCH' });
    labels.splice(at, 1);
    return 0;
  }
  if (at >= 0) return answer(ip, { errno: 'EEXIST' });
  const before = labels.findIndex((l) => l.len <= prefix.len);
  labels.splice(before < 0 ? labels.length : before, 0, { ip: net, len: prefix.len, dev, label });
  return 0;
}

/** `ip addrlabel …` */
export function addrlabel(ip: Ip, words: readonly string[]): number {
  const [verb, ...rest] = words;
  if (verb === undefined || matches(verb, 'list') || matches(verb, 'show')) return list(ip);
  if (matches(verb, 'add')) return modify(ip, rest, true);
  if (matches(verb, 'delete')) return modify(ip, rest, false);
  if (matches(verb, 'flush')) {
    labelsOf(ip).length = 0;
    return 0;
  }
  if (matches(verb, 'help')) throw new Exit(255, MORE_USAGE.addrlabel);
  throw new Exit(255, `Command "${verb}" is unknown, try "ip addrlabel help".\n`);
}
