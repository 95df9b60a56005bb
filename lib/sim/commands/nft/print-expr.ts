/** Expressions and sets as nft writes them. */
import { HEADER_FIELDS } from '../../linux/netfilter/nft/headers.ts';
import type { NftElem, NftExpr, NftRange, NftSetRef, NftVerdict } from '../../linux/netfilter/nft/types.ts';
import { bitNames, formatRange, formatValue, isBitmask, type ValueStyle } from './datatypes.ts';
import { sortElems } from './elements.ts';
import { typesOf } from './eval-expr.ts';
import { stateText } from './print-state.ts';
import { timeText } from './time.ts';

export interface PrintOptions extends ValueStyle {
  /** Virtual time, µs. */
  now: number;
  stateless: boolean;
  /** The named sets of the table, for the order of what is read from them. */
  family: string;
}

/** Several flags at once. */
export const flagsText = (type: string, bits: number, o: ValueStyle, joint: string): string =>
  type === 'ct_label' ? `${bits}` : bits === 0 ? '0x0' : bitNames(type, bits, o.symbols).join(joint);

export function valueText(r: NftRange, type: string, o: ValueStyle, inSet = false): string {
  if (isBitmask(type) && typeof r.lo === 'number' && r.lo === r.hi && inSet) return flagsText(type, r.lo, o, ' | ');
  if (type === 'ct_label') return `${r.lo}`;
  return formatRange(r, type, o, inSet);
}

export const verdictText = (v: NftVerdict): string => `${v.code}${v.chain === undefined ? '' : ` ${v.chain}`}`;

const jointBits = (e: NftExpr, type: string, o: ValueStyle): string => {
  if (e.kind !== 'value') return '';
  const bits = Number(e.value.lo);
  const names = bitNames(type, bits, o.symbols);
  return names.length > 1 ? `(${names.join(' | ')})` : (names[0] ?? '0x0');
};

export function exprText(e: NftExpr, o: PrintOptions): string {
  switch (e.kind) {
    case 'field':
      return e.field.name;
    case 'raw':
      return `@${e.base},${e.off},${e.bits}`;
    case 'numgen':
      return `numgen ${e.mode} mod ${e.mod}${e.offset ? ` offset ${e.offset}` : ''}`;
    case 'hash': {
      const seed = e.seed === null ? '' : ` seed 0x${e.seed.toString(16)}`;
      const offset = e.offset ? ` offset ${e.offset}` : '';
      return e.of ? `jhash ${exprText(e.of, o)} mod ${e.mod}${seed}${offset}` : `symhash mod ${e.mod}${offset}`;
    }
    case 'bin': {
      const type = typesOf(e.left)[0]?.type ?? 'integer';
      const right = isBitmask(type) ? jointBits(e.right, type, o) : exprText(e.right, o);
      return `${exprText(e.left, o)} ${e.op} ${right}`;
    }
    case 'concat':
      return e.parts.map((p) => exprText(p, o)).join(' . ');
    case 'value':
      return valueText(e.value, e.type, o);
    case 'map':
      return `${exprText(e.key, o)} map ${refText(e.set, o)}`;
  }
}

export function keyText(e: NftElem, types: readonly string[], o: ValueStyle): string {
  if (e.key.length === 0) return '*';
  return e.key.map((r, i) => valueText(r, types[i] ?? 'integer', o, true)).join(' . ');
}

export function dataText(data: NonNullable<NftElem['data']>, types: readonly string[], o: ValueStyle): string {
  if (!Array.isArray(data)) return verdictText(data);
  return data.map((r, i) => valueText(r, types[i] ?? guess(r), o, true)).join(' . ');
}

/** What a value must be where no set says it. */
function guess(r: NftRange): string {
  return typeof r.lo === 'bigint' ? 'ipv6_addr' : typeof r.lo === 'string' ? 'string' : 'integer';
}

/** An element with its options and data. */
export function elemText(
  e: NftElem,
  types: readonly string[],
  data: readonly string[] | null,
  o: PrintOptions,
  usual = 0,
): string {
  let text = keyText(e, types, o);
  for (const s of e.stmts ?? []) text += ` ${stateText(s, o)}`;
  if (e.timeout !== undefined && e.timeout !== usual) text += ` timeout ${timeText(e.timeout)}`;
  if (e.expires !== undefined && !o.stateless) text += ` expires ${timeText((e.expires - o.now) / 1000)}`;
  if (e.comment !== undefined) text += ` comment "${e.comment}"`;
  if (e.data !== undefined) text += ` : ${dataText(e.data, data ?? [], o)}`;
  return text;
}

/** A set in place, or `@name`. */
export function refText(set: NftSetRef, o: PrintOptions): string {
  if ('name' in set) return `@${set.name}`;
  const data = set.data ?? [];
  const elems = set.interval ? set.elems : sortElems(set.elems, set.types, set.bits);
  return `{ ${elems.map((e) => elemText(e, set.types, data, o)).join(', ')} }`;
}

/** Right-hand side of a comparison; header fields keep several flags as one number. */
export function rightText(left: NftExpr, right: NftRange, o: PrintOptions): string {
  const type = typesOf(left)[0]?.type ?? 'integer';
  if (isBitmask(type) && typeof right.lo === 'number' && right.lo === right.hi) {
    const header = left.kind === 'field' && HEADER_FIELDS.has(left.field.name);
    if (!header) return flagsText(type, right.lo, o, ' | ');
    return formatValue(right.lo, type, o);
  }
  return valueText(right, type, o);
}
