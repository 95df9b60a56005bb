/** What iptables-nft can show of a table that nft changed: nft_is_table_compatible() and "tainted" tables. */
import type { NftExpr, NftStmt } from './nft/types.ts';
import { builtinPriority } from './tables.ts';
import type { NfChain, NfRule, NfTable } from './types.ts';

/** Fields that are no payload and no meta expression in the kernel. */
const OTHER_FIELDS = /^(ct|fib|socket|rt|osf|ipsec|tunnel|exthdr|numgen|jhash|symhash|tcp option) /;

const EQUAL: ReadonlySet<string> = new Set(['==', '!=']);

function plainExpr(e: NftExpr): boolean {
  switch (e.kind) {
    case 'field':
      return !OTHER_FIELDS.test(e.field.name);
    case 'bin':
      return plainExpr(e.left);
    case 'concat':
      return e.parts.every(plainExpr);
    case 'map':
      return plainExpr(e.key);
    case 'value':
    case 'raw':
      return true;
    default:
      return false;
  }
}

function plainStatement(s: NftStmt): boolean {
  switch (s.kind) {
    case 'match':
      // A range of what the host keeps in its own byte order needs a byteorder expression.
      if (
        s.left.kind === 'field' &&
        s.left.field.name === 'meta mark' &&
        !(EQUAL.has(s.op) && s.right.lo === s.right.hi)
      )
        return false;
      return plainExpr(s.left);
    case 'flags':
    case 'flagcmp':
    case 'lookup':
      return plainExpr(s.left);
    case 'counter':
    case 'verdict':
      return true;
    case 'limit':
      return !s.over && !s.bytes;
    case 'log':
      return s.group !== null;
    case 'set':
      return s.target.name === 'meta mark' && plainExpr(s.value);
    case 'vmap':
      return plainExpr(s.key);
    default:
      return false;
  }
}

const compatible = (rule: NfRule): boolean => !rule.nft || rule.nft.every(plainStatement);

/** Whether every rule of the table, or of one chain, is made of expressions that iptables knows. */
export const isCompatible = (table: NfTable, chain?: NfChain): boolean =>
  [...(chain ? [chain] : table.chains.values())].every((c) => c.rules.every(compatible));

/** A base chain that is none of the built-in ones: iptables does not see it. */
export function isForeign(table: NfTable, chain: NfChain): boolean {
  if (!chain.hook || table.owner !== 'nft') return false;
  const priority = builtinPriority(table.name, chain.name);
  return chain.name !== chain.hook || priority !== chain.priority;
}

/** Whether such a chain stands in the table. */
export const isTainted = (table: NfTable): boolean => [...table.chains.values()].some((c) => isForeign(table, c));
