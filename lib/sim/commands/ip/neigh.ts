/** `ip neighbour`: ip/ipneigh.c. */
import { formatIp, inPrefix, type Prefix } from '../../addr/ip.ts';
import { formatMac } from '../../addr/mac.ts';
import { findLink, linkName } from '../../linux/link/find.ts';
import { deleteNeighbour, findNeighbour, setNeighbour } from '../../linux/neigh/ops.ts';
import type { Neighbour, NudState } from '../../linux/types.ts';
import {
  Args,
  addressColour,
  duparg2,
  Exit,
  invarg,
  matches,
  notModelledExit,
  type Printer,
} from '../../text/iproute.ts';
import { answer, device, flush, type Ip, printerFor } from './context.ts';
import { USAGE } from './help.ts';
import { getAddr, getPrefix, lladdrBytes, macOfBytes, protoId, protoName } from './parse.ts';

const STATES: readonly NudState[] = [
  'PERMANENT',
  'REACHABLE',
  'NOARP',
  'STALE',
  'INCOMPLETE',
  'DELAY',
  'PROBE',
  'FAILED',
];

const stateOf = (word: string): NudState | null =>
  word === 'none' ? 'NONE' : (STATES.find((s) => matches(word, s.toLowerCase())) ?? null);

type Mode = 'add' | 'replace' | 'change';

function modify(ip: Ip, words: readonly string[], mode: Mode | 'delete'): number {
  const family = ip.opts.family === 4 || ip.opts.family === 6 ? ip.opts.family : 0;
  const args = new Args(words);
  let dst: ReturnType<typeof getAddr> | null = null;
  let dev: string | null = null;
  let lladdr: string | null = null;
  let state: NudState | undefined;
  let proxy = false;
  let proto: number | undefined;
  const flags: string[] = [];
  for (; args.more; args.skip()) {
    const word = args.word;
    if (matches(word, 'lladdr')) {
      lladdr = args.next();
    } else if (word === 'nud') {
      const found = stateOf(args.next());
      if (found === null) throw invarg('nud state is bad', args.word);
      state = found;
    } else if (matches(word, 'proxy')) {
      proxy = true;
      const text = args.next();
      if (matches(text, 'help')) throw new Exit(255, USAGE.neigh);
      if (dst !== null) throw duparg2('address', text);
      dst = getAddr(text, family);
    } else if (word === 'router' || word === 'extern_learn' || word === 'managed') flags.push(word);
    else if (word === 'use') throw notModelledExit('ip neigh use');
    else if (word === 'dev') dev = args.next();
    else if (matches(word, 'protocol')) {
      const id = protoId(args.next());
      if (id === null) throw invarg('"protocol" value is invalid\n', args.word);
      proto = id;
    } else {
      const text = word === 'to' ? args.next() : word;
      if (matches(text, 'help')) throw new Exit(255, USAGE.neigh);
      if (dst !== null) throw duparg2('to', text);
      dst = getAddr(text, family);
    }
  }
  if ((dev === null && !proxy) || dst === null) throw new Exit(255, 'Device and destination are required arguments.\n');
  const bytes = lladdr === null || lladdr === 'null' ? null : lladdrBytes(lladdr);
  const at = dev === null ? 0 : device(ip, dev).ifindex;
  const mac = bytes && macOfBytes(bytes);
  if (bytes && mac === null) return answer(ip, { errno: 'EINVAL', extack: 'Invalid link address' });
  if (mode === 'delete') return answer(ip, deleteNeighbour(ip.world, ip.ns, at, dst, proxy));
  return answer(ip, setNeighbour(ip.world, ip.ns, at, dst, { mac, state, flags, proxy, proto }, mode));
}

interface Filter {
  family: 0 | 4 | 6;
  to: Prefix | null;
  dev: number;
  states: Set<NudState> | null;
  all: boolean;
  proxy: boolean;
  unused: boolean;
  master: number | null;
  proto: number | null;
}

function parse(ip: Ip, words: readonly string[]): Filter {
  const f: Filter = {
    family: ip.opts.family === 4 || ip.opts.family === 6 ? ip.opts.family : 0,
    to: null,
    dev: 0,
    states: null,
    all: false,
    proxy: false,
    unused: false,
    master: null,
    proto: null,
  };
  const args = new Args(words);
  for (; args.more; args.skip()) {
    const word = args.word;
    if (word === 'dev') f.dev = device(ip, args.next()).ifindex;
    else if (word === 'master') f.master = device(ip, args.next()).ifindex;
    else if (word === 'nomaster') f.master = 0;
    else if (word === 'vrf') {
      const vrf = findLink(ip.ns, args.next());
      if (vrf?.kind !== 'vrf') throw invarg('Not a valid VRF name\n', args.word);
      f.master = vrf.ifindex;
    } else if (word === 'unused') f.unused = true;
    else if (matches(word, 'nud')) {
      const text = args.next();
      f.states ??= new Set();
      if (text === 'all') {
        f.all = true;
        continue;
      }
      const state = stateOf(text);
      if (state === null) throw invarg('nud state is bad', text);
      f.states.add(state);
    } else if (word === 'proxy') f.proxy = true;
    else if (matches(word, 'protocol')) {
      f.proto = protoId(args.next());
      if (f.proto === null) throw invarg('invalid protocol\n', args.word);
    } else {
      const text = word === 'to' ? args.next() : word;
      if (matches(text, 'help')) throw new Exit(255, USAGE.neigh);
      f.to = getPrefix(text, f.family);
      if (f.family === 0) f.family = typeof f.to.ip === 'bigint' ? 6 : 4;
    }
  }
  return f;
}

/** A pending timer holds a reference. */
const hasTimer = (n: Neighbour): boolean => ['REACHABLE', 'DELAY', 'PROBE', 'INCOMPLETE'].includes(n.state);

function selected(ip: Ip, n: Neighbour, f: Filter, hideNoarp: boolean): boolean {
  if (n.proxy !== f.proxy) return false;
  if (f.family !== 0 && (typeof n.ip === 'bigint' ? 6 : 4) !== f.family) return false;
  if (f.dev && n.dev !== f.dev) return false;
  if (f.master !== null && ip.ns.links.get(n.dev)?.master !== f.master) return false;
  if (f.to && (typeof f.to.ip !== typeof n.ip || !inPrefix(n.ip, f.to))) return false;
  if (f.proto && n.proto !== f.proto) return false;
  if (f.unused && hasTimer(n)) return false;
  if (n.proxy || f.all || n.flags.includes('extern_learn')) return true;
  if (f.states) return f.states.has(n.state);
  return !(hideNoarp && (n.state === 'NOARP' || n.state === 'NONE'));
}

/** Entries as the kernel dumps them: IPv4, then IPv6. */
const entriesOf = (ip: Ip): Neighbour[] => {
  if (ip.opts.family === 'link' || ip.opts.family === 'other') return [];
  const all = [...ip.ns.neigh.values()];
  return [...all.filter((n) => typeof n.ip !== 'bigint'), ...all.filter((n) => typeof n.ip === 'bigint')];
};

/** `-br`: address, device, link-layer address. */
function printBrief(ip: Ip, p: Printer, n: Neighbour, hideDev: boolean): void {
  p.open();
  p.any('dst', formatIp(n.ip), `${formatIp(n.ip).padEnd(39)} `, addressColour(n.ip));
  if (!hideDev && n.dev) p.any('dev', linkName(ip.ns, n.dev), `${linkName(ip.ns, n.dev).padEnd(16)} `, 'ifname');
  if (n.mac !== null) p.any('lladdr', formatMac(n.mac), formatMac(n.mac), 'mac');
  p.fp('\n');
  p.close();
}

/** One entry, its newline included: print_neigh. */
export function printNeighbour(ip: Ip, p: Printer, n: Neighbour, hideDev: boolean): void {
  if (ip.opts.brief) {
    printBrief(ip, p, n, hideDev);
    return;
  }
  p.open();
  p.any('dst', formatIp(n.ip), `${formatIp(n.ip)} `, addressColour(n.ip));
  if (!hideDev && n.dev) {
    p.fp('dev ');
    p.any('dev', linkName(ip.ns, n.dev), `${linkName(ip.ns, n.dev)} `, 'ifname');
  }
  if (n.mac !== null) {
    p.fp('lladdr ');
    p.any('lladdr', formatMac(n.mac), `${formatMac(n.mac)} `, 'mac');
  }
  if (n.flags.includes('router')) p.any('router', null, 'router ');
  if (n.proxy) p.any('proxy', null, 'proxy ');
  if (n.flags.includes('managed')) p.any('managed', null, 'managed ');
  if (n.flags.includes('extern_learn')) p.any('extern_learn', null, 'extern_learn ');
  if (ip.opts.stats && !n.proxy) {
    const ago = (at: number) => Math.max(0, Math.floor((ip.world.now - at) / 1e6));
    if (hasTimer(n)) p.any('refcnt', 1, ' ref 1');
    p.any('used', ago(n.used), ` used ${ago(n.used)}`);
    p.any('confirmed', ago(n.confirmed), `/${ago(n.confirmed)}`);
    p.any('updated', ago(n.updated), `/${ago(n.updated)}`);
    p.any('probes', n.probes, `probes ${n.probes} `);
  }
  if (!n.proxy && n.state !== 'NONE') {
    p.openArray('state');
    p.any(null, n.state, `${n.state} `);
    p.close();
  }
  if (n.proto) p.any('protocol', protoName(n.proto), `proto ${protoName(n.proto)} `);
  p.fp('\n');
  p.close();
}

function list(ip: Ip, words: readonly string[]): number {
  const f = parse(ip, words);
  const p = printerFor(ip);
  for (const n of entriesOf(ip)) if (selected(ip, n, f, true)) printNeighbour(ip, p, n, f.dev !== 0);
  flush(ip, p);
  return 0;
}

/** `ip neigh flush`: permanent and noarp entries stay unless asked for. */
function flushNeighbours(ip: Ip, words: readonly string[]): number {
  if (words.length === 0) throw new Exit(1, 'Flush requires arguments.\n');
  const f = parse(ip, words);
  let count = 0;
  const p = printerFor(ip);
  for (const n of entriesOf(ip)) {
    if (!selected(ip, n, f, false)) continue;
    if (!f.states && !f.all && (n.state === 'PERMANENT' || n.state === 'NOARP')) continue;
    if (ip.opts.stats > 1) printNeighbour(ip, p, n, f.dev !== 0);
    deleteNeighbour(ip.world, ip.ns, n.dev, n.ip, n.proxy);
    count++;
  }
  if (ip.opts.stats > 1) flush(ip, p);
  if (ip.opts.stats)
    ip.out +=
      count === 0
        ? 'Nothing to flush.\n'
        : `\n*** Round 1, deleting ${count} entries ***\n*** Flush is complete after 1 round ***\n`;
  return 0;
}

function get(ip: Ip, words: readonly string[]): number {
  const args = new Args(words);
  const family = ip.opts.family === 4 || ip.opts.family === 6 ? ip.opts.family : 0;
  let dst: ReturnType<typeof getAddr> | null = null;
  let dev: string | null = null;
  let proxy = false;
  for (; args.more; args.skip()) {
    if (args.word === 'dev') dev = args.next();
    else {
      if (matches(args.word, 'proxy')) {
        proxy = true;
        args.next();
      } else if (args.word === 'to') args.next();
      if (matches(args.word, 'help')) throw new Exit(255, USAGE.neigh);
      if (dst !== null) throw duparg2('to', args.word);
      dst = getAddr(args.word, family);
    }
  }
  if (dev === null || dst === null) throw new Exit(1, 'Device and address are required arguments.\n');
  const link = device(ip, dev);
  const found = findNeighbour(ip.ns, link.ifindex, dst, proxy);
  if (!found)
    return answer(ip, {
      errno: 'ENOENT',
      extack: proxy ? 'Proxy neighbour entry not found' : 'Neighbour entry not found',
    });
  const p = printerFor(ip);
  printNeighbour(ip, p, found, false);
  flush(ip, p);
  return 0;
}

/** `ip neighbour …` */
export function neigh(ip: Ip, words: readonly string[]): number {
  const [verb, ...rest] = words;
  if (verb === undefined) return list(ip, []);
  if (matches(verb, 'add')) return modify(ip, rest, 'add');
  if (matches(verb, 'change') || verb === 'chg') return modify(ip, rest, 'change');
  if (matches(verb, 'replace')) return modify(ip, rest, 'replace');
  if (matches(verb, 'delete')) return modify(ip, rest, 'delete');
  if (matches(verb, 'get')) return get(ip, rest);
  if (matches(verb, 'show') || matches(verb, 'lst') || matches(verb, 'list')) return list(ip, rest);
  if (matches(verb, 'flush')) return flushNeighbours(ip, rest);
  if (matches(verb, 'help')) throw new Exit(255, USAGE.neigh);
  throw new Exit(255, `Command "${verb}" is unknown, try "ip neigh help".\n`);
}
