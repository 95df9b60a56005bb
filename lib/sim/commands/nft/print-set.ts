/** Named sets and maps, objects and flowtables as nft lists them. */
import type { NftElem, NftFlowtable, NftObject, NftSet } from '../../linux/netfilter/nft/types.ts';
import { sortElems } from './elements.ts';
import { elemText, exprText, type PrintOptions } from './print-expr.ts';
import { limitText, quotaText, stateText } from './print-state.ts';
import { priorityText } from './priority.ts';
import { timeText } from './time.ts';

/** How many elements stand on a line, by the key's type; one for all others. */
const PER_LINE: Readonly<Record<string, number>> = Object.fromEntries([
  ...[
    'nf_proto',
    'integer',
    'arp_op',
    'inet_proto',
    'inet_service',
    'tcp_flag',
    'dccp_pkttype',
    'mark',
    'iface_index',
    'classid',
    'uid',
    'gid',
    'ct_dir',
  ].map((t) => [t, 5]),
  ...['ipv4_addr', 'ct_state', 'ct_status', 'pkt_type'].map((t) => [t, 2]),
]);

export interface SetOptions extends PrintOptions {
  handles: boolean;
  /** Without elements. */
  terse: boolean;
}

/** Elements in the order they are listed in, those that ended left out. */
export function listedElems(set: NftSet, now: number, elems: readonly NftElem[] = set.elems): NftElem[] {
  const alive = elems.filter((e) => e.expires === undefined || e.expires > now);
  if (set.interval && set.types.length > 1) return alive;
  return sortElems(alive, set.types, set.bits);
}

function elementsText(set: NftSet, elems: readonly NftElem[], o: PrintOptions): string {
  const data = set.object ? ['string'] : set.data;
  const texts = elems.map((e) => elemText(e, set.types, data, o, set.timeout));
  const limit = set.types.length > 1 ? 1 : (PER_LINE[set.types[0] as string] ?? 1);
  const lines: string[] = [];
  for (let i = 0; i < texts.length; i += limit) lines.push(texts.slice(i, i + limit).join(', '));
  return lines.join(',\n\t\t\t     ');
}

function typeLine(set: NftSet, o: PrintOptions): string {
  const right = set.object ?? (set.data?.[0] === 'verdict' ? 'verdict' : null);
  const interval = set.dataInterval ? 'interval ' : '';
  if (set.typeofKey) {
    const data = right ?? (set.typeofData ? exprText(set.typeofData, o) : set.data?.join(' . '));
    return `typeof ${exprText(set.typeofKey, o)}${set.data || set.object ? ` : ${interval}${data}` : ''}`;
  }
  return `type ${set.types.join(' . ')}${set.data || set.object ? ` : ${interval}${right ?? set.data?.join(' . ')}` : ''}`;
}

/** A named set or map. */
export function setText(set: NftSet, o: SetOptions, elems?: readonly NftElem[]): string {
  const word = set.meter ? 'meter' : set.data || set.object ? 'map' : 'set';
  const lines = [`\t${word} ${set.name} {${o.handles ? ` # handle ${set.handle}` : ''}`, `\t\t${typeLine(set, o)}`];
  if (!set.constant) {
    if (set.policy === 'memory') lines.push('\t\tpolicy memory');
    if (set.size) lines.push(`\t\tsize ${set.size}`);
  }
  const flags = [
    set.constant && 'constant',
    set.dynamic && 'dynamic',
    set.interval && 'interval',
    set.timed && 'timeout',
  ].filter(Boolean);
  const shown = set.timeout && flags.length === 1 && set.timed ? [] : flags;
  if (shown.length) lines.push(`\t\tflags ${shown.join(',')}`);
  if (set.stmts.length) lines.push(`\t\t${set.stmts.map((s) => stateText(s, { stateless: true })).join(' ')}`);
  if (set.autoMerge) lines.push('\t\tauto-merge');
  if (set.timeout) lines.push(`\t\ttimeout ${timeText(set.timeout)}`);
  if (set.gcInterval) lines.push(`\t\tgc-interval ${timeText(set.gcInterval)}`);
  if (set.comment) lines.push(`\t\tcomment "${set.comment}"`);
  const alive = listedElems(set, o.now, elems);
  if (!o.terse && alive.length) lines.push(`\t\telements = { ${elementsText(set, alive, o)} }`);
  return `${lines.join('\n')}\n\t}\n`;
}

const TIMEOUTS: Readonly<Record<string, readonly string[]>> = {
  tcp: [
    'syn_sent',
    'syn_recv',
    'established',
    'fin_wait',
    'close_wait',
    'last_ack',
    'time_wait',
    'close',
    'retrans',
    'unack',
  ],
  udp: ['unreplied', 'replied'],
};

/** A counter, quota, limit or conntrack object. */
export function objectText(ob: NftObject, o: SetOptions, family: string): string {
  const head = `\t${ob.type} ${ob.name} {${o.handles ? ` # handle ${ob.handle}` : ''}\n`;
  const comment = ob.comment === undefined ? '' : `\t\tcomment "${ob.comment}"\n`;
  const body: string[] = [];
  const w = ob.words ?? {};
  if (ob.stmt?.kind === 'counter') {
    if (!o.stateless) body.push(`packets ${ob.stmt.packets} bytes ${ob.stmt.bytes}`);
  } else if (ob.stmt?.kind === 'quota') body.push(quotaText(ob.stmt, o.stateless).replace('quota ', ''));
  else if (ob.stmt?.kind === 'limit') body.push(limitText(ob.stmt).replace('limit ', ''));
  else if (ob.type === 'ct helper') {
    body.push(`type "${w.type}" protocol ${w.protocol}`, `l3proto ${w.l3proto ?? family}`);
  } else if (ob.type === 'ct timeout') {
    const order = TIMEOUTS[String(w.protocol)] ?? [];
    const policy = [...(ob.policy ?? [])].sort((a, b) => order.indexOf(a[0]) - order.indexOf(b[0]));
    body.push(
      `protocol ${w.protocol}`,
      `l3proto ${w.l3proto ?? family}`,
      `policy = { ${policy.map(([s, n]) => `${s} : ${n}`).join(', ')} }`,
    );
  } else if (ob.type === 'ct expectation') {
    body.push(
      `protocol ${w.protocol}`,
      `dport ${w.dport ?? 0}`,
      `timeout ${timeText(Number(w.timeout ?? 0))}`,
      `size ${w.size ?? 0}`,
      `l3proto ${w.l3proto ?? family}`,
    );
  } else if (ob.type === 'synproxy') {
    body.push(`mss ${w.mss ?? 0}`, `wscale ${w.wscale ?? 0}`);
    const flags = [w.timestamp && 'timestamp', w['sack-perm'] && 'sack-perm'].filter(Boolean).join(' ');
    if (flags) body.push(flags);
  } else body.push(`"${w.context}"`);
  return `${head}${comment}${body.map((l) => `\t\t${l}\n`).join('')}\t}\n`;
}

export function flowtableText(ft: NftFlowtable, o: SetOptions): string {
  const lines = [`\tflowtable ${ft.name} {${o.handles ? ` # handle ${ft.handle}` : ''}`];
  lines.push(`\t\thook ingress priority ${priorityText(ft.priority, 'netdev', 'INGRESS', !o.symbols)}`);
  if (ft.devices.length) lines.push(`\t\tdevices = { ${ft.devices.join(', ')} }`);
  if (ft.offload) lines.push('\t\tflags offload');
  if (ft.counter) lines.push('\t\tcounter');
  return `${lines.join('\n')}\n\t}\n`;
}
