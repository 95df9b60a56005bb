/** nft -j: tables, chains, rules, sets and objects. Source: libnftables-json(5). */
import type { NftFlowtable, NftObject, NftSet } from '../../linux/netfilter/nft/types.ts';
import type { Family, NfChain, NfRule, NfTable } from '../../linux/netfilter/types.ts';
import { elemJson, limitJson, stmtJson } from './json-expr.ts';
import { listedElems } from './print-set.ts';
import { chainType, type ListOptions } from './print-table.ts';
import { foreignRuleJson } from './translate-list.ts';
import { visibleStmts } from './visible.ts';

export type JsonItem = Record<string, unknown>;

/** jansson's style: blanks behind colons and commas. */
export function dump(v: unknown): string {
  if (Array.isArray(v)) return `[${v.map(dump).join(', ')}]`;
  if (v && typeof v === 'object')
    return `{${Object.entries(v)
      .map(([k, x]) => `${JSON.stringify(k)}: ${dump(x)}`)
      .join(', ')}}`;
  return JSON.stringify(v);
}

const METAINFO: JsonItem = { metainfo: { version: '1.0.6', release_name: 'Lester Gooch #5', json_schema_version: 1 } };

export const document = (items: readonly JsonItem[], withMeta = true): string =>
  `${dump({ nftables: withMeta ? [METAINFO, ...items] : items })}\n`;

export const tableJson = (t: NfTable): JsonItem => ({ table: { family: t.family, name: t.name, handle: t.handle } });

export const jsonTables = (tables: readonly NfTable[]): JsonItem[] => tables.map(tableJson);

export function chainJson(t: NfTable, c: NfChain): JsonItem {
  const base = c.hook
    ? {
        ...(c.devices?.length ? { dev: c.devices.length === 1 ? c.devices[0] : c.devices } : {}),
        type: chainType(t, c),
        hook: c.hook.toLowerCase(),
        prio: c.priority,
        policy: c.policy === 'DROP' ? 'drop' : 'accept',
      }
    : {};
  return { chain: { family: t.family, table: t.name, name: c.name, handle: c.handle, ...base } };
}

export const jsonChains = (t: NfTable, chains: readonly NfChain[]): JsonItem[] => chains.map((c) => chainJson(t, c));

export function ruleJson(t: NfTable, c: NfChain, r: NfRule, o: ListOptions): JsonItem {
  const comment = r.comment === undefined ? {} : { comment: r.comment };
  const expr = r.nft
    ? visibleStmts(r.nft, t.family as Family).map((s) => stmtJson(s, { ...o, family: t.family }))
    : foreignRuleJson(t, r, o);
  return { rule: { family: t.family, table: t.name, chain: c.name, handle: r.handle, ...comment, expr } };
}

const one = (types: readonly string[]): unknown => (types.length === 1 ? types[0] : types);

export function setJson(t: NfTable, s: NftSet, o: ListOptions, elems?: NftSet['elems']): JsonItem {
  const body: JsonItem = { family: t.family, name: s.name, table: t.name, type: one(s.types), handle: s.handle };
  const map = s.data !== null || s.object !== undefined;
  if (s.comment) body.comment = s.comment;
  if (map) body.map = s.object ?? (s.data ?? []).join(' . ');
  if (!s.constant) {
    if (s.policy === 'memory') body.policy = 'memory';
    if (s.size) body.size = s.size;
  }
  const flags = [s.constant && 'constant', s.interval && 'interval', s.timed && 'timeout'].filter(Boolean);
  if (flags.length) body.flags = flags;
  if (s.timeout) body.timeout = s.timeout / 1000;
  if (s.gcInterval) body['gc-interval'] = s.gcInterval / 1000;
  const alive = listedElems(s, o.now, elems);
  if (!o.terse && alive.length)
    body.elem = alive.map((e) => elemJson(e, s.types, s.object ? ['string'] : s.data, o, s.timeout));
  if (s.stmts.length) body.stmt = s.stmts.map((x) => stmtJson(x, { ...o, stateless: true }));
  return { [s.meter ? 'meter' : map ? 'map' : 'set']: body };
}

export const jsonSets = (t: NfTable, sets: readonly NftSet[], o: ListOptions, elems?: NftSet['elems']): JsonItem[] =>
  sets.map((s) => setJson(t, s, o, elems));

function objectJson(t: NfTable, ob: NftObject): JsonItem {
  const head: JsonItem = { family: t.family, name: ob.name, table: t.name, handle: ob.handle };
  if (ob.comment !== undefined) head.comment = ob.comment;
  const { stmt, words: w = {} } = ob;
  if (stmt?.kind === 'counter') Object.assign(head, { packets: stmt.packets, bytes: stmt.bytes });
  else if (stmt?.kind === 'quota') Object.assign(head, { bytes: stmt.limit, used: stmt.used, inv: stmt.over });
  else if (stmt?.kind === 'limit') {
    const { rate, per, inv, rate_unit, burst, burst_unit } = limitJson(stmt);
    Object.assign(
      head,
      { rate, per },
      inv ? { inv } : {},
      rate_unit ? { rate_unit } : {},
      { burst },
      burst_unit ? { burst_unit } : {},
    );
  } else if (ob.type === 'ct helper')
    Object.assign(head, { type: w.type, protocol: w.protocol, l3proto: w.l3proto ?? t.family });
  else if (ob.type === 'ct timeout')
    Object.assign(head, {
      protocol: w.protocol,
      l3proto: w.l3proto ?? t.family,
      policy: Object.fromEntries(ob.policy ?? []),
    });
  else if (ob.type === 'ct expectation')
    Object.assign(head, {
      protocol: w.protocol,
      dport: w.dport,
      timeout: w.timeout,
      size: w.size,
      l3proto: w.l3proto ?? t.family,
    });
  else if (ob.type === 'synproxy') {
    const flags = [w.timestamp && 'timestamp', w['sack-perm'] && 'sack-perm'].filter(Boolean);
    Object.assign(head, { mss: w.mss, wscale: w.wscale }, flags.length ? { flags: one(flags as string[]) } : {});
  }
  return { [ob.type]: head };
}

const flowtableJson = (t: NfTable, f: NftFlowtable): JsonItem => ({
  flowtable: {
    family: t.family,
    name: f.name,
    table: t.name,
    handle: f.handle,
    hook: 'ingress',
    prio: f.priority,
    dev: one(f.devices),
  },
});

export const jsonObjects = (
  t: NfTable,
  obs: readonly NftObject[],
  _o: ListOptions,
  fts: readonly NftFlowtable[] = [],
): JsonItem[] => [...obs.map((x) => objectJson(t, x)), ...fts.map((f) => flowtableJson(t, f))];

/** Tables with all that stands in them, or one chain with its rules. */
export function jsonRuleset(tables: readonly NfTable[], o: ListOptions, only?: NfChain): JsonItem[] {
  const items: JsonItem[] = [];
  for (const t of tables) {
    const chains = only ? [only] : [...t.chains.values()];
    if (!only) {
      items.push(tableJson(t));
      items.push(...jsonObjects(t, [...(t.objects?.values() ?? [])], o));
      for (const s of t.sets?.values() ?? []) items.push(setJson(t, s, o));
      items.push(...jsonObjects(t, [], o, [...(t.flowtables?.values() ?? [])]));
      items.push(...jsonChains(t, chains));
    } else items.push(...jsonChains(t, chains));
    for (const c of chains) for (const r of c.rules) items.push(ruleJson(t, c, r, o));
  }
  return items;
}
