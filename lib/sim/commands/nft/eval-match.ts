/** Comparisons: what nft makes of `SELECTOR [OP] VALUE`. */
import { HEADER_FIELDS, type HeaderField } from '../../linux/netfilter/nft/headers.ts';
import type { MatchOp, NftExpr, NftRange, NftStmt } from '../../linux/netfilter/nft/types.ts';
import type { Raw, RawStmt } from './ast.ts';
import type { EvalContext } from './context.ts';
import { NftError } from './cursor.ts';
import { isBitmask, isString, prefixLength, typeOf } from './datatypes.ts';
import { checkKey, evalExpr, evalSetRef, typesOf, UntypedField } from './eval-expr.ts';
import { evalRange, evalScalar, type Typed } from './eval-value.ts';
import type { Span } from './lexer.ts';

type RawMatch = Extract<RawStmt, { s: 'match' }>;

const single = (r: NftRange): boolean => r.lo === r.hi;

/** `echo-request` and `echo-reply` carry id and sequence: nft asks for the type first. */
function icmpDependency(left: NftExpr, before: readonly NftStmt[]): NftStmt[] {
  if (left.kind !== 'field') return [];
  const header = HEADER_FIELDS.get(left.field.name);
  if (!header?.icmp || header.icmp.length < 2) return [];
  const type = HEADER_FIELDS.get(`${header.proto} type`) as HeaderField;
  const known = before.some(
    (s) => (s.kind === 'match' || s.kind === 'lookup') && s.left.kind === 'field' && s.left.field.name === type.name,
  );
  if (known) return [];
  const elems = header.icmp.map((n) => ({ key: [{ lo: n, hi: n }] }));
  return [
    {
      kind: 'lookup',
      left: { kind: 'field', field: { name: type.name, type: type.type, bits: 8 } },
      not: false,
      set: { types: [type.type], bits: [8], interval: false, elems },
    },
  ];
}

const VLAN: NftStmt = {
  kind: 'match',
  left: { kind: 'field', field: { name: 'ether type', type: 'ether_type', bits: 16 } },
  op: '==',
  right: { lo: 0x8100, hi: 0x8100 },
};

/** Where the first value of the right-hand side stands. */
const valueSpan = (raw: Raw): Span => (raw.k === 'prefix' ? raw.of.span : raw.k === 'range' ? raw.lo.span : raw.span);

function leftSide(raw: RawMatch, c: EvalContext): NftExpr {
  try {
    return evalExpr(raw.left, c);
  } catch (e) {
    if (e instanceof UntypedField)
      e.more = new NftError("Can't parse symbolic invalid expressions", valueSpan(raw.right));
    throw e;
  }
}

export function evalMatch(raw: RawMatch, c: EvalContext, before: readonly NftStmt[]): NftStmt[] {
  const left = leftSide(raw, c);
  const types = typesOf(left);
  c.leftSpan = raw.left.span;
  const deps = icmpDependency(left, before);
  if (left.kind === 'field' && left.field.name === 'vlan type') deps.push(VLAN);
  if (left.kind === 'concat' && raw.right.k !== 'set' && raw.right.k !== 'ref')
    c.error('Use concatenations with sets and maps, not singleton values', raw.left, raw.right.span);
  const t = types[0] as Typed;
  const stmts = raw.mask ? flagCompare(raw, left, t, c) : compare(raw, left, types, c);
  for (const s of stmts) {
    if (
      s.kind === 'match' &&
      s.op === '==' &&
      s.left.kind === 'field' &&
      single(s.right) &&
      typeof s.right.lo === 'number'
    )
      c.learn(s.left.field.name, s.right.lo, raw.span);
  }
  return [...deps, ...stmts.map((s) => named(s, c))];
}

/** A payload that is one field of a known header is shown as that field, in lookups and behind bit operations, too. */
function named(s: NftStmt, c: EvalContext): NftStmt {
  const raw = (e: NftExpr): NftExpr | null => {
    if (e.kind !== 'raw') return null;
    const proto = e.base === 'nh' ? c.l3 : e.base === 'th' ? (c.l4 ?? 'th') : e.base === 'll' ? c.ll : null;
    const fields = proto && cover(proto, e.off, e.bits);
    const f = fields && fields.length === 1 ? fields[0] : undefined;
    return f ? { kind: 'field', field: { name: f.name, type: f.type, bits: f.bits } } : null;
  };
  if (s.kind === 'lookup') {
    const left = raw(s.left);
    if (left?.kind !== 'field' || 'name' in s.set) return left ? { ...s, left } : s;
    return { ...s, left, set: { ...s.set, types: [left.field.type] } };
  }
  if (s.kind !== 'match') return s;
  if (s.left.kind === 'bin' && s.left.right.kind === 'value') {
    const left = raw(s.left.left);
    if (left?.kind !== 'field') return s;
    return { ...s, left: { ...s.left, left, right: { ...s.left.right, type: left.field.type } } };
  }
  const left = raw(s.left);
  return left ? { ...s, left } : s;
}

/** `tcp flags syn,ack / syn,ack,rst`. */
function flagCompare(raw: RawMatch, left: NftExpr, t: Typed, c: EvalContext): NftStmt[] {
  const value = Number(evalScalar(raw.right, t, c));
  const mask = Number(evalScalar(raw.mask as Raw, t, c));
  return [{ kind: 'flagcmp', left, not: raw.op === '!=', value, mask }];
}

function compare(raw: RawMatch, left: NftExpr, types: readonly Typed[], c: EvalContext): NftStmt[] {
  const t = types[0] as Typed;
  const not = raw.op === '!=' || raw.op === '!';
  if (raw.right.k === 'ref') {
    const set = evalSetRef(raw.right, types, null, c);
    if ('name' in set) checkKey(c.set(set.name)?.types ?? [], types, raw.right, c, 'set', raw.left.span);
    order(raw, left, c);
    return [{ kind: 'lookup', left, not, set }];
  }
  if (raw.right.k === 'set') return inSet(raw, left, types, not, c);
  if (raw.right.k === 'field' || raw.right.k === 'numgen' || raw.right.k === 'hash')
    c.error(`Right hand side of relational expression (${raw.op ?? '=='}) must be constant`, raw.right, raw.left.span);
  if (t.type === 'boolean' && raw.op && raw.op !== '==' && raw.op !== '!=') c.error('either == or != is allowed', raw);
  const want = presence(left, raw.right) ?? t;
  if (isBitmask(t.type)) return bits(raw, left, t, c);
  const right = evalRange(raw.right, want, c);
  if (want !== t) return [{ kind: 'match', left: asBoolean(left), op: (raw.op ?? '==') as MatchOp, right }];
  return plain(raw, left, t, right, c);
}

/** `exists` and `missing` ask whether there is something at all. */
function presence(left: NftExpr, right: Raw): Typed | null {
  if (right.k !== 'sym' || (right.text !== 'exists' && right.text !== 'missing') || left.kind !== 'field') return null;
  return left.field.name.startsWith('fib ') ? { type: 'boolean', bits: 1 } : null;
}
const asBoolean = (e: NftExpr): NftExpr =>
  e.kind === 'field' ? { kind: 'field', field: { ...e.field, type: 'boolean', bits: 1 } } : e;

function order(raw: RawMatch, _left: NftExpr, c: EvalContext): void {
  if (raw.op && raw.op !== '==' && raw.op !== '!=' && raw.op !== '!')
    c.error(`Relational expression (${raw.op}) is undefined for set reference expressions`, raw);
}

const t0 = (types: readonly Typed[]): Typed => types[0] as Typed;

function inSet(raw: RawMatch, left: NftExpr, types: readonly Typed[], not: boolean, c: EvalContext): NftStmt[] {
  if (raw.right.k !== 'set') return [];
  if (raw.op && raw.op !== '==' && raw.op !== '!=')
    c.error(`Relational expression (${raw.op}) is undefined for set expressions`, raw);
  const { elems } = raw.right;
  if (elems.length === 0) c.error('Set is empty', raw.right);
  const set = evalSetRef(raw.right, types, null, c);
  const only = elems.length === 1 && types.length === 1 && elems[0]?.key?.k !== 'ref' ? elems[0]?.key : null;
  if (only && 'elems' in set && only.k !== 'set') {
    const right = evalRange(only, types[0] as Typed, c);
    if (isBitmask(t0(types).type) && !not) return [{ kind: 'flags', left, not: false, bits: Number(right.lo) }];
    return plain({ ...raw, right: only }, left, t0(types), right, c);
  }
  return [{ kind: 'lookup', left, not, set }];
}

/** Types of flags: a comparison without operator asks for any of them. */
function bits(raw: RawMatch, left: NftExpr, t: Typed, c: EvalContext): NftStmt[] {
  if (raw.right.k === 'range' || raw.right.k === 'prefix') evalRange(raw.right, t, c);
  const value = Number(evalScalar(raw.right, t, c));
  if (raw.op === '!') {
    if (left.kind === 'bin') c.error('cannot combine negation with binary expression', raw.left);
    return [{ kind: 'flags', left, not: true, bits: value }];
  }
  const op = raw.op ?? (left.kind === 'bin' ? '==' : null);
  if (op === null) return [{ kind: 'flags', left, not: false, bits: value }];
  if (left.kind === 'bin' && left.op === '&' && left.right.kind === 'value' && (op === '==' || op === '!=')) {
    const mask = Number(left.right.value.lo);
    if (value === 0) return [{ kind: 'flags', left: left.left, not: op === '==', bits: mask }];
    const one = (mask & (mask - 1)) === 0;
    if (!(one && value === mask)) return [{ kind: 'flagcmp', left: left.left, not: op === '!=', value, mask }];
  }
  return [{ kind: 'match', left, op, right: { lo: value, hi: value } }];
}

/** A comparison with a value or a range, in the form the kernel gives back. */
function plain(raw: RawMatch, left: NftExpr, t: Typed, right: NftRange, c: EvalContext): NftStmt[] {
  const op = (raw.op === '!' ? '!=' : (raw.op ?? '==')) as MatchOp;
  if (raw.op === '!') c.error('negation can only be used with singleton bitmask values', raw.right);
  if (op !== '==' && op !== '!=') {
    if (isString(t.type))
      c.error(`Relational expression (${op}) is undefined for ${typeOf(t.type).desc} expressions`, raw);
    if (!single(right)) c.error('Cannot be used with right hand side constant value', raw.right);
  }
  if (left.kind === 'bin') return binary(left, op, right, t);
  if (left.kind === 'raw') return rawMatch(left, op, right, c);
  return [{ kind: 'match', left, op, right }];
}

/** Exclusive-or and shifts of a constant go over to the value; a mask that is a prefix becomes one. */
function binary(left: Extract<NftExpr, { kind: 'bin' }>, op: MatchOp, right: NftRange, t: Typed): NftStmt[] {
  if (left.right.kind !== 'value') return [{ kind: 'match', left, op, right }];
  const by = left.right.value.lo;
  if (left.op === '^' && single(right) && typeof right.lo === 'number' && typeof by === 'number') {
    const v = (right.lo ^ by) >>> 0;
    const inner = { lo: v, hi: v };
    return left.left.kind === 'bin'
      ? binary(left.left, op, inner, t)
      : [{ kind: 'match', left: left.left, op, right: inner }];
  }
  const spec = typeOf(t.type);
  if (left.op === '&' && spec.prefix && (op === '==' || op === '!=') && left.left.kind !== 'bin') {
    const full = (1n << BigInt(spec.bits)) - 1n;
    const len = prefixLength({ lo: 0, hi: full ^ BigInt(by as number) }, spec.bits);
    const value = right.lo;
    if (len !== null && single(right) && len > 0 && len < spec.bits && typeof value !== 'string') {
      const hi = BigInt(value) + (full ^ BigInt(by as number));
      return [
        {
          kind: 'match',
          left: left.left,
          op,
          right: { lo: value, hi: typeof value === 'bigint' ? hi : Number(hi), len },
        },
      ];
    }
  }
  return [{ kind: 'match', left, op, right }];
}

/** A payload named by its place: the header fields that lie there, else widened to whole bytes. */
function rawMatch(left: Extract<NftExpr, { kind: 'raw' }>, op: MatchOp, right: NftRange, c: EvalContext): NftStmt[] {
  const proto = left.base === 'nh' ? c.l3 : left.base === 'th' ? (c.l4 ?? 'th') : left.base === 'll' ? c.ll : null;
  if (single(right) && (op === '==' || op === '!=') && proto && typeof right.lo !== 'string') {
    const fields = cover(proto, left.off, left.bits);
    if (fields) {
      let rest = left.bits;
      return fields.map((f) => {
        rest -= f.bits;
        const v = (BigInt(right.lo) >> BigInt(rest)) & ((1n << BigInt(f.bits)) - 1n);
        const value = f.bits > 53 ? v : Number(v);
        return {
          kind: 'match' as const,
          left: { kind: 'field' as const, field: { name: f.name, type: f.type, bits: f.bits } },
          op,
          right: { lo: value, hi: value },
        };
      });
    }
  }
  if (left.off % 8 === 0 && left.bits % 8 === 0) return [{ kind: 'match', left, op, right }];
  const off = left.off - (left.off % 8);
  const bits = Math.ceil((left.off - off + left.bits) / 8) * 8;
  const shift = BigInt(bits - (left.off - off) - left.bits);
  const mask = ((1n << BigInt(left.bits)) - 1n) << shift;
  const of = (n: bigint) => (bits > 53 ? n : Number(n));
  const wide: NftExpr = { kind: 'raw', base: left.base, off, bits };
  const value = { lo: of(mask), hi: of(mask) };
  const moved = (v: NftRange['lo']) => of(BigInt(v as number) << shift);
  return [
    {
      kind: 'match',
      left: { kind: 'bin', op: '&', left: wide, right: { kind: 'value', value, type: 'raw', bits } },
      op,
      right: { lo: moved(right.lo), hi: moved(right.hi) },
    },
  ];
}

/** Header fields that fill a stretch of bits exactly. */
export function cover(proto: string, off: number, bits: number): HeaderField[] | null {
  const found: HeaderField[] = [];
  let at = off;
  while (at < off + bits) {
    const f = [...HEADER_FIELDS.values()].find(
      (x) => x.proto === proto && x.off === at && at + x.bits <= off + bits && !x.icmp,
    );
    if (!f) return null;
    if (proto === 'th' && f.bits !== bits) return null;
    found.push(f);
    at += f.bits;
  }
  return found;
}
