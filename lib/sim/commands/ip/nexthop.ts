/** `ip nexthop`: ip/ipnexthop.c. */
import { getLink } from '../../linux/link/linkwatch.ts';
import { listened, notify } from '../../linux/notify.ts';
import {
  addNexthop,
  deleteNexthop,
  type NexthopObject,
  nexthopObject,
  nexthopObjects,
  waysOf,
} from '../../linux/route/nexthop-objects.ts';
import type { NextHopSpec } from '../../linux/route/ops.ts';
import { Args, Exit, getUnsigned, invarg, matches, notModelledExit, Printer } from '../../text/iproute.ts';
import { answer, flush, type Ip, printerFor } from './context.ts';
import { USAGE } from './help.ts';
import { printNexthop } from './nexthop-print.ts';
import { getAddr, protoId } from './parse.ts';

const usage = (): Exit => new Exit(255, USAGE.nexthop);

/** What a route with `nhid` goes by, or the kernel's refusal. Null: into a blackhole. */
export function findNexthop(ip: Ip, id: number): NextHopSpec[] | null {
  const nh = nexthopObject(ip.ns, id);
  if (!nh) throw new Exit(2, 'Error: Nexthop id does not exist.\n');
  return waysOf(ip.ns, nh)?.map(({ gateway, dev, onlink, weight }) => ({ gateway, dev, onlink, weight })) ?? null;
}

function idWord(args: Args): number {
  const id = getUnsigned(args.next());
  if (id === null) throw invarg('invalid id value', args.word);
  return id;
}

function deviceWord(ip: Ip, args: Args): number {
  const link = getLink(ip.world, ip.ns, args.next());
  if (!link) throw invarg('Device does not exist\n', args.word);
  return link.ifindex;
}

/** `1/2` or `1,3/2,5`: ids with their weights. */
function groupWord(word: string): { id: number; weight: number }[] {
  return word.split('/').map((part) => {
    const [id = '', weight] = part.split(',', 2);
    const n = getUnsigned(id);
    if (n === null) throw invarg('"group" value is invalid\n', word);
    const w = weight === undefined ? 1 : getUnsigned(weight);
    if (w === null || w === 0 || w > 256) throw invarg('"weight" is invalid\n', word);
    return { id: n, weight: w };
  });
}

function parse(ip: Ip, words: readonly string[]): NexthopObject {
  const args = new Args(words);
  const family = ip.opts.family === 4 || ip.opts.family === 6 ? ip.opts.family : 0;
  const nh: NexthopObject = {
    id: 0,
    family: family || 4,
    gateway: null,
    dev: 0,
    onlink: false,
    blackhole: false,
    proto: 0,
    group: null,
  };
  for (; args.more; args.skip()) {
    const word = args.word;
    if (word === 'id') nh.id = idWord(args);
    else if (word === 'dev') nh.dev = deviceWord(ip, args);
    else if (word === 'via') {
      if (matches(args.next(), 'inet') || matches(args.word, 'inet6')) args.next();
      nh.gateway = getAddr(args.word, family);
      nh.family = typeof nh.gateway === 'bigint' ? 6 : 4;
    } else if (word === 'blackhole') nh.blackhole = true;
    else if (word === 'onlink') nh.onlink = true;
    else if (word === 'group') {
      nh.group = groupWord(args.next());
      nh.family = 0;
    } else if (word === 'type') {
      const type = args.next();
      if (type === 'resilient') throw notModelledExit('ip nexthop type resilient');
      if (type !== 'mpath') throw invarg('"type" value is invalid\n', type);
    } else if (matches(word, 'protocol')) {
      const proto = protoId(args.next());
      if (proto === null) throw invarg('"protocol" value is invalid\n', args.word);
      nh.proto = proto;
    } else if (word === 'encap' || word === 'fdb') throw notModelledExit(`ip nexthop ${word}`);
    else if (word === 'help') throw usage();
    else throw invarg('', word);
  }
  return nh;
}

/** Tells listeners of a new, changed or gone nexthop. */
function tell(ip: Ip, nh: NexthopObject, deleted: boolean): void {
  if (!listened(ip.ns)) return;
  const p = new Printer(false, false);
  printNexthop(ip, p, nh, false);
  notify(ip.ns, { kind: 'nexthop', deleted, text: p.text, dev: nh.dev });
}

function add(ip: Ip, words: readonly string[], replace: boolean): number {
  const made = addNexthop(ip.ns, parse(ip, words), replace);
  if ('errno' in made) return answer(ip, made);
  tell(ip, made, false);
  return 0;
}

function remove(ip: Ip, words: readonly string[]): number {
  const { id } = parse(ip, words);
  if (id === 0) return answer(ip, { errno: 'EINVAL', extack: 'Nexthop id is missing' });
  const gone = deleteNexthop(ip.ns, id);
  for (const { nh, deleted } of gone) tell(ip, nh, deleted);
  return gone.length > 0 ? 0 : answer(ip, { errno: 'ENOENT' });
}

function get(ip: Ip, words: readonly string[]): number {
  if (words[0] !== 'id') throw usage();
  return show(ip, idWord(new Args(words)));
}

function show(ip: Ip, id: number): number {
  const nh = nexthopObject(ip.ns, id);
  if (!nh) return answer(ip, { errno: 'ENOENT' });
  const p = printerFor(ip);
  printNexthop(ip, p, nh, ip.opts.details > 0);
  flush(ip, p);
  return 0;
}

interface Filter {
  id: number;
  dev: number;
  master: number;
  groups: boolean;
  proto: number | null;
}

function parseFilter(ip: Ip, words: readonly string[]): Filter {
  const f: Filter = { id: 0, dev: 0, master: 0, groups: false, proto: null };
  const args = new Args(words);
  for (; args.more; args.skip()) {
    const word = args.word;
    if (word === 'dev') f.dev = deviceWord(ip, args);
    else if (word === 'groups') f.groups = true;
    else if (word === 'master') f.master = deviceWord(ip, args);
    else if (word === 'vrf') {
      const vrf = getLink(ip.world, ip.ns, args.next());
      if (vrf?.kind !== 'vrf') throw invarg('Invalid VRF\n', args.word);
      f.master = vrf.ifindex;
    } else if (word === 'id') f.id = idWord(args);
    else if (matches(word, 'protocol')) {
      f.proto = getUnsigned(args.next(), 255);
      if (f.proto === null) throw invarg('invalid protocol value', args.word);
    } else if (word === 'fdb') continue;
    else if (matches(word, 'help')) throw usage();
    else throw invarg('', word);
  }
  return f;
}

const selected = (ip: Ip, f: Filter): NexthopObject[] =>
  nexthopObjects(ip.ns).filter(
    (nh) =>
      (!f.dev || nh.dev === f.dev) &&
      (!f.master || ip.ns.links.get(nh.dev)?.master === f.master) &&
      (!f.groups || nh.group !== null) &&
      (f.proto === null || nh.proto === f.proto) &&
      (ip.opts.family === 0 || nh.family === ip.opts.family),
  );

function list(ip: Ip, words: readonly string[]): number {
  const f = parseFilter(ip, words);
  if (f.id) return show(ip, f.id);
  const p = printerFor(ip);
  for (const nh of selected(ip, f)) printNexthop(ip, p, nh, ip.opts.details > 0);
  flush(ip, p);
  return 0;
}

function flushNexthops(ip: Ip, words: readonly string[]): number {
  const f = parseFilter(ip, words);
  if (f.id && !nexthopObject(ip.ns, f.id)) {
    answer(ip, { errno: 'ENOENT' });
    return 1;
  }
  const doomed = f.id ? [nexthopObject(ip.ns, f.id) as NexthopObject] : selected(ip, f);
  for (const { id } of doomed) for (const { nh, deleted } of deleteNexthop(ip.ns, id)) tell(ip, nh, deleted);
  ip.out += doomed.length > 0 ? `Flushed ${doomed.length} nexthops\n` : 'Nothing to flush\n';
  return 0;
}

/** `ip nexthop …` */
export function nexthop(ip: Ip, words: readonly string[]): number {
  const [verb, ...rest] = words;
  if (verb === undefined) return list(ip, []);
  if (matches(verb, 'add')) return add(ip, rest, false);
  if (matches(verb, 'replace')) return add(ip, rest, true);
  if (matches(verb, 'delete')) return remove(ip, rest);
  if (matches(verb, 'list') || matches(verb, 'show') || matches(verb, 'lst')) return list(ip, rest);
  if (matches(verb, 'get')) return get(ip, rest);
  if (matches(verb, 'flush')) return flushNexthops(ip, rest);
  if (matches(verb, 'bucket')) {
    const [word] = rest;
    if (word !== undefined && !['list', 'show', 'lst', 'get', 'help'].some((w) => matches(word, w)))
      throw new Exit(255, `Command "${word}" is unknown, try "ip nexthop help".\n`);
    throw notModelledExit('ip nexthop bucket');
  }
  if (matches(verb, 'help')) throw usage();
  throw new Exit(255, `Command "${verb}" is unknown, try "ip nexthop help".\n`);
}
