/** What a table's rules refer to. */

import type { NfTable } from '../types.ts';
import type { NftExpr, NftSetRef, NftStmt } from './types.ts';

function inExpr(e: NftExpr | null | undefined, hit: (s: NftSetRef) => boolean): boolean {
  if (!e) return false;
  switch (e.kind) {
    case 'map':
      return hit(e.set) || inExpr(e.key, hit);
    case 'bin':
      return inExpr(e.left, hit);
    case 'concat':
      return e.parts.some((p) => inExpr(p, hit));
    case 'hash':
      return inExpr(e.of, hit);
    default:
      return false;
  }
}

/** Whether a statement looks into a set that `hit` accepts. */
export function stmtRefs(s: NftStmt, hit: (set: NftSetRef) => boolean): boolean {
  switch (s.kind) {
    case 'lookup':
      return hit(s.set) || inExpr(s.left, hit);
    case 'vmap':
      return hit(s.set) || inExpr(s.key, hit);
    case 'match':
    case 'flags':
    case 'flagcmp':
      return inExpr(s.left, hit);
    case 'nat':
    case 'tproxy':
      return inExpr(s.addr, hit) || inExpr(s.port, hit);
    case 'set':
      return inExpr(s.value, hit);
    case 'dynset':
      return hit({ name: s.set }) || inExpr(s.key, hit);
    case 'objref':
      return typeof s.name !== 'string' && inExpr(s.name, hit);
    case 'dup':
    case 'fwd':
      return inExpr(s.to, hit) || inExpr(s.dev, hit);
    case 'queue':
      return inExpr(s.from, hit);
    default:
      return false;
  }
}

export const usesSet = (table: NfTable, name: string): boolean =>
  [...table.chains.values()].some((c) =>
    c.rules.some((r) => r.nft?.some((s) => stmtRefs(s, (set) => 'name' in set && set.name === name))),
  );

/** Whether a rule or a map names an object. */
export const usesObject = (table: NfTable, type: string, name: string): boolean =>
  [...table.chains.values()].some((c) =>
    c.rules.some((r) =>
      r.nft?.some((s) => s.kind === 'objref' && s.object === type && (s.name === name || mapHas(s.name, name))),
    ),
  ) ||
  [...(table.sets?.values() ?? [])].some(
    (s) => s.object === type && s.elems.some((e) => Array.isArray(e.data) && e.data[0]?.lo === name),
  );

const mapHas = (e: NftExpr | string, name: string): boolean =>
  typeof e !== 'string' &&
  e.kind === 'map' &&
  'elems' in e.set &&
  e.set.elems.some((x) => Array.isArray(x.data) && x.data[0]?.lo === name);

export const usesFlowtable = (table: NfTable, name: string): boolean =>
  [...table.chains.values()].some((c) => c.rules.some((r) => r.nft?.some((s) => s.kind === 'flow' && s.name === name)));
