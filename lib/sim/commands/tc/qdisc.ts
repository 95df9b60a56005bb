/** `tc qdisc` of iproute2 6.1.0. */
import { linksByIndex } from '../../linux/link/find.ts';
import { allQdiscs, deleteQdisc, INGRESS_PARENT, modifyQdisc } from '../../linux/tc/ops.ts';
import { ticksOf, tickToUs } from '../../linux/tc/rate.ts';
import { INGRESS_HANDLE, noCounters, type Qdisc, ROOT, type Tbf, type TcCounters } from '../../linux/tc/types.ts';
import type { Link } from '../../linux/types.ts';
import { Args, duparg, Exit, invarg, matches, notModelledExit, Printer } from '../../text/iproute.ts';
import {
  classidText,
  device,
  parseClassid,
  parseHandle,
  rateText,
  refuse,
  sizeText,
  type Tc,
  timeText,
} from './context.ts';
import { USAGE } from './help.ts';
import { parseQdiscOptions } from './options.ts';

const PRIOMAP = [1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1];

function printTbf(tc: Tc, p: Printer, q: Tbf): void {
  const { details } = tc.opts;
  const bucket = (rate: number, ns: number): [number, number] => {
    const us = tickToUs(ticksOf(ns));
    return [Math.trunc((rate * us) / 1e6), us];
  };
  const [burst, burstUs] = bucket(q.rate.rate, q.buffer);
  p.any('rate', q.rate.rate, `rate ${rateText(q.rate.rate)} `);
  p.any('burst', burst, details ? `burst ${sizeText(burst)}/1 mpu 0b ` : `burst ${sizeText(burst)} `);
  let latency = 1e6 * (q.limit / q.rate.rate) - burstUs;
  if (q.peak) {
    const [least, leastUs] = bucket(q.peak.rate, q.mtu);
    p.any('peakrate', q.peak.rate, `peakrate ${rateText(q.peak.rate)} `);
    if (details) p.any('mtu', least, `mtu ${sizeText(least)}/1 mpu 0b `);
    else p.any('minburst', least, `minburst ${sizeText(least)} `);
    latency = Math.max(latency, 1e6 * (q.limit / q.peak.rate) - leastUs);
  }
  const us = Math.trunc(latency);
  if (latency >= 0) p.any('lat', us, `lat ${timeText(us)} `);
  else p.any('limit', q.limit, `limit ${sizeText(q.limit)} `);
  if (details) p.any('linklayer', 'ethernet', 'linklayer ethernet ');
}

function printOptions(tc: Tc, p: Printer, q: Qdisc): void {
  if (q.kind === 'tbf') printTbf(tc, p, q);
  else if (q.kind === 'pfifo') p.any('limit', q.limit, `limit ${q.limit}p`);
  else if (q.kind === 'bfifo') p.any('limit', q.limit, `limit ${sizeText(q.limit)}`);
  else if (q.kind === 'pfifo_fast') {
    p.js('bands', 3);
    p.js('priomap', PRIOMAP);
    p.js('multiqueue', false);
    p.fp(`bands 3 priomap ${PRIOMAP.join(' ')}`);
  } else if (q.kind === 'htb') {
    const hex = q.defaultClass === 0 ? '0' : `0x${q.defaultClass.toString(16)}`;
    p.any('r2q', q.r2q, `r2q ${q.r2q}`);
    p.any('default', hex, ` default ${hex}`);
    p.any('direct_packets_stat', q.directPackets, ` direct_packets_stat ${q.directPackets}`);
    if (tc.opts.details) p.any('ver', '3.17', ' ver 3.17');
    p.any('direct_qlen', q.directQlen, ` direct_qlen ${q.directQlen}`);
  } else if (q.kind === 'netem') {
    if (p.json) throw notModelledExit('tc -j qdisc show of netem');
    const share = (of: number) => `${Number((of * 100).toPrecision(6))}%`;
    p.fp(`limit ${q.limit}`);
    if (q.delay || q.jitter) p.fp(` delay ${timeText(q.delay / 1000)}`);
    if (q.jitter) p.fp(`  ${timeText(q.jitter / 1000)}`);
    if (q.loss) p.fp(` loss ${share(q.loss)}`);
    if (q.duplicate) p.fp(` duplicate ${share(q.duplicate)}`);
    if (q.rate) p.fp(` rate ${rateText(q.rate.rate)}`);
  }
}

/** Counters as text: print_tcstats_attr(). */
export const countersText = (c: TcCounters, qlen: number, backlog: number, lead = ' '): string =>
  `${lead}Sent ${c.bytes} bytes ${c.packets} pkt (dropped ${c.drops}, overlimits ${c.overlimits} requeues 0) \n${lead}backlog ${sizeText(backlog)} ${qlen}p requeues 0`;

interface Shown extends TcCounters {
  kind: string;
  handle: number;
  /** Text and JSON of where it hangs. */
  parent: number;
  refcnt: number;
  qlen: number;
  backlog: number;
  options: (p: Printer) => void;
}

function print(tc: Tc, p: Printer, link: Link, q: Shown, hideDev: boolean): void {
  const handle = `${(q.handle >>> 16).toString(16)}:`;
  p.open();
  p.any('kind', q.kind, `qdisc ${q.kind} `);
  p.any('handle', handle, `${handle} `);
  if (!hideDev) p.any('dev', link.name, `dev ${link.name} `);
  if (q.parent === ROOT) p.any('root', true, 'root ');
  else p.any('parent', classidText(q.parent), `parent ${classidText(q.parent)} `);
  if (q.refcnt !== 1) p.any('refcnt', q.refcnt, `refcnt ${q.refcnt} `);
  p.open('options');
  q.options(p);
  p.close();
  p.fp('\n');
  if (tc.opts.stats) {
    const { bytes, packets, drops, overlimits, backlog, qlen } = q;
    for (const [key, n] of Object.entries({ bytes, packets, drops, overlimits, requeues: 0, backlog, qlen }))
      p.js(key, n);
    p.fp(`${countersText(q, qlen, backlog)}\n`);
  }
  p.close();
}

/** What a device has without anybody having set it. */
function defaultQdisc(tc: Tc, link: Link): Shown {
  const kind = link.qdisc ?? 'noop';
  const counters = noCounters();
  if (kind === 'pfifo_fast') {
    // Everything that was sent went through it; to an ifb that is what its driver received.
    const { rxBytes, rxPackets, txBytes, txPackets } = link.stats;
    counters.bytes = link.kind === 'ifb' ? rxBytes : txBytes;
    counters.packets = link.kind === 'ifb' ? rxPackets : txPackets;
  }
  const options = (p: Printer): void => {
    if (kind === 'pfifo_fast') printOptions(tc, p, { kind } as Qdisc);
    else if (kind === 'fq_codel') printFqCodel(tc, p);
  };
  return { ...counters, kind, handle: 0, parent: ROOT, refcnt: 2, qlen: 0, backlog: 0, options };
}

function printFqCodel(tc: Tc, p: Printer): void {
  if (tc.opts.stats) throw notModelledExit('tc -s qdisc of fq_codel');
  const values: [string, number, string][] = [
    ['limit', 10240, '10240p'],
    ['flows', 1024, '1024'],
    ['quantum', 1514, '1514'],
    ['target', 4999, '5ms'],
    ['interval', 99999, '100ms'],
    ['memory_limit', 33554432, '32Mb'],
  ];
  for (const [key, value, text] of values) p.any(key, value, `${key} ${text} `);
  p.any('ecn', true, 'ecn ');
  p.any('drop_batch', 64, 'drop_batch 64 ');
}

/** Transmit queues of a device: a discipline set by hand is held by each. */
const queues = (link: Link): number => link.txQueues ?? (link.kind === 'veth' ? 2 : 1);

function shownOf(tc: Tc, link: Link): Shown[] {
  const root = link.tc?.root;
  const found: Shown[] = [];
  if (!root) found.push(defaultQdisc(tc, link));
  else {
    const [first, ...below] = allQdiscs(root) as [Qdisc, ...Qdisc[]];
    // Listed as they were made: children hang in the device's hash table, root first.
    for (const q of [first, ...below.sort((a, b) => hashOf(a) - hashOf(b))])
      found.push({ ...q, refcnt: q === root ? queues(link) + 1 : 1, options: (p) => printOptions(tc, p, q) });
  }
  if (link.ingressQdisc) {
    const kind = link.ingressQdisc;
    const options = (p: Printer): void => p.fp(kind === 'ingress' ? '---------------- ' : '');
    const counters = link.tc?.ingress ?? noCounters();
    const place = { handle: INGRESS_HANDLE, parent: INGRESS_PARENT, refcnt: 1, qlen: 0, backlog: 0 };
    found.push({ ...counters, kind, ...place, options });
  }
  return found;
}

/** Bucket of a discipline in dev->qdisc_hash, which has 16: hash_32() of its handle. */
const hashOf = (q: Qdisc): number => Math.imul(q.handle, 0x61c88647) >>> 28;

function show(tc: Tc, words: readonly string[]): void {
  const args = new Args(words);
  let dev: string | null = null;
  let keep: (q: Shown) => boolean = () => true;
  for (; args.more; args.skip()) {
    if (args.word === 'dev') dev = args.next();
    else if (args.word === 'root') keep = (q) => q.parent === ROOT;
    else if (args.word === 'ingress' || args.word === 'clsact') keep = (q) => q.parent === INGRESS_PARENT;
    else if (args.word === 'handle') {
      const handle = parseHandle(args.next());
      if (handle === null) throw invarg('invalid qdisc ID', args.word);
      keep = (q) => q.handle === handle;
    } else if (args.word === 'parent') {
      const parent = parseClassid(args.next());
      if (parent === null) throw invarg('invalid parent ID', args.word);
      keep = (q) => q.parent === parent;
    } else if (args.word === 'invisible') continue;
    else if (matches(args.word, 'help')) throw new Exit(0, USAGE.qdisc);
    else throw new Exit(255, `What is "${args.word}"? Try "tc qdisc help".\n`);
  }
  const link = dev === null ? null : device(tc, dev);
  const p = new Printer(tc.opts.json, tc.opts.oneline);
  for (const at of linksByIndex(tc.ns)) {
    if (link && at !== link) continue;
    for (const q of shownOf(tc, at)) if (q.kind !== 'noop' && keep(q)) print(tc, p, at, q, link !== null);
  }
  tc.out += p.output(tc.opts.pretty);
}

type Verb = 'add' | 'change' | 'replace' | 'link' | 'delete';
const FLAGS = {
  add: { create: true, excl: true, replace: false },
  change: { create: false, excl: false, replace: false },
  replace: { create: true, excl: false, replace: true },
  link: { create: false, excl: false, replace: true },
  delete: { create: false, excl: false, replace: false },
};

function modify(tc: Tc, verb: Verb, words: readonly string[]): void {
  const args = new Args(words);
  let dev = '';
  let handle = 0;
  let parent = 0;
  let kind = '';
  for (; args.more && kind === ''; args.skip()) {
    const { word } = args;
    if (word === 'dev') {
      if (dev) throw duparg('dev', args.next());
      dev = args.next();
    } else if (word === 'handle') {
      if (handle) throw duparg('handle', args.word);
      const got = parseHandle(args.next());
      if (got === null) throw invarg('invalid qdisc ID', args.word);
      handle = got;
    } else if (word === 'root') {
      if (parent) throw new Exit(255, 'Error: "root" is duplicate parent ID\n');
      parent = ROOT;
    } else if (word === 'ingress' || word === 'clsact') {
      if (parent) throw new Exit(255, `Error: "${word}" is a duplicate parent ID\n`);
      parent = INGRESS_PARENT;
      handle = INGRESS_HANDLE;
      kind = word;
    } else if (word === 'parent') {
      const got = args.next();
      if (parent) throw duparg('parent', got);
      const id = parseClassid(got);
      if (id === null) throw invarg('invalid parent ID', got);
      parent = id;
    } else if (['estimator', 'stab', 'ingress_block', 'egress_block'].includes(word))
      throw notModelledExit(`tc qdisc ${word}`);
    else if (matches(word, 'help')) throw new Exit(0, USAGE.qdisc);
    else kind = word;
  }
  const rest = args.words.slice(args.at);
  const options = verb === 'delete' && rest.length === 0 ? null : parseQdiscOptions(kind, rest);
  if (dev === '') throw new Exit(2, 'RTNETLINK answers: No such device\n');
  const link = device(tc, dev);
  if (verb === 'delete') refuse(deleteQdisc(tc.world, link, parent, handle, kind));
  else refuse(modifyQdisc(tc.world, tc.ns, link, { handle, parent, kind, options, flags: FLAGS[verb] }));
}

/** The object `qdisc`. */
export function qdisc(tc: Tc, words: readonly string[]): number {
  const [verb, ...rest] = words;
  if (verb === undefined) show(tc, []);
  else {
    const change = (['add', 'change', 'replace', 'link', 'delete'] as const).find((v) => matches(verb, v));
    if (change) modify(tc, change, rest);
    else if (['list', 'show', 'lst'].some((v) => matches(verb, v))) show(tc, rest);
    else if (matches(verb, 'help')) throw new Exit(0, USAGE.qdisc);
    else throw new Exit(255, `Command "${verb}" is unknown, try "tc qdisc help".\n`);
  }
  return 0;
}
