/** Selectors, operations on them, and maps: raw syntax made into nf_tables' expressions. */
import { HEADER_FIELDS } from '../../linux/netfilter/nft/headers.ts';
import type { NftExpr, NftSetRef } from '../../linux/netfilter/nft/types.ts';
import type { Raw } from './ast.ts';
import type { EvalContext } from './context.ts';
import { NftError } from './cursor.ts';
import { isBitmask, isString, typeOf } from './datatypes.ts';
import { evalElements } from './eval-elements.ts';
import { evalRange, evalScalar, type Typed } from './eval-value.ts';

/** Types of an expression's parts. */
export function typesOf(e: NftExpr): Typed[] {
  switch (e.kind) {
    case 'field':
      return [{ type: e.field.type, bits: e.field.bits }];
    case 'raw':
      return [{ type: 'raw', bits: e.bits }];
    case 'value':
      return [{ type: e.type, bits: e.bits }];
    case 'numgen':
    case 'hash':
      return [{ type: 'integer', bits: 32, ...(e.mod > 0 ? { max: e.mod - 1 + e.offset } : {}) }];
    case 'bin':
      return typesOf(e.left);
    case 'concat':
      return e.parts.flatMap(typesOf);
    case 'map':
      return [];
  }
}

export const typeNames = (types: readonly Typed[]): string =>
  types.length === 1
    ? typeOf(types[0]?.type ?? '').desc
    : `concatenation of (${types.map((t) => typeOf(t.type).desc).join(', ')})`;

const INET_ONLY = 'meta nfproto is only useful in the inet family';

/** A field, with what its use says about the packet's protocols. */
function evalField(raw: Extract<Raw, { k: 'field' }>, c: EvalContext): NftExpr {
  const { field } = raw;
  if (field.name === 'meta nfproto' && c.family !== 'inet' && c.family !== 'netdev' && c.family !== 'bridge')
    c.error(INET_ONLY, raw);
  if (raw.proto === 'exthdr') {
    if (c.l3 && c.l3 !== 'ip6') c.error(`cannot use exthdr with ${c.l3}`, raw);
    c.l3 = 'ip6';
  } else if (raw.proto === 'rt') return routeField(raw, c);
  else if (raw.proto === 'option') {
    const l4 = field.name.startsWith('tcp ') ? 'tcp' : field.name.startsWith('sctp ') ? 'sctp' : null;
    if (l4 && c.l4 && c.l4 !== l4) c.conflict(c.l4, l4, raw.span);
    if (l4) c.l4 = l4;
    else if (c.l3 && c.l3 !== 'ip') c.conflict(c.l3, 'ip', raw.span);
  } else if (raw.ctFamily !== undefined) return ctField(raw, c);
  else c.use(raw);
  return { kind: 'field', field };
}

function routeField(raw: Extract<Raw, { k: 'field' }>, c: EvalContext): NftExpr {
  const { field } = raw;
  if (!field.name.endsWith('nexthop')) return { kind: 'field', field };
  const named = /^rt (ip6?) /.exec(field.name)?.[1];
  if (named && c.l3 && named !== c.l3) c.error(`${named} nexthop will not match`, raw);
  const family = named ?? c.l3;
  if (!family) c.error('cannot determine ip protocol version, use "ip nexthop" or "ip6 nexthop" instead', raw);
  return {
    kind: 'field',
    field: {
      name: `rt ${family} nexthop`,
      type: family === 'ip6' ? 'ipv6_addr' : 'ipv4_addr',
      bits: family === 'ip6' ? 128 : 32,
    },
  };
}

/** A field whose type cannot be told: what is compared with it has no meaning, either. */
export class UntypedField extends NftError {}

/** `ct original saddr` takes its type from the family, `proto-dst` from the transport protocol. */
function ctField(raw: Extract<Raw, { k: 'field' }>, c: EvalContext): NftExpr {
  const { field } = raw;
  if (raw.ctFamily === 'proto') return { kind: 'field', field: c.l4 ? field : { ...field, type: 'invalid' } };
  if (raw.ctFamily === 'ip' || raw.ctFamily === 'ip6') {
    if (c.l3 && c.l3 !== raw.ctFamily) c.conflict(c.l3, raw.ctFamily, raw.span, c.l3Span);
    return { kind: 'field', field };
  }
  const family = c.l3;
  if (family !== 'ip' && family !== 'ip6') {
    const side = field.name.endsWith('saddr') ? 's' : 'd';
    throw new UntypedField(
      `cannot determine ip protocol version, use "ip ${side}addr" or "ip6 ${side}addr" instead`,
      raw.span,
    );
  }
  const name = field.name.replace(/([sd]addr)$/, `${family} $1`);
  return {
    kind: 'field',
    field: {
      name,
      type: family === 'ip' ? 'ipv4_addr' : 'ipv6_addr',
      bits: family === 'ip' ? 32 : 128,
      key: field.name.endsWith('saddr') ? 'saddr' : 'daddr',
    },
  };
}

/** nf_tables keeps chains of bit operations as one mask and one exclusive-or; nft shows what it reads from these. */
export function canonicalBits(
  left: NftExpr,
  ops: readonly { op: string; by: number | bigint }[],
  bits: number,
): NftExpr {
  const all = (1n << BigInt(bits)) - 1n;
  let mask = all;
  let xor = 0n;
  for (const { op, by } of ops) {
    const n = BigInt(by);
    if (op === '&') {
      mask &= n;
      xor &= n;
    } else if (op === '|') {
      mask &= all ^ n;
      xor = (xor & (all ^ n)) | n;
    } else xor ^= n;
  }
  const or = (mask & xor) ^ xor;
  const flip = xor & mask;
  const and = mask | or;
  const type = typesOf(left)[0] as Typed;
  const wide = bits > 53;
  const constant = (n: bigint): NftExpr => {
    const v = wide ? n : Number(n);
    return { kind: 'value', value: { lo: v, hi: v }, type: type.type, bits };
  };
  let e = left;
  if (and !== all) e = { kind: 'bin', op: '&', left: e, right: constant(and) };
  if (flip !== 0n) e = { kind: 'bin', op: '^', left: e, right: constant(flip) };
  if (or !== 0n) e = { kind: 'bin', op: '|', left: e, right: constant(or) };
  return e;
}

function evalBin(raw: Extract<Raw, { k: 'bin' }>, c: EvalContext): NftExpr {
  const chain: Extract<Raw, { k: 'bin' }>[] = [];
  let at: Raw = raw;
  while (at.k === 'bin') {
    chain.unshift(at);
    at = at.left;
  }
  let e = evalExpr(at, c);
  const t = typesOf(e)[0] as Typed;
  if (isString(t.type)) c.error(`Binary operation (${raw.op}) is undefined for ${typeOf(t.type).desc} types`, raw);
  const bits = t.bits || 32;
  let ops: { op: string; by: number | bigint }[] = [];
  for (const b of chain) {
    const shift = b.op === '<<' || b.op === '>>';
    if (b.right.k === 'field') c.error(`Right hand side of binary operation (${b.op}) must be constant`, b.right);
    const by = evalScalar(b.right, shift ? { type: 'integer', bits: 32 } : t, c);
    if (typeof by === 'string') continue;
    if (!shift) {
      ops.push({ op: b.op, by });
      continue;
    }
    if (Number(by) >= bits)
      c.error(`${b.op === '<<' ? 'Left' : 'Right'} shift of ${by} bits is undefined for type of ${bits} bits width`, b);
    e = ops.length ? canonicalBits(e, ops, bits) : e;
    ops = [];
    e = {
      kind: 'bin',
      op: b.op,
      left: e,
      right: { kind: 'value', value: { lo: by, hi: by }, type: 'integer', bits: 32 },
    };
  }
  return ops.length ? canonicalBits(e, ops, bits) : e;
}

/** What may stand left of a comparison, or as a key. */
export function evalExpr(raw: Raw, c: EvalContext): NftExpr {
  switch (raw.k) {
    case 'field':
      return evalField(raw, c);
    case 'raw':
      return evalRaw(raw);
    case 'bin':
      return evalBin(raw, c);
    case 'concat':
      return { kind: 'concat', parts: raw.parts.map((p) => evalExpr(p, c)) };
    case 'numgen':
      return { kind: 'numgen', mode: raw.mode, mod: raw.mod, offset: raw.offset, next: raw.mod - 1 };
    case 'hash':
      return { kind: 'hash', of: raw.of && evalExpr(raw.of, c), mod: raw.mod, seed: raw.seed, offset: raw.offset };
    case 'sym':
      return c.error('No symbol type information', raw);
    default:
      return c.error('No symbol type information', raw);
  }
}

/** A payload by its place. Where a header field lies there, nft shows that. */
function evalRaw(raw: Extract<Raw, { k: 'raw' }>): NftExpr {
  return { kind: 'raw', base: raw.base, off: raw.off, bits: raw.bits };
}

/** The set of a lookup: one in place, or a named one of the right type. */
export function evalSetRef(
  raw: Raw,
  key: readonly Typed[],
  data: readonly Typed[] | 'verdict' | null,
  c: EvalContext,
): NftSetRef {
  if (raw.k === 'ref') {
    const set = c.set(raw.name);
    if (!set) return c.error('No such file or directory', raw);
    return { name: raw.name };
  }
  if (raw.k !== 'set') return c.error('Expression is not a map', raw);
  const found = evalElements(raw, key, data, c, { anonymous: true });
  return {
    types: key.map((k) => k.type),
    bits: key.map((k) => k.bits),
    interval: found.interval,
    elems: found.elems.map(({ span: _s, keySpan: _k, ...e }) => e),
    ...(data && data !== 'verdict' ? { data: data.map((d) => d.type) } : {}),
  };
}

/** A value of a statement: a constant of the type asked for, a selector of that type, or a map to it. */
export function evalTo(raw: Raw, want: Typed, c: EvalContext, at: Raw['span'] | null): NftExpr {
  if (raw.k === 'map') return evalMap(raw, [want], c);
  if (
    raw.k === 'field' ||
    raw.k === 'raw' ||
    raw.k === 'numgen' ||
    raw.k === 'hash' ||
    (raw.k === 'bin' && leaf(raw).k !== 'sym')
  ) {
    const e = evalExpr(raw, c);
    const t = typesOf(e)[0] as Typed;
    const same = t.type === want.type || t.type === 'integer' || t.type === 'raw';
    if (!same)
      c.error(
        `datatype mismatch: expected ${typeOf(want.type).desc}, expression has type ${typeOf(t.type).desc}`,
        raw,
        at && { start: at.start, end: raw.span.start },
      );
    return e;
  }
  const value = evalRange(raw, want, c);
  return { kind: 'value', value, type: want.type, bits: want.bits };
}

function leaf(raw: Raw): Raw {
  return raw.k === 'bin' ? leaf(raw.left) : raw;
}

/** `KEY map { … }` or `KEY map @name`. */
export function evalMap(raw: Extract<Raw, { k: 'map' }>, data: readonly Typed[], c: EvalContext): NftExpr {
  const key = evalExpr(raw.key, c);
  const keys = typesOf(key);
  if (raw.set.k === 'ref' && !c.set(raw.set.name)) {
    const e = new NftError('No such file or directory', raw.set.span);
    e.more = e.again();
    throw e;
  }
  const set = evalSetRef(raw.set, keys, data, c);
  if ('name' in set) {
    const named = c.set(set.name);
    if (!named?.data && !named?.object) c.error('Expression is not a map', raw.set);
    checkKey(named?.types ?? [], keys, raw, c, 'map');
  }
  return { kind: 'map', key, set };
}

/** A named set's key has the types of the expression looked up. */
export function checkKey(
  types: readonly string[],
  keys: readonly Typed[],
  raw: Raw,
  c: EvalContext,
  what: 'map' | 'set',
  also: Raw['span'] | null = null,
): void {
  const fits =
    types.length === keys.length &&
    types.every(
      (t, i) => t === keys[i]?.type || keys[i]?.type === 'raw' || (t === 'integer' && keys[i]?.type === 'integer'),
    );
  if (fits) return;
  const want = typeNames(types.map((type) => ({ type, bits: 0 })));
  if (what === 'map')
    c.error(`datatype mismatch, map expects ${want}, mapping expression has type ${typeNames(keys)}`, raw);
  c.error(`datatype mismatch, expected ${typeNames(keys)}, expression has type ${want}`, raw, also);
}

export { HEADER_FIELDS, isBitmask };
