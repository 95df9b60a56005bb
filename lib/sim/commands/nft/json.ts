/** nft -j of one set. */
import type { NftElem, NftSet } from '../../linux/netfilter/nft/types.ts';
import type { NfTable } from '../../linux/netfilter/types.ts';
import { type ListOptions, showOptions } from './list.ts';
import { Unmodelled } from './parser.ts';
import { formatValue } from './types.ts';

/** jansson's style: blanks behind colons and commas. */
function dump(v: unknown): string {
  if (Array.isArray(v)) return `[${v.map(dump).join(', ')}]`;
  if (v && typeof v === 'object')
    return `{${Object.entries(v)
      .map(([k, x]) => `"${k}": ${dump(x)}`)
      .join(', ')}}`;
  return JSON.stringify(v);
}

/** One set or map. Throws Unmodelled for intervals, timeouts and comments. */
export function setJson(table: NfTable, set: NftSet, elems: readonly NftElem[], o: ListOptions): string {
  if (set.interval || set.timed || set.size || set.comment || elems.some((e) => e.comment))
    throw new Unmodelled('nft -j of such a set');
  const show = showOptions(table, o);
  const value = (v: NftElem['key'][0]['lo'], type: string): unknown => {
    const text = formatValue(v, type, show.ns, false);
    return /^\d+$/.test(text) ? Number(text) : text.replace(/^"|"$/g, '');
  };
  const several = (values: unknown[]) => (values.length === 1 ? values[0] : { concat: values });
  const one = (e: NftElem): unknown => {
    const key = several(e.key.map((r, i) => value(r.lo, set.types[i] as string)));
    if (!set.data || e.data === undefined) return key;
    if (Array.isArray(e.data)) return [key, several(e.data.map((v, i) => value(v, set.data?.[i] as string)))];
    return [key, { [e.data.code]: e.data.chain === undefined ? null : { target: e.data.chain } }];
  };
  const type = (types: string[]) => (types.length === 1 ? types[0] : types);
  const body: Record<string, unknown> = {
    family: table.family,
    name: set.name,
    table: table.name,
    type: type(set.types),
    handle: set.handle,
  };
  if (set.data) body.map = type(set.data);
  if (elems.length > 0) body.elem = elems.map(one);
  const metainfo = { version: '1.0.6', release_name: 'Lester Gooch #5', json_schema_version: 1 };
  return `${dump({ nftables: [{ metainfo }, { [set.data ? 'map' : 'set']: body }] })}\n`;
}
