/** Options of queueing disciplines as words: q_tbf.c, q_htb.c, q_fifo.c, q_netem.c of iproute2 6.1.0. */
import type { QdiscOptions } from '../../linux/tc/make.ts';
import { Args, Exit, getUnsigned, matches, notModelledExit } from '../../text/iproute.ts';
import { parseRate, parseSize, parseTime } from './context.ts';
import { USAGE } from './help.ts';

const number = (text: string): number | null => getUnsigned(text);
const sizeAndCell = (text: string): number | null => parseSize(text.replace(/\/\d+$/, ''));

function tbf(words: readonly string[]): QdiscOptions {
  const args = new Args(words);
  const seen: Record<string, number> = {};
  const take = (name: string, spec: string, parse: (t: string) => number | null): void => {
    const word = args.word;
    const value = args.next();
    if (seen[name]) throw new Exit(1, `tbf: duplicate "${spec}" specification\n`);
    const got = parse(value);
    if (got === null) throw new Exit(1, `tbf: illegal value for "${word}": "${value}"\n`);
    seen[name] = got;
  };
  for (; args.more; args.skip()) {
    const { word } = args;
    if (matches(word, 'limit') || matches(word, 'latency')) {
      const own = matches(word, 'limit') ? 'limit' : 'latency';
      if (seen[own === 'limit' ? 'latency' : 'limit']) {
        args.next();
        throw new Exit(1, 'tbf: specifying both "latency" and "limit" is not allowed\n');
      }
      take(own, own, own === 'limit' ? parseSize : parseTime);
    } else if (matches(word, 'burst') || word === 'buffer' || word === 'maxburst')
      take('burst', 'buffer/burst/maxburst', sizeAndCell);
    else if (word === 'mtu' || word === 'minburst') take('mtu', 'mtu/minburst', sizeAndCell);
    else if (word === 'rate') take('rate', 'rate', parseRate);
    else if (matches(word, 'peakrate')) take('peakrate', 'peakrate', parseRate);
    else if (word === 'mpu' || matches(word, 'overhead') || matches(word, 'linklayer'))
      throw notModelledExit(`tc qdisc tbf ${word}`);
    else if (word === 'help') throw new Exit(1, USAGE.tbf);
    else throw new Exit(1, `tbf: unknown parameter "${word}"\n${USAGE.tbf}`);
  }
  const { rate = 0, burst = 0, mtu = 0, peakrate = 0, latency = 0 } = seen;
  let missing = '';
  if (!rate) missing += 'tbf: the "rate" parameter is mandatory.\n';
  if (!burst) missing += 'tbf: the "burst" parameter is mandatory.\n';
  if (peakrate && !mtu) missing += 'tbf: when "peakrate" is specified, "mtu" must also be specified.\n';
  if (!seen.limit && !latency) missing += 'tbf: either "limit" or "latency" is required.\n';
  if (missing) throw new Exit(1, missing + USAGE.tbf);
  const within = (r: number, size: number) => (r * latency) / 1e6 + size;
  const longest = peakrate ? Math.min(within(rate, burst), within(peakrate, mtu)) : within(rate, burst);
  return { kind: 'tbf', rate, burst, mtu, peakrate, limit: seen.limit || Math.trunc(longest) };
}

function htb(words: readonly string[]): QdiscOptions {
  const args = new Args(words);
  const options = { kind: 'htb' as const, r2q: 10, defaultClass: 0, directQlen: null as number | null };
  const illegal = (what: string) => new Exit(1, `Illegal "${what}"\n${USAGE.htb}`);
  for (; args.more; args.skip()) {
    if (matches(args.word, 'r2q')) {
      const got = number(args.next());
      if (got === null) throw illegal('r2q');
      options.r2q = got;
    } else if (matches(args.word, 'default')) {
      const word = args.next();
      if (!/^(0x)?[0-9a-f]+$/i.test(word)) throw illegal('default');
      options.defaultClass = Number.parseInt(word.replace(/^0x/i, ''), 16);
    } else if (matches(args.word, 'direct_qlen')) {
      options.directQlen = number(args.next());
      if (options.directQlen === null) throw illegal('direct_qlen');
    } else if (args.word === 'debug' || args.word === 'offload') throw notModelledExit(`tc qdisc htb ${args.word}`);
    else throw new Exit(1, `What is "${args.word}"?\n${USAGE.htb}`);
  }
  return options;
}

function fifo(kind: 'pfifo' | 'bfifo', words: readonly string[]): QdiscOptions | null {
  const args = new Args(words);
  let limit: number | null = null;
  for (; args.more; args.skip()) {
    if (args.word === 'limit') {
      const word = args.next();
      limit = parseSize(word);
      if (limit === null) throw new Exit(1, `${kind}: Illegal value for "limit": "${word}"\n`);
    } else if (args.word === 'help') throw new Exit(1, USAGE.fifo);
    else throw new Exit(1, `${kind}: unknown parameter "${args.word}"\n${USAGE.fifo}`);
  }
  return limit === null ? null : { kind, limit };
}

/** `10%` as a share of one. */
function share(text: string): number | null {
  const m = /^(\d+(?:\.\d+)?)%?$/.exec(text);
  const value = m ? Number(m[1]) / 100 : Number.NaN;
  return value <= 1 ? value : null;
}

function netem(words: readonly string[]): QdiscOptions {
  const args = new Args(words);
  const options = { kind: 'netem' as const, limit: 1000, delay: 0, jitter: 0, loss: 0, duplicate: 0, rate: 0 };
  const value = (key: string, parse: (t: string) => number | null): number => {
    const got = parse(args.next());
    if (got === null) throw new Exit(1, `Illegal "${key}"\n`);
    return got;
  };
  const more = (): boolean => /^[\d.]/.test(args.words[args.at + 1] ?? '');
  for (; args.more; args.skip()) {
    const { word } = args;
    if (matches(word, 'limit')) options.limit = value('limit', parseSize);
    else if (matches(word, 'latency') || matches(word, 'delay')) {
      options.delay = value('latency', parseTime) * 1000;
      if (more()) options.jitter = value('latency', parseTime) * 1000;
      if (more()) throw notModelledExit('tc qdisc netem delay CORRELATION');
    } else if (matches(word, 'loss') || matches(word, 'drop')) {
      if (args.words[args.at + 1] === 'random') args.skip();
      options.loss = value('loss', share);
      if (more()) throw notModelledExit('tc qdisc netem loss CORRELATION');
    } else if (matches(word, 'duplicate')) {
      options.duplicate = value('duplicate', share);
      if (more()) throw notModelledExit('tc qdisc netem duplicate CORRELATION');
    } else if (matches(word, 'rate')) {
      options.rate = value('rate', parseRate);
      if (more()) throw notModelledExit('tc qdisc netem rate PACKETOVERHEAD');
    } else throw notModelledExit(`tc qdisc netem ${word}`);
  }
  return options;
}

/** Kinds of Linux that the model knows and does not run. */
const OTHERS = [
  'fq_codel',
  'fq',
  'codel',
  'sfq',
  'prio',
  'red',
  'cake',
  'hfsc',
  'drr',
  'mq',
  'multiq',
  'mqprio',
  'taprio',
  'etf',
  'cbs',
  'plug',
  'pie',
  'fq_pie',
  'hhf',
  'choke',
  'qfq',
  'ets',
  'skbprio',
  'pfifo_head_drop',
  'gred',
  'sfb',
  'teql0',
];

/** What follows the kind; null when nothing is to be handed to the kernel. */
export function parseQdiscOptions(kind: string, words: readonly string[]): QdiscOptions | null {
  if (kind === 'tbf') return tbf(words);
  if (kind === 'htb') return htb(words);
  if (kind === 'pfifo' || kind === 'bfifo') return fifo(kind, words);
  if (kind === 'netem') return netem(words);
  if (OTHERS.includes(kind)) throw notModelledExit(`tc qdisc add ${kind}`);
  if (words.length > 0 && kind !== 'ingress') {
    if (matches(words[0] as string, 'help')) throw new Exit(0, USAGE.qdisc);
    throw new Exit(255, `Unknown qdisc "${kind}", hence option "${words[0]}" is unparsable\n`);
  }
  return null;
}
