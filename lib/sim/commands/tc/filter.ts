/** `tc filter` of iproute2 6.1.0, for u32. */
import { ALL_PROTOCOLS } from '../../linux/tc/classify.ts';
import { addFilter, deleteFilters } from '../../linux/tc/filter-ops.ts';
import { findQdisc, tcOf } from '../../linux/tc/ops.ts';
import {
  EGRESS,
  INGRESS,
  INGRESS_HANDLE,
  ROOT,
  type TcAction,
  type TcFilter,
  type TcProto,
  type U32Key,
} from '../../linux/tc/types.ts';
import type { Link } from '../../linux/types.ts';
import { ETH_ARP, ETH_IP, ETH_IP6, ETH_VLAN } from '../../packet/packet.ts';
import {
  Args,
  duparg,
  Exit,
  getUnsigned,
  invarg,
  type Json,
  matches,
  notModelledExit,
  writeJson,
} from '../../text/iproute.ts';
import { actionJson, actionText, parseAction } from './action.ts';
import { classidText, device, parseClassid, refuse, type Tc } from './context.ts';
import { USAGE } from './help.ts';
import { keyText, parseMatch } from './u32.ts';

const PROTOCOLS: Readonly<Record<string, number>> = {
  all: ALL_PROTOCOLS,
  ip: ETH_IP,
  ipv4: ETH_IP,
  arp: ETH_ARP,
  ipv6: ETH_IP6,
  '802.1Q': ETH_VLAN,
};
const protocolName = (id: number): string => Object.keys(PROTOCOLS).find((n) => PROTOCOLS[n] === id) ?? `[${id}]`;
const TALKING = 'We have an error talking to the kernel\n';
const OTHERS = ['matchall', 'basic', 'flower', 'fw', 'bpf', 'cgroup', 'flow', 'route', 'rsvp', 'tcindex'];

interface Words {
  dev: string;
  parent: number;
  prio: number;
  protocol: number;
  handle: string;
  kind: string;
  rest: string[];
}

function common(words: readonly string[], showing: boolean): Words {
  const args = new Args(words);
  const w: Words = { dev: '', parent: 0, prio: 0, protocol: 0, handle: '', kind: '', rest: [] };
  const places: Readonly<Record<string, number>> = { root: ROOT, ingress: INGRESS, egress: EGRESS };
  for (; args.more && w.kind === ''; args.skip()) {
    const { word } = args;
    const at = places[word];
    if (word === 'dev') w.dev = args.next();
    else if (at !== undefined) {
      if (w.parent) throw new Exit(255, `Error: "${word}" is duplicate parent ID\n`);
      w.parent = at;
    } else if (word === 'parent') {
      const id = args.next();
      if (w.parent) throw duparg('parent', id);
      const got = parseClassid(id);
      if (got === null) throw invarg(showing ? 'invalid parent ID' : 'Invalid parent ID', id);
      w.parent = got;
    } else if (word === 'handle') w.handle = args.next();
    else if (matches(word, 'preference') || matches(word, 'priority')) {
      const prio = getUnsigned(args.next(), 0xffff);
      if (prio === null) throw invarg(showing ? 'invalid preference' : 'invalid priority value', args.word);
      w.prio = prio;
    } else if (matches(word, 'protocol')) {
      const protocol = PROTOCOLS[args.next()];
      if (protocol === undefined) throw invarg('invalid protocol', args.word);
      w.protocol = protocol;
    } else if (word === 'block' || matches(word, 'chain') || matches(word, 'estimator'))
      throw notModelledExit(`tc filter ${word}`);
    else if (matches(word, 'help')) throw new Exit(0, USAGE.filter);
    else if (showing) throw new Exit(255, ` What is "${word}"? Try "tc filter help"\n`);
    else w.kind = word;
  }
  w.rest = args.words.slice(args.at);
  return w;
}

/** The place that a parent means; null when nothing there takes filters. */
function placeOf(link: Link, parent: number): number | null {
  if (parent === EGRESS) return link.ingressQdisc === 'clsact' ? EGRESS : null;
  if ((parent & 0xffff0000) >>> 0 === INGRESS_HANDLE && parent !== ROOT) return link.ingressQdisc ? INGRESS : null;
  const root = link.tc?.root;
  if (parent === 0 || parent === ROOT) return root?.kind === 'htb' ? root.handle : null;
  const q = findQdisc(link.tc, (parent & 0xffff0000) >>> 0);
  if (q?.kind === 'htb' && (parent & 0xffff) !== 0) throw notModelledExit('tc filter of a class');
  return q?.kind === 'htb' ? q.handle : null;
}

/** Why a parent takes none. */
function refusal(link: Link, parent: number): string {
  const q = parent === 0 ? link.tc?.root : findQdisc(link.tc, (parent & 0xffff0000) >>> 0);
  return q || parent === 0 ? 'Qdisc not classful' : "Parent Qdisc doesn't exists";
}

interface U32 {
  keys: U32Key[];
  classid: number | null;
  actions: TcAction[];
  selected: boolean;
}

function u32Options(tc: Tc, words: readonly string[]): U32 {
  const args = new Args(words);
  const got: U32 = { keys: [], classid: null, actions: [], selected: false };
  while (args.more) {
    const { word } = args;
    if (matches(word, 'match')) {
      args.next();
      parseMatch(args, got.keys);
      got.selected = true;
      args.skip();
    } else if (matches(word, 'classid') || word === 'flowid') {
      got.classid = parseClassid(args.next());
      if (got.classid === null) throw new Exit(1, 'Illegal "classid"\n');
      args.skip();
    } else if (matches(word, 'action')) {
      args.next();
      got.actions.push(parseAction(tc, args));
    } else if (/^(offset|hashkey|divisor|order|link|ht|sample|indev|police|skip_hw|skip_sw|help)$/.test(word))
      throw notModelledExit(`tc filter u32 ${word}`);
    else throw notModelledExit(`tc filter u32 with the unknown word ${word}`);
  }
  return got;
}

/** get_u32_handle(): `800::801`. */
function u32Handle(text: string): number {
  const m = /^([0-9a-f]*):([0-9a-f]*):([0-9a-f]*)$/i.exec(text);
  if (!m) throw new Exit(1, 'Illegal filter ID\n');
  const [table, , node] = m.slice(1).map((part) => Number.parseInt(part || '0', 16)) as [number, number, number];
  return table * 2 ** 20 + node;
}

type Verb = 'add' | 'change' | 'replace' | 'delete';

function modify(tc: Tc, verb: Verb, words: readonly string[]): void {
  const w = common(words, false);
  if (OTHERS.includes(w.kind)) throw notModelledExit(`tc filter ${w.kind}`);
  if (w.dev === '') throw notModelledExit('tc filter without dev');
  const options = w.kind === 'u32' ? u32Options(tc, w.rest) : null;
  if (!options && w.handle) throw new Exit(255, 'Must specify filter type when using "handle"\n');
  const link = device(tc, w.dev);
  const parent = placeOf(link, w.parent);
  if (parent === null) {
    refuse({ errno: 'EINVAL', extack: refusal(link, w.parent) }, TALKING);
    return;
  }
  tcOf(link);
  const handle = w.handle ? u32Handle(w.handle) : 0;
  if (verb === 'delete') {
    refuse(deleteFilters(link, parent, w.prio, handle, w.protocol), TALKING);
    return;
  }
  if (w.kind === '') refuse({ errno: 'EINVAL', extack: 'Filter kind and protocol must be specified' }, TALKING);
  if (!options) {
    refuse({ errno: 'ENOENT', extack: 'TC classifier not found' }, TALKING);
    return;
  }
  if (!options.selected) refuse({ errno: 'EINVAL', extack: 'cls_u32: Selector not specified' }, TALKING);
  const { keys, classid, actions } = options;
  const protocol = w.protocol || ALL_PROTOCOLS;
  const flags = { create: verb !== 'change', excl: verb === 'add' };
  refuse(addFilter(tc.ns, link, { parent, prio: w.prio, protocol, handle, keys, classid, actions }, flags), TALKING);
}

function filterText(tc: Tc, proto: TcProto, f: TcFilter, head: string): string {
  const table = proto.table.toString(16);
  let text = `${head}fh ${table}::${f.handle.toString(16)} order ${f.handle} key ht ${table} bkt 0 `;
  if (f.classid !== null) text += `*flowid ${classidText(f.classid)} `;
  else if (f.actions.length > 0) text += 'terminal flowid ';
  text += 'not_in_hw ';
  for (const key of f.keys) text += keyText(key, proto.protocol, tc.opts.pretty);
  if (f.actions.length > 0) text += '\n';
  f.actions.forEach((a, i) => {
    text += `${actionText(tc, a, i + 1)}${i + 1 < f.actions.length ? '\n' : ''}`;
  });
  return `${text}\n`;
}

function filterJson(tc: Tc, proto: TcProto, f: TcFilter): Json {
  const table = proto.table.toString(16);
  const options: { [key: string]: Json } = {
    fh: `${table}::${f.handle.toString(16)}`,
    order: f.handle,
    key_ht: table,
    bkt: '0',
  };
  if (f.classid !== null) options.flowid = classidText(f.classid);
  else if (f.actions.length > 0) options.terminal_flowid = true;
  options.not_in_hw = true;
  // Two keys would be two members of one name.
  if (f.keys.length > 1) throw notModelledExit('tc -j filter show of several matches');
  for (const { val, mask, off, next } of f.keys)
    options.match = { value: val.toString(16), mask: mask.toString(16), offmask: next ? 'nexthdr+' : '', off };
  if (f.actions.length > 0) options.actions = f.actions.map((a, i) => actionJson(tc, a, i + 1));
  return options;
}

function show(tc: Tc, words: readonly string[]): void {
  const w = common(words, true);
  if (w.handle) throw notModelledExit('tc filter show handle');
  // Without a device the kernel has nothing to tell.
  const link = w.dev === '' ? null : device(tc, w.dev);
  const place = link ? placeOf(link, w.parent) : null;
  const list: Json[] = [];
  for (const proto of link?.tc?.protos ?? []) {
    if (proto.parent !== place || (w.prio && w.prio !== proto.prio) || (w.protocol && w.protocol !== proto.protocol))
      continue;
    // ingress alone tells of itself by its handle.
    const own = place === INGRESS && link?.ingressQdisc === 'ingress' ? INGRESS_HANDLE : proto.parent;
    const told = own === w.parent || (own === proto.parent && own >= INGRESS) ? '' : classidText(own);
    const protocol = protocolName(proto.protocol);
    const shown: { [key: string]: Json } = told ? { parent: told } : {};
    if (!w.protocol) shown.protocol = protocol;
    if (!w.prio) shown.pref = proto.prio;
    Object.assign(shown, { kind: 'u32', chain: 0 });
    const table = proto.table.toString(16);
    list.push({ ...shown }, { ...shown, options: { fh: `${table}:`, ht_divisor: 1 } });
    const head = `filter ${told ? `parent ${told} ` : ''}${w.protocol ? '' : `protocol ${protocol} `}${w.prio ? '' : `pref ${proto.prio} `}u32 chain 0 `;
    if (!tc.opts.json) tc.out += `${head}\n${head}fh ${table}: ht divisor 1 \n`;
    for (const f of proto.filters) {
      if (tc.opts.json) list.push({ ...shown, options: filterJson(tc, proto, f) });
      else tc.out += filterText(tc, proto, f, head);
    }
  }
  if (tc.opts.json) tc.out += `${writeJson(list, tc.opts.pretty)}\n`;
}

/** The object `filter`. */
export function filter(tc: Tc, words: readonly string[]): number {
  const [verb, ...rest] = words;
  if (verb === undefined) show(tc, []);
  else {
    const change = (['add', 'change', 'replace', 'delete'] as const).find((v) => matches(verb, v));
    if (change) modify(tc, change, rest);
    else if (matches(verb, 'get')) throw notModelledExit('tc filter get');
    else if (['list', 'show', 'lst'].some((v) => matches(verb, v))) show(tc, rest);
    else if (matches(verb, 'help')) throw new Exit(0, USAGE.filter);
    else throw new Exit(255, `Command "${verb}" is unknown, try "tc filter help".\n`);
  }
  return 0;
}
