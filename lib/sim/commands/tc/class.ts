/** `tc class` of iproute2 6.1.0, for htb; a tbf's one class is only shown. */
import { linksByIndex } from '../../linux/link/find.ts';
import { type ClassRequest, deleteClass, modifyClass } from '../../linux/tc/class-ops.ts';
import { levelOf, listedClasses } from '../../linux/tc/htb.ts';
import { allQdiscs } from '../../linux/tc/ops.ts';
import { ticksOf, transmitSize, transmitTicks } from '../../linux/tc/rate.ts';
import { type Htb, type HtbClass, type Qdisc, ROOT } from '../../linux/tc/types.ts';
import { Args, duparg, Exit, getUnsigned, invarg, matches, notModelledExit } from '../../text/iproute.ts';
import {
  classidText,
  device,
  parseClassid,
  parseRate,
  parseSize,
  rateText,
  refuse,
  sizeText,
  type Tc,
} from './context.ts';
import { USAGE } from './help.ts';
import { countersText } from './qdisc.ts';

type Rates = Omit<ClassRequest, 'id' | 'parent'>;

/** htb_parse_class_opt(). */
function htbOptions(words: readonly string[]): Rates {
  const args = new Args(words);
  const got: Record<string, number> = {};
  const illegal = (what: string) => new Exit(1, `Illegal "${what}"\n${USAGE.htb}`);
  const take = (key: string, parse: (t: string) => number | null): void => {
    const value = parse(args.next());
    if (value === null) throw illegal(key);
    got[key] = value;
  };
  for (; args.more; args.skip()) {
    const { word } = args;
    if (matches(word, 'prio')) take('prio', (t) => getUnsigned(t));
    else if (matches(word, 'mtu')) take('mtu', (t) => getUnsigned(t));
    else if (matches(word, 'quantum')) take('quantum', (t) => getUnsigned(t));
    else if (matches(word, 'burst') || word === 'buffer' || word === 'maxburst') take('burst', parseSize);
    else if (matches(word, 'cburst') || word === 'cbuffer' || word === 'cmaxburst') take('cburst', parseSize);
    else if (word === 'ceil' || word === 'rate') {
      if (got[word]) throw new Exit(1, `Double "${word}" spec\n`);
      take(word, parseRate);
    } else if (['mpu', 'overhead', 'linklayer'].some((o) => matches(word, o)))
      throw notModelledExit(`tc class htb ${word}`);
    else if (word === 'help') throw new Exit(1, USAGE.htb);
    else throw new Exit(1, `What is "${word}"?\n${USAGE.htb}`);
  }
  const { rate = 0, mtu = 1600, prio = 0, quantum = 0 } = got;
  if (!rate) throw new Exit(1, '"rate" is required.\n');
  const ceil = got.ceil || rate;
  // get_hz() is 1e9 with high-resolution timers.
  const least = (r: number) => Math.trunc(r / 1e9) + mtu;
  const buffer = transmitTicks(rate, got.burst || least(rate));
  return { rate, ceil, buffer, cbuffer: transmitTicks(ceil, got.cburst || least(ceil)), prio, quantum };
}

type Verb = 'add' | 'change' | 'replace' | 'delete';

function modify(tc: Tc, verb: Verb, words: readonly string[]): void {
  const args = new Args(words);
  let dev = '';
  let id = 0;
  let parent = 0;
  let kind = '';
  for (; args.more && kind === ''; args.skip()) {
    const { word } = args;
    if (word === 'dev') dev = args.next();
    else if (word === 'classid' || word === 'parent') {
      const got = args.next();
      if (word === 'classid' ? id : parent) throw duparg(word, got);
      const value = parseClassid(got);
      if (value === null) throw invarg(`invalid ${word === 'classid' ? 'class' : 'parent'} ID`, got);
      if (word === 'classid') id = value;
      else parent = value;
    } else if (word === 'handle') throw new Exit(255, 'Error: try "classid" instead of "handle"\n');
    else if (word === 'root') {
      if (parent) throw new Exit(255, 'Error: "root" is duplicate parent ID.\n');
      parent = ROOT;
    } else if (matches(word, 'estimator')) throw notModelledExit('tc class estimator');
    else if (matches(word, 'help')) throw new Exit(0, USAGE.class);
    else kind = word;
  }
  const rest = args.words.slice(args.at);
  if (kind !== '' && kind !== 'htb') {
    if (['hfsc', 'drr', 'qfq', 'ets', 'atm', 'dsmark', 'cbq'].includes(kind)) throw notModelledExit(`tc class ${kind}`);
    throw new Exit(1, `Error: Qdisc "${kind}" is classless.\n`);
  }
  const rates = kind === '' ? null : htbOptions(rest);
  if (dev === '') throw new Exit(2, 'RTNETLINK answers: No such device\n');
  const link = device(tc, dev);
  if (verb === 'delete') {
    refuse(deleteClass(tc.world, link, id));
    return;
  }
  if (!rates) throw new Exit(2, 'RTNETLINK answers: Invalid argument\n');
  const flags = { create: verb !== 'change', excl: verb === 'add' };
  const said = modifyClass(tc.world, link, { id, parent, ...rates }, flags);
  if (typeof said === 'string') tc.err += said;
  else refuse(said);
}

const leafText = (leaf: Qdisc | null): string =>
  leaf && leaf.handle !== 0 ? `leaf ${(leaf.handle >>> 16).toString(16)}: ` : '';

function htbText(tc: Tc, q: Htb, cl: HtbClass): string {
  const level = levelOf(q, cl);
  const { details } = tc.opts;
  const burst = sizeText(transmitSize(cl.rate.rate, ticksOf(cl.buffer)));
  const cburst = sizeText(transmitSize(cl.ceil.rate, ticksOf(cl.cbuffer)));
  let text = leafText(cl.leaf);
  if (level === 0) text += `prio ${cl.prio} ${details ? `quantum ${cl.quantum} ` : ''}`;
  text += `rate ${rateText(cl.rate.rate)} ceil ${rateText(cl.ceil.rate)} `;
  if (details) text += `linklayer ethernet burst ${burst}/1 mpu 0b cburst ${cburst}/1 mpu 0b level ${level} `;
  else text += `burst ${burst} cburst ${cburst} `;
  if (!tc.opts.stats) return `${text}\n`;
  const { qlen = 0, backlog = 0 } = cl.leaf ?? {};
  const tokens = ` tokens: ${ticksOf(cl.tokens)} ctokens: ${ticksOf(cl.ctokens)}\n`;
  return `${text}\n${countersText(cl, qlen, backlog)}\n lended: ${cl.lends} borrowed: ${cl.borrows} giants: 0\n${tokens}\n`;
}

function show(tc: Tc, words: readonly string[]): void {
  const args = new Args(words);
  let dev = '';
  let only = 0;
  for (; args.more; args.skip()) {
    if (args.word === 'dev') dev = args.next();
    else if (args.word === 'classid' || args.word === 'parent' || args.word === 'qdisc') {
      const key = args.word;
      const id = parseClassid(args.next());
      if (id === null)
        throw invarg(`invalid ${key === 'parent' ? 'parent' : key === 'qdisc' ? 'qdisc' : 'class'} ID`, args.word);
      if (key === 'qdisc') throw notModelledExit('tc class show qdisc');
      // The kernel heeds the discipline of `parent` alone.
      if (key === 'classid') only = id;
    } else if (args.word === 'root') continue;
    else if (matches(args.word, 'help')) throw new Exit(0, USAGE.class);
    else throw new Exit(255, `What is "${args.word}"? Try "tc class help".\n`);
  }
  // Without a device the kernel has nothing to tell.
  const links = dev === '' ? [] : linksByIndex(tc.ns).filter((l) => l === device(tc, dev));
  for (const link of links) {
    for (const q of allQdiscs(link.tc?.root ?? null)) {
      const line = (id: number, parent: number) =>
        `class ${q.kind} ${classidText(id)} ${parent === ROOT ? 'root ' : `parent ${classidText(parent)} `}`;
      if (q.kind === 'tbf' && (only === 0 || only === q.handle + 1))
        tc.out += `${line(q.handle + 1, q.handle)}${leafText(q.child)}\n`;
      if (q.kind !== 'htb') continue;
      for (const cl of listedClasses(q))
        if (only === 0 || only === cl.id) tc.out += line(cl.id, cl.parent) + htbText(tc, q, cl);
    }
  }
}

/** The object `class`. It heeds -j no more than the real one. */
export function classObject(tc: Tc, words: readonly string[]): number {
  const [verb, ...rest] = words;
  if (verb === undefined) show(tc, []);
  else {
    const change = (['add', 'change', 'replace', 'delete'] as const).find((v) => matches(verb, v));
    if (change) modify(tc, change, rest);
    else if (['list', 'show', 'lst'].some((v) => matches(verb, v))) show(tc, rest);
    else if (matches(verb, 'help')) throw new Exit(0, USAGE.class);
    else throw new Exit(255, `Command "${verb}" is unknown, try "tc class help".\n`);
  }
  return 0;
}
