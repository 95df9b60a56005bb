/** Expressions, elements and statements in nft's JSON form. Source: libnftables-json(5). */
import { HEADER_FIELDS } from '../../linux/netfilter/nft/headers.ts';
import type {
  NftElem,
  NftExpr,
  NftField,
  NftRange,
  NftScalar,
  NftSetRef,
  NftStmt,
  NftVerdict,
} from '../../linux/netfilter/nft/types.ts';
import { bitNames, formatValue, isBitmask, prefixLength, typeOf, type ValueStyle } from './datatypes.ts';
import { sortElems } from './elements.ts';
import { typesOf } from './eval-expr.ts';
import { LOG_LEVELS, logFlagsText } from './print-stmt.ts';

type Json = unknown;

/** Types whose values are numbers in JSON whatever they look like in text. */
const NUMBERS = new Set(['mark', 'integer', 'raw', 'inet_service', 'uid', 'gid', 'ct_label', 'time']);

export function valueJson(v: NftScalar, type: string, o: ValueStyle): Json {
  if (typeof v === 'string') return v;
  if (type === 'boolean') return v === 1;
  if (NUMBERS.has(type)) return typeof v === 'bigint' ? Number(v) : v;
  if (type === 'realm') return formatValue(v, type, { ...o, symbols: true }).replace(/"/g, '');
  const text = formatValue(v, type, { ...o, services: false });
  if (/^(?:0x[0-9a-f]+|\d+)$/.test(text)) return Number(v);
  return text.replace(/^"|"$/g, '');
}

function flagsJson(bits: number, type: string, o: ValueStyle): Json {
  const names = bitNames(type, bits, o.symbols).map((n) => (n.startsWith('0x') ? Number(n) : n));
  return names.length === 1 ? names[0] : names;
}

export function rangeJson(r: NftRange, type: string, o: ValueStyle, inSet = false): Json {
  if (r.len !== undefined && !inSet) return { prefix: { addr: valueJson(r.lo, type, o), len: r.len } };
  if (r.lo === r.hi && (inSet || !r.range)) {
    if (isBitmask(type) && inSet && typeof r.lo === 'number' && (r.lo & (r.lo - 1)) !== 0)
      return { '|': flagsJson(r.lo, type, o) };
    return valueJson(r.lo, type, o);
  }
  const spec = typeOf(type);
  const len = inSet && spec.prefix ? prefixLength(r, spec.bits) : null;
  if (len !== null) return { prefix: { addr: valueJson(r.lo, type, o), len } };
  return { range: [valueJson(r.lo, type, o), valueJson(r.hi, type, o)] };
}

/** A selector's own object. */
export function fieldJson(f: NftField): Json {
  const h = HEADER_FIELDS.get(f.name);
  if (h) return { payload: { protocol: h.proto, field: h.field } };
  const [head = '', ...rest] = f.name.split(' ');
  switch (head) {
    case 'ct': {
      const dir = rest[0] === 'original' || rest[0] === 'reply' ? rest.shift() : undefined;
      return { ct: { key: f.key ?? rest.join(' '), ...(dir ? { dir } : {}) } };
    }
    case 'fib': {
      const result = rest.pop() as string;
      return { fib: { result, flags: rest.filter((w) => w !== '.') } };
    }
    case 'rt':
      if (rest.length > 1) return { rt: { key: rest[1], family: rest[0] } };
      if (['classid', 'mtu', 'ipsec'].includes(rest[0] ?? '')) return { rt: { key: rest[0] } };
      return { exthdr: { name: head, field: rest[0] } };
    case 'socket':
      return { socket: { key: rest[0] } };
    case 'osf':
      return { osf: { key: 'name' } };
    case 'exthdr':
      return { exthdr: { name: rest[0] } };
    case 'hbh':
    case 'frag':
    case 'dst':
    case 'mh':
    case 'srh':
      return { exthdr: { name: head, field: rest[0] } };
    case 'sctp':
      return { 'sctp chunk': { name: rest[1], ...(rest[2] ? { field: rest[2] } : {}) } };
    case 'tcp':
    case 'ip':
      if (/^\d+$/.test(rest[1] ?? '')) return { 'tcp option': { base: Number(rest[1]), offset: 0, len: 8 } };
      return { [`${head} option`]: { name: rest[1], ...(rest[2] ? { field: rest[2] } : {}) } };
    case 'meta':
      return { meta: { key: rest[0] } };
    default:
      return { meta: { key: head } };
  }
}

export function exprJson(e: NftExpr, o: ValueStyle): Json {
  switch (e.kind) {
    case 'field':
      return fieldJson(e.field);
    case 'raw':
      return { payload: { base: e.base, offset: e.off, len: e.bits } };
    case 'numgen':
      return { numgen: { mode: e.mode, mod: e.mod, offset: e.offset } };
    case 'hash': {
      const offset = e.offset ? { offset: e.offset } : {};
      if (!e.of) return { symhash: { mod: e.mod, ...offset } };
      return {
        jhash: { mod: e.mod, ...offset, ...(e.seed === null ? {} : { seed: e.seed }), expr: exprJson(e.of, o) },
      };
    }
    case 'bin': {
      const type = typesOf(e.left)[0]?.type ?? '';
      const right =
        isBitmask(type) && e.right.kind === 'value'
          ? flagsJson(Number(e.right.value.lo), type, o)
          : exprJson(e.right, o);
      return { [e.op]: [exprJson(e.left, o), right] };
    }
    case 'concat':
      return { concat: e.parts.map((p) => exprJson(p, o)) };
    case 'value':
      return rangeJson(e.value, e.type, o);
    case 'map':
      return { map: { key: exprJson(e.key, o), data: refJson(e.set, o) } };
  }
}

export const verdictJson = (v: NftVerdict): Json => ({ [v.code]: v.chain === undefined ? null : { target: v.chain } });

const several = (values: Json[]): Json => (values.length === 1 ? values[0] : { concat: values });

export function elemJson(
  e: NftElem,
  types: readonly string[],
  data: readonly string[] | null,
  o: ValueStyle & { now: number; stateless?: boolean },
  usual = 0,
): Json {
  let key: Json = e.key.length ? several(e.key.map((r, i) => rangeJson(r, types[i] ?? 'integer', o, true))) : '*';
  const timed = e.timeout !== undefined && e.timeout !== usual;
  if (e.comment !== undefined || timed || e.expires !== undefined || e.stmts?.length) {
    const elem: Record<string, Json> = { val: key };
    if (timed) elem.timeout = (e.timeout as number) / 1000;
    if (e.expires !== undefined) elem.expires = Math.floor((e.expires - o.now) / 1e6);
    if (e.comment !== undefined) elem.comment = e.comment;
    for (const s of e.stmts ?? []) Object.assign(elem, stmtJson(s, o) as object);
    key = { elem };
  }
  if (e.data === undefined) return key;
  if (!Array.isArray(e.data)) return [key, verdictJson(e.data)];
  return [key, several(e.data.map((r, i) => rangeJson(r, data?.[i] ?? guess(r), o, true)))];
}

const guess = (r: NftRange): string =>
  typeof r.lo === 'bigint' ? 'ipv6_addr' : typeof r.lo === 'string' ? 'string' : 'integer';

export function refJson(set: NftSetRef, o: ValueStyle): Json {
  if ('name' in set) return `@${set.name}`;
  const data = set.data ?? [];
  const elems = set.interval ? set.elems : sortElems(set.elems, set.types, set.bits);
  return { set: elems.map((e) => elemJson(e, set.types, data, { ...o, now: 0 })) };
}

const single = <T>(list: readonly T[]): T | readonly T[] => (list.length === 1 ? (list[0] as T) : list);

function units(bytes: number): [number, string] {
  let n = bytes;
  let i = 0;
  while (n > 0 && n % 1024 === 0 && i < 2) {
    n /= 1024;
    i++;
  }
  return [n, ['bytes', 'kbytes', 'mbytes'][i] as string];
}

export function limitJson(s: Extract<NftStmt, { kind: 'limit' }>): Record<string, Json> {
  const over = s.over ? { inv: true } : {};
  if (!s.bytes) return { rate: s.rate, burst: s.burst, per: s.unit, ...over };
  const [rate, unit] = units(s.rate);
  const [burst, burstUnit] = units(s.burst);
  return { rate, burst, per: s.unit, ...over, rate_unit: unit, burst_unit: burstUnit };
}

function matchJson(s: Extract<NftStmt, { kind: 'match' }>, o: ValueStyle): Json {
  const type = typesOf(s.left)[0]?.type ?? '';
  const header = s.left.kind === 'field' && HEADER_FIELDS.has(s.left.field.name);
  const flags = isBitmask(type) && typeof s.right.lo === 'number' && s.right.lo === s.right.hi && !header;
  const right = flags ? orJson(Number(s.right.lo), type) : rangeJson(s.right, type, o);
  return { match: { op: s.op, left: exprJson(s.left, o), right } };
}

function orJson(bits: number, type: string): Json {
  const names = bitNames(type, bits);
  if (names.length < 2) return names[0] ?? 0;
  return names.slice(1).reduce<Json>((sum, n) => ({ '|': [sum, n] }), names[0]);
}

function natJson(s: Extract<NftStmt, { kind: 'nat' }>, o: ValueStyle & { family?: string }): Json {
  const body: Record<string, Json> = {};
  if (s.shown && s.family) body.family = s.family;
  if (s.addr) body.addr = exprJson(s.addr, o);
  if (s.port) body.port = exprJson(s.port, o);
  if (s.flags.length) body.flags = single(s.flags);
  if (s.prefix) body.type_flags = 'prefix';
  return { [s.what]: Object.keys(body).length ? body : null };
}

function logJson(s: Extract<NftStmt, { kind: 'log' }>): Json {
  const body: Record<string, Json> = {};
  if (s.prefix !== null) body.prefix = s.prefix;
  if (s.group !== null) body.group = s.group;
  if (s.snaplen !== null) body.snaplen = s.snaplen;
  if (s.threshold) body['queue-threshold'] = s.threshold;
  if (s.level !== 4) body.level = LOG_LEVELS[s.level];
  if (s.flags) {
    const words = logFlagsText(s.flags)
      .split(' flags ')
      .filter(Boolean)
      .flatMap((w) =>
        w.startsWith('tcp ')
          ? w
              .slice(4)
              .split(',')
              .map((x) => `tcp ${x}`)
          : [w],
      );
    body.flags = single(words);
  }
  return { log: Object.keys(body).length ? body : null };
}

export function stmtJson(s: NftStmt, o: ValueStyle & { stateless?: boolean; family?: string }): Json {
  switch (s.kind) {
    case 'match':
      return matchJson(s, o);
    case 'flags':
      return {
        match: {
          op: s.not ? '!' : 'in',
          left: exprJson(s.left, o),
          right: flagsJson(s.bits, typesOf(s.left)[0]?.type ?? '', o),
        },
      };
    case 'flagcmp': {
      const type = typesOf(s.left)[0]?.type ?? '';
      return {
        match: {
          op: s.not ? '!=' : '==',
          left: { '&': [exprJson(s.left, o), flagsJson(s.mask, type, o)] },
          right: flagsJson(s.value, type, o),
        },
      };
    }
    case 'lookup':
      return { match: { op: s.not ? '!=' : '==', left: exprJson(s.left, o), right: refJson(s.set, o) } };
    case 'counter':
      return { counter: o.stateless ? null : { packets: s.packets, bytes: s.bytes } };
    case 'limit':
      return { limit: limitJson(s) };
    case 'quota': {
      const [val, unit] = units(s.limit);
      const [used, usedUnit] = units(s.used);
      return {
        quota: {
          val,
          val_unit: unit,
          ...(s.over ? { inv: true } : {}),
          ...(s.used ? { used, used_unit: usedUnit } : {}),
        },
      };
    }
    case 'connlimit':
      return { 'ct count': { val: s.count, ...(s.over ? { inv: true } : {}) } };
    case 'log':
      return logJson(s);
    case 'reject': {
      if (s.type === 'tcp') return { reject: { type: 'tcp reset' } };
      return { reject: { type: s.type, expr: valueJson(s.code, `${s.type}_code`, o) } };
    }
    case 'nat':
      return natJson(s, o);
    case 'set': {
      const value =
        s.value.kind === 'value' && isBitmask(s.target.type)
          ? flagsJson(Number(s.value.value.lo), s.target.type, o)
          : exprJson(s.value, o);
      return { mangle: { key: fieldJson(s.target), value } };
    }
    case 'notrack':
      return { notrack: null };
    case 'queue':
      return { queue: { num: exprJson(s.from, o), ...(s.flags.length ? { flags: single(s.flags) } : {}) } };
    case 'dup':
    case 'fwd': {
      const dev = s.dev ? { dev: exprJson(s.dev, o) } : {};
      return { [s.kind]: { ...(s.to ? { addr: exprJson(s.to, o) } : {}), ...dev } };
    }
    case 'tproxy':
      return {
        tproxy: {
          ...(s.family ? { family: s.family } : {}),
          ...(s.addr ? { addr: exprJson(s.addr, o) } : {}),
          ...(s.port ? { port: exprJson(s.port, o) } : {}),
        },
      };
    case 'synproxy': {
      const flags = [s.timestamp && 'timestamp', s.sack && 'sack-perm'].filter(Boolean);
      return {
        synproxy: {
          ...(s.mss === null ? {} : { mss: s.mss }),
          ...(s.wscale === null ? {} : { wscale: s.wscale }),
          ...(flags.length ? { flags: single(flags) } : {}),
        },
      };
    }
    case 'objref':
      return { [s.object]: typeof s.name === 'string' ? s.name : exprJson(s.name, o) };
    case 'dynset': {
      const elem = s.timeout ? { elem: { val: exprJson(s.key, o), timeout: s.timeout / 1000 } } : exprJson(s.key, o);
      if (s.meter)
        return { meter: { key: elem, stmt: stmtJson(s.stmts[0] as NftStmt, o), size: s.size ?? 65535, name: s.set } };
      const stmts = s.stmts.length ? { stmt: s.stmts.map((x) => stmtJson(x, o)) } : {};
      if (s.data) return { map: { op: s.op, elem, data: exprJson(s.data, o), map: `@${s.set}`, ...stmts } };
      return { set: { op: s.op, elem, set: `@${s.set}`, ...stmts } };
    }
    case 'flow':
      return { flow: { op: 'add', flowtable: `@${s.name}` } };
    case 'verdict':
      return verdictJson(s.verdict);
    case 'vmap':
      return { vmap: { key: exprJson(s.key, o), data: refJson(s.set, o) } };
  }
}
