/** Statements: raw syntax made into what the kernel evaluates, with nft's own complaints. */
import { L4_NUMBERS } from '../../linux/netfilter/nft/headers.ts';
import type { NftExpr, NftStmt, NftVerdict } from '../../linux/netfilter/nft/types.ts';
import type { Raw, RawRule, RawStmt } from './ast.ts';
import type { EvalContext } from './context.ts';
import { checkKey, evalExpr, evalSetRef, evalTo, typesOf } from './eval-expr.ts';
import { evalMatch } from './eval-match.ts';
import { addressType, evalNat, evalTproxy } from './eval-nat.ts';
import { evalState } from './eval-state.ts';
import { evalScalar, type Typed } from './eval-value.ts';
import type { Span } from './lexer.ts';
import { mergePayloads } from './merge.ts';
import { nameTransport } from './transport.ts';

export interface Placed {
  stmt: NftStmt;
  raw: RawStmt;
}

export interface EvaluatedRule {
  stmts: Placed[];
  comment?: string;
  span: Span;
}

function evalVmap(s: Extract<RawStmt, { s: 'vmap' }>, c: EvalContext): NftStmt {
  const key = evalExpr(s.key, c);
  const types = typesOf(key);
  const set = evalSetRef(s.set, types, 'verdict', c);
  if ('name' in set) {
    const named = c.set(set.name);
    if (named?.data?.[0] !== 'verdict') c.error('set is not a map', s.set);
    checkKey(named?.types ?? [], types, s.set, c, 'set', s.key.span);
  }
  return { kind: 'vmap', key, set };
}

function evalReject(s: Extract<RawStmt, { s: 'reject' }>, c: EvalContext): NftStmt {
  const two = c.family === 'inet' || c.family === 'bridge' || c.family === 'netdev';
  if (c.family === 'arp') c.error('cannot use reject with arp', s.span);
  const { type, code } = s;
  if (type === null || code === null) {
    if (!two)
      return {
        kind: 'reject',
        type: c.family === 'ip6' ? 'icmpv6' : 'icmp',
        code: c.family === 'ip6' ? 4 : 3,
        verbose: false,
      };
    if (c.l3 === 'ip') return { kind: 'reject', type: 'icmp', code: 3, verbose: true };
    if (c.l3 === 'ip6') return { kind: 'reject', type: 'icmpv6', code: 4, verbose: true };
    return { kind: 'reject', type: 'icmpx', code: 1, verbose: false };
  }
  if (type === 'tcp') {
    // Of a set of protocols, the last one named counts.
    const l4 = c.l4 ?? c.l4Set.at(-1) ?? null;
    if (l4 && l4 !== 'tcp') c.error('you cannot use tcp reset with this protocol', s.span, c.l4Span);
    return { kind: 'reject', type, code: 0, verbose: false };
  }
  const clash = () => c.error('conflicting protocols specified: ip vs ip6', code, c.l3Span ?? s.span);
  const value = Number(evalScalar(code, { type: `${type}_code`, bits: 8 }, c));
  if (type === 'icmpx' && !two) c.error('abstracted ICMP unreachable not supported', code, s.span);
  if (type === 'icmp' && (c.family === 'ip6' || c.l3 === 'ip6')) clash();
  if (type === 'icmpv6' && (c.family === 'ip' || c.l3 === 'ip')) clash();
  if (type === 'icmpx' && c.l3 && two) {
    return { kind: 'reject', type, code: value, verbose: false };
  }
  return { kind: 'reject', type, code: value, verbose: two };
}

function evalLog(s: Extract<RawStmt, { s: 'log' }>, c: EvalContext): NftStmt {
  const flags = s.level !== null || s.flags !== 0;
  if (s.group !== null && s.level !== null) c.error('level and group are mutually exclusive', s.span);
  if (s.group !== null && s.flags) c.error('flags and group are mutually exclusive', s.span);
  if (s.level === 8 && (s.prefix !== null || s.flags || s.group !== null))
    c.error("log level audit doesn't support any further options", s.span);
  if (s.prefix !== null && s.prefix.length > 127) c.error('log prefix is too long', s.span);
  const { prefix, level, group, snaplen, threshold } = s;
  return {
    kind: 'log',
    prefix,
    level: level ?? 4,
    group: group ?? (snaplen !== null && !flags ? null : null),
    snaplen: group === null ? null : snaplen,
    threshold: group === null ? null : threshold,
    flags: s.flags,
  };
}

/** Bits that lie below a field within its 16 bits of the packet. */
const WITHIN_WORD: Readonly<Record<string, number>> = { 'ip dscp': 2, 'ip ttl': 8 };

function evalMangle(s: Extract<RawStmt, { s: 'mangle' }>, c: EvalContext): NftStmt {
  const target = evalExpr(s.target, c);
  if (target.kind !== 'field') {
    const t = typesOf(target)[0] as Typed;
    const value = evalTo(s.value, t, c, s.span);
    return { kind: 'set', target: { name: rawName(target), type: 'raw', bits: t.bits }, value };
  }
  const { field } = target;
  const want: Typed = { type: field.type, bits: field.bits };
  const value = evalTo(s.value, want, c, s.span);
  // nft 1.0.6 moves a constant to its place in the 16 bits it writes, and cannot move a map's data.
  const shift = WITHIN_WORD[field.name];
  if (shift && value.kind === 'map') c.error(`Value ${shift} exceeds valid range 0-0`, s.target.span);
  return { kind: 'set', target: field, value };
}

const rawName = (e: NftExpr): string => (e.kind === 'raw' ? `@${e.base},${e.off},${e.bits}` : '');

function evalQueue(s: Extract<RawStmt, { s: 'queue' }>, c: EvalContext): NftStmt {
  const raw: Raw = s.from ?? { k: 'sym', text: '0', number: true, span: s.span };
  if (raw.k === 'numgen' || raw.k === 'hash' || raw.k === 'map')
    return { kind: 'queue', from: evalTo(raw, { type: 'integer', bits: 16 }, c, s.span), to: 0, flags: s.flags };
  const at = raw.k === 'range' ? raw : null;
  const from = Number(evalScalar(at ? at.lo : raw, { type: 'integer', bits: 16 }, c));
  const to = at ? Number(evalScalar(at.hi, { type: 'integer', bits: 16 }, c)) : from;
  if (s.flags.includes('fanout') && from === to) c.error('fanout requires a range to be specified', s.span);
  const range = { lo: from, hi: to };
  return { kind: 'queue', from: { kind: 'value', value: range, type: 'integer', bits: 16 }, to, flags: s.flags };
}

function evalDup(s: Extract<RawStmt, { s: 'dup' | 'fwd' }>, c: EvalContext): NftStmt {
  const device: Typed = { type: 'iface_index', bits: 32 };
  if (s.s === 'fwd') {
    if (c.family !== 'netdev') c.error('unsupported family', s.span);
    return { kind: 'fwd', to: null, dev: s.dev && evalTo(s.dev, device, c, s.span) };
  }
  if (c.family === 'netdev') return { kind: 'dup', to: s.to && evalTo(s.to, device, c, s.span), dev: null };
  if (c.family !== 'ip' && c.family !== 'ip6') c.error('unsupported family', s.span);
  const to = s.to && evalTo(s.to, addressType(c.family as 'ip'), c, s.span);
  return { kind: 'dup', to, dev: s.dev && evalTo(s.dev, device, c, s.span) };
}

function evalObject(s: Extract<RawStmt, { s: 'objref' }>, c: EvalContext): NftStmt {
  if (s.name.k === 'map') {
    const key = evalExpr(s.name.key, c);
    const set = evalSetRef(s.name.set, typesOf(key), [{ type: 'string', bits: 1024 }], c);
    return { kind: 'objref', object: s.object, name: { kind: 'map', key, set } };
  }
  return { kind: 'objref', object: s.object, name: String(evalScalar(s.name, { type: 'string', bits: 1024 }, c)) };
}

function evalDynset(s: Extract<RawStmt, { s: 'dynset' }>, c: EvalContext): NftStmt {
  const set = s.meter ? undefined : c.set(s.set.name);
  if (!set && !s.meter) c.error('No such file or directory', s.set.span);
  const raw = s.elem.key as Raw;
  if (raw.k === 'sym') c.error('Key expression can not be constant', s.elem.keySpan);
  const key = evalExpr(raw, c);
  if (set) {
    const have = typesOf(key);
    if (have.length !== set.types.length || have.some((t, i) => t.type !== set.types[i]))
      c.error(
        `datatype mismatch: expected ${desc(set.types)}, expression has type ${desc(have.map((t) => t.type))}`,
        raw,
        s.span,
      );
  }
  const own = s.elem.stmts.map((x) => evalState(x) as NftStmt);
  // The set's own statements go without saying.
  const stmts = set?.stmts.length && set.stmts.map((x) => x.kind).join() === own.map((x) => x.kind).join() ? [] : own;
  let data: NftExpr | null = null;
  if (s.elem.data && set?.data)
    data = evalTo(s.elem.data, { type: set.data[0] as string, bits: set.dataBits?.[0] ?? 32 }, c, null);
  return {
    kind: 'dynset',
    op: s.op,
    set: s.set.name,
    key,
    data,
    timeout: s.elem.timeout ?? 0,
    stmts,
    ...(s.meter ? { meter: true, ...(s.size === undefined ? {} : { size: s.size }) } : {}),
  };
}

const desc = (types: readonly string[]): string =>
  types.length === 1 ? describeOne(types[0] as string) : `concatenation of (${types.map(describeOne).join(', ')})`;
const describeOne = (t: string): string => typeDesc(t);

import { typeOf } from './datatypes.ts';

const typeDesc = (t: string): string => typeOf(t).desc;

const fieldMatch = (name: string, type: string, value: number): NftStmt => ({
  kind: 'match',
  left: { kind: 'field', field: { name, type, bits: 8 } },
  op: '==',
  right: { lo: value, hi: value },
});

/** What a reject needs to be known of the packet, and the rule has not said: nft puts it in front of the rule. */
function rejectDependency(s: NftStmt, c: EvalContext): NftStmt | null {
  if (s.kind !== 'reject') return null;
  if (s.type === 'tcp') return c.l4 || c.l4Set.length ? null : fieldMatch('meta l4proto', 'inet_proto', 6);
  if (c.family !== 'inet' || c.l3 || s.type === 'icmpx') return null;
  return fieldMatch('meta nfproto', 'nf_proto', s.type === 'icmp' ? 2 : 10);
}

function evalStmt(s: RawStmt, c: EvalContext, before: readonly NftStmt[]): NftStmt[] {
  switch (s.s) {
    case 'match':
      return evalMatch(s, c, before);
    case 'vmap':
      return [evalVmap(s, c)];
    case 'verdict':
      return [{ kind: 'verdict', verdict: s.verdict }];
    case 'counter':
    case 'limit':
    case 'quota':
    case 'connlimit':
      return [evalState(s) as NftStmt];
    case 'objref':
      return [evalObject(s, c)];
    case 'log':
      return [evalLog(s, c)];
    case 'reject':
      return [evalReject(s, c)];
    case 'nat':
      return [evalNat(s, c)];
    case 'tproxy':
      return [evalTproxy(s, c)];
    case 'mangle':
      return [evalMangle(s, c)];
    case 'notrack':
      return [{ kind: 'notrack' }];
    case 'queue':
      return [evalQueue(s, c)];
    case 'dup':
    case 'fwd':
      return [evalDup(s, c)];
    case 'synproxy':
      return [{ kind: 'synproxy', mss: s.mss, wscale: s.wscale, timestamp: s.timestamp, sack: s.sack }];
    case 'dynset':
      return [evalDynset(s, c)];
    case 'flow':
      return [{ kind: 'flow', name: s.name }];
  }
}

const ends = (v: NftVerdict): boolean => v.code !== 'continue';
const isTerminal = (s: NftStmt): boolean =>
  s.kind === 'nat' ||
  s.kind === 'reject' ||
  s.kind === 'queue' ||
  s.kind === 'fwd' ||
  (s.kind === 'verdict' && ends(s.verdict));

/** A whole rule. Throws the first error. */
export function evalRule(raw: RawRule, c: EvalContext): EvaluatedRule {
  const found: Placed[] = [];
  let terminal: RawStmt | null = null;
  for (const s of raw.stmts) {
    if (terminal) c.error('Statement after terminal statement has no effect', s.span, terminal.span);
    const stmts = evalStmt(
      s,
      c,
      found.map((p) => p.stmt),
    );
    for (const stmt of stmts) found.push({ stmt, raw: s });
    const head = stmts.map((x) => rejectDependency(x, c)).find((x) => x !== null);
    if (head) found.unshift({ stmt: head, raw: s });
    if (stmts.some(isTerminal)) terminal = s;
    if (s.s === 'match') noteSet(stmts, c, s);
  }
  return {
    stmts: mergePayloads(nameTransport(found)),
    ...(raw.comment === undefined ? {} : { comment: raw.comment }),
    span: raw.span,
  };
}

const L4_NAMES = new Map(Object.entries(L4_NUMBERS).map(([name, n]) => [n, name]));

/** `meta l4proto { tcp, udp }` names a transport protocol: nft remembers the last of the set. */
function noteSet(stmts: readonly NftStmt[], c: EvalContext, raw: Extract<RawStmt, { s: 'match' }>): void {
  for (const s of stmts) {
    if (s.kind !== 'lookup' || s.not || s.left.kind !== 'field' || 'name' in s.set) continue;
    const { name } = s.left.field;
    if (!['meta l4proto', 'ip protocol', 'ip6 nexthdr'].includes(name)) continue;
    c.l4Any = true;
    const named = raw.right.k === 'set' ? raw.right.elems.flatMap((e) => (e.key?.k === 'sym' ? [e.key] : [])) : [];
    c.l4Set = named.map(
      (key) => L4_NAMES.get(Number(evalScalar(key, { type: 'inet_proto', bits: 8 }, c))) ?? 'unknown',
    );
    c.l4Span = raw.span;
  }
}
