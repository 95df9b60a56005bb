/** The elements of sets and maps: typed, checked, and — where the set is one of intervals — merged as nft does. */
import { compareElems, dedupe, merge } from '../../linux/netfilter/nft/intervals.ts';
import type { NftElem, NftRange, NftStmt } from '../../linux/netfilter/nft/types.ts';
import type { Raw, RawElem } from './ast.ts';
import type { EvalContext } from './context.ts';
import { NftError } from './cursor.ts';
import { typeOf } from './datatypes.ts';
import { evalState } from './eval-state.ts';
import { evalRange, type Typed } from './eval-value.ts';
import type { Span } from './lexer.ts';

export interface PlacedElem extends NftElem {
  span: Span;
  keySpan: Span;
}

interface Options {
  anonymous?: boolean;
  /** The set allows ranges. */
  interval?: boolean;
  map?: boolean;
  /** Keys alone are asked for (delete, get). */
  keysOnly?: boolean;
  autoMerge?: boolean;
  objects?: boolean;
  dataInterval?: boolean;
}

/** nft knows no place for some errors. */
const NOWHERE: Span = { start: -1, end: -1 };

const isRange = (r: NftRange): boolean => r.lo !== r.hi || (typeof r.lo === 'string' && r.lo.endsWith('*'));

const names = (types: readonly Typed[]): string => types.map((t) => typeOf(t.type).desc).join(', ');

function evalKey(e: RawElem, types: readonly Typed[], c: EvalContext): NftRange[] {
  const { key } = e;
  if (!key) return [];
  if (types.length === 1) {
    if (key.k === 'concat') return [evalRange(key.parts[0] as Raw, { type: 'invalid', bits: 0 }, c)];
    return [evalRange(key, types[0] as Typed, c)];
  }
  if (key.k !== 'concat') return c.error(`invalid data type, expected concatenation of (${names(types)})`, e.keySpan);
  if (key.parts.length > types.length) c.error('too many concatenation components', key);
  if (key.parts.length < types.length)
    c.error(
      `datatype mismatch, expected concatenation of (${names(types)}), expression has type concatenation of (${names(types.slice(0, key.parts.length))})`,
      key,
    );
  return key.parts.map((p, i) => evalRange(p, types[i] as Typed, c));
}

function evalData(e: RawElem, data: readonly Typed[] | 'verdict', c: EvalContext): NftElem['data'] {
  const raw = e.data;
  if (!raw) return undefined;
  if (data === 'verdict') {
    if (raw.k !== 'verdict') return c.error(`Can't parse symbolic netfilter verdict expressions`, raw);
    return raw.verdict;
  }
  if (raw.k === 'verdict') return c.error('Value must be a constant', raw);
  if (data.length === 1) {
    if (raw.k === 'concat') c.error("Can't parse symbolic invalid expressions", raw.parts[0] as Raw);
    return [evalRange(raw, data[0] as Typed, c)];
  }
  if (raw.k !== 'concat') return c.error(`invalid data type, expected concatenation of (${names(data)})`, raw);
  return raw.parts.map((p, i) => evalRange(p, data[i] ?? { type: 'invalid', bits: 0 }, c));
}

/** Makes elements of a set's syntax. */
export function evalElements(
  raw: Extract<Raw, { k: 'set' }>,
  types: readonly Typed[],
  data: readonly Typed[] | 'verdict' | null,
  c: EvalContext,
  o: Options,
): { elems: PlacedElem[]; interval: boolean } {
  const elems: PlacedElem[] = [];
  const add = (e: RawElem): void => {
    if (e.key?.k === 'set') {
      for (const inner of e.key.elems) add(inner);
      return;
    }
    if (e.key?.k === 'ref') c.error('Set reference cannot be part of another set', e.key);
    if (e.data && !data && !o.objects)
      c.error(o.anonymous ? 'mapping outside of map context' : 'set is not a map', o.anonymous ? e.span : NOWHERE);
    const key = evalKey(e, types, c);
    if (!o.anonymous && !o.interval) {
      const bad = key.findIndex(isRange);
      if (bad >= 0) {
        const part = e.key?.k === 'concat' ? e.key.parts[bad] : e.key;
        const word = part?.k === 'range' ? 'range' : part?.k === 'prefix' ? 'prefix' : 'prefix';
        c.error(
          `You must add 'flags interval' to your ${o.map ? 'map' : 'set'} declaration if you want to add ${e.key?.k === 'concat' ? 'concat' : word} elements`,
          e.keySpan,
        );
      }
    }
    const found: PlacedElem = { key: key.map(({ lo, hi }) => ({ lo, hi })), span: e.span, keySpan: e.keySpan };
    if (data || o.objects) {
      const value = evalData(e, o.objects ? [{ type: 'string', bits: 1024 }] : (data as readonly Typed[]), c);
      if (value !== undefined) found.data = value;
      else if (!o.keysOnly) missingData(e, c);
    }
    if (e.comment !== undefined) found.comment = e.comment;
    if (e.timeout !== undefined) found.timeout = e.timeout;
    if (e.expires !== undefined) found.expires = e.expires;
    if (e.stmts.length) found.stmts = e.stmts.map((s) => evalState(s) as NftStmt);
    elems.push(found);
  };
  for (const e of raw.elems) add(e);
  const interval = o.interval ?? elems.some((e) => e.key.some(isRange));
  if (!o.anonymous) return { elems, interval };
  for (const e of elems) for (const k of ['timeout', 'expires'] as const) delete e[k];
  if (interval && types.length === 1) return { elems: data ? checked(elems, c) : merge(elems), interval };
  if (interval) return { elems, interval };
  return { elems: data ? unique(elems) : dedupe(elems), interval };
}

function missingData(e: RawElem, c: EvalContext): never {
  return c.error('Value must be a constant', e.span);
}

const same = (a: NftElem, b: NftElem): boolean => compareElems(a, b) === 0;

function unique(elems: PlacedElem[]): PlacedElem[] {
  elems.forEach((e, i) => {
    if (!elems.slice(0, i).some((x) => same(x, e))) return;
    const error = new NftError('Could not process rule: File exists', e.keySpan);
    error.kernel = true;
    throw error;
  });
  return [...elems].sort(compareElems);
}

const low = (e: NftElem): bigint => BigInt(e.key[0]?.lo as number);
const high = (e: NftElem): bigint => BigInt(e.key[0]?.hi as number);

/** Intervals of a map must not overlap. */
function checked(elems: PlacedElem[], c: EvalContext): PlacedElem[] {
  const sorted = [...elems].sort(compareElems);
  overlap(sorted, c, 'conflicting intervals specified');
  return sorted;
}

/** Complains of the first two elements that overlap. */
export function overlap(sorted: readonly PlacedElem[], c: EvalContext, message: string): void {
  for (let i = 1; i < sorted.length; i++) {
    const a = sorted[i - 1] as PlacedElem;
    const b = sorted[i] as PlacedElem;
    if (!a.key.length || !b.key.length || typeof a.key[0]?.lo === 'string' || typeof b.key[0]?.lo === 'string')
      continue;
    if (low(b) <= high(a)) c.error(message, b.keySpan, a.keySpan);
  }
}
