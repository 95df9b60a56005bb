/**
 * Which comparisons of a rule nft shows: those that only say what a later field implies are left out
 * (`meta l4proto tcp tcp dport 22` is `tcp dport 22`). Dependencies are kept by the layer they lead to.
 */
import { HEADER_FIELDS, type HeaderField, L3_NUMBERS } from '../../linux/netfilter/nft/headers.ts';
import type { NftExpr, NftStmt } from '../../linux/netfilter/nft/types.ts';
import type { Family } from '../../linux/netfilter/types.ts';

type Match = Extract<NftStmt, { kind: 'match' }>;
type Layer = 'nh' | 'th' | 'inner';

const fieldsOf = (e: NftExpr | null): string[] => {
  if (!e) return [];
  switch (e.kind) {
    case 'field':
      return [e.field.name];
    case 'bin':
      return fieldsOf(e.left);
    case 'concat':
      return e.parts.flatMap(fieldsOf);
    case 'map':
      return fieldsOf(e.key);
    case 'hash':
      return fieldsOf(e.of);
    default:
      return [];
  }
};

/** The fields a statement reads. */
export function statementFields(s: NftStmt): string[] {
  switch (s.kind) {
    case 'match':
    case 'flags':
    case 'flagcmp':
    case 'lookup':
      return fieldsOf(s.left);
    case 'vmap':
    case 'dynset':
      return fieldsOf(s.key);
    case 'set':
      return [s.target.name, ...fieldsOf(s.value)];
    case 'nat':
    case 'tproxy':
      return fieldsOf(s.addr);
    case 'dup':
    case 'fwd':
      return [...fieldsOf(s.to), ...fieldsOf(s.dev)];
    case 'objref':
      return typeof s.name === 'string' ? [] : fieldsOf(s.name);
    default:
      return [];
  }
}

const nextLayer = (h: HeaderField): Layer => (h.base === 'll' ? 'nh' : h.base === 'nh' ? 'th' : 'inner');

class Dependencies {
  private readonly at = new Map<Layer, number>();
  private icmpType = -1;
  readonly hidden = new Set<number>();

  constructor(
    private readonly stmts: readonly NftStmt[],
    private readonly family: Family,
  ) {}

  private dep(layer: Layer): Match | null {
    const i = this.at.get(layer) ?? (layer === 'th' ? this.at.get('inner') : undefined);
    return i === undefined ? null : (this.stmts[i] as Match);
  }

  release(layer: Layer): void {
    const key = this.at.has(layer) ? layer : layer === 'th' ? 'inner' : layer;
    const i = this.at.get(key);
    if (i === undefined) return;
    this.hidden.add(i);
    this.at.delete(key);
  }

  reset(): void {
    this.at.clear();
    this.icmpType = -1;
  }

  has(layer: Layer): boolean {
    return this.dep(layer) !== null;
  }

  private mayKill(h: HeaderField, dep: Match): boolean {
    const left = dep.left.kind === 'field' ? HEADER_FIELDS.get(dep.left.field.name) : undefined;
    if (this.family === 'bridge' || this.family === 'netdev' || this.family === 'inet') {
      if (left?.base === 'nh' && h.base === 'th') return false;
      if (left && left.base === h.base && h.key) return false;
    }
    if (dep.left.kind === 'field' && dep.left.field.name === 'meta protocol' && this.family === 'inet') return false;
    if (h.base !== 'th' || left?.base !== 'th') return true;
    if (left.proto !== 'icmp' && left.proto !== 'icmpv6') return true;
    return h.icmp !== undefined && left.proto === h.proto && h.icmp.includes(this.icmpType) && h.icmp.length === 1;
  }

  use(h: HeaderField): void {
    if (h.base === 'll' || h.base === 'ih') return;
    const dep = this.dep(h.base);
    if (dep && this.mayKill(h, dep)) this.release(h.base);
  }

  /** A comparison names the next protocol. */
  store(i: number, layer: Layer): void {
    this.at.set(layer, i);
  }

  storeHeader(i: number, h: HeaderField, value: number): void {
    if (h.proto === 'icmp' || h.proto === 'icmpv6') {
      const echo = h.proto === 'icmp' ? value === 0 || value === 8 : value === 128 || value === 129;
      this.icmpType = value;
      if (echo) return;
    }
    this.store(i, nextLayer(h));
  }

  /** `meta l4proto icmp` makes `meta nfproto ipv4` before it needless, as the address does. */
  meta(i: number, key: string, value: number): void {
    if (key === 'meta l4proto') {
      const dep = this.dep('nh');
      if (dep && this.metaMayKill(dep, value)) this.release('nh');
      this.store(i, 'th');
    } else this.store(i, 'nh');
  }

  private metaMayKill(dep: Match, l4: number): boolean {
    const v = dep.right.lo;
    const name = dep.left.kind === 'field' ? dep.left.field.name : '';
    const ip = name === 'meta nfproto' ? v === 2 : v === L3_NUMBERS.ip;
    const ip6 = name === 'meta nfproto' ? v === 10 : v === L3_NUMBERS.ip6;
    if (!ip && !ip6) return false;
    if (this.family === 'ip') return ip;
    if (this.family === 'ip6') return ip6;
    return (ip && l4 === 1) || (ip6 && l4 === 58);
  }
}

const KEYS = new Set(['meta l4proto', 'meta nfproto', 'meta protocol']);

/** The statements that are shown. */
export function visibleStmts(stmts: readonly NftStmt[], family: Family): NftStmt[] {
  const deps = new Dependencies(stmts, family);
  stmts.forEach((s, i) => {
    const expression = s.kind === 'match' || s.kind === 'flags' || s.kind === 'flagcmp' || s.kind === 'lookup';
    if (s.kind === 'reject') {
      if (family !== 'ip' && family !== 'ip6') {
        if (s.type !== 'icmpx') deps.release('nh');
      } else if (s.type === 'tcp') deps.release('th');
    }
    for (const name of statementFields(s)) {
      const h = HEADER_FIELDS.get(name);
      if (h) deps.use(h);
      else if (name.startsWith('tcp option')) deps.release('th');
    }
    if (s.kind === 'match' && s.op === '==' && s.left.kind === 'field' && s.right.lo === s.right.hi) {
      const { name } = s.left.field;
      const h = HEADER_FIELDS.get(name);
      if (h?.key) deps.storeHeader(i, h, Number(s.right.lo));
      else if (KEYS.has(name)) {
        if (family === 'ip' && name === 'meta protocol' && s.right.lo === L3_NUMBERS.ip) {
          // Whatever comes next makes it needless; alone it stays.
          if (i < stmts.length - 1) deps.hidden.add(i);
        } else deps.meta(i, name, Number(s.right.lo));
      }
    }
    if (s.kind === 'nat' && s.port) deps.reset();
    if (!expression) deps.reset();
  });
  return stmts.filter((_, i) => !deps.hidden.has(i));
}
