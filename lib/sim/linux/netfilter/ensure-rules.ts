/** Rules that a controller wants in a chain whatever else stands there: what EnsureRule of the components' iptables libraries does. */
import type { World } from '../../kernel/world.ts';
import type { NetNs } from '../types.ts';
import { ruleLine } from './print.ts';
import { restore } from './restore.ts';
import { findChain, type IpFamily } from './tables.ts';

export interface WantedRule {
  table: string;
  chain: string;
  /** What follows `-A CHAIN`, in the form of iptables-save. */
  rule: string;
  prepend?: boolean;
}

/** Adds those that are missing, each by its own call in order: a later prepended one stands above. Answers whether any was. */
export function ensureRules(world: World, ns: NetNs, wanted: readonly WantedRule[], family: IpFamily = 'ip'): boolean {
  let changed = false;
  for (const { table, chain, rule, prepend } of wanted) {
    if (hasRule(ns, table, chain, rule, family)) continue;
    changed = true;
    apply(world, ns, `*${table}\n-${prepend ? 'I' : 'A'} ${chain} ${rule}\nCOMMIT\n`, family);
  }
  return changed;
}

/** Makes the chains that are missing, empty. */
export function ensureChains(
  world: World,
  ns: NetNs,
  table: string,
  chains: readonly string[],
  family: IpFamily = 'ip',
): void {
  const missing = chains.filter((chain) => !findChain(ns, family, table, chain));
  if (missing.length === 0) return;
  apply(world, ns, `*${table}\n${missing.map((chain) => `:${chain} - [0:0]\n`).join('')}COMMIT\n`, family);
}

/** Empty chains in the three tables that a flush by others would take away: their loss means that all has to be written anew. */
export function ensureCanaries(world: World, ns: NetNs, name: string, family: IpFamily = 'ip'): void {
  for (const table of CANARY_TABLES) ensureChains(world, ns, table, [name], family);
}

export const CANARY_TABLES: readonly string[] = ['mangle', 'nat', 'filter'];

/** Whether a chain holds a rule of this text. */
export function hasRule(ns: NetNs, table: string, chain: string, rule: string, family: IpFamily = 'ip'): boolean {
  const line = `-A ${chain} ${rule}`;
  return findChain(ns, family, table, chain)?.rules.some((r) => ruleLine(chain, r, family) === line) ?? false;
}

/**
 * iptables-restore --noflush with a text that the controller built. Answers what iptables-restore complains of, or null: rules
 * made by hand can stand in the way, as a jump to a chain that is to go. The whole text is refused then, and the controller tries again later.
 */
export const apply = (world: World, ns: NetNs, text: string, family: IpFamily = 'ip'): string | null =>
  restore(world, ns, family, text, { noflush: true });
