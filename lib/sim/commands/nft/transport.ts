/** `th` fields where the rule says which transport protocol it is: the kernel keeps places, and nft then shows that header's. */
import { HEADER_FIELDS, type HeaderField, L4_NUMBERS } from '../../linux/netfilter/nft/headers.ts';
import type { NftExpr, NftStmt } from '../../linux/netfilter/nft/types.ts';
import type { Placed } from './eval-stmt.ts';
import { statementFields } from './visible.ts';

const NAMES = new Map(Object.entries(L4_NUMBERS).map(([name, n]) => [n, name]));

/** The field of a protocol that lies where a `th` field does. */
function sameField(th: HeaderField, proto: string): HeaderField | undefined {
  for (const f of HEADER_FIELDS.values())
    if (f.proto === proto && f.off === th.off && f.bits === th.bits && !f.icmp) return f;
  return undefined;
}

function rename(e: NftExpr, proto: string): NftExpr {
  switch (e.kind) {
    case 'field': {
      const h = HEADER_FIELDS.get(e.field.name);
      const f = h?.proto === 'th' ? sameField(h, proto) : undefined;
      return f ? { kind: 'field', field: { name: f.name, type: f.type, bits: f.bits } } : e;
    }
    case 'bin':
      return { ...e, left: rename(e.left, proto) };
    case 'concat':
      return { ...e, parts: e.parts.map((p) => rename(p, proto)) };
    case 'map':
      return { ...e, key: rename(e.key, proto) };
    default:
      return e;
  }
}

function renamed(s: NftStmt, proto: string): NftStmt {
  switch (s.kind) {
    case 'match':
    case 'flags':
    case 'flagcmp':
    case 'lookup':
      return { ...s, left: rename(s.left, proto) };
    case 'vmap':
    case 'dynset':
      return { ...s, key: rename(s.key, proto) };
    case 'set':
      return { ...s, value: rename(s.value, proto) };
    default:
      return s;
  }
}

/** The transport protocol a statement settles, or null. */
function settles(s: NftStmt): string | null {
  for (const name of statementFields(s)) {
    const h = HEADER_FIELDS.get(name);
    if (h?.base === 'th' && h.proto !== 'th') return h.proto;
  }
  if (s.kind !== 'match' || s.op !== '==' || s.left.kind !== 'field' || s.right.lo !== s.right.hi) return null;
  if (!['meta l4proto', 'ip protocol', 'ip6 nexthdr'].includes(s.left.field.name)) return null;
  return NAMES.get(Number(s.right.lo)) ?? null;
}

export function nameTransport(stmts: readonly Placed[]): Placed[] {
  let proto: string | null = null;
  return stmts.map((p) => {
    const stmt = proto ? renamed(p.stmt, proto) : p.stmt;
    proto = settles(stmt) ?? proto;
    return { ...p, stmt };
  });
}
