/** Values right of a selector: read by the type of what stands left. */
import type { NftRange, NftScalar } from '../../linux/netfilter/nft/types.ts';
import type { Raw } from './ast.ts';
import type { EvalContext } from './context.ts';
import { isBitmask, isString, parseValue, typeOf } from './datatypes.ts';

/** A type with the width of the field it stands for. */
export interface Typed {
  type: string;
  bits: number;
  /** The largest value there can be, where that is less than the bits hold. */
  max?: number;
}

const CHECKED = new Set([
  'integer',
  'mark',
  'icmp_type',
  'icmpv6_type',
  'icmp_code',
  'icmpv6_code',
  'icmpx_code',
  'dscp',
  'ecn',
  'tcp_flag',
  'ct_dir',
  'arp_op',
  'ether_type',
  'nf_proto',
  'pkt_type',
  'day',
  'uid',
  'gid',
  'bitmask',
  'devgroup',
  'realm',
  'iface_type',
  'igmp_type',
  'dccp_pkttype',
  'mh_type',
  'boolean',
  'ct_state',
  'ct_status',
  'ct_event',
  'fib_addrtype',
]);

/** One value; strings are checked, numbers have to fit. */
export function evalScalar(raw: Raw, t: Typed, c: EvalContext): NftScalar {
  if (raw.k === 'sym') {
    if (raw.protocol && t.type !== 'inet_proto' && t.type !== 'invalid')
      c.error(
        `datatype mismatch, expected ${typeOf(t.type).desc}, expression has type Internet protocol`,
        raw,
        c.leftSpan,
      );
    if (t.type === 'invalid') c.error("Can't parse symbolic invalid expressions", raw);
    if (t.type === 'verdict') c.error("Can't parse symbolic netfilter verdict expressions", raw);
    if (isString(t.type)) return evalString(raw, t, c);
    const parsed = parseValue(raw.text, t.type === 'raw' ? 'integer' : t.type, c);
    if ('error' in parsed) c.error(parsed.error, raw);
    const { value } = parsed;
    if (t.max !== undefined && typeof value === 'number' && value > t.max)
      c.error(`Value ${value} exceeds valid range 0-${t.max}`, raw);
    const checked = CHECKED.has(t.type) || t.type === 'raw';
    if (checked && t.bits > 0 && typeof value !== 'string' && BigInt(value) >= 1n << BigInt(t.bits))
      c.error(`Value ${value} exceeds valid range 0-${(1n << BigInt(t.bits)) - 1n}`, raw);
    if (t.bits > 53 && typeof value === 'number' && t.type === 'raw') return BigInt(value);
    return value;
  }
  if (raw.k === 'bin') return fold(raw, t, c);
  if (raw.k === 'list' && isBitmask(t.type))
    return raw.items.reduce((n, i) => n | Number(evalScalar(i, t, c)), 0) >>> 0;
  if (raw.k === 'list') return c.error(`Basetype of type ${typeOf(t.type).desc} is not bitmask`, raw.items[0] as Raw);
  if (raw.k === 'set') return c.error('you cannot use a set here, unknown value to use', raw);
  if (raw.k === 'ref') return c.error('you cannot reference a set here, unknown value to use', raw);
  if (raw.k === 'concat') return evalScalar(raw.parts[0] as Raw, { type: 'invalid', bits: 0 }, c);
  return c.error('not a value expression', raw);
}

function evalString(raw: Extract<Raw, { k: 'sym' }>, t: Typed, c: EvalContext): string {
  const max = t.bits / 8;
  if (raw.text.length > max || (raw.text.length === max && t.type === 'ifname'))
    c.error(`String exceeds maximum length of ${max}`, raw);
  if (raw.text === '') c.error('Empty string is not allowed', raw);
  if (raw.text === '*') c.error('All-wildcard strings are not supported', raw);
  return raw.text;
}

/** Constant arithmetic: `syn | ack`, `1 << 4`. */
function fold(raw: Extract<Raw, { k: 'bin' }>, t: Typed, c: EvalContext): NftScalar {
  const left = evalScalar(raw.left, t, c);
  const right = evalScalar(raw.right, raw.op === '<<' || raw.op === '>>' ? { type: 'integer', bits: 32 } : t, c);
  if (typeof left === 'string' || typeof right === 'string')
    return c.error(`Binary operation (${raw.op}) is undefined for ${typeOf(t.type).desc} types`, raw);
  const a = BigInt(left);
  const b = BigInt(right);
  const n =
    raw.op === '&' ? a & b : raw.op === '|' ? a | b : raw.op === '^' ? a ^ b : raw.op === '<<' ? a << b : a >> b;
  return typeof left === 'bigint' || n > 0x1fffffffffffffn ? n : Number(n);
}

/** A value, a prefix or a range. */
export function evalRange(raw: Raw, t: Typed, c: EvalContext): NftRange {
  if (raw.k === 'prefix') {
    const base = evalScalar(raw.of, t, c);
    if (typeof base === 'string' || isBitmask(t.type))
      c.error(`Prefix expression is undefined for ${typeOf(t.type).desc} types`, raw);
    const bits = t.bits || typeOf(t.type).bits;
    if (raw.len > bits) c.error(`Prefix length ${raw.len} is invalid for type of ${bits} bits width`, raw);
    return prefixRange(base, raw.len, bits);
  }
  if (raw.k !== 'range') {
    const value = evalScalar(raw, t, c);
    return { lo: value, hi: value };
  }
  if (isBitmask(t.type) || isString(t.type))
    c.error(`Range expression is undefined for ${typeOf(t.type).desc} types`, raw);
  const lo = evalScalar(raw.lo, t, c);
  const hi = evalScalar(raw.hi, t, c);
  if (hi < lo) c.error('Range has zero or negative size', raw);
  return lo === hi ? { lo, hi, range: true } : { lo, hi };
}

/** All values of a prefix. A prefix as long as the type is the value itself. */
export function prefixRange(base: number | bigint, len: number, bits: number): NftRange {
  const size = 1n << BigInt(bits - len);
  const lo = (BigInt(base) / size) * size;
  const hi = lo + size - 1n;
  const of = (n: bigint): NftScalar => (typeof base === 'bigint' ? n : Number(n));
  return len === bits ? { lo: of(lo), hi: of(hi) } : { lo: of(lo), hi: of(hi), len };
}
