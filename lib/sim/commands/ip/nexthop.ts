/** `ip nexthop`: nexthop objects that routes name by id. ip/ipnexthop.c, net/ipv4/nexthop.c. */
import { type Ip as Address, formatIp } from '../../addr/ip.ts';
import { linkName } from '../../linux/link/find.ts';
import { checkNexthop } from '../../linux/route/nexthop.ts';
import type { NextHopSpec } from '../../linux/route/ops.ts';
import { removeRoutes } from '../../linux/route/table.ts';
import type { Route } from '../../linux/types.ts';
import { Args, Exit, getUnsigned, invarg, matches, notModelledExit } from '../../text/iproute.ts';
import { answer, device, flush, type Ip, printerFor } from './context.ts';
import { USAGE } from './help.ts';
import { getAddr, protoId, protoName } from './parse.ts';

interface NexthopObject {
  id: number;
  gateway: Address | null;
  dev: number;
  onlink: boolean;
  proto: number;
}

const storeOf = (ip: Ip): Map<number, NexthopObject> => {
  const { ext } = ip.ns;
  return (ext.nexthops ??= new Map<number, NexthopObject>()) as Map<number, NexthopObject>;
};

/** What a route with `nhid` goes by, or the kernel's refusal. */
export function findNexthop(ip: Ip, id: number): NextHopSpec[] {
  const nh = storeOf(ip).get(id);
  if (!nh) throw new Exit(2, 'Error: Nexthop id does not exist.\n');
  return [{ gateway: nh.gateway, dev: nh.dev, onlink: nh.onlink }];
}

function parse(ip: Ip, words: readonly string[]): Partial<NexthopObject> & { id: number } {
  const args = new Args(words);
  const family = ip.opts.family === 4 || ip.opts.family === 6 ? ip.opts.family : 0;
  const nh: Partial<NexthopObject> & { id: number } = { id: 0 };
  for (; args.more; args.skip()) {
    const word = args.word;
    if (word === 'id') {
      const id = getUnsigned(args.next());
      if (id === null) throw invarg('invalid id value', args.word);
      nh.id = id;
    } else if (word === 'dev') nh.dev = device(ip, args.next()).ifindex;
    else if (word === 'via') nh.gateway = getAddr(args.next(), family);
    else if (word === 'onlink') nh.onlink = true;
    else if (matches(word, 'protocol')) nh.proto = protoId(args.next()) ?? 0;
    else if (['group', 'blackhole', 'encap', 'fdb', 'type', 'buckets'].includes(word))
      throw notModelledExit(`ip nexthop ${word}`);
    else if (matches(word, 'help')) throw new Exit(255, USAGE.nexthop);
    else throw new Exit(255, `Error: either "nexthop" is duplicate, or "${word}" is a garbage.\n`);
  }
  return nh;
}

function add(ip: Ip, words: readonly string[], replace: boolean): number {
  const nh = parse(ip, words);
  const store = storeOf(ip);
  if (nh.id !== 0 && store.has(nh.id) && !replace) return answer(ip, { errno: 'EEXIST', extack: 'Nexthop id exists' });
  let { id } = nh;
  while (id === 0 || (nh.id === 0 && store.has(id))) id++;
  if (nh.dev === undefined)
    return answer(ip, { errno: 'EINVAL', extack: 'Nexthop device required for non-group and non-blackhole nexthops' });
  const probe = { dst: { ip: typeof nh.gateway === 'bigint' ? 0n : 0, len: 0 }, scope: 0, table: 254 } as Route;
  const checked = checkNexthop(ip.ns, probe, { gateway: nh.gateway ?? null, dev: nh.dev, onlink: nh.onlink ?? false });
  if ('errno' in checked) return answer(ip, checked);
  store.set(id, { id, gateway: nh.gateway ?? null, dev: nh.dev, onlink: nh.onlink ?? false, proto: nh.proto ?? 3 });
  return 0;
}

function remove(ip: Ip, words: readonly string[]): number {
  const { id } = parse(ip, words);
  if (!storeOf(ip).delete(id)) return answer(ip, { errno: 'ENOENT' });
  for (const family of [4, 6] as const) removeRoutes(ip.ns, family, (r) => r.metrics.nhid === id);
  return 0;
}

function list(ip: Ip, words: readonly string[]): number {
  const want = parse(ip, words);
  const p = printerFor(ip);
  for (const nh of [...storeOf(ip).values()].sort((a, b) => a.id - b.id)) {
    if ((want.id && nh.id !== want.id) || (want.dev !== undefined && nh.dev !== want.dev)) continue;
    p.open();
    p.any('id', nh.id, `id ${nh.id} `);
    if (nh.gateway !== null) p.any('gateway', formatIp(nh.gateway), `via ${formatIp(nh.gateway)} `);
    p.any('dev', linkName(ip.ns, nh.dev), `dev ${linkName(ip.ns, nh.dev)} `);
    p.any('scope', nh.gateway === null ? 'host' : 'link', `scope ${nh.gateway === null ? 'host' : 'link'} `);
    if (nh.proto !== 3 || ip.opts.details) p.any('protocol', protoName(nh.proto), `proto ${protoName(nh.proto)} `);
    p.openArray('flags');
    if (nh.onlink) p.any(null, 'onlink', 'onlink ');
    p.close();
    p.fp('\n');
    p.close();
  }
  flush(ip, p);
  return 0;
}

/** `ip nexthop …` */
export function nexthop(ip: Ip, words: readonly string[]): number {
  const [verb, ...rest] = words;
  if (verb === undefined) return list(ip, []);
  if (matches(verb, 'add')) return add(ip, rest, false);
  if (matches(verb, 'replace')) return add(ip, rest, true);
  if (matches(verb, 'delete')) return remove(ip, rest);
  if (matches(verb, 'list') || matches(verb, 'show') || matches(verb, 'lst') || matches(verb, 'get'))
    return list(ip, rest);
  if (matches(verb, 'flush') || matches(verb, 'bucket')) throw notModelledExit(`ip nexthop ${verb}`);
  if (matches(verb, 'help')) throw new Exit(255, USAGE.nexthop);
  throw new Exit(255, `Command "${verb}" is unknown, try "ip nexthop help".\n`);
}
