/** Rules that a controller wants in a chain whatever else stands there: what EnsureRule of the components' iptables libraries does. */
import type { World } from '../../kernel/world.ts';
import type { NetNs } from '../types.ts';
import { ruleLine } from './print.ts';
import { restore } from './restore.ts';
import { findChain } from './tables.ts';

export interface WantedRule {
  table: string;
  chain: string;
  /** What follows `-A CHAIN`, in the form of iptables-save. */
  rule: string;
  prepend?: boolean;
}

/** Adds those that are missing, each by its own call in order: a later prepended one stands above. Answers whether any was. */
export function ensureRules(world: World, ns: NetNs, wanted: readonly WantedRule[]): boolean {
  let changed = false;
  for (const { table, chain, rule, prepend } of wanted) {
    if (hasRule(ns, table, chain, rule)) continue;
    changed = true;
    apply(world, ns, `*${table}\n-${prepend ? 'I' : 'A'} ${chain} ${rule}\nCOMMIT\n`);
  }
  return changed;
}

/** Whether a chain holds a rule of this text. */
export function hasRule(ns: NetNs, table: string, chain: string, rule: string): boolean {
  const line = `-A ${chain} ${rule}`;
  return findChain(ns, 'ip', table, chain)?.rules.some((r) => ruleLine(chain, r, 'ip') === line) ?? false;
}

/**
 * iptables-restore --noflush with a text that the controller built. Answers what iptables-restore complains of, or null: rules
 * made by hand can stand in the way, as a jump to a chain that is to go. The whole text is refused then, and the controller tries again later.
 */
export const apply = (world: World, ns: NetNs, text: string): string | null =>
  restore(world, ns, 'ip', text, { noflush: true });
